import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { decodeSecret, type SecretEncoding, secretEncodings } from '../../bin/decode-secret.js';
import type { Secrets } from '../inputs/secrets.js';
import {
  checkAlgorithm,
  commandTokens,
  mintTokens,
  readyTokens,
  type SigningKey,
  type TokenSource,
} from '../inputs/tokens.js';
import { UsageError } from '../inputs/usage-error.js';
import { collect } from './option-values.js';

/** The options of the command line that say where tokens come from. */
export interface TokenOptions {
  jwtSecretEnv?: string;
  jwtKey?: string;
  jwtAlg?: string;
  jwtSecretEncoding: SecretEncoding;
  jwtKid?: string;
  jwtClaims?: string;
  jwtUser: string[];
  jwtUserClaim?: string;
  jwtIntegerUsers?: boolean;
  tokenEnv: string[];
  tokenCommand?: string;
  expiredTokenEnv?: string;
  notYetValidTokenEnv?: string;
}

/** Adds the options that say where tokens come from to a command. */
export function addTokenOptions(command: Command): Command {
  return command
    .option(
      '--jwt-secret-env <variable>',
      'environment variable with the secret of the target; the suite signs tokens itself',
    )
    .addOption(
      new Option('--jwt-secret-encoding <encoding>', 'how that secret is written')
        .choices(secretEncodings)
        .default('utf8'),
    )
    .option('--jwt-key <file>', 'private key (PEM) to sign tokens with')
    .option('--jwt-alg <algorithm>', 'such as RS256 or ES256 for --jwt-key, or HS512 for a secret (HS256 unless given)')
    .option('--jwt-kid <id>', 'name of the key, for the header of every signed token')
    .option('--jwt-claims <json>', 'claims to add to every signed token, such as {"aud":"calls"}')
    .option(
      '--jwt-user <name=id>',
      'user that alice, bob, carol, ... is, where the target lets in only users that it knows; repeat it',
      collect,
      [],
    )
    .option('--jwt-user-claim <name>', 'claim that names the user (sub unless given)')
    .option('--jwt-integer-users', 'name users by integers')
    .option(
      '--token-env <name=variable>',
      'environment variable with a ready token for alice, bob, carol, ...; repeat it',
      collect,
      [],
    )
    .option('--token-command <command>', 'prints a token for the user in {user}');
}

/** Adds the options for tokens that have to be refused and cannot be made from ready ones, where a command needs them. */
export function addRefusedTokenOptions(command: Command): Command {
  return command
    .option('--expired-token-env <variable>', 'environment variable with an expired token, for ready tokens')
    .option(
      '--not-yet-valid-token-env <variable>',
      'environment variable with a token that is valid from an hour on or later, for ready tokens',
    );
}

/**
 * Makes the token source that the options ask for; none where no option does. Throws {@link UsageError}, with the value of an
 * option in its message only where that cannot be a secret.
 */
export async function createTokens(
  options: TokenOptions,
  hasTarget: boolean,
  env: NodeJS.ProcessEnv,
  secrets: Secrets,
): Promise<TokenSource | undefined> {
  const used = Object.entries(ways).flatMap(([flag, isUsed]) => (isUsed(options) ? [flag] : []));
  const additions = Object.entries(companions).filter(([, { isUsed }]) => isUsed(options));
  if (!hasTarget) {
    const [flag] = [...used, ...additions.map(([addition]) => addition)];
    if (flag !== undefined)
      throw new UsageError(`${flag} goes with --target: the reference server makes its own tokens`);
    return undefined;
  }
  if (used.length === 0) {
    throw new UsageError(
      '--target needs tokens: --jwt-secret-env VARIABLE, or --jwt-key FILE, or --token-env alice=VARIABLE (and bob, carol, dave), or --token-command COMMAND',
    );
  }
  if (used.length > 1)
    throw new UsageError(`${used.join(' and ')} are given; one of them says where the tokens come from`);
  for (const [flag, { goesWith }] of additions) {
    if (goesWith.some((way) => used.includes(way))) continue;
    throw new UsageError(`${flag} goes with ${goesWith.join(' or ')}, not with ${used[0]}`);
  }
  const optional = (name: string | undefined, flag: string) =>
    name === undefined ? undefined : readVariable(name, flag, env);
  if (options.jwtSecretEnv !== undefined) {
    const text = readVariable(options.jwtSecretEnv, '--jwt-secret-env', env);
    secrets.add(text);
    const key = decodeSecret(text, options.jwtSecretEncoding);
    if (key === undefined)
      throw new UsageError(`the secret in ${options.jwtSecretEnv} is not written in ${options.jwtSecretEncoding}`);
    const origin = `a token signed with the secret in ${options.jwtSecretEnv}`;
    const algorithm = checkAlgorithm(options.jwtAlg ?? 'HS256', 'secret');
    return mintTokens({ key, algorithm, origin, ...claimsOf(options) }, secrets);
  }
  if (options.jwtKey !== undefined) {
    if (options.jwtAlg === undefined) throw new UsageError('--jwt-key needs --jwt-alg, such as RS256 or ES256');
    const origin = `a token signed with the key in ${options.jwtKey}`;
    const algorithm = checkAlgorithm(options.jwtAlg, 'key');
    return mintTokens({ key: readKey(options.jwtKey), algorithm, origin, ...claimsOf(options) }, secrets);
  }
  const expired = optional(options.expiredTokenEnv, '--expired-token-env');
  const notYetValid = optional(options.notYetValidTokenEnv, '--not-yet-valid-token-env');
  if (options.tokenCommand !== undefined) return commandTokens(options.tokenCommand, expired, secrets, notYetValid);
  const ready = new Map<string, string>();
  for (const [name, source] of parsePairs(
    options.tokenEnv,
    '--token-env wants NAME=VARIABLE, such as alice=ALICE_TOKEN',
  ))
    ready.set(name, readVariable(source, '--token-env', env));
  return readyTokens(ready, expired, secrets, notYetValid);
}

/** What signed tokens say, beside what the suite has to say in them. */
function claimsOf(options: TokenOptions): Omit<SigningKey, 'key' | 'algorithm' | 'origin'> {
  const { jwtKid, jwtClaims, jwtUser, jwtUserClaim, jwtIntegerUsers = false } = options;
  const userIds = new Map(parsePairs(jwtUser, '--jwt-user wants NAME=ID, such as alice=42'));
  const unfit = jwtIntegerUsers ? [...userIds.values()].find((id) => !Number.isSafeInteger(Number(id))) : undefined;
  if (unfit !== undefined) throw new UsageError(`--jwt-integer-users: --jwt-user wants an integer, not ${unfit}`);
  return {
    claims: parseClaims(jwtClaims),
    ...(jwtKid !== undefined && { kid: jwtKid }),
    ...(userIds.size > 0 && { userIds }),
    ...(jwtUserClaim !== undefined && { userIdClaim: jwtUserClaim }),
    integerUserIds: jwtIntegerUsers,
  };
}

function parsePairs(pairs: readonly string[], wanted: string): [name: string, value: string][] {
  return pairs.map((pair) => {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) throw new UsageError(wanted);
    return [name, value];
  });
}

/** The options that say where tokens come from: one of them is needed. */
const ways: Record<string, (options: TokenOptions) => boolean> = {
  '--jwt-secret-env': ({ jwtSecretEnv }) => jwtSecretEnv !== undefined,
  '--jwt-key': ({ jwtKey }) => jwtKey !== undefined,
  '--token-env': ({ tokenEnv }) => tokenEnv.length > 0,
  '--token-command': ({ tokenCommand }) => tokenCommand !== undefined,
};

const signing = ['--jwt-secret-env', '--jwt-key'];
const readyMade = ['--token-env', '--token-command'];

/** The options that say more of a way to get tokens, and would be ignored with the others. */
const companions: Record<string, { isUsed: (options: TokenOptions) => boolean; goesWith: string[] }> = {
  '--jwt-alg': { isUsed: ({ jwtAlg }) => jwtAlg !== undefined, goesWith: signing },
  '--jwt-secret-encoding': {
    isUsed: ({ jwtSecretEncoding }) => jwtSecretEncoding !== 'utf8',
    goesWith: ['--jwt-secret-env'],
  },
  '--jwt-kid': { isUsed: ({ jwtKid }) => jwtKid !== undefined, goesWith: signing },
  '--jwt-user': { isUsed: ({ jwtUser }) => jwtUser.length > 0, goesWith: signing },
  '--jwt-user-claim': { isUsed: ({ jwtUserClaim }) => jwtUserClaim !== undefined, goesWith: signing },
  '--jwt-integer-users': { isUsed: ({ jwtIntegerUsers }) => jwtIntegerUsers === true, goesWith: signing },
  '--jwt-claims': { isUsed: ({ jwtClaims }) => jwtClaims !== undefined, goesWith: signing },
  '--expired-token-env': { isUsed: ({ expiredTokenEnv }) => expiredTokenEnv !== undefined, goesWith: readyMade },
  '--not-yet-valid-token-env': {
    isUsed: ({ notYetValidTokenEnv }) => notYetValidTokenEnv !== undefined,
    goesWith: readyMade,
  },
};

/** The value of an environment variable. Whoever gives the secret itself in place of the name is not to see it in a log. */
function readVariable(name: string, flag: string, env: NodeJS.ProcessEnv): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new UsageError(`${flag} wants the name of an environment variable, and was given something else`);
  }
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  const named = /^[A-Z][A-Z0-9_]*$/.test(name) ? ` ${name}` : ' of that name'; // Lower-case words may be a secret too.
  throw new UsageError(`${flag}: the environment variable${named} is not set`);
}

function parseClaims(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const claims = JSON.parse(text);
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims;
  } catch {
    // The message below says what is wanted.
  }
  throw new UsageError(`--jwt-claims wants a JSON object, such as {"aud":"calls"}, not ${text}`);
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--jwt-key: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
