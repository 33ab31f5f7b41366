import type { ProtocolError } from '../../generated/index.js';

/** How much may come: messages (LIMIT-1), bytes or joins. */
export interface RateLimit {
  /** At once after a silence. */
  burst: number;
  /** Per second in the long run. */
  perSecond: number;
}

/** Holds as many tokens as may be taken at once, and fills up again with time. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
    this.#tokens = limit.burst;
    this.#filledAt = now();
  }

  /**
   * Takes so many tokens and returns 0; if there are not so many, takes none and returns the whole milliseconds until there are.
   * `at` is the time, for whoever knows it.
   */
  take(count = 1, at = this.#now()): number {
    const waitMs = this.wait(count, at);
    // Not taken for a message that is turned away: who waits as told gets through (LIMIT-1).
    if (waitMs === 0) this.#tokens -= Math.min(count, this.#limit.burst);
    return waitMs;
  }

  /** Takes so many tokens, whether they are there or not: what is missing has to come in before there are any again. */
  spend(count: number, at = this.#now()): void {
    this.#fill(at);
    this.#tokens -= count;
  }

  /** Whether a new one would be the same. */
  isFull(): boolean {
    return this.wait(this.#limit.burst) === 0;
  }

  /** Whole milliseconds until there are so many tokens, or as many as it can hold; 0 if there are now. */
  wait(count = 1, at = this.#now()): number {
    this.#fill(at);
    const { burst, perSecond } = this.#limit;
    const missing = Math.min(count, burst) - this.#tokens;
    return missing > 0 ? Math.ceil((missing * 1000) / perSecond) : 0;
  }

  #fill(at: number): void {
    const { burst, perSecond } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + ((at - this.#filledAt) * perSecond) / 1000);
    this.#filledAt = at;
  }
}

/** Makes the answer to a message that comes `retryAfterMs` milliseconds too early (LIMIT-1). */
export function throttle(retryAfterMs: number): ProtocolError | undefined {
  const details = { retry_after_ms: retryAfterMs };
  return { code: 'RATE_LIMIT_EXCEEDED', message: `Too many messages; go on in ${retryAfterMs} ms.`, details };
}
