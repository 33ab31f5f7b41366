import { Inconclusive } from './outcome.js';

/** A rate limit as a profile states it. */
export interface RateLimit {
  /** Messages at once. */
  burst: number;
  /** Messages per second after that. */
  perSecond: number;
}

/** The part of a claimed rate that the suite makes use of: clocks and networks bunch what was sent evenly. */
const share = 0.8;

/** Spaces messages so that they keep within a rate limit. */
export class Pace {
  readonly #burst: number;
  readonly #perSecond: number;
  #leftMs: number;
  #allowance: number;
  #at = performance.now();

  constructor(
    { burst, perSecond }: RateLimit,
    /** Milliseconds that all turns together may take. */
    patienceMs = Number.POSITIVE_INFINITY,
  ) {
    this.#leftMs = patienceMs;
    this.#burst = Math.max(1, Math.floor(burst * share));
    this.#perSecond = perSecond * share;
    this.#allowance = this.#burst;
  }

  /** Resolves when one more message keeps within the limit. Rejects with {@link Inconclusive} where patience is at its end. */
  async turn(): Promise<void> {
    const now = performance.now();
    const earned = ((now - this.#at) / 1000) * this.#perSecond;
    this.#allowance = Math.min(this.#burst, this.#allowance + earned) - 1;
    this.#at = now;
    if (this.#allowance >= 0) return;
    const waitMs = (-this.#allowance / this.#perSecond) * 1000;
    this.#leftMs -= waitMs;
    if (this.#leftMs < 0) throw new Inconclusive('it sends more than the target takes in reasonable time');
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
