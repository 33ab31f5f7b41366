import { TokenError } from './errors.js';
import { type Schedule, schedule } from './scheduler.js';
import { withTimeout } from './timeout.js';

/**
 * A JWT, or a function that gives one. The function is called anew for every request and every connection, so that
 * a reconnect after the first token's expiry carries a fresh one.
 */
export type TokenSource = string | (() => string | PromiseLike<string>);

/** What a URL and an HTTP header can both carry; a header error of the runtime would quote the token. */
const sendable = /^[\x21-\x7e]+$/;

/** How long a token function may take. */
export interface TokenPatience {
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly schedule: Schedule;
}

/**
 * Gives the token to use now.
 *
 * @throws {@link TokenError} when the function fails or gives nothing in time, or the token is empty or has white space or
 * non-ASCII characters.
 */
export async function resolveToken(
  source: TokenSource,
  { timeoutMs, schedule }: TokenPatience = defaultPatience,
): Promise<string> {
  const late = () => new TokenError(`The token function gave nothing within ${timeoutMs} ms`);
  const token =
    typeof source === 'string' ? source : await withTimeout(callTokenFunction(source), timeoutMs, late, schedule);
  if (typeof token !== 'string' || !sendable.test(token)) {
    throw new TokenError('The token is not a non-empty string of visible ASCII characters');
  }
  return token;
}

const defaultPatience: TokenPatience = { timeoutMs: 10_000, schedule };

async function callTokenFunction(source: () => string | PromiseLike<string>): Promise<unknown> {
  try {
    return await source();
  } catch (cause) {
    throw new TokenError('The token function failed', { cause });
  }
}

/**
 * Reads the `sub` claim, the `user_id` that the server gives to this token's holder (AUTH-9). The signature is the
 * server's business. `undefined` when the token is no JWT or names no subject.
 */
export function tokenSubject(token: string): string | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const binary = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== 'object' || claims === null || !('sub' in claims)) return undefined;
    return typeof claims.sub === 'string' && claims.sub !== '' ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the token, as it is and percent-encoded, out of a text that others wrote. */
export function redactToken(text: string, token: string): string {
  return text.replaceAll(token, '[token]').replaceAll(encodeURIComponent(token), '[token]');
}
