import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Milliseconds between two looks at a receiver that is behind. */
const lookMs = 20;

/**
 * Looks without any progress after which a receiver does not read at all: nobody waits for it until it does (RELAY-13). Systems
 * take up to 4 MB and say so only when a third of it is free again, which 10 Mbit/s need a second for.
 */
const looksInVain = 75;

/** For one that was found not to read before, it is half of what it was then, and at least this. */
const fewestInVain = 10;

/** Bytes that one may send to a receiver that is behind before one waits for it: whoever says little waits for nobody. */
const freeBytes = 65_536;

/** Looks after which a message passes all the same, so that nobody is kept for good. */
const mostLooks = 100;

/** Those who did not read: the bytes that they had taken when that was found, and the looks that it took. */
const stuck = new WeakMap<Duplex, { taken: number; looks: number }>();

/**
 * Those to whom a sender has sent more than they could take so far. The sender waits for them, so that it is not they who are
 * thrown out for what it sends.
 */
export class Congestion {
  readonly #behind = new Map<Duplex, { bytes: number; taken: number; looks: number; most: number }>();
  #looks = 0;

  /** Notes that so many bytes were sent to a receiver that is behind. */
  note(receiver: Duplex, bytes: number): void {
    const taken = takenBy(receiver);
    if (stuck.get(receiver)?.taken === taken) return;
    const before = this.#behind.get(receiver)?.bytes ?? 0;
    this.#behind.set(receiver, { bytes: before + bytes, taken, looks: 0, most: looksFor(receiver) });
  }

  /** Milliseconds until the sender may ask again; 0 where nobody is behind by more than `mark` bytes, or it waited long enough. */
  wait(mark: number): number {
    let isWaiting = false;
    for (const [receiver, seen] of this.#behind) {
      if (receiver.destroyed || receiver.writableLength <= mark) this.#behind.delete(receiver);
      if (seen.bytes <= freeBytes || !this.#behind.has(receiver)) continue;
      const taken = takenBy(receiver);
      seen.looks = taken > seen.taken ? 0 : seen.looks + 1;
      seen.taken = taken;
      if (seen.looks <= seen.most) {
        isWaiting = true;
        continue;
      }
      stuck.set(receiver, { taken, looks: seen.most });
      this.#behind.delete(receiver);
    }
    if (isWaiting && this.#looks++ < mostLooks) return lookMs;
    this.#looks = 0;
    return 0;
  }
}

function looksFor(receiver: Duplex): number {
  const found = stuck.get(receiver);
  return found === undefined ? looksInVain : Math.max(fewestInVain, Math.floor(found.looks / 2));
}

/** Bytes that went out to a receiver, as far as its system and ours took them. */
function takenBy(receiver: Duplex): number {
  return (receiver as Socket).bytesWritten - receiver.writableLength;
}
