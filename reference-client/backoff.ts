import { InvalidOptionError } from './errors.js';

/** When and how often to reconnect (CLIENT-12). */
export interface ReconnectOptions {
  /** Longest wait before the first attempt, in milliseconds; it doubles with each further one. Default 500. */
  initialDelayMs?: number;
  /** The wait never exceeds this, in milliseconds. Default 30,000. */
  maxDelayMs?: number;
  /** Attempts in a row without a `room_state` before giving up; 0 never reconnects. Default `Infinity`. */
  maxAttempts?: number;
  /** Uniform in [0, 1). Default `Math.random`. */
  random?: () => number;
}

/** {@link ReconnectOptions} with nothing left open. */
export type Backoff = Readonly<Required<ReconnectOptions>>;

/**
 * Fills in the defaults.
 *
 * @throws {@link InvalidOptionError} when a number is negative, not a number, or a delay without end.
 */
export function toBackoff(options: ReconnectOptions = {}): Backoff {
  const { initialDelayMs = 500, maxDelayMs = 30_000, maxAttempts = Infinity, random = Math.random } = options;
  for (const [name, value] of Object.entries({ initialDelayMs, maxDelayMs })) {
    if (!(value >= 0 && value < Infinity)) {
      throw new InvalidOptionError(`reconnect.${name}`, 'is not a finite number of at least 0');
    }
  }
  if (!(maxAttempts >= 0)) throw new InvalidOptionError('reconnect.maxAttempts', 'is not a number of at least 0');
  return { initialDelayMs, maxDelayMs, maxAttempts, random };
}

/**
 * Milliseconds to wait before an attempt: anywhere between none and a ceiling that doubles each time ("full jitter"), so
 * that the clients of a server that restarts do not all come back at once.
 *
 * @param attempt - 0 for the first attempt after a connection that worked.
 */
export function backoffDelay(attempt: number, { initialDelayMs, maxDelayMs, random }: Backoff): number {
  // The exponent's cap keeps 0 * Infinity, which is NaN, out.
  const ceiling = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(attempt, 52));
  return random() * ceiling;
}
