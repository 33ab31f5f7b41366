import { createHash } from 'node:crypto';

/** Numbers and names that look random and follow from a seed, so that a run can be repeated. Not for secrets. */
export class Random {
  /** State of sfc32, a small fast generator of 32-bit numbers with a period of 2^32 at least. */
  readonly #state: Uint32Array;

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.#state = Uint32Array.from([0, 4, 8, 12], (offset) => digest.readUInt32LE(offset));
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const sum = (((a + b) | 0) + d) | 0;
    this.#state.set([b ^ (b >>> 9), (c + (c << 3)) | 0, ((c << 21) | (c >>> 11)) + sum, d + 1]);
    return sum >>> 0;
  }

  /** Lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.#next().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.#next() % limit;
  }

  /** The items in an order of chance. */
  shuffle<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, rank: this.#next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);
  }
}
