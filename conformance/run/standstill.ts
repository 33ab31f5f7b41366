import type { TraceEvent } from '../trace/trace-event.js';

/** A time in which the target answered nobody, in milliseconds as `performance.now` counts them. */
export interface Standstill {
  from: number;
  to: number;
  /** Scenarios that sent something meanwhile, or just before. */
  waiting: string[];
}

/** Milliseconds between two looks. */
const tickMs = 50;

/** So many scenarios that wait in vain are worth a question. */
const manyWaiting = 3;

/** Looks that a target has for the answer to that question. */
const answerTicks = 8;

/** Questions without an answer after which a target is away rather than still. */
const mostQuestions = 3;

const heardKinds: readonly TraceEvent['kind'][] = ['open', 'refused', 'receive', 'receive-binary', 'pong', 'response'];
const sentKinds: readonly TraceEvent['kind'][] = ['connect', 'send', 'send-frames', 'ping', 'request', 'close'];

/**
 * Notices where the target stands still: it keeps its connections, and for a while nothing comes on any of them, nor an
 * answer to a request of the watch's own.
 */
export class StandstillWatch {
  readonly found: Standstill[] = [];
  readonly #leastMs: () => number;
  readonly #ask: () => Promise<boolean>;
  readonly #waiting = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #heardAt = performance.now();
  /** Looks since something was heard. While this process is kept from running there are none, so that counts for nothing. */
  #ticks = 0;
  /** Looks since the target was asked; undefined where it was not. */
  #asked: number | undefined;
  #answer: Promise<void> | undefined;

  /** `leastMs` says after how many milliseconds of silence to `ask`, which resolves with whether there was an answer. */
  constructor(leastMs: () => number, ask: () => Promise<boolean>) {
    this.#leastMs = leastMs;
    this.#ask = ask;
    this.#timer = setInterval(() => this.#look(), tickMs).unref();
  }

  /** Takes in what happens in a scenario. */
  note(scenario: string, { kind }: TraceEvent): void {
    if (sentKinds.includes(kind)) this.#waiting.add(scenario);
    if (heardKinds.includes(kind)) this.#hear();
  }

  /** Resolves when it is known whether the target stands still at this moment: at once where something came just now. */
  async untilKnown(): Promise<void> {
    if (this.#ticks < answerTicks || this.#waiting.size < manyWaiting) return;
    await this.#askOnce();
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#asked = undefined;
  }

  #look(): void {
    this.#ticks += 1;
    if (this.#asked !== undefined) this.#asked += 1;
    else if (this.#ticks * tickMs >= this.#leastMs() && this.#waiting.size >= manyWaiting) void this.#askOnce();
  }

  /** Asks until something is heard, if only the answer; whoever asks meanwhile waits for the same. */
  #askOnce(): Promise<void> {
    this.#asked ??= 0;
    this.#answer ??= this.#untilAnswered().finally(() => {
      this.#answer = undefined;
    });
    return this.#answer;
  }

  async #untilAnswered(): Promise<void> {
    for (let times = 0; times < mostQuestions && this.#asked !== undefined; times++)
      if (await this.#ask()) this.#hear();
  }

  #hear(): void {
    const now = performance.now();
    const isLong = this.#ticks * tickMs >= this.#leastMs();
    if (isLong && this.#asked !== undefined && this.#asked >= answerTicks)
      this.found.push({ from: this.#heardAt, to: now, waiting: [...this.#waiting] });
    this.#heardAt = now;
    this.#ticks = 0;
    this.#asked = undefined;
    this.#waiting.clear();
  }
}
