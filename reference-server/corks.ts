import type { Duplex } from 'node:stream';

/** Has all that is written to one connection within a turn of the event loop leave in one system call. */
export class Corks {
  #corked: Duplex[] = [];

  /** Holds back what is written to `transport` until the turn is over. */
  hold(transport: Duplex): void {
    if (transport.writableCorked > 0) return;
    transport.cork();
    if (this.#corked.push(transport) === 1) setImmediate(() => this.#release());
  }

  #release(): void {
    const corked = this.#corked;
    this.#corked = [];
    for (const transport of corked) transport.uncork();
  }
}
