import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { UserId } from '../../generated/index.js';

/** Who a token speaks for (AUTH-9). */
export interface Identity {
  /** The token's `sub`. */
  userId: UserId;
  /** The token's `name`, else its `preferred_username`; no more than its first 256 characters. */
  username?: string;
  /** The token's `exp`, in seconds since 1970. */
  expiresAt?: number;
}

/** An identity, or a reason for people why there is none; the reason never contains the token (AUTH-10). */
export type Admission = { ok: true; identity: Identity } | { ok: false; reason: string };

/** Checks a token. Rejects only if it cannot, such as when keys cannot be fetched: the token may still be good. */
export type Verify = (token: string) => Promise<Admission>;

/**
 * Makes the function that checks tokens by the key that `getKey` has for them (AUTH-1, AUTH-3, AUTH-4, AUTH-5, AUTH-9). Only the
 * algorithms of `checks` are taken, `none` never; `exp` and `nbf` count where they are present. `read` finds the user in the claims.
 */
export function createVerifier(getKey: JWTVerifyGetKey, checks: JWTVerifyOptions, read = identify): Verify {
  return async (token) => {
    try {
      return read((await jwtVerify(token, getKey, checks)).payload);
    } catch (error) {
      // What is not the token's fault, such as keys that cannot be fetched, refuses nobody.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      return { ok: false, reason: reasonFor(error) };
    }
  };
}

/** Admits the user of the one token in the query (AUTH-1). Rejects only if `verify` does. */
export async function admit(tokens: readonly string[], verify: Verify): Promise<Admission> {
  const [token, second] = tokens;
  if (token === undefined || token === '') return { ok: false, reason: 'The query has no `token`.' }; // AUTH-2
  // Whoever stands in front of this server may have checked the other one.
  if (second !== undefined) return { ok: false, reason: 'The query has more than one `token`.' };
  return verify(token);
}

/** Reads who a token speaks for out of claims that are verified. */
export function identify({ sub, name, preferred_username, exp }: JWTPayload): Admission {
  if (sub === undefined || sub === '') return { ok: false, reason: 'The token names no user: `sub` is missing.' };
  if (typeof sub !== 'string')
    return { ok: false, reason: `The \`sub\` of the token is no string but a ${typeof sub}.` };
  if (sub.length > 1_024) return { ok: false, reason: 'The `sub` of the token has more than 1,024 characters.' };

  const username = [name, preferred_username].find((value) => typeof value === 'string' && value !== '');
  const identity: Identity = { userId: sub };
  // Everybody in a room is told the names of all others.
  if (typeof username === 'string') identity.username = username.slice(0, 256);
  if (exp !== undefined) identity.expiresAt = exp;
  return { ok: true, identity };
}

function reasonFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The token's \`${error.claim}\` is not acceptable now or here.`;
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'The token is signed by an algorithm that is not accepted here.';
  if (error instanceof errors.JWSSignatureVerificationFailed) return "The token's signature does not fit.";
  if (error instanceof errors.JWKSNoMatchingKey) return 'The token is signed by a key that is not known here.';
  return 'The token is malformed.';
}
