import { Inconclusive } from './outcome.js';

/** A rate limit as a profile states it. */
export interface RateLimit {
  /** Messages at once. */
  burst: number;
  /** Messages per second after that. */
  perSecond: number;
  /** Milliseconds in which so many messages as the burst pass and no more, where that is how a limit was seen to be. */
  windowMs?: number;
}

/** The part of a claimed rate that the suite makes use of: clocks and networks bunch what was sent evenly. */
const share = 0.8;

/** Spaces messages so that they keep within a rate limit. */
export class Pace {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #windowMs: number | undefined;
  #leftMs: number;
  #allowance: number;
  #at = performance.now();

  constructor(
    { burst, perSecond, windowMs }: RateLimit,
    /** Milliseconds that all turns together may take. */
    patienceMs = Number.POSITIVE_INFINITY,
  ) {
    this.#leftMs = patienceMs;
    this.#burst = Math.max(1, Math.floor(burst * share));
    this.#perSecond = perSecond * share;
    this.#windowMs = windowMs;
    this.#allowance = this.#burst;
  }

  /** Resolves when one more message keeps within the limit. Rejects with {@link Inconclusive} where patience is at its end. */
  async turn(): Promise<void> {
    const waitMs = this.#windowMs === undefined ? this.#fromBucket() : this.#fromWindow(this.#windowMs);
    if (waitMs <= 0) return;
    this.#leftMs -= waitMs;
    if (this.#leftMs < 0) throw new Inconclusive('it sends more than the target takes in reasonable time');
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  #fromBucket(): number {
    const now = performance.now();
    const earned = ((now - this.#at) / 1000) * this.#perSecond;
    this.#allowance = Math.min(this.#burst, this.#allowance + earned) - 1;
    this.#at = now;
    return (-this.#allowance / this.#perSecond) * 1000;
  }

  /** A window begins with its first message; one that is full is waited for to its end. */
  #fromWindow(windowMs: number): number {
    const now = performance.now();
    if (now >= this.#at + windowMs || this.#allowance === this.#burst) {
      this.#at = Math.max(now, this.#at);
      this.#allowance = this.#burst;
    } else if (this.#allowance === 0) {
      this.#at += windowMs;
      this.#allowance = this.#burst;
    }
    this.#allowance -= 1;
    return this.#at - now;
  }
}
