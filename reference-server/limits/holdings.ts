import type { Duplex } from 'node:stream';

/** Bounds how many different things each holder has at once, such as the rooms of a user or the sockets of an address. */
export class Holdings<Thing> {
  readonly #held = new Map<string, Map<Thing, number>>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Gives a holder one thing more, until a socket closes; false if the holder has its fill.
   * A thing it has already is always granted: a user who connects to a room again takes no more room (JOIN-8).
   */
  take(holder: string, thing: Thing, until: Pick<Duplex, 'once' | 'destroyed'>): boolean {
    const things = this.#held.get(holder) ?? new Map<Thing, number>();
    const times = things.get(thing) ?? 0;
    if (times === 0 && things.size >= this.#limit) return false;
    if (until.destroyed) return true; // A socket that broke meanwhile says so no more.

    this.#held.set(holder, things.set(thing, times + 1));
    until.once('close', () => this.#giveBack(holder, things, thing));
    return true;
  }

  #giveBack(holder: string, things: Map<Thing, number>, thing: Thing): void {
    const left = (things.get(thing) ?? 0) - 1;
    if (left > 0) things.set(thing, left);
    else things.delete(thing);
    if (things.size === 0) this.#held.delete(holder);
  }
}
