import type { ProtocolError } from '../../generated/index.js';

/** How much one connection may say (LIMIT-1). */
export interface RateLimit {
  /** Messages at once after a silence. */
  burst: number;
  /** Messages per second in the long run. */
  perSecond: number;
}

/** Holds as many tokens as messages may be said at once, and fills up again with time. */
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

  /** Takes a token and returns 0; if there is none, returns the whole milliseconds until there is one. */
  take(): number {
    const { burst, perSecond } = this.#limit;
    const at = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((at - this.#filledAt) * perSecond) / 1000);
    this.#filledAt = at;
    // Not taken for a message that is turned away: who waits as told gets through (LIMIT-1).
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / perSecond);
    this.#tokens -= 1;
    return 0;
  }
}

/** Makes the answer to a message that comes `retryAfterMs` milliseconds too early (LIMIT-1). */
export function throttle(retryAfterMs: number): ProtocolError | undefined {
  const details = { retry_after_ms: retryAfterMs };
  return { code: 'RATE_LIMIT_EXCEEDED', message: `Too many messages; go on in ${retryAfterMs} ms.`, details };
}
