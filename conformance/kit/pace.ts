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
  #allowance: number;
  #at = performance.now();

  constructor({ burst, perSecond }: RateLimit) {
    this.#burst = Math.max(1, Math.floor(burst * share));
    this.#perSecond = perSecond * share;
    this.#allowance = this.#burst;
  }

  /** Resolves when one more message keeps within the limit. */
  async turn(): Promise<void> {
    const now = performance.now();
    const earned = ((now - this.#at) / 1000) * this.#perSecond;
    this.#allowance = Math.min(this.#burst, this.#allowance + earned) - 1;
    this.#at = now;
    if (this.#allowance >= 0) return;
    const waitMs = (-this.#allowance / this.#perSecond) * 1000;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
