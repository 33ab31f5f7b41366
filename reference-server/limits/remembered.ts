/** A limit that recovers with time. */
interface Recovering {
  /** Whether a new one would be the same. */
  isFull(): boolean;
}

/** Milliseconds between two looks at those who left. */
const sweepMs = 1_000;

/** The limits of those who are here, and of those who left until they have recovered: to come again renews none. */
export class Remembered<Limit extends Recovering> {
  readonly #make: () => Limit;
  readonly #held = new Map<string, { limit: Limit; holders: number }>();
  readonly #left = new Map<string, Limit>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(make: () => Limit) {
    this.#make = make;
  }

  /** The limit of whoever this is, until {@link release}. */
  hold(key: string): Limit {
    const held = this.#held.get(key) ?? { limit: this.#left.get(key) ?? this.#make(), holders: 0 };
    held.holders += 1;
    this.#left.delete(key);
    this.#held.set(key, held);
    return held.limit;
  }

  /** Says that one of those who hold a limit left. */
  release(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders > 0) return;
    this.#held.delete(key);
    if (held.limit.isFull()) return;
    this.#left.set(key, held.limit);
    this.#sweep ??= setInterval(() => this.#forget(), sweepMs).unref();
  }

  /** How many are kept of those who left. */
  get size(): number {
    return this.#left.size;
  }

  #forget(): void {
    for (const [key, limit] of this.#left) if (limit.isFull()) this.#left.delete(key);
    if (this.#left.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}
