import { spawn } from 'node:child_process';
import { createHmac, createPrivateKey, randomBytes, randomInt } from 'node:crypto';
import { type CryptoKey, importPKCS8, type JWTPayload, SignJWT } from 'jose';
import { publicKeyAlgorithms, secretAlgorithms } from '../../bin/signature-algorithms.js';
import type { Secrets } from './secrets.js';
import { UsageError } from './usage-error.js';

/** Ways to spoil a valid token, so that whoever checks it well refuses it. */
export const tamperings = {
  malformed: 'that is no token',
  'bad-signature': 'that is badly signed',
  'signature-cut': 'whose signature is cut short',
  'signature-end': 'whose signature is wrong at its end',
  'signature-missing': 'whose signature is empty',
  'signature-absent': 'of header and claims alone',
  'alg-none': 'with alg: none',
  'alg-None': 'with alg: None',
  'alg-nOnE': 'with alg: nOnE',
  'alg-none-signed': 'with alg: none and a signature',
  'alg-missing': 'without alg, unsigned',
  'alg-unknown': 'with alg: HS999',
  'empty-key': 'signed with an empty key',
  'kid-path': 'with kid: /dev/null, signed with an empty key',
  'claims-changed': 'whose claims were changed after it was signed',
} as const;

/** One way to spoil a valid token. */
export type Tampering = keyof typeof tamperings;

/** Tokens that are signed well, and not valid at the moment. */
export const mistimings = {
  expired: 'that expired an hour ago',
  'expired-90-s': 'that expired 90 s ago',
  'expired-fraction': 'that expired an hour and half a second ago',
  'not-yet-valid': 'that is valid from an hour on',
  'not-yet-valid-90-s': 'that is valid from 90 s on',
} as const;

/** One way to be not valid at the moment. */
export type Mistiming = keyof typeof mistimings;

/** A token that a server refuses, by what is wrong with it. */
export type Forgery = Tampering | Mistiming;

/** Where the participants' tokens come from. */
export interface TokenSource {
  /** How many different users there can be. */
  readonly capacity: number;
  /** What to say when the target rejects the first token. */
  readonly origin: string;
  /** A valid token for a participant. Throws {@link UsageError} when there is none for the name. */
  valid(name: string): Promise<string>;
  /** A token that has to be refused, or undefined where it cannot be made from what was given; of mallory by default. */
  forged(forgery: Forgery, name?: string): Promise<string | undefined>;
  /** Another valid token of the same participant, where one can be made. */
  refreshed?(name: string): Promise<string>;
  /** A valid token with these claims, `sub` among them, where one can be made. */
  having?(claims: Record<string, unknown>): Promise<string>;
}

/** How to sign tokens. */
export interface SigningKey {
  /** Secret, or private key as PEM. */
  key: string | Uint8Array;
  algorithm: string;
  /** The key's name, in the header. */
  kid?: string;
  claims?: Record<string, unknown>;
  /** Claim that names the user; by default `sub`. */
  userIdClaim?: string;
  /** What names each participant, where the target lets in only users that it knows; else each run makes up its own. */
  userIds?: ReadonlyMap<string, string>;
  /** Whether users are named by integers. */
  integerUserIds?: boolean;
  /** Named in messages, so that the user knows which secret was meant. */
  origin: string;
}

const validity = 3600;

/** Signs tokens for as many users as a run needs; expired and badly signed ones too. Throws {@link UsageError}. */
export async function mintTokens(signing: SigningKey, secrets: Secrets): Promise<TokenSource> {
  const { key: material, algorithm, kid, claims: added = {}, userIdClaim = 'sub', userIds, integerUserIds } = signing;
  const key = await importKey(signing);
  const userId = nameUsers(signing);
  const cache = new Map<string, Promise<string>>();
  if (secretAlgorithms.includes(algorithm)) {
    secrets.add(typeof material === 'string' ? material : Buffer.from(material).toString());
    secrets.add(Buffer.from(material).toString('base64'));
  }
  const signClaims = async (claims: JWTPayload) => {
    const header = { alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) };
    const token = await new SignJWT(claims).setProtectedHeader(header).sign(key);
    secrets.add(token);
    return token;
  };
  const sign = async (name: string, times: { issued: number; expires: number; notBefore?: number }) => {
    const now = Math.floor(Date.now() / 1000);
    return signClaims({
      name: name[0]?.toUpperCase() + name.slice(1),
      ...added,
      [userIdClaim]: userId(name),
      iat: now + times.issued,
      exp: now + times.expires,
      ...(times.notBefore !== undefined && { nbf: now + times.notBefore }),
    });
  };
  const valid = (name: string): Promise<string> => {
    const token = cache.get(name) ?? sign(name, { issued: 0, expires: validity });
    cache.set(name, token);
    return token;
  };
  const isFree = userIdClaim === 'sub' && userIds === undefined && integerUserIds !== true;
  return {
    capacity: userIds?.size ?? Number.POSITIVE_INFINITY,
    origin: signing.origin,
    valid,
    async forged(forgery, name = 'mallory') {
      const known = userIds === undefined || userIds.has(name) ? name : ([...userIds.keys()][0] ?? name);
      const times = timesOf[forgery as Mistiming];
      return times ? sign(known, times) : tamper(await valid(known), forgery as Tampering, secrets);
    },
    refreshed: (name) => sign(name, { issued: -1, expires: validity - 1 }),
    ...(isFree && {
      async having(claims) {
        const now = Math.floor(Date.now() / 1000);
        return signClaims({ ...added, iat: now, exp: now + validity, ...claims });
      },
    }),
  };
}

/** What names each participant, in a run that shares no user with any other unless it has to. */
function nameUsers(signing: SigningKey): (name: string) => string | number {
  const { userIds, integerUserIds = false, claims = {}, userIdClaim = 'sub' } = signing;
  const taken = [userIdClaim, 'iat', 'exp'].find((claim) => claim in claims);
  if (taken !== undefined)
    throw new UsageError(
      taken === userIdClaim
        ? `--jwt-claims has \`${taken}\`, which names the user: it is another for each; say with --jwt-user who they are`
        : `--jwt-claims has \`${taken}\`, which the suite sets itself, valid and not`,
    );
  const run = randomBytes(4).toString('hex');
  const first = randomInt(1_000_000, 2_000_000_000);
  const numbers = new Map<string, number>();
  return (name) => {
    const id = userIds === undefined ? undefined : userIds.get(name);
    if (userIds !== undefined && id === undefined)
      throw new UsageError(`no user for ${name}: say which with --jwt-user ${name}=ID`);
    if (!integerUserIds) return id ?? `${name}-${run}`;
    if (id !== undefined) return Number(id);
    const number = numbers.get(name) ?? first + numbers.size;
    numbers.set(name, number);
    return number;
  };
}

/** Seconds from now on. */
const timesOf: Record<Mistiming, { issued: number; expires: number; notBefore?: number }> = {
  expired: { issued: -2 * validity, expires: -validity },
  'expired-90-s': { issued: -validity, expires: -90 },
  'expired-fraction': { issued: -2 * validity, expires: -validity - 0.5 },
  'not-yet-valid': { issued: 0, expires: 2 * validity, notBefore: validity },
  'not-yet-valid-90-s': { issued: 0, expires: validity, notBefore: 90 },
};

async function importKey({ key, algorithm }: SigningKey): Promise<Uint8Array | CryptoKey> {
  if (secretAlgorithms.includes(algorithm)) return Buffer.from(key);
  try {
    // Whatever form the PEM has: PKCS #8, PKCS #1 or SEC 1.
    const pkcs8 = createPrivateKey(key.toString()).export({ type: 'pkcs8', format: 'pem' });
    return await importPKCS8(pkcs8.toString(), algorithm);
  } catch (error) {
    throw new UsageError(`--jwt-key wants a private key in PEM for ${algorithm}: ${(error as Error).message}`);
  }
}

/** Checks an algorithm that somebody typed. Throws {@link UsageError}. */
export function checkAlgorithm(algorithm: string, kind: 'secret' | 'key'): string {
  const known = kind === 'secret' ? secretAlgorithms : publicKeyAlgorithms;
  if (known.includes(algorithm)) return algorithm;
  throw new UsageError(`--jwt-alg wants one of ${known.join(', ')} for a ${kind}, not ${algorithm}`);
}

/** Tokens that were made elsewhere, by participant name. */
export function readyTokens(
  tokens: ReadonlyMap<string, string>,
  expired: string | undefined,
  secrets: Secrets,
  notYetValid?: string,
): TokenSource {
  for (const token of tokens.values()) secrets.add(token);
  for (const given of [expired, notYetValid]) if (given !== undefined) secrets.add(given);
  return {
    capacity: tokens.size,
    origin: 'the token given with --token-env',
    async valid(name) {
      const token = tokens.get(name);
      if (token === undefined) throw new UsageError(`no token for ${name}: give one with --token-env ${name}=VARIABLE`);
      return token;
    },
    async forged(forgery, name) {
      if (forgery in mistimings) return forgery === 'expired' ? expired : ready(forgery, notYetValid);
      const token = tokens.get(name ?? '') ?? [...tokens.values()][0];
      return token === undefined ? undefined : tamper(token, forgery as Tampering, secrets);
    },
  };
}

/** Tokens printed by a command; `{user}` in it becomes the participant's name. Throws {@link UsageError}. */
export function commandTokens(
  command: string,
  expired: string | undefined,
  secrets: Secrets,
  notYetValid?: string,
): TokenSource {
  const cache = new Map<string, Promise<string>>();
  const valid = (name: string): Promise<string> => {
    const token = cache.get(name) ?? runTokenCommand(command, name, secrets);
    cache.set(name, token);
    return token;
  };
  for (const given of [expired, notYetValid]) if (given !== undefined) secrets.add(given);
  return {
    capacity: Number.POSITIVE_INFINITY,
    origin: 'the token printed by --token-command',
    valid,
    async forged(forgery, name = 'alice') {
      if (forgery in mistimings) return forgery === 'expired' ? expired : ready(forgery, notYetValid);
      return tamper(await valid(name), forgery as Tampering, secrets);
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

/** A token that was made elsewhere stands for one kind only. */
function ready(forgery: Forgery, notYetValid: string | undefined): string | undefined {
  return forgery === 'not-yet-valid' ? notYetValid : undefined;
}

/** Derives a token that has to be refused from a valid one; undefined where that one has no parts to change. */
function tamper(token: string, forgery: Tampering, secrets: Secrets): string | undefined {
  const forged = spoil(token, forgery);
  if (forged !== undefined) secrets.add(forged);
  return forged;
}

function spoil(token: string, forgery: Tampering): string | undefined {
  if (forgery === 'malformed') return 'this-is-not-a-token';
  const [header = '', payload = '', signature = ''] = token.split('.');
  // Without three parts the token is opaque: nothing in it can be tampered with so that only that is wrong.
  if (signature === '') return undefined;
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  const write = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const withHeader = (alg: string | undefined, ending: string) => `${write({ alg, typ: 'JWT' })}.${payload}.${ending}`;
  const emptySigned = (head: object) => {
    const signed = `${write(head)}.${payload}`;
    return `${signed}.${createHmac('sha256', '').update(signed).digest('base64url')}`;
  };
  switch (forgery) {
    case 'bad-signature':
      return `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    case 'signature-cut':
      // A multiple of four letters is base64 still.
      return `${header}.${payload}.${signature.slice(0, 4 * Math.floor(signature.length / 8))}`;
    case 'signature-end': {
      const at = signature.length - 4;
      return `${header}.${payload}.${signature.slice(0, at)}${signature[at] === 'A' ? 'B' : 'A'}${signature.slice(at + 1)}`;
    }
    case 'signature-missing':
      return `${header}.${payload}.`;
    case 'signature-absent':
      return `${header}.${payload}`;
    case 'alg-none':
    case 'alg-None':
    case 'alg-nOnE':
      return withHeader(forgery.slice('alg-'.length), '');
    case 'alg-none-signed':
      return withHeader('none', signature);
    case 'alg-missing':
      return withHeader(undefined, '');
    case 'alg-unknown':
      return withHeader('HS999', signature);
    case 'empty-key':
      return emptySigned({ alg: 'HS256', typ: 'JWT' });
    case 'kid-path':
      return emptySigned({ alg: 'HS256', typ: 'JWT', kid: '/dev/null' });
    case 'claims-changed':
      return `${header}.${write({ ...read(payload), x_admin: true })}.${signature}`;
  }
}
