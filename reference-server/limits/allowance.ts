import { type RateLimit, TokenBucket } from './token-bucket.js';

/** How much a user may say in a room; what is absent has no limit. */
export interface AllowanceLimits {
  /** Messages (LIMIT-1). */
  rateLimit?: RateLimit | undefined;
  /** Bytes of what it sends, counted for each receiver, or once where nobody receives it. */
  byteRate?: RateLimit | undefined;
}

/** What a user may say in one room. It outlives the connection: whoever connects anew has no more left than before. */
export class Allowance {
  readonly #messages: TokenBucket | undefined;
  readonly #refusals: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;

  constructor({ rateLimit, byteRate }: AllowanceLimits) {
    // An answer costs about as much as a message: there are as many.
    if (rateLimit) [this.#messages, this.#refusals] = [new TokenBucket(rateLimit), new TokenBucket(rateLimit)];
    if (byteRate && Number.isFinite(byteRate.burst)) this.#bytes = new TokenBucket(byteRate);
  }

  /**
   * Milliseconds for which what comes next is left unread, so that its sender feels it and nobody else: bytes are paced, and so
   * are messages beyond the limit once enough were answered. `at` is the time as `performance.now` has it, here and below.
   */
  delay(at: number): number {
    const messages = this.#messages?.wait(1, at) ?? 0;
    const answers = messages > 0 ? (this.#refusals?.wait(1, at) ?? 0) : 0;
    return Math.max(Math.min(messages, answers), this.#bytes?.wait(1, at) ?? 0);
  }

  /** Takes a message in: 0, or the milliseconds that it comes too early, and is to be refused. */
  take(at: number): number {
    const waitMs = this.#messages?.take(1, at) ?? 0;
    if (waitMs > 0) this.#refusals?.take(1, at);
    return waitMs;
  }

  /** Counts bytes that were sent on, or came for nobody. */
  spend(bytes: number, at: number): void {
    this.#bytes?.spend(bytes, at);
  }

  /** Whether a new one would be the same. */
  isFull(): boolean {
    return [this.#messages, this.#refusals, this.#bytes].every((bucket) => bucket?.isFull() ?? true);
  }
}
