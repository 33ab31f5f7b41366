import { appendFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { createCommand, helpAdvice } from '../../bin/create-command.js';
import { nearestName } from '../inputs/near-miss.js';
import { type Profile, type ProfileOptions, plainProfile, readProfile } from '../inputs/profile.js';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget, type Target } from '../inputs/target.js';
import { mintTokens } from '../inputs/tokens.js';
import { UnreachableError, waitForTargets } from '../inputs/unreachable.js';
import { UsageError } from '../inputs/usage-error.js';
import { sharedDefaults } from '../kit/shared.js';
import { renderGithub, renderJobSummary } from '../reporters/github.js';
import { renderHtml } from '../reporters/html.js';
import { renderJunit } from '../reporters/junit.js';
import { withoutCommands } from '../reporters/markup.js';
import { renderNdjson } from '../reporters/ndjson.js';
import { type PrettyOptions, renderPretty } from '../reporters/pretty.js';
import { readBaseline } from '../run/baseline.js';
import { embeddedFeatures, embeddedProfile, startEmbedded } from '../run/embedded.js';
import { mergeRuns } from '../run/repeat.js';
import type { Progress, Report, TraceMode } from '../run/report.js';
import { type RunOptions, run, runDefaults } from '../run/runner.js';
import { createSelection } from '../run/selection.js';
import { scenarios } from '../scenarios/index.js';
import type { CommandContext } from './command.js';
import { caOption, collect, positive, targetOption, timeoutOption, wholeNumber } from './option-values.js';
import { commandAgain } from './rerun.js';
import { addRefusedTokenOptions, addTokenOptions, createTokens, type TokenOptions } from './token-options.js';

interface Options extends TokenOptions {
  target: string[];
  profile?: string;
  only: string[];
  skip: string[];
  level: 'must' | 'should';
  reporter: string[];
  trace: TraceMode;
  workers: number;
  timeout: number;
  timeoutScale: number;
  repeat: number;
  waitForTarget?: number;
  expectedFailures?: string;
  roomPrefix: string;
  ca?: string;
  seed?: string;
  allowUnjudged?: boolean;
}

/** `conformance test`, the command that is meant where none is named: judges a server and reports. */
export function testCommand(context: CommandContext): Command {
  const command = createCommand('test', context)
    .summary('test a server; meant where no command is named')
    .description('Tests a signaling server against the protocol. Without --target, tests the reference server.')
    .usage('[options]')
    // What is left over is told by this command itself: it may be another one, misspelt.
    .allowUnknownOption()
    .allowExcessArguments()
    .addOption(targetOption());
  return addRefusedTokenOptions(addTokenOptions(command))
    .option('--profile <file>', 'YAML file that says what the target claims: optional features and limits')
    .option('--only <glob>', 'requirement IDs, areas or scenario names to run; repeat it', collect, [])
    .option('--skip <glob>', 'requirement IDs, areas or scenario names to leave out; repeat it', collect, [])
    .addOption(
      new Option('--level <level>', 'levels whose failure makes the run fail')
        .choices(['must', 'should'])
        .default(runDefaults.level),
    )
    .option(
      '--reporter <name[=path]>',
      `${reporterNames.slice(0, -1).join(', ')} or ${reporterNames.at(-1)}, to standard output or a file; repeat it`,
      collect,
      [],
    )
    .addOption(
      new Option('--trace <mode>', 'wire transcripts to keep in the report')
        .choices(['off', 'fail', 'all'])
        .default(runDefaults.trace),
    )
    .option('--workers <number>', 'scenarios under way at once', wholeNumber(1, 256), runDefaults.workers)
    .addOption(timeoutOption())
    .option(
      '--timeout-scale <factor>',
      'factor for every wait, for slow machines and long ways',
      positive,
      sharedDefaults.timeoutScale,
    )
    .option(
      '--repeat <number>',
      'runs of the whole selection; outcomes that change are reported',
      wholeNumber(1, 10_000),
      1,
    )
    .option('--wait-for-target <seconds>', 'wait so long for the target to answer before the first run', positive)
    .option('--expected-failures <file>', 'YAML file of failures that are known and accepted for a while')
    .option('--room-prefix <text>', 'how the rooms of the run begin', sharedDefaults.roomPrefix)
    .addOption(caOption())
    .option('--seed <text>', 'chooses rooms, order and content as a run with the same seed did, which a report names')
    .option('--allow-unjudged', 'exit with 0 where a MUST could not be judged; the report says which')
    .action(async () => {
      refuseLeftovers(command);
      context.exitCode = await test(command, context);
    });
}

/** Throws {@link UsageError} for the first word that is no option of this command. */
function refuseLeftovers(command: Command): void {
  const [word] = command.args;
  if (word === undefined) return;
  if (word.startsWith('-')) {
    const [flag = ''] = word.split('='); // What follows may be a secret.
    const flags = command.createHelp().visibleOptions(command);
    const nearest = nearestName(
      flag,
      flags.map(({ long }) => long ?? ''),
    );
    throw new UsageError(`error: unknown option '${flag}'${nearest ? `; did you mean ${nearest}?` : helpAdvice}`);
  }
  const others = command.parent?.commands.map((other) => other.name()) ?? [];
  if (others.includes(word)) throw new UsageError(`The command comes first: conformance ${word}, then its options`);
  const nearest = nearestName(word, others);
  throw new UsageError(`There is no command "${word}"${nearest ? `; did you mean ${nearest}?` : helpAdvice}`);
}

/** Runs the suite as the options of the command say. Resolves with the exit code of the report. */
async function test(program: Command, context: CommandContext): Promise<number> {
  const file = program.opts<Options>().profile;
  const { profile, options: defaults } =
    file === undefined ? { profile: plainProfile, options: {} } : await readProfile(file);
  applyDefaults(program, defaults, file ?? '');
  const options = program.opts<Options>();
  const secrets = new Secrets();
  const reporters = parseReporters(options.reporter);
  const selects = createSelection(options.only, options.skip);
  const baseline =
    options.expectedFailures === undefined ? [] : await readBaseline(options.expectedFailures, scenarios);
  if (!/^[A-Za-z0-9_-]{0,40}$/.test(options.roomPrefix)) {
    throw new UsageError('--room-prefix wants up to 40 letters, digits, hyphens and underscores');
  }
  if (options.seed !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(options.seed)) {
    throw new UsageError('--seed wants 1 to 64 letters, digits, hyphens and underscores');
  }
  const given = options.target.map((url) => parseTarget(url, options.ca));
  refuseUnknownInstances(profile, given, file ?? '');
  const { burst = meshBurst } = profile.rateLimit ?? {};
  if (burst < meshBurst) context.stderr.write(`${lowLimit(burst)}\n`);
  const tokens = await createTokens(options, given.length > 0, context.env, secrets);
  if (options.waitForTarget !== undefined) await waitForTargets(given, options.waitForTarget);
  const embedded = given.length === 0 ? await startEmbedded({}, embeddedFeatures) : undefined;
  const ownTokens = { key: embedded?.secret ?? '', algorithm: 'HS256', origin: 'its own tokens' };
  const progress = showProgress(context, options.repeat);
  const runOptions: RunOptions = {
    targets: embedded ? [parseTarget(embedded.url)] : given,
    tokens: tokens ?? (await mintTokens(ownTokens, secrets)),
    secrets,
    profile: embedded && file === undefined ? embeddedProfile : profile,
    selects,
    baseline,
    level: options.level,
    trace: options.trace,
    workers: options.workers,
    timeoutMs: options.timeout,
    timeoutScale: options.timeoutScale,
    roomPrefix: options.roomPrefix,
    allowUnjudged: options.allowUnjudged === true,
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.waitForTarget !== undefined && { waitMs: options.waitForTarget * 1000 }),
    onProgress: progress.show,
  };
  let report: Report;
  try {
    const reports: [Report, ...Report[]] = [await run(runOptions)];
    // Traces of a thousand runs would fill the memory; the first run's and those of failures are kept.
    while (reports.length < options.repeat) reports.push(lighten(await run({ ...runOptions, trace: 'fail' })));
    report = mergeRuns(reports);
  } catch (error) {
    if (error instanceof UnreachableError) throw new UnreachableError(secrets.redact(error.message));
    throw error;
  } finally {
    progress.clear();
    await embedded?.close();
  }
  const color = pc.isColorSupported && context.stdout.isTTY === true && !context.env.NO_COLOR;
  const pretty = {
    color,
    width: context.stdout.columns ?? 120,
    command: commandAgain(program.parent?.args ?? [], context.env),
    level: options.level,
  };
  for (const { name, path } of reporters) {
    const text = render[name](report, path === undefined ? pretty : { ...pretty, color: false });
    // A document of XML may begin a line with a text of the server.
    if (path === undefined) context.stdout.write(name === 'junit' ? withoutCommands(text) : text);
    else await write(path, text);
    if (name === 'github' && context.env.GITHUB_STEP_SUMMARY) {
      await appendFile(context.env.GITHUB_STEP_SUMMARY, renderJobSummary(report, pretty));
    }
  }
  return report.summary.exitCode;
}

/** Messages that a mesh of calls sends at once (LIMIT-1). */
const meshBurst = 200;

function lowLimit(burst: number): string {
  return `The profile claims bursts of ${burst} messages: the suite keeps within them, and a mesh of calls, which sends ${meshBurst} at once, would not (LIMIT-1).`;
}

/** An instance can be killed only if it is a target, and judged only by another one. */
function refuseUnknownInstances({ instances = [] }: Profile, targets: readonly Target[], file: string): void {
  for (const { url } of instances) {
    if (!targets.some((target) => target.url.href === parseTarget(url).url.href))
      throw new UsageError(`${file}: instances names ${url}, which is no --target`);
    if (targets.length < 2) throw new UsageError(`${file}: instances wants a second --target, which sees one die`);
  }
}

/** A report without the traces of what passed. */
function lighten(report: Report): Report {
  const results = report.results.map(({ trace, ...result }) =>
    result.outcome === 'fail' && trace ? { ...result, trace } : result,
  );
  return { ...report, results };
}

/** Options from a profile stand where the command line says nothing. Throws {@link UsageError} for unknown ones. */
function applyDefaults(program: Command, defaults: ProfileOptions, file: string): void {
  for (const [name, value] of Object.entries(defaults)) {
    const flag = `--${name.replace(/^--/, '')}`;
    const option = program.options.find(({ long }) => long === flag);
    if (!option || flag === '--profile') {
      const nearest = nearestName(
        name,
        program.options.map(({ long }) => (long ?? '').slice(2)),
      );
      throw new UsageError(
        `${file}: options has an unknown member ${name}${nearest ? `; did you mean ${nearest}?` : ''}`,
      );
    }
    const key = option.attributeName();
    if (program.getOptionValueSource(key) === 'cli') continue;
    if (option.isBoolean()) {
      if (typeof value !== 'boolean') throw new UsageError(`${file}: option ${name} wants true or false`);
      program.setOptionValueWithSource(key, value, 'config');
      continue;
    }
    let parsed: unknown = Array.isArray(option.defaultValue) ? [] : undefined;
    for (const word of [value].flat()) {
      try {
        parsed = option.parseArg ? option.parseArg(String(word), parsed) : String(word);
      } catch (error) {
        throw new UsageError(`${file}: option ${name}: ${(error as Error).message}`);
      }
    }
    program.setOptionValueWithSource(key, parsed, 'config');
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`--reporter: cannot write ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Every reporter, by the name it has on the command line. */
const render = {
  pretty: renderPretty,
  json: (report: Report) => `${JSON.stringify(report, null, 2)}\n`,
  ndjson: renderNdjson,
  junit: renderJunit,
  html: renderHtml,
  github: renderGithub,
} satisfies Record<string, (report: Report, options: PrettyOptions) => string>;

type ReporterName = keyof typeof render;

const reporterNames = Object.keys(render);

function parseReporters(values: readonly string[]): { name: ReporterName; path: string | undefined }[] {
  const parsed = (values.length === 0 ? ['pretty'] : values).map((value) => {
    const [name = '', ...rest] = value.split('=');
    if (!reporterNames.includes(name)) {
      const nearest = nearestName(name, reporterNames);
      const advice = nearest ? `; did you mean ${nearest}?` : '';
      throw new UsageError(`--reporter knows ${reporterNames.join(', ')}, not "${name}"${advice}`);
    }
    return { name: name as ReporterName, path: rest.length > 0 ? rest.join('=') : undefined };
  });
  if (parsed.filter(({ path }) => path === undefined).length > 1) {
    throw new UsageError(
      'two reporters write to standard output; give one of them a file: --reporter json=report.json',
    );
  }
  return parsed;
}

function showProgress(
  { stderr, env }: CommandContext,
  repeats: number,
): { show(progress: Progress): void; clear(): void } {
  if (!stderr.isTTY || env.CI) return { show: () => {}, clear: () => {} };
  let failures = 0;
  let runs = 0;
  return {
    show({ done, total, scenario, failed }) {
      if (done === 1) runs += 1;
      if (failed) failures += 1;
      const facts = [
        ...(repeats > 1 ? [`run ${runs} of ${repeats}`] : []),
        `${done} of ${total}`,
        ...(failures > 0 ? [`${failures} failed`] : []),
      ].join(', ');
      stderr.write(`\r\u001b[2K${facts}  ${scenario.slice(0, 50)}`);
    },
    clear: () => stderr.write('\r\u001b[2K'),
  };
}
