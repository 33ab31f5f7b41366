/** Bounds how many different things each holder has at once, such as the rooms of a user or the sockets of an address. */
export class Holdings<Thing> {
  readonly #held = new Map<string, Map<Thing, number>>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Gives a holder one thing more; returns what gives it back, or undefined if the holder has its fill.
   * A thing it has already is always granted: a user who connects to a room again takes no more room (JOIN-8).
   */
  take(holder: string, thing: Thing): (() => void) | undefined {
    if (this.#limit === Number.POSITIVE_INFINITY) return nothing;

    const things = this.#held.get(holder) ?? new Map<Thing, number>();
    const times = things.get(thing) ?? 0;
    if (times === 0 && things.size >= this.#limit) return undefined;

    this.#held.set(holder, things.set(thing, times + 1));
    return () => {
      const left = (things.get(thing) ?? 0) - 1;
      if (left > 0) things.set(thing, left);
      else things.delete(thing);
      if (things.size === 0) this.#held.delete(holder);
    };
  }
}

function nothing(): void {}
