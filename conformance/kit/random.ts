import { createHash } from 'node:crypto';

/** Numbers and names that look random and follow from a seed, so that a run can be repeated. Not for secrets. */
export class Random {
  readonly #seed: string;
  #drawn = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  #bytes(): Buffer {
    this.#drawn += 1;
    return createHash('sha256').update(`${this.#seed}\n${this.#drawn}`).digest();
  }

  /** Lower-case hexadecimal digits, 64 at most. */
  hex(digits: number): string {
    return this.#bytes().toString('hex').slice(0, digits);
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.#bytes().readUInt32BE(0) % limit;
  }

  /** The items in an order of chance. */
  shuffle<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, rank: this.hex(16) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ item }) => item);
  }
}
