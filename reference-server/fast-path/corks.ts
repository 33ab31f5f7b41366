import type { Duplex } from 'node:stream';

/** Bytes that are held back at most: what is held back counts as not taken by its receiver, who could do nothing about it (ERROR-9). */
const mostHeld = 64 * 1024;

/** Has what is written to one connection in quick succession leave in one system call. */
export class Corks {
  #briefly: Duplex[] = [];
  #forTheTurn: Duplex[] = [];

  /**
   * Holds back what is written to `transport`: until all is handled that arrived with what is being handled now or, where many
   * senders write to the same receivers, until the turn of the event loop is over.
   */
  hold(transport: Duplex, forTheTurn: boolean): void {
    if (transport.writableCorked > 0) {
      if (transport.writableLength < mostHeld) return;
      transport.uncork();
      transport.cork();
      return;
    }
    transport.cork();
    if (forTheTurn) {
      if (this.#forTheTurn.push(transport) === 1) setImmediate(this.#endTurn);
    } else if (this.#briefly.push(transport) === 1) process.nextTick(this.#release);
  }

  readonly #release = () => {
    for (const transport of this.#briefly.splice(0)) transport.uncork();
  };

  readonly #endTurn = () => {
    for (const transport of this.#forTheTurn.splice(0)) transport.uncork();
  };
}
