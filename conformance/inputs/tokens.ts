import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type CryptoKey, importPKCS8, type KeyObject, SignJWT } from 'jose';
import type { Secrets } from './secrets.js';
import { UsageError } from './usage-error.js';

/** A token that a server refuses, by what is wrong with it. */
export type Forgery = 'malformed' | 'bad-signature' | 'alg-none' | 'expired' | 'not-yet-valid';

/** Where the participants' tokens come from. */
export interface TokenSource {
  /** How many different users there can be. */
  readonly capacity: number;
  /** What to say when the target rejects the first token. */
  readonly origin: string;
  /** A valid token for a participant. Throws {@link UsageError} when there is none for the name. */
  valid(name: string): Promise<string>;
  /** A token that must be refused, or undefined where it cannot be made from what was given. */
  forged(forgery: Forgery): Promise<string | undefined>;
}

/** How to sign tokens. `key` is an HS256 secret, or a private key in PEM with its algorithm. */
export interface SigningKey {
  key: string;
  algorithm: string;
  claims?: Record<string, unknown>;
  /** Named in messages, so that the user knows which secret was meant. */
  origin: string;
}

const validity = 3600;

/** Signs tokens for as many users as a run needs; expired and badly signed ones too. */
export async function mintTokens(signing: SigningKey, secrets: Secrets): Promise<TokenSource> {
  const key = await importKey(signing);
  const run = randomBytes(4).toString('hex');
  const cache = new Map<string, Promise<string>>();
  if (signing.algorithm.startsWith('HS')) secrets.add(signing.key);
  const sign = async (subject: string, times: { issued: number; expires: number; notBefore?: number }, by = key) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { name: subject[0]?.toUpperCase() + subject.slice(1), ...signing.claims };
    const jwt = new SignJWT(claims)
      .setProtectedHeader({ alg: signing.algorithm, typ: 'JWT' })
      .setSubject(`${subject}-${run}`)
      .setIssuedAt(now + times.issued)
      .setExpirationTime(now + times.expires);
    if (times.notBefore !== undefined) jwt.setNotBefore(now + times.notBefore);
    const token = await jwt.sign(by);
    secrets.add(token);
    return token;
  };
  const valid = (name: string): Promise<string> => {
    const token = cache.get(name) ?? sign(name, { issued: 0, expires: validity });
    cache.set(name, token);
    return token;
  };
  return {
    capacity: Number.POSITIVE_INFINITY,
    origin: signing.origin,
    valid,
    async forged(forgery) {
      if (forgery === 'expired') return sign('mallory', { issued: -2 * validity, expires: -validity });
      if (forgery === 'not-yet-valid')
        return sign('mallory', { issued: 0, expires: 2 * validity, notBefore: validity });
      if (forgery === 'bad-signature' && signing.algorithm.startsWith('HS')) {
        return sign('mallory', { issued: 0, expires: validity }, randomBytes(64));
      }
      return tamper(await valid('mallory'), forgery, secrets);
    },
  };
}

async function importKey({ key, algorithm }: SigningKey): Promise<Uint8Array | CryptoKey | KeyObject> {
  if (algorithm.startsWith('HS')) return new TextEncoder().encode(key);
  try {
    return await importPKCS8(key, algorithm);
  } catch (error) {
    throw new UsageError(`--jwt-key wants a PKCS #8 private key in PEM for ${algorithm}: ${(error as Error).message}`);
  }
}

/** Tokens that were made elsewhere, by participant name. */
export function readyTokens(
  tokens: ReadonlyMap<string, string>,
  expired: string | undefined,
  secrets: Secrets,
): TokenSource {
  for (const token of tokens.values()) secrets.add(token);
  if (expired !== undefined) secrets.add(expired);
  return {
    capacity: tokens.size,
    origin: 'the token given with --token-env',
    async valid(name) {
      const token = tokens.get(name);
      if (token === undefined) throw new UsageError(`no token for ${name}: give one with --token-env ${name}=VARIABLE`);
      return token;
    },
    async forged(forgery) {
      if (forgery === 'expired') return expired;
      const [token] = tokens.values();
      return token === undefined || forgery === 'not-yet-valid' ? undefined : tamper(token, forgery, secrets);
    },
  };
}

/** Tokens printed by a command; `{user}` in it becomes the participant's name. Throws {@link UsageError}. */
export function commandTokens(command: string, expired: string | undefined, secrets: Secrets): TokenSource {
  const cache = new Map<string, Promise<string>>();
  const valid = (name: string): Promise<string> => {
    const token = cache.get(name) ?? runTokenCommand(command, name, secrets);
    cache.set(name, token);
    return token;
  };
  if (expired !== undefined) secrets.add(expired);
  return {
    capacity: Number.POSITIVE_INFINITY,
    origin: 'the token printed by --token-command',
    valid,
    async forged(forgery) {
      if (forgery === 'expired') return expired;
      return forgery === 'not-yet-valid' ? undefined : tamper(await valid('alice'), forgery, secrets);
    },
  };
}

function runTokenCommand(command: string, user: string, secrets: Secrets): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.replaceAll('{user}', user), { shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const token = output.trim();
      if (code !== 0) return reject(new UsageError(`--token-command ended with exit code ${code} for user ${user}`));
      if (token === '' || /\s/.test(token)) {
        return reject(new UsageError(`--token-command printed no single token for user ${user}`));
      }
      secrets.add(token);
      resolve(token);
    });
  });
}

/** Derives a token that must be refused from a valid one. */
function tamper(token: string, forgery: Forgery, secrets: Secrets): string | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const forged = (value: string) => {
    secrets.add(value);
    return value;
  };
  if (forgery === 'malformed') return 'this-is-not-a-token';
  // Without three parts the token is opaque: nothing in it can be tampered with so that only the signature is wrong.
  if (signature === '') return undefined;
  if (forgery === 'bad-signature') {
    const flipped = signature[0] === 'A' ? 'B' : 'A';
    return forged(`${header}.${payload}.${flipped}${signature.slice(1)}`);
  }
  if (forgery === 'alg-none') {
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    return forged(`${none}.${payload}.`);
  }
  return undefined;
}
