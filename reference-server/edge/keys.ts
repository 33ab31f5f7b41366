import { createPublicKey, createSecretKey } from 'node:crypto';
import {
  type CompactJWSHeaderParameters,
  type CryptoKey,
  createRemoteJWKSet,
  errors,
  importSPKI,
  type JWTVerifyGetKey,
  type KeyObject,
} from 'jose';
import { createVerifier, type Verify } from '../core/admission.js';
import { ConfigurationError } from './configuration-error.js';

/** What tokens are checked against. Tokens signed by any other algorithm are refused, `none` above all (AUTH-3). */
export type AdmissionOptions = (
  | /** Shared secret; tokens are HS256. */ { secret: string }
  | /** Public key or certificate as PEM. */ { publicKey: string; algorithms: readonly string[] }
  | /** Where the public keys are published as a JWK Set. */ {
      jwksUrl: string;
      algorithms: readonly string[];
      /** Milliseconds from one fetch to the next when a token names an unknown key; by default 30,000. */
      jwksCooldownMs?: number;
    }
) & {
  issuer?: string;
  audience?: string;
  /** Seconds by which the clock of whoever issues tokens may differ from this one's; by default 0. */
  clockTolerance?: number;
};

/** Signature algorithms that public keys can check. HS* is none of them: a public key is no secret. */
export const publicKeyAlgorithms: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/**
 * Makes the function that turns a token into an identity or a refusal (AUTH-1, AUTH-3 to AUTH-5, AUTH-9).
 * Keys are imported once, here: with the secret as a string each check would cost 50 times as much.
 * Throws {@link ConfigurationError} for a key that is none or does not fit its algorithms.
 */
export async function createVerify(options: AdmissionOptions): Promise<Verify> {
  const algorithms = 'secret' in options ? ['HS256'] : [...options.algorithms];
  const key = await keyOf(options);
  const { issuer, audience, clockTolerance = 0 } = options;
  const claims = { ...(issuer !== undefined && { issuer }), ...(audience !== undefined && { audience }) };
  const checks = { algorithms, clockTolerance, ...claims };

  return createVerifier(key, checks);
}

class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

async function keyOf(options: AdmissionOptions): Promise<JWTVerifyGetKey<CryptoKey> | (() => KeyObject)> {
  if ('secret' in options) {
    if (options.secret === '') throw new ConfigurationError('secret (JWT_SECRET)', 'at least one character');
    const key = createSecretKey(Buffer.from(options.secret));
    return () => key as KeyObject;
  }

  const { algorithms } = options;
  if (algorithms.length === 0 || !algorithms.every((algorithm) => publicKeyAlgorithms.includes(algorithm))) {
    throw new ConfigurationError('algorithms (JWT_ALGORITHMS)', `one or more of ${publicKeyAlgorithms.join(', ')}`);
  }
  return 'jwksUrl' in options ? publishedKeys(options) : pinnedKey(options.publicKey, algorithms);
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

function publishedKeys(options: Extract<AdmissionOptions, { jwksUrl: string }>): JWTVerifyGetKey<CryptoKey> {
  const { jwksUrl, jwksCooldownMs: cooldownDuration = 30_000 } = options;
  // A token that names a key not seen yet has the set fetched again: keys rotate without a restart.
  const fetchKey = createRemoteJWKSet(new URL(jwksUrl), { cooldownDuration });
  return async (header: CompactJWSHeaderParameters, token) => {
    try {
      return await fetchKey(header, token);
    } catch (error) {
      const noSuchKey = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
      if (noSuchKey) throw error;
      throw new KeysUnavailableError('The JWK Set cannot be fetched.', { cause: error });
    }
  };
}
