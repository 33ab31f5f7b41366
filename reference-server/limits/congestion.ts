import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Milliseconds between two looks at a receiver that is behind. */
const lookMs = 20;

/** Looks without any progress after which a receiver does not read at all: nobody waits for it until it does (RELAY-13). */
const looksInVain = 10;

/** Looks after which a message passes all the same, so that nobody is kept for good. */
const mostLooks = 100;

/** Those who do not read, with the bytes that they had taken when that was found. */
const stuck = new WeakMap<Duplex, number>();

/**
 * Those to whom a sender has sent more than they could take so far. The sender waits for them, so that it is not they who are
 * thrown out for what it sends.
 */
export class Congestion {
  readonly #behind = new Map<Duplex, { taken: number; looks: number }>();
  #looks = 0;

  /** Notes a receiver that is behind. */
  note(receiver: Duplex): void {
    const taken = takenBy(receiver);
    if (stuck.get(receiver) !== taken) this.#behind.set(receiver, { taken, looks: 0 });
  }

  /** Milliseconds until the sender may ask again; 0 where nobody is behind by more than `mark` bytes, or it waited long enough. */
  wait(mark: number): number {
    for (const [receiver, seen] of this.#behind) {
      const taken = takenBy(receiver);
      seen.looks = taken > seen.taken ? 0 : seen.looks + 1;
      seen.taken = taken;
      if (seen.looks > looksInVain) stuck.set(receiver, taken);
      if (seen.looks > looksInVain || receiver.destroyed || receiver.writableLength <= mark)
        this.#behind.delete(receiver);
    }
    if (this.#behind.size > 0 && this.#looks++ < mostLooks) return lookMs;
    this.#behind.clear();
    this.#looks = 0;
    return 0;
  }
}

/** Bytes that went out to a receiver, as far as its system and ours took them. */
function takenBy(receiver: Duplex): number {
  return (receiver as Socket).bytesWritten - receiver.writableLength;
}
