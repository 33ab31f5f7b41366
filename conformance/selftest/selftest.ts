import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type RequirementId, requirements } from '../../generated/index.js';
import { scenarios } from '../scenarios/index.js';
import type { Mutant } from './mutant.js';
import { mutants } from './mutants/index.js';
import { references, type SuiteResult } from './run-suite.js';

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
  references: SuiteResult[];
  mutants: MutantResult[];
  /** Servers that were judged a second time, alone, because the first run did not find what it should. */
  secondRuns: string[];
  /** Lines of the scenarios whose judgement no server made fail; empty where not all servers were tried. */
  neverFailed: string[];
}

/** How a selftest is to be. */
export interface SelftestOptions {
  /** Processes; by default as many as there are cores. */
  workers?: number;
  /** Mutants to run, by name or by the requirement they break; with all of them, every server that is right is judged as well. */
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
  // Whoever looks at some mutants wants to know that the suite passes the reference, not all that it has to pass.
  const isWhole = chosen.length === mutants.length;
  const right = isWhole ? references : references.slice(0, 1);
  const names = [...right, ...chosen].map(({ name }) => name);
  const ofServer = await runAll(slowestFirst(names), { workers, perWorker, isPatient: false, onProgress });
  const ranOn = (name: string) => ofServer.get(name) as SuiteResult;
  const results = chosen.map((mutant) => resultOf(mutant, ranOn(mutant.name)));
  // Several servers on a busy machine: what came late then, comes in time to a server that has the machine to itself.
  const inDoubt = [
    ...right.map(({ name }) => ranOn(name)).flatMap(({ name, exitCode }) => (exitCode === 0 ? [] : [name])),
    ...results.filter((result) => !isFine(result)).map(({ mutant }) => mutant),
  ];
  const secondRuns = await runAll(inDoubt, { workers: 1, perWorker: 1, isPatient: true });
  const controls = right.map(({ name }) => secondRuns.get(name) ?? ranOn(name));
  for (const [index, mutant] of chosen.entries()) {
    const second = secondRuns.get(mutant.name);
    if (second) results[index] = resultOf(mutant, second);
  }
  const neverFailed = isWhole ? sitesThatNeverFail([...ofServer.values()]) : [];
  return {
    ok: controls.every(({ exitCode }) => exitCode === 0) && results.every(isFine) && neverFailed.length === 0,
    references: controls,
    mutants: results,
    secondRuns: inDoubt,
    neverFailed,
  };
}

function isFine({ killed, unexplained, harnessErrors }: MutantResult): boolean {
  return killed && unexplained.length === 0 && harnessErrors.length === 0; // Without a run nothing is killed.
}

function sitesThatNeverFail(runs: readonly SuiteResult[]): string[] {
  const sites = new Map<string, 'held' | 'failed'>();
  for (const [site, found] of runs.flatMap(({ judgements }) => Object.entries(judgements))) {
    if (found === 'failed' || !sites.has(site)) sites.set(site, found);
  }
  return [...sites.keys()].filter((site) => sites.get(site) === 'held').sort();
}

function resultOf(
  { name, breaks, also = [] }: Mutant,
  { failed, judged, harnessErrors, error }: SuiteResult,
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

interface Batch {
  workers: number;
  /** Servers that one process judges at once. */
  perWorker: number;
  /** Whether to wait for what a mutant does not send as long as for what a right server sends. */
  isPatient: boolean;
  onProgress?: SelftestOptions['onProgress'];
}

async function runAll(
  names: readonly string[],
  { workers, perWorker, isPatient, onProgress }: Batch,
): Promise<Map<string, SuiteResult>> {
  const queue = [...names];
  const ran = new Map<string, SuiteResult>();
  const work = async (child: ChildProcess) => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const result = await ask(child, { name, isPatient });
      ran.set(name, result);
      onProgress?.(ran.size, names.length, name);
    }
  };
  const children = Array.from({ length: Math.min(workers, names.length) }, startWorker);
  for (const child of children) child.setMaxListeners(2 * perWorker + 2);
  try {
    await Promise.all(children.flatMap((child) => Array.from({ length: perWorker }, () => work(child))));
  } finally {
    for (const child of children) child.kill();
    await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  }
  return ran;
}

function startWorker(): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(`./worker.${isSource ? 'ts' : 'js'}`, import.meta.url));
  const child = fork(script, {
    execArgv: isSource ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  // It lasts for minutes: whatever else the machine does goes first.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  return child;
}

/** What a worker process is asked. */
export interface Question {
  name: string;
  isPatient: boolean;
}

function ask(child: ChildProcess, question: Question): Promise<SuiteResult> {
  const { name } = question;
  return new Promise((resolve, reject) => {
    const finish = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (answer: { name: string; result: SuiteResult }) => {
      if (answer.name !== name) return;
      finish();
      resolve(answer.result);
    };
    const onExit = (code: number | null) => {
      finish();
      reject(new Error(`the process that judged ${name} ended with exit code ${code}`));
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(question);
  });
}

/** Requirements on a server that some scenario judges: for each there has to be a mutant. */
export function judgedRequirements(): RequirementId[] {
  const judged = new Set(scenarios.flatMap((scenario) => scenario.requirements));
  return Object.values(requirements).flatMap(({ id, party }) => (party === 'server' && judged.has(id) ? [id] : []));
}
