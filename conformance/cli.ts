import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import pc from 'picocolors';
import picomatch from 'picomatch';
import { type RequirementId, requirements } from '../generated/index.js';
import { startEmbedded } from './embedded.js';
import { nearestName } from './near-miss.js';
import { plainProfile, readProfile } from './profile.js';
import { renderPretty } from './reporters/pretty.js';
import { UnreachableError } from './root-fault.js';
import { type Progress, type Report, run, type TraceMode } from './runner.js';
import type { Scenario } from './scenario.js';
import { scenarios } from './scenarios/index.js';
import { Secrets } from './secrets.js';
import { parseTarget, type Target } from './target.js';
import { commandTokens, mintTokens, readyTokens, type TokenSource } from './tokens.js';
import { UsageError } from './usage-error.js';

/** What a command may touch of the process it runs in. */
export interface CommandContext {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
}

interface Options {
  target: string[];
  jwtSecretEnv?: string;
  jwtKey?: string;
  jwtAlg?: string;
  jwtClaims?: string;
  tokenEnv: string[];
  tokenCommand?: string;
  expiredTokenEnv?: string;
  profile?: string;
  only: string[];
  skip: string[];
  level: 'must' | 'should';
  reporter: string[];
  trace: TraceMode;
  workers: number;
  timeout: number;
  roomPrefix: string;
  ca?: string;
}

const collect = (value: string, previous: string[]) => [...previous, value];

function wholeNumber(least: number, most: number) {
  return (text: string) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new UsageError(`it wants a whole number from ${least} to ${most}, not "${text}"`);
  };
}

function createProgram(): Command {
  return new Command('conformance')
    .description('Tests a signaling server against the protocol. Without --target, tests the reference server.')
    .option('--target <url>', 'base URL of the server; repeat it for instances of one deployment', collect, [])
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
    .option('--token-command <command>', 'prints a token for the user in {user}')
    .option('--expired-token-env <variable>', 'environment variable with an expired token, for ready tokens')
    .option('--profile <file>', 'YAML file that says what the target claims: optional features and limits')
    .option('--only <glob>', 'requirement IDs or scenario names to run; repeat it', collect, [])
    .option('--skip <glob>', 'requirement IDs or scenario names to leave out; repeat it', collect, [])
    .addOption(
      new Option('--level <level>', 'levels whose failure makes the run fail')
        .choices(['must', 'should'])
        .default('must'),
    )
    .option('--reporter <name[=path]>', 'pretty or json, to standard output or a file; repeat it', collect, [])
    .addOption(
      new Option('--trace <mode>', 'wire transcripts to keep in the report')
        .choices(['off', 'fail', 'all'])
        .default('fail'),
    )
    .option('--workers <number>', 'scenarios under way at once', wholeNumber(1, 256), 12)
    .option('--timeout <ms>', 'milliseconds to wait for what has to come', wholeNumber(100, 600_000), 5000)
    .option('--room-prefix <text>', 'how the rooms of the run begin', 'suite-')
    .option('--ca <file>', 'certificate authority (PEM) to trust for https and wss')
    .showHelpAfterError('(--help tells all options)')
    .addHelpText(
      'after',
      `
Other commands:
  conformance list          what is checked: every requirement and its scenarios
  conformance explain <id>  one requirement: its text, where it stands, its scenarios

Exit codes:
  0  conformant
  1  a requirement is broken
  2  an option or a file is wrong
  3  the target cannot be reached, or rejects valid credentials
  4  a MUST could not be judged, or nothing ran
  5  the suite itself failed

Example:
  JWT_SECRET=... npm run conformance -- --target http://localhost:8000 --jwt-secret-env JWT_SECRET
`,
    );
}

/** Runs the `conformance` command. Resolves with the exit code and never throws. */
export async function runConformance(argv: readonly string[], context: CommandContext): Promise<number> {
  const { stdout, stderr } = context;
  try {
    const [subcommand, ...rest] = argv;
    if (subcommand === 'list') return list(rest, stdout);
    if (subcommand === 'explain') return explain(rest, stdout);
    const program = createProgram()
      .exitOverride()
      .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
      .argument('[command]')
      .action((word?: string) => {
        if (word !== undefined) throw new UsageError(unknownCommand(word));
      });
    program.parse(argv, { from: 'user' });
    return await test(program.opts<Options>(), argv, context);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) {
      stderr.write(`${error.message}\n`);
      return 2;
    }
    if (error instanceof UnreachableError) {
      stderr.write(`${error.message}\n`);
      return 3;
    }
    stderr.write(`The suite itself failed: ${error instanceof Error ? error.stack : error}\n`);
    return 5;
  }
}

function unknownCommand(word: string): string {
  const nearest = nearestName(word, ['list', 'explain']);
  return `There is no command "${word}"${nearest ? `; did you mean ${nearest}?` : ': options begin with --, and --help tells them'}`;
}

async function test(options: Options, argv: readonly string[], context: CommandContext): Promise<number> {
  const secrets = new Secrets();
  const reporters = parseReporters(options.reporter);
  const selects = createSelection(options.only, options.skip);
  const profile = options.profile === undefined ? plainProfile : (await readProfile(options.profile)).profile;
  if (!/^[A-Za-z0-9_-]{0,40}$/.test(options.roomPrefix)) {
    throw new UsageError('--room-prefix wants up to 40 letters, digits, hyphens and underscores');
  }
  const given = options.target.map((url) => parseTarget(url, options.ca));
  const tokens = await createTokens(options, given, context.env, secrets);
  const embedded = given.length === 0 ? await startEmbedded() : undefined;
  const targets = embedded ? [parseTarget(embedded.url)] : given;
  const progress = showProgress(context);
  let report: Report;
  try {
    report = await run({
      targets,
      tokens:
        tokens ??
        (await mintTokens({ key: embedded?.secret ?? '', algorithm: 'HS256', origin: 'its own tokens' }, secrets)),
      secrets,
      profile,
      selects,
      level: options.level,
      trace: options.trace,
      workers: options.workers,
      timeoutMs: options.timeout,
      roomPrefix: options.roomPrefix,
      onProgress: progress.show,
    });
  } catch (error) {
    if (error instanceof UnreachableError) throw new UnreachableError(secrets.redact(error.message));
    throw error;
  } finally {
    progress.clear();
    await embedded?.close();
  }
  const color = pc.isColorSupported && context.stdout.isTTY === true && !context.env.NO_COLOR;
  const pretty = { color, width: context.stdout.columns ?? 120, command: commandLine(argv), level: options.level };
  for (const { name, path } of reporters) {
    const text =
      name === 'json'
        ? `${JSON.stringify(report, null, 2)}\n`
        : renderPretty(report, path === undefined ? pretty : { ...pretty, color: false });
    if (path === undefined) context.stdout.write(text);
    else await write(path, text);
  }
  return report.summary.exitCode;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`--reporter: cannot write ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function createTokens(
  options: Options,
  targets: readonly Target[],
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
  if (targets.length === 0) {
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

function parseReporters(values: readonly string[]): { name: string; path: string | undefined }[] {
  const known = ['pretty', 'json'];
  const parsed = (values.length === 0 ? ['pretty'] : values).map((value) => {
    const [name = '', ...rest] = value.split('=');
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      throw new UsageError(
        `--reporter knows ${known.join(' and ')}, not "${name}"${nearest ? `; did you mean ${nearest}?` : ''}`,
      );
    }
    return { name, path: rest.length > 0 ? rest.join('=') : undefined };
  });
  if (parsed.filter(({ path }) => path === undefined).length > 1) {
    throw new UsageError(
      'two reporters write to standard output; give one of them a file: --reporter json=report.json',
    );
  }
  return parsed;
}

/** Selects by requirement ID or scenario name. Throws {@link UsageError} for a pattern that matches nothing. */
function createSelection(
  only: readonly string[],
  skip: readonly string[],
): (scenario: Scenario, requirement: RequirementId) => boolean {
  const names = [...Object.keys(requirements), ...scenarios.map(({ name }) => name)];
  const compile = (flag: string, glob: string) => {
    const matches = picomatch(glob, { nocase: true, bash: true });
    if (names.some((name) => matches(name))) return matches;
    const nearest = nearestName(glob, names);
    throw new UsageError(
      `${flag} ${glob} matches no requirement and no scenario${nearest ? `; did you mean ${nearest}?` : '; `list` shows them'}`,
    );
  };
  const wanted = only.map((glob) => compile('--only', glob));
  const unwanted = skip.map((glob) => compile('--skip', glob));
  const named = (matchers: typeof wanted, { name }: Scenario, id: RequirementId) =>
    matchers.some((matches) => matches(id) || matches(name));
  return (scenario, id) => (wanted.length === 0 || named(wanted, scenario, id)) && !named(unwanted, scenario, id);
}

function showProgress({ stderr, env }: CommandContext): { show(progress: Progress): void; clear(): void } {
  if (!stderr.isTTY || env.CI) return { show: () => {}, clear: () => {} };
  let failures = 0;
  return {
    show({ done, total, scenario, failed }) {
      if (failed) failures += 1;
      stderr.write(`\r\u001b[2K${done}/${total}${failures ? `, ${failures} failed` : ''}  ${scenario.slice(0, 60)}`);
    },
    clear: () => stderr.write('\r\u001b[2K'),
  };
}

/** The command as the user would type it again, without what selects. */
function commandLine(argv: readonly string[]): string {
  const kept: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const [flag = ''] = word.split('=');
    if (!['--only', '--skip', '--reporter'].includes(flag))
      kept.push(/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);
    else if (flag === word) index += 1;
  }
  return ['npm run conformance --', ...kept].join(' ').trim();
}

function list(argv: readonly string[], stdout: NodeJS.WritableStream): number {
  if (argv.includes('--json')) {
    const entries = Object.values(requirements).map((requirement) => ({
      ...requirement,
      scenarios: scenariosOf(requirement.id),
    }));
    stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
    return 0;
  }
  if (argv.length > 0) throw new UsageError(`list takes --json and nothing else, not "${argv[0]}"`);
  for (const { id, level, text, feature, party } of Object.values(requirements)) {
    const names = scenariosOf(id);
    stdout.write(`${id.padEnd(10)} ${level.padEnd(8)} ${feature ? `[${feature}] ` : ''}${text}\n`);
    if (names.length === 0) stdout.write(`${' '.repeat(20)}${party === 'client' ? 'binds clients' : 'no scenario'}\n`);
    for (const name of names) stdout.write(`${' '.repeat(20)}- ${name}\n`);
  }
  return 0;
}

function scenariosOf(id: RequirementId): string[] {
  return scenarios.filter((scenario) => scenario.requirements.includes(id)).map(({ name }) => name);
}

function explain([wanted, ...rest]: readonly string[], stdout: NodeJS.WritableStream): number {
  const ids = Object.keys(requirements) as RequirementId[];
  if (wanted === undefined || rest.length > 0)
    throw new UsageError('explain wants one requirement ID, such as RELAY-4');
  const id = ids.find((known) => known.toLowerCase() === wanted.toLowerCase());
  if (id === undefined) {
    const nearest = nearestName(wanted, ids);
    throw new UsageError(
      `There is no requirement "${wanted}"${nearest ? `; did you mean ${nearest}?` : '; `list` shows them all'}`,
    );
  }
  const { level, text, feature, party, document, line, subject } = requirements[id];
  const names = scenariosOf(id);
  const checked =
    names.length > 0
      ? names.map((name) => `  - ${name}`)
      : [party === 'client' ? '  none: it binds clients' : '  none'];
  const lines = [
    `${id} ${level}`,
    text,
    '',
    `Stated at   ${document}:${line} (${subject})`,
    `Binds       ${party === 'client' ? 'clients' : feature ? `servers that claim the feature ${feature}` : 'every server'}`,
    'Scenarios',
    ...checked,
  ];
  stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
