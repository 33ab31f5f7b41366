import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Secrets } from '../inputs/secrets.js';
import { commandTokens, mintTokens, readyTokens, type TokenSource } from '../inputs/tokens.js';
import { UsageError } from '../inputs/usage-error.js';
import { collect } from './option-values.js';

/** The options of the command line that say where tokens come from. */
export interface TokenOptions {
  jwtSecretEnv?: string;
  jwtKey?: string;
  jwtAlg?: string;
  jwtClaims?: string;
  tokenEnv: string[];
  tokenCommand?: string;
  expiredTokenEnv?: string;
}

/** Adds the options that say where tokens come from to a command. */
export function addTokenOptions(command: Command): Command {
  return command
    .option(
      '--jwt-secret-env <variable>',
      'environment variable with the HS256 secret of the target; the suite signs tokens itself',
    )
    .option('--jwt-key <file>', 'private key (PEM, PKCS #8) to sign tokens with')
    .option('--jwt-alg <algorithm>', 'algorithm of --jwt-key, such as RS256 or ES256')
    .option('--jwt-claims <json>', 'claims to add to every signed token, such as {"aud":"calls"}')
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
  return command.option(
    '--expired-token-env <variable>',
    'environment variable with an expired token, for ready tokens',
  );
}

/** Makes the token source that the options ask for; none where no option does. Throws {@link UsageError}. */
export async function createTokens(
  options: TokenOptions,
  hasTarget: boolean,
  env: NodeJS.ProcessEnv,
  secrets: Secrets,
): Promise<TokenSource | undefined> {
  const ways = {
    '--jwt-secret-env': options.jwtSecretEnv !== undefined,
    '--jwt-key': options.jwtKey !== undefined,
    '--token-env': options.tokenEnv.length > 0,
    '--token-command': options.tokenCommand !== undefined,
  };
  const used = Object.entries(ways).flatMap(([flag, given]) => (given ? [flag] : []));
  if (!hasTarget) {
    if (used.length > 0)
      throw new UsageError(`${used[0]} goes with --target: the reference server makes its own tokens`);
    return undefined;
  }
  if (used.length === 0) {
    throw new UsageError(
      '--target needs tokens: --jwt-secret-env VARIABLE, or --jwt-key FILE, or --token-env alice=VARIABLE (and bob, carol, dave), or --token-command COMMAND',
    );
  }
  if (used.length > 1)
    throw new UsageError(`${used.join(' and ')} are given; one of them says where the tokens come from`);
  const variable = (name: string, flag: string): string => {
    const value = env[name];
    if (value === undefined || value === '')
      throw new UsageError(`${flag}: the environment variable ${name} is not set`);
    return value;
  };
  const expired =
    options.expiredTokenEnv === undefined ? undefined : variable(options.expiredTokenEnv, '--expired-token-env');
  if (options.jwtSecretEnv !== undefined) {
    const key = variable(options.jwtSecretEnv, '--jwt-secret-env');
    const origin = `a token signed with the secret in ${options.jwtSecretEnv}`;
    return mintTokens(
      { key, algorithm: options.jwtAlg ?? 'HS256', origin, claims: parseClaims(options.jwtClaims) },
      secrets,
    );
  }
  if (options.jwtKey !== undefined) {
    if (options.jwtAlg === undefined) throw new UsageError('--jwt-key needs --jwt-alg, such as RS256 or ES256');
    const origin = `a token signed with the key in ${options.jwtKey}`;
    const claims = parseClaims(options.jwtClaims);
    return mintTokens({ key: readKey(options.jwtKey), algorithm: options.jwtAlg, origin, claims }, secrets);
  }
  if (options.tokenCommand !== undefined) return commandTokens(options.tokenCommand, expired, secrets);
  const ready = new Map<string, string>();
  for (const pair of options.tokenEnv) {
    const [name = '', source = ''] = pair.split('=');
    if (name === '' || source === '')
      throw new UsageError(`--token-env wants NAME=VARIABLE, such as alice=ALICE_TOKEN, not "${pair}"`);
    ready.set(name, variable(source, '--token-env'));
  }
  return readyTokens(ready, expired, secrets);
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
