import { createPublicKey, createSecretKey } from 'node:crypto';
import {
  type CompactJWSHeaderParameters,
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type FetchImplementation,
  type FlattenedJWSInput,
  flattenedVerify,
  importSPKI,
  type JWKSCacheInput,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwksCache,
  type KeyObject,
} from 'jose';
import { publicKeyAlgorithms, secretAlgorithms } from '../../bin/signature-algorithms.js';
import { type Admission, createVerifier, identify, type Verify } from '../core/admission.js';
import { ConfigurationError } from './configuration-error.js';

/** What tokens are checked against. Tokens signed by any other algorithm are refused, `none` above all (AUTH-3). */
export type AdmissionOptions = (
  | /** Shared secret; tokens are HS256 unless `algorithms` has others of HS256, HS384 and HS512. */ {
      secret: string | Uint8Array;
      algorithms?: readonly string[];
    }
  | /** Public key or certificate as PEM. */ { publicKey: string; algorithms: readonly string[] }
  | /** Where the public keys are published as a JWK Set. */ {
      jwksUrl: string;
      algorithms: readonly string[];
      /** Milliseconds from one fetch to the next when a token names an unknown key; by default 30,000. */
      jwksCooldownMs?: number;
      /** Milliseconds for which keys that were fetched are good while they cannot be fetched again; by default an hour. */
      jwksOutageMs?: number;
    }
) & {
  issuer?: string;
  audience?: string;
  /** Claim that names the user, a string or an integer; by default `sub`, which has to be a string (AUTH-9). */
  userIdClaim?: string;
  /** Seconds by which the clock of whoever issues tokens may differ from this one's; by default 0. */
  clockTolerance?: number;
  /** Refuses tokens without `exp`, which never lapse. */
  requireExp?: boolean;
  /** Seconds from a token's `iat` (from now, where it has none) to its `exp` at most; those without `exp` are refused as well. */
  maxLifetime?: number | undefined;
  /** Bytes that the secret has at least. */
  minSecretLength?: number;
};

/** Checks tokens, and tells whether it can. */
export interface KeyCheck {
  verify: Verify;
  /** Whether there are keys to check with: published ones may be out of reach. */
  isHealthy(): boolean;
}

/**
 * Makes the function that turns a token into an identity or a refusal (AUTH-1, AUTH-3 to AUTH-5, AUTH-9).
 * Keys are imported once, here: with the secret as a string each check would cost 50 times as much.
 * Throws {@link ConfigurationError} for a key that is none or does not fit its algorithms.
 */
export async function createVerify(options: AdmissionOptions): Promise<Verify> {
  return (await createKeyCheck(options)).verify;
}

/** The same as {@link createVerify}, with word of whether there are keys. */
export async function createKeyCheck(options: AdmissionOptions): Promise<KeyCheck> {
  const algorithms = 'secret' in options ? [...(options.algorithms ?? ['HS256'])] : [...options.algorithms];
  const { key, isHealthy = () => true } = await keyOf(options);
  const { issuer, audience, userIdClaim, clockTolerance = 0, requireExp = false, maxLifetime } = options;
  const checks = {
    algorithms,
    clockTolerance,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...((requireExp || maxLifetime !== undefined) && { requiredClaims: ['exp'] }),
  };
  const check = createVerifier(key, checks, userIdClaim === undefined ? identify : identifyBy(userIdClaim));
  const verify: Verify = async (token) => {
    const admission = await check(token);
    if (!admission.ok || maxLifetime === undefined) return admission;
    const { exp = 0, iat = Date.now() / 1000 } = decodeJwt(token);
    if (exp - iat <= maxLifetime) return admission;
    return { ok: false, reason: `The token is good for longer than the ${maxLifetime} s that are taken here.` };
  };
  return { verify, isHealthy };
}

/** Reads who a token speaks for out of another claim than `sub`. */
function identifyBy(claim: string): (payload: JWTPayload) => Admission {
  return (payload) => {
    const id = Number.isSafeInteger(payload[claim]) ? String(payload[claim]) : payload[claim];
    if (typeof id === 'string' && id !== '') return identify({ ...payload, sub: id });
    return { ok: false, reason: `The token names no user: \`${claim}\` is no string and no integer.` };
  };
}

class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** Keys, and whether they are in reach where that may change. */
interface Keys {
  key: JWTVerifyGetKey<CryptoKey> | (() => KeyObject);
  isHealthy?(): boolean;
}

async function keyOf(options: AdmissionOptions): Promise<Keys> {
  if ('secret' in options) {
    const { secret, minSecretLength = 1 } = options;
    if (Buffer.from(secret).length < minSecretLength)
      throw new ConfigurationError(
        'secret (JWT_SECRET)',
        minSecretLength === 1 ? 'at least one character' : `at least ${minSecretLength} bytes`,
      );
    const { algorithms } = options;
    if (algorithms !== undefined && !isSomeOf(algorithms, secretAlgorithms))
      throw new ConfigurationError(
        'algorithms (JWT_ALGORITHMS)',
        `one or more of ${secretAlgorithms.join(', ')} beside a secret`,
      );
    const key = createSecretKey(Buffer.from(secret));
    return { key: () => key as KeyObject };
  }

  const { algorithms } = options;
  if (!isSomeOf(algorithms, publicKeyAlgorithms)) {
    throw new ConfigurationError('algorithms (JWT_ALGORITHMS)', `one or more of ${publicKeyAlgorithms.join(', ')}`);
  }
  return 'jwksUrl' in options ? publishedKeys(options) : { key: await pinnedKey(options.publicKey, algorithms) };
}

function isSomeOf(some: readonly string[], all: readonly string[]): boolean {
  return some.length > 0 && some.every((one) => all.includes(one));
}

async function pinnedKey(pem: string, algorithms: readonly string[]): Promise<JWTVerifyGetKey<CryptoKey>> {
  const keys = new Map<string, CryptoKey>();
  for (const algorithm of algorithms) {
    try {
      const spki = createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
      keys.set(algorithm, await importSPKI(spki, algorithm));
    } catch {
      throw new ConfigurationError('publicKey (JWT_PUBLIC_KEY)', `a PEM public key that fits ${algorithm}`);
    }
  }
  return ({ alg }) => keys.get(alg) as CryptoKey;
}

/** Milliseconds for which a fetch that failed is not tried again. */
const failureMs = 3_000;

/** Characters and keys of a JWK Set that is taken. */
const mostText = 262_144;
const mostKeys = 100;

function publishedKeys(options: Extract<AdmissionOptions, { jwksUrl: string }>): Keys {
  const { jwksUrl, jwksCooldownMs: cooldownDuration = 30_000, jwksOutageMs = 3_600_000 } = options;
  const known: JWKSCacheInput = {};
  let failure: { at: number; error: unknown } | undefined;
  const fetchSet: FetchImplementation = async (url, init) => {
    // One handshake after the other would ask a server that is down, and wait for it.
    if (failure !== undefined && performance.now() - failure.at < failureMs) throw failure.error;
    try {
      const set = await boundedSet(await fetch(url, init));
      failure = undefined;
      return set;
    } catch (error) {
      failure = { at: performance.now(), error };
      throw error;
    }
  };
  // A token that names a key not seen yet has the set fetched again: keys rotate without a restart.
  const fetched = createRemoteJWKSet(new URL(jwksUrl), {
    cooldownDuration,
    [jwksCache]: known,
    [customFetch]: fetchSet,
  });
  const isKnown = () => known.jwks !== undefined && Date.now() - (known.uat ?? 0) < jwksOutageMs;
  const key: JWTVerifyGetKey<CryptoKey> = async (header: CompactJWSHeaderParameters, token) => {
    try {
      return await fetched(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return keyThatFits(error, token);
      if (isNoSuchKey(error)) throw error;
      if (!isKnown() || known.jwks === undefined)
        throw new KeysUnavailableError('The JWK Set cannot be fetched.', { cause: error });
      try {
        return await createLocalJWKSet(known.jwks)(header, token);
      } catch (missing) {
        if (missing instanceof errors.JWKSMultipleMatchingKeys) return keyThatFits(missing, token);
        // Whether a key that is not known is a new one, nobody can tell at the moment.
        throw isNoSuchKey(missing)
          ? new KeysUnavailableError('The JWK Set cannot be fetched.', { cause: error })
          : missing;
      }
    }
  };
  return { key, isHealthy: () => failure === undefined || isKnown() };
}

function isNoSuchKey(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey;
}

/** The key by which a token is signed, of those that it may be signed by: it names none. */
async function keyThatFits(keys: AsyncIterable<CryptoKey>, token: FlattenedJWSInput): Promise<CryptoKey> {
  for await (const key of keys) {
    try {
      await flattenedVerify(token, key);
      return key;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

/** The same answer, read as far as a JWK Set may go. */
async function boundedSet(response: Response): Promise<Response> {
  if (response.status !== 200) throw new Error(`The JWK Set was answered ${response.status}.`);
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > mostText) throw new Error(`The JWK Set has more than ${mostText} characters.`);
  }
  const set = JSON.parse(text) as { keys?: unknown };
  if (Array.isArray(set.keys) && set.keys.length > mostKeys)
    throw new Error(`The JWK Set has more than ${mostKeys} keys.`);
  return new Response(text, { headers: { 'content-type': 'application/json' } });
}
