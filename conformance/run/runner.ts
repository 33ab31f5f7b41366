import { packageVersion } from '../../bin/version.js';
import { type RequirementId, requirements, specification } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import type { TokenSource } from '../inputs/tokens.js';
import type { Result } from '../kit/outcome.js';
import { Random } from '../kit/random.js';
import type { Scenario } from '../kit/scenario.js';
import { createShared, type SharedOptions } from '../kit/shared.js';
import { scenarios as allScenarios } from '../scenarios/index.js';
import { applyBaseline, type BaselineEntry } from './baseline.js';
import { tryShortCall } from './canary.js';
import { conclude, countOutcomes, coverRequirements } from './coverage.js';
import { Executor } from './execution.js';
import type { Cause, Progress, Report, TraceMode } from './report.js';
import { findRootFault, type RootFault } from './root-fault.js';

/** What {@link RunOptions} are where nothing is said. */
export const runDefaults = { level: 'must', trace: 'fail', workers: 32, waitMs: 10_000 } as const;

/** How a run is to be. Only `targets` and `tokens` have no default; most others have theirs in {@link runDefaults}. */
export interface RunOptions extends SharedOptions {
  scenarios?: readonly Scenario[];
  /** Requirements to judge; what no scenario in the selection judges is reported as skipped. */
  selects?: (scenario: Scenario, requirement: RequirementId) => boolean;
  /** Levels whose failure fails the run. */
  level?: 'must' | 'should';
  /** Has a MUST that could not be judged leave the exit code 0 in place of 4; the report says which, and gives no verdict. */
  allowUnjudged?: boolean;
  trace?: TraceMode;
  /** Scenarios under way at once. */
  workers?: number;
  /** Milliseconds to wait for a target that went away to come back. */
  waitMs?: number;
  /** Failures that are expected. */
  baseline?: readonly BaselineEntry[];
  /** Told of each scenario as it ends. */
  onProgress?: (progress: Progress) => void;
}

/** Runs the scenarios against the target. Rejects with UnreachableError when there is nothing to run them against. */
export async function run(options: RunOptions): Promise<Report> {
  const { scenarios = allScenarios, selects = () => true } = options;
  const { level = runDefaults.level, trace = runDefaults.trace, allowUnjudged = false } = options;
  const { workers = runDefaults.workers, waitMs = runDefaults.waitMs } = options;
  const shared = createShared(options);
  const { profile, tokens, secrets } = shared;
  const startedAt = new Date();
  const began = performance.now();

  const results: Result[] = [];
  const runnable: Scenario[] = [];
  for (const scenario of scenarios) {
    const selected = scenario.requirements.some((requirement) => selects(scenario, requirement));
    const passive = selected
      ? passiveOutcome(scenario, profile, tokens)
      : { outcome: 'skipped' as const, actual: 'not selected' };
    if (passive) results.push(...withoutRunning(scenario, passive));
    else runnable.push(scenario);
  }

  const fault = await findRootFault(shared);
  const root = shared.dialect ? undefined : fault;
  const done = new Map<string, Result[]>();
  const finish = (scenario: Scenario, judged: Result[]) => {
    const kept = judged
      .map((own) => (fault ? withRootFault(own, fault) : own))
      .map((result) =>
        selects(scenario, result.requirement)
          ? result
          : { ...result, outcome: 'skipped' as const, actual: 'not selected' },
      );
    // What is run again counts as it went at last.
    done.set(scenario.name, kept);
    const failed = kept.some(({ outcome }) => outcome === 'fail' || outcome === 'harness_error');
    options.onProgress?.({ done: done.size, total: runnable.length, scenario: scenario.name, failed });
  };
  const executor = new Executor(shared, { trace, waitMs, finish });
  const causes = root ? [] : await tryShortCall(shared);
  if (shared.dialect && fault) causes.unshift(spellingCause(fault));
  const isBlocked = ({ withoutRoom }: Scenario) => root !== undefined && !withoutRoom;
  for (const scenario of runnable) if (root && isBlocked(scenario)) finish(scenario, blockedResults(scenario, root));
  const free = runnable.filter((scenario) => !isBlocked(scenario));
  const manyUsers = !shared.usersOfItsOwn || tokens.capacity === Number.POSITIVE_INFINITY;
  await executor.runAll(
    new Random(shared.seed).shuffle(free.filter(({ exclusive }) => !exclusive)),
    manyUsers ? workers : 1,
  );
  // In the order written: the last one stops the target.
  for (const scenario of free) if (scenario.exclusive) await executor.runExclusively(scenario);
  causes.push(...executor.causes);
  for (const fault of new Set(shared.profileFaults)) {
    causes.push({ text: `The profile is wrong: ${fault}. What it is for was not judged.`, isUsage: true });
  }

  for (const kept of done.values()) results.push(...kept);
  failCauses(results, causes);
  results.sort((a, b) => order(scenarios, a.scenario) - order(scenarios, b.scenario));
  const today = startedAt.toISOString().slice(0, 10);
  const { results: judged, stale } = applyBaseline(results, options.baseline ?? [], today);
  const coverage = coverRequirements(judged, profile);
  const report: Report = {
    schemaVersion: 1,
    suite: { name: 'webrtc-room-signaling', version: packageVersion },
    spec: { ...specification },
    target: { urls: shared.targets.map(({ url }) => url.href), profile: { features: [...profile.features] } },
    run: {
      startedAt: startedAt.toISOString(),
      durationMs: Math.round(performance.now() - began),
      seed: shared.seed,
      timeoutScale: shared.timeoutScale,
    },
    summary: { conformant: null, exitCode: 0, counts: countOutcomes(coverage) },
    results: judged,
    coverage: { requirements: coverage },
    ...(stale.length > 0 && { staleBaseline: stale }),
    ...(causes.length > 0 && { causes }),
    ...(root && { rootFault: root.text }),
  };
  report.summary = { ...report.summary, ...conclude(report, { level, allowUnjudged }) };
  return secrets.redactDeep(report);
}

/** What becomes of a scenario that is not run. */
type Passive = Pick<Result, 'outcome' | 'notRun'> & { actual: string };

function passiveOutcome(scenario: Scenario, profile: Profile, tokens: TokenSource): Passive | undefined {
  if (scenario.feature && !profile.features.has(scenario.feature)) {
    return { outcome: 'not_applicable', actual: `the profile does not claim the feature ${scenario.feature}` };
  }
  if (scenario.instances && profile.instances === undefined) {
    return { outcome: 'not_applicable', actual: 'the profile names no instance that may be killed' };
  }
  if (scenario.users && tokens.capacity < scenario.users) {
    return {
      outcome: 'inconclusive',
      actual: `it needs ${scenario.users} users; there are tokens for ${tokens.capacity}`,
      notRun: true,
    };
  }
  return undefined;
}

function withoutRunning(scenario: Scenario, passive: Passive): Result[] {
  return scenario.requirements.map((requirement) => ({
    scenario: scenario.name,
    requirement,
    level: requirements[requirement].level,
    ...passive,
  }));
}

function spellingCause({ firstType, requirement }: RootFault): Cause {
  const text = `The target spells names in its own way: the first message is "${firstType}". They are read as they were meant, so that the other rules can be judged.`;
  return { text, requirement };
}

function blockedResults(scenario: Scenario, root: RootFault): Result[] {
  const results = withoutRunning(scenario, { outcome: 'inconclusive', actual: 'not run: nobody can join' });
  return results.map((result) => ({ ...result, blockedBy: root.requirement }));
}

/** The result that stands for what is wrong at the root; all others as they are. */
function withRootFault(result: Result, fault: RootFault): Result {
  if (result.requirement !== fault.requirement || result.scenario !== fault.scenario) return result;
  const { scenario, requirement, level } = result;
  const { expected, text, trace, hint, failedEvent } = fault;
  const shown = { expected, actual: text, failedEvent, trace, ...(hint && { hint }) };
  return { scenario, requirement, level, outcome: 'fail', ...shown };
}

/** A rule that a cause breaks fails even where no scenario met it. */
function failCauses(results: Result[], causes: readonly Cause[]): void {
  for (const { requirement, text: actual } of causes) {
    const ofRule = results.filter((result) => result.requirement === requirement && result.outcome !== 'skipped');
    const first = results.indexOf(ofRule[0] as Result);
    if (requirement === undefined || first < 0 || ofRule.some(({ outcome }) => outcome === 'fail')) continue;
    const { scenario, level } = results[first] as Result;
    const expected = requirements[requirement].text;
    results[first] = { scenario, requirement, level, outcome: 'fail', expected, actual };
  }
}

function order(scenarios: readonly Scenario[], name: string): number {
  return scenarios.findIndex((scenario) => scenario.name === name);
}
