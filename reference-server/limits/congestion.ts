import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Milliseconds between two looks at a receiver that is behind. */
const lookMs = 20;

/** Milliseconds that a message takes while twice the limit waits for a receiver of whom nobody knows whether it reads. */
const slowMs = 10;

/** Looks without any progress after which nobody waits for a receiver until it reads on: it delays nobody (RELAY-13). */
const looksInVain = 10;

/** Looks after which a message passes all the same, so that nobody is kept for good. */
const mostLooks = 100;

/** Bytes that one may send to a receiver that is behind before one waits for it: whoever says little waits for nobody. */
const freeBytes = 65_536;

/** Those who did not read, with how far they were when that was found. */
const stuck = new WeakMap<Duplex, string>();

/**
 * Those to whom a sender has sent more than they could take so far. The sender waits for them, so that it is not they who are
 * thrown out for what it sends.
 */
export class Congestion {
  readonly #limit: number;
  readonly #behind = new Map<Duplex, { bytes: number; progress: string; looks: number }>();
  #looks = 0;
  #hasToSlowDown = false;

  /** `limit` is the number of bytes that may wait for a receiver. It is behind from a quarter of that on. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Notes that so many bytes were sent to a receiver for which others wait already. */
  note(receiver: Duplex, bytes: number): void {
    if (receiver.writableLength <= this.#limit / 4) return;
    const progress = progressOf(receiver);
    const before = this.#behind.get(receiver)?.bytes ?? 0;
    if (stuck.get(receiver) !== progress) this.#behind.set(receiver, { bytes: before + bytes, progress, looks: 0 });
    // It may be slow and not dead: systems take megabytes at a time, and 10 Mbit/s need a second for one.
    else if (receiver.writableLength > 2 * this.#limit) this.#hasToSlowDown = true;
  }

  /** Milliseconds until the sender may ask again; 0 where nobody is behind for what it sent, or it waited long enough. */
  wait(): number {
    if (this.#hasToSlowDown) {
      this.#hasToSlowDown = false;
      return slowMs;
    }
    let isWaiting = false;
    for (const [receiver, seen] of this.#behind) {
      if (receiver.destroyed || receiver.writableLength <= this.#limit / 4) this.#behind.delete(receiver);
      if (seen.bytes <= freeBytes || !this.#behind.has(receiver)) continue;
      const progress = progressOf(receiver);
      seen.looks = progress === seen.progress ? seen.looks + 1 : 0;
      seen.progress = progress;
      if (seen.looks <= looksInVain) {
        isWaiting = true;
        continue;
      }
      stuck.set(receiver, progress);
      this.#behind.delete(receiver);
    }
    if (isWaiting && this.#looks++ < mostLooks) return lookMs;
    this.#looks = 0;
    return 0;
  }
}

/** What changes whenever a receiver takes something, as far as its system and ours tell. */
export function progressOf(receiver: Duplex): string {
  const { bytesWritten, writableLength, _handle } = receiver as Socket & {
    _handle?: { writeQueueSize?: number } | null;
  };
  // Writes are many megabytes where much waits. How far one of them is, only the handle knows: Node's own timeouts ask it.
  return `${bytesWritten - writableLength} ${_handle?.writeQueueSize ?? 0}`;
}
