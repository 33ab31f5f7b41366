import type { ClientMessage } from '../generated/index.js';
import type { Schedule } from './scheduler.js';

/** Messages that are remembered, and that may wait; of more, the oldest are forgotten and the newest not taken. */
const most = 1024;
const mostAttempts = 10;

interface Letter {
  readonly number: number;
  readonly id: string;
  readonly text: string;
  attempts: number;
}

/**
 * Sends messages, and sends those again that the server refused because they came too fast (LIMIT-1, ERROR-13): in their
 * order, and no faster than it says. What is to be sent meanwhile waits behind them.
 */
export class Outbox {
  readonly #transmit: (text: string) => void;
  readonly #schedule: Schedule;
  #count = 0;
  readonly #sent = new Map<string, Letter>();
  #waiting: Letter[] = [];
  #pauseMs = 0;
  #cancel: (() => void) | undefined;

  /** `transmit` puts a text on the wire. */
  constructor(transmit: (text: string) => void, schedule: Schedule) {
    this.#transmit = transmit;
    this.#schedule = schedule;
  }

  /** The id for the next message. */
  newId(): string {
    this.#count += 1;
    return String(this.#count);
  }

  /** Sends a message, or lets it wait. Returns false where too many wait already. */
  send(id: string, message: ClientMessage): boolean {
    const letter: Letter = { number: Number(id), id, text: JSON.stringify(message), attempts: 0 };
    if (this.#cancel === undefined) this.#put(letter);
    else if (this.#waiting.length < most) this.#waiting.push(letter);
    else return false;
    return true;
  }

  /** A message was refused for so many milliseconds. Returns whether it is sent again. */
  refused(id: string | undefined, retryAfterMs: number): boolean {
    const letter = this.#sent.get(id ?? '');
    if (letter === undefined || letter.attempts >= mostAttempts) return false;
    this.#sent.delete(letter.id);
    const before = this.#waiting.findIndex(({ number }) => number > letter.number);
    this.#waiting.splice(before < 0 ? this.#waiting.length : before, 0, letter);
    this.#pauseMs = Math.max(1, retryAfterMs);
    this.#wait();
    return true;
  }

  /** Forgets everything: the connection is over. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
    this.#sent.clear();
  }

  #wait(): void {
    this.#cancel?.();
    this.#cancel = this.#schedule(() => {
      this.#cancel = undefined;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#put(next);
      this.#wait();
    }, this.#pauseMs);
  }

  #put(letter: Letter): void {
    letter.attempts += 1;
    this.#sent.set(letter.id, letter);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > most && oldest !== undefined) this.#sent.delete(oldest);
    this.#transmit(letter.text);
  }
}
