import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import picomatch from 'picomatch';
import { type RequirementId, requirements } from '../../generated/index.js';
import { nearestName } from '../inputs/near-miss.js';
import { UsageError } from '../inputs/usage-error.js';
import { scenarios } from '../scenarios/index.js';
import { references, type Verdict } from './judge.js';
import type { Mutant } from './mutant.js';
import { mutants } from './mutants/index.js';

/** What became of one mutant. */
export interface MutantResult {
  mutant: string;
  breaks: RequirementId;
  /** Whether the requirement that it breaks failed. */
  killed: boolean;
  /** Every requirement that failed. */
  failed: RequirementId[];
  /** Requirements that scenarios failed and that are not written down as following from the one it breaks. */
  unexplained: RequirementId[];
  /** Requirements during which the suite itself failed. */
  harnessErrors: RequirementId[];
  /** Why there was no run at all. */
  error?: string;
}

/** What the suite makes of servers that are right and of servers that are wrong. */
export interface SelftestResult {
  /** True when every right server passes, every mutant is killed, nothing fails without a reason, and every judgement failed once. */
  ok: boolean;
  references: Verdict[];
  mutants: MutantResult[];
  /** Lines of the scenarios whose judgement no server made fail; empty where not all servers were tried. */
  neverFailed: string[];
}

/** How a selftest is to be. */
export interface SelftestOptions {
  /** Processes; as many as there are cores unless said otherwise. */
  workers?: number;
  /** Mutants to run, by name or by the requirement they break; the references run always. */
  only?: (mutant: Mutant) => boolean;
  /** Told of each server as it is judged. */
  onProgress?: (done: number, total: number, name: string) => void;
}

/** Servers that one process judges at once: most of the time of a failing run is waiting. */
const perWorker = 2;

/** Runs the whole suite against the reference server and against every mutant. Rejects if a worker process fails. */
export async function selftest({
  workers = availableParallelism(),
  only = () => true,
  onProgress,
}: SelftestOptions = {}): Promise<SelftestResult> {
  const chosen = mutants.filter(only);
  const names = [...references.map(({ name }) => name), ...chosen.map(({ name }) => name)];
  const verdicts = await judgeAll(slowestFirst(names), workers, onProgress);
  const verdictOf = (name: string) => verdicts.get(name) as Verdict;
  const controls = references.map(({ name }) => verdictOf(name));
  const results = chosen.map((mutant) => resultOf(mutant, verdictOf(mutant.name)));
  const isFine = ({ killed, unexplained, harnessErrors }: MutantResult) =>
    killed && unexplained.length === 0 && harnessErrors.length === 0; // Without a run nothing is killed.
  const neverFailed = chosen.length === mutants.length ? sitesThatNeverFail([...verdicts.values()]) : [];
  return {
    ok: controls.every(({ exitCode }) => exitCode === 0) && results.every(isFine) && neverFailed.length === 0,
    references: controls,
    mutants: results,
    neverFailed,
  };
}

function sitesThatNeverFail(verdicts: readonly Verdict[]): string[] {
  const sites = new Map<string, 'held' | 'failed'>();
  for (const [site, found] of verdicts.flatMap(({ judgements }) => Object.entries(judgements))) {
    if (found === 'failed' || !sites.has(site)) sites.set(site, found);
  }
  return [...sites.keys()].filter((site) => sites.get(site) === 'held').sort();
}

function resultOf(
  { name, breaks, also = [] }: Mutant,
  { failed, judged, harnessErrors, error }: Verdict,
): MutantResult {
  const explained = [breaks, ...also.map(({ requirement }) => requirement)];
  return {
    mutant: name,
    breaks,
    killed: failed.includes(breaks),
    failed,
    unexplained: judged.filter((id) => !explained.includes(id)),
    harnessErrors,
    ...(error !== undefined && { error }),
  };
}

/** Those whose fault is a delay begin first, so that none of them is waited for at the end. */
function slowestFirst(names: readonly string[]): string[] {
  const delay = (name: string) => [...references, ...mutants].find((one) => one.name === name)?.timeoutMs ?? 0;
  return [...names].sort((a, b) => delay(b) - delay(a));
}

async function judgeAll(
  names: readonly string[],
  workers: number,
  onProgress: SelftestOptions['onProgress'],
): Promise<Map<string, Verdict>> {
  const queue = [...names];
  const verdicts = new Map<string, Verdict>();
  const work = async (child: ChildProcess) => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const verdict = await ask(child, name);
      verdicts.set(name, verdict);
      onProgress?.(verdicts.size, names.length, name);
    }
  };
  const children = Array.from({ length: Math.min(workers, names.length) }, startWorker);
  try {
    await Promise.all(children.flatMap((child) => Array.from({ length: perWorker }, () => work(child))));
  } finally {
    for (const child of children) child.kill();
    await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  }
  return verdicts;
}

function startWorker(): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(`./worker.${isSource ? 'ts' : 'js'}`, import.meta.url));
  const child = fork(script, {
    execArgv: isSource ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.setMaxListeners(2 * perWorker + 2);
  return child;
}

function ask(child: ChildProcess, name: string): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (answer: { name: string; verdict: Verdict }) => {
      if (answer.name !== name) return;
      finish();
      resolve(answer.verdict);
    };
    const onExit = (code: number | null) => {
      finish();
      reject(new Error(`the process that judged ${name} ended with exit code ${code}`));
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(name);
  });
}

/** Requirements on a server that some scenario judges: for each there has to be a mutant. */
export function judgedRequirements(): RequirementId[] {
  const judged = new Set(scenarios.flatMap((scenario) => scenario.requirements));
  return Object.values(requirements).flatMap(({ id, party }) => (party === 'server' && judged.has(id) ? [id] : []));
}

/** Who kills whom, as text: the survivors and the unexplained are told last, where they are seen. */
export function renderKillMatrix({ references, mutants: results, neverFailed }: SelftestResult): string {
  const width = Math.max(...results.map(({ mutant }) => mutant.length), 0);
  const lines = results.map(({ mutant, breaks, killed, failed }) => {
    const along = failed.filter((id) => id !== breaks);
    return `${killed ? '✓' : '✗'} ${breaks.padEnd(10)} ${mutant.padEnd(width)}${along.length > 0 ? `  also ${along.join(', ')}` : ''}`.trimEnd();
  });
  const survivors = results.filter(({ killed }) => !killed);
  const faults = [
    ...references.flatMap(({ name, exitCode, failed }) =>
      exitCode === 0
        ? []
        : [
            `${name} is right and ends with exit code ${exitCode}${failed.length > 0 ? `: ${failed.join(', ')} failed` : ''}`,
          ],
    ),
    ...survivors.map(({ mutant, breaks }) => `${mutant} survives: ${breaks} did not fail`),
    ...results.flatMap(({ mutant, unexplained }) =>
      unexplained.length > 0 ? [`${mutant} fails ${unexplained.join(', ')} without a reason given`] : [],
    ),
    ...results.flatMap(({ mutant, harnessErrors }) =>
      harnessErrors.length > 0 ? [`${mutant} makes the suite itself fail at ${harnessErrors.join(', ')}`] : [],
    ),
    ...neverFailed.map(
      (site) => `the judgement in ${site} failed on no server: it needs a mutant, or a reason (neverFails)`,
    ),
    ...results.flatMap(({ mutant, error }) => (error === undefined ? [] : [`${mutant} was not judged: ${error}`])),
  ];
  const broken = new Set(results.map(({ breaks }) => breaks)).size;
  const verdict = `${results.length} mutants of ${broken} requirements: ${results.length - survivors.length} killed, ${survivors.length} survive.`;
  return `${[...lines, '', ...faults, ...(faults.length > 0 ? [''] : []), verdict].join('\n')}\n`;
}

/** The kill matrix for the documentation: which servers were tried on each requirement, and what they do wrong. */
export function renderKillMatrixMarkdown({ mutants: results }: SelftestResult): string {
  const lines = [
    '# Kill matrix',
    '',
    'The conformance suite is tested by servers that are wrong. Each one is the reference server with one decision replaced,',
    'and breaks one requirement. The suite has to fail that requirement, and no other unless it is named here with the reason.',
    'Written by `npm run conformance -- selftest --markdown docs/kill-matrix.md`.',
    '',
    '| requirement | mutant | what it does | killed | may fail too |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const { mutant: name, breaks, killed } of results) {
    const mutant = mutants.find((one) => one.name === name);
    const also = (mutant?.also ?? []).map(({ requirement, because }) => `${requirement}: ${because}`).join('; ');
    lines.push(
      `| ${breaks} | \`${name}\` | ${mutant?.summary.replaceAll('|', '\\|')} | ${killed ? 'yes' : '**no**'} | ${also} |`,
    );
  }
  const broken = new Set(results.map(({ breaks }) => breaks)).size;
  const killed = results.filter((result) => result.killed).length;
  lines.push('', `${results.length} mutants of ${broken} requirements, ${killed} of them killed.`);
  return `${lines.join('\n')}\n`;
}

/** What {@link runSelftest} may touch of the process it runs in. */
export interface SelftestContext {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown; isTTY?: boolean };
  env: NodeJS.ProcessEnv;
}

/** Runs `conformance selftest`. Resolves with 0, with 1 when a mutant survives or more fails than should, or 2 for bad usage. */
export async function runSelftest(argv: readonly string[], { stdout, stderr, env }: SelftestContext): Promise<number> {
  const program = new Command('conformance selftest')
    .description('Tests the suite itself, by servers that each break one requirement.')
    .option('--only <glob>', 'mutants to run, by name or by the requirement they break; repeat it', collect, [])
    .option('--markdown <file>', 'write the matrix there as Markdown as well')
    .option('--workers <number>', 'processes to use; as many as there are cores unless said otherwise', Number)
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride();
  const isWatched = stderr.isTTY === true && !env.CI;
  try {
    const { only, markdown, workers } = program
      .parse(argv, { from: 'user' })
      .opts<{ only: string[]; markdown?: string; workers?: number }>();
    if (workers !== undefined && !(Number.isInteger(workers) && workers > 0))
      throw new UsageError('--workers wants a whole number from 1 on');
    const result = await selftest({
      ...(workers !== undefined && { workers }),
      only: createSelection(only),
      ...(isWatched && { onProgress: (done, total, name) => stderr.write(`\r\u001b[2K${done}/${total}  ${name}`) }),
    });
    if (isWatched) stderr.write('\r\u001b[2K');
    stdout.write(renderKillMatrix(result));
    if (markdown !== undefined) await writeFile(markdown, renderKillMatrixMarkdown(result));
    return result.ok ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n`);
    return 2;
  }
}

const collect = (value: string, previous: string[]) => [...previous, value];

function createSelection(only: readonly string[]): (mutant: Mutant) => boolean {
  const names = mutants.flatMap(({ name, breaks }) => [name, breaks]);
  const wanted = only.map((glob) => {
    const matches = picomatch(glob, { nocase: true, bash: true });
    if (names.some((name) => matches(name))) return matches;
    const nearest = nearestName(glob, names);
    throw new UsageError(
      `--only ${glob} matches no mutant and no requirement${nearest ? `; did you mean ${nearest}?` : ''}`,
    );
  });
  return ({ name, breaks }) => wanted.length === 0 || wanted.some((matches) => matches(name) || matches(breaks));
}
