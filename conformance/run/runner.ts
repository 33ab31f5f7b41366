import { createRequire } from 'node:module';
import { type RequirementId, requirements, specification } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import type { TokenSource } from '../inputs/tokens.js';
import { Context } from '../kit/context.js';
import type { Ending } from '../kit/ledger.js';
import { Aborted, Inconclusive, type Outcome, type Result } from '../kit/outcome.js';
import { Random } from '../kit/random.js';
import type { Scenario } from '../kit/scenario.js';
import { createShared, type Shared, type SharedOptions } from '../kit/shared.js';
import { scenarios as allScenarios } from '../scenarios/index.js';
import type { TraceEvent } from '../trace/trace-event.js';
import { applyBaseline, type BaselineEntry } from './baseline.js';
import { conclude, countOutcomes, coverRequirements } from './coverage.js';
import type { Progress, Report, TraceMode } from './report.js';
import { findRootFault, type RootFault } from './root-fault.js';

const { version } = createRequire(import.meta.url)('webrtc-room-signaling/package.json') as { version: string };

/** How a run is to be. Only `targets` and `tokens` have no default. */
export interface RunOptions extends SharedOptions {
  scenarios?: readonly Scenario[];
  /** Requirements to judge; what no scenario in the selection judges is reported as skipped. */
  selects?: (scenario: Scenario, requirement: RequirementId) => boolean;
  /** Levels whose failure fails the run; `must` by default. */
  level?: 'must' | 'should';
  trace?: TraceMode;
  /** Scenarios under way at once; 32 by default. */
  workers?: number;
  /** Failures that are expected. */
  baseline?: readonly BaselineEntry[];
  /** Told of each scenario as it ends. */
  onProgress?: (progress: Progress) => void;
}

/** Runs the scenarios against the target. Rejects with UnreachableError when there is nothing to run them against. */
export async function run(options: RunOptions): Promise<Report> {
  const { trace = 'fail', workers = 32, scenarios = allScenarios, selects = () => true } = options;
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

  const root = await findRootFault(shared);
  let done = 0;
  const finish = (scenario: Scenario, judged: Result[]) => {
    done += 1;
    const kept = judged.map((result) =>
      selects(scenario, result.requirement)
        ? result
        : { ...result, outcome: 'skipped' as const, actual: 'not selected' },
    );
    results.push(...kept);
    const failed = kept.some(({ outcome }) => outcome === 'fail' || outcome === 'harness_error');
    options.onProgress?.({ done, total: runnable.length, scenario: scenario.name, failed });
  };
  const work = async (scenario: Scenario) => {
    const blocked = root && !scenario.withoutRoom ? blockedResults(scenario, root) : undefined;
    finish(scenario, blocked ?? (await runScenario(scenario, shared, trace)));
  };
  const queue = new Random(shared.seed).shuffle(runnable.filter(({ exclusive }) => !exclusive));
  await Promise.all(
    Array.from({ length: Math.max(1, workers) }, async () => {
      for (let scenario = queue.shift(); scenario; scenario = queue.shift()) await work(scenario);
    }),
  );
  // In the order written: the last one stops the target.
  for (const scenario of runnable) if (scenario.exclusive) await work(scenario);

  results.sort((a, b) => order(scenarios, a.scenario) - order(scenarios, b.scenario));
  const today = startedAt.toISOString().slice(0, 10);
  const { results: judged, stale } = applyBaseline(results, options.baseline ?? [], today);
  const coverage = coverRequirements(judged, profile);
  const report: Report = {
    schemaVersion: 1,
    suite: { name: 'webrtc-room-signaling', version },
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
    ...(root && { rootFault: root.text }),
  };
  report.summary = { ...report.summary, ...conclude(report, options.level ?? 'must') };
  return secrets.redactDeep(report);
}

/** Runs one scenario and gives its results; never throws. */
export async function runScenario(scenario: Scenario, shared: Shared, trace: TraceMode = 'fail'): Promise<Result[]> {
  const context = new Context(scenario, shared);
  let results: Result[];
  try {
    await scenario.run(context);
    results = context.ledger.results();
  } catch (error) {
    results = context.ledger.results(endOf(error));
  }
  await context.dispose();
  const failed = results.some(({ outcome }) => outcome === 'fail' || outcome === 'harness_error');
  if (trace === 'off' || (trace === 'fail' && !failed)) return results;
  const events: TraceEvent[] = context.trace.map((event) => ({ ...event, at: Math.round(event.at * 10) / 10 }));
  const keep = ({ outcome }: Result) => trace === 'all' || outcome === 'fail' || outcome === 'harness_error';
  return results.map((result) => (keep(result) ? { ...result, trace: events } : result));
}

function endOf(error: unknown): Ending {
  if (error instanceof Aborted) {
    return {
      outcome: 'inconclusive',
      text: `not reached, because ${error.requirement} failed before`,
      blockedBy: error.requirement,
    };
  }
  if (error instanceof Inconclusive) return { outcome: 'inconclusive', text: error.message };
  return { outcome: 'harness_error', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function passiveOutcome(
  scenario: Scenario,
  profile: Profile,
  tokens: TokenSource,
): { outcome: Outcome; actual: string } | undefined {
  if (scenario.feature && !profile.features.has(scenario.feature)) {
    return { outcome: 'not_applicable', actual: `the profile does not claim the feature ${scenario.feature}` };
  }
  if (scenario.users && tokens.capacity < scenario.users) {
    return {
      outcome: 'inconclusive',
      actual: `it needs ${scenario.users} users; there are tokens for ${tokens.capacity}`,
    };
  }
  return undefined;
}

function withoutRunning(scenario: Scenario, { outcome, actual }: { outcome: Outcome; actual: string }): Result[] {
  return scenario.requirements.map((requirement) => ({
    scenario: scenario.name,
    requirement,
    level: requirements[requirement].level,
    outcome,
    actual,
  }));
}

function blockedResults(scenario: Scenario, root: RootFault): Result[] {
  const results = withoutRunning(scenario, { outcome: 'inconclusive', actual: 'not run: nobody can join' });
  return results.map((result) => {
    if (result.requirement !== root.requirement || scenario.name !== root.scenario)
      return { ...result, blockedBy: root.requirement };
    const { expected, text, trace, hint, failedEvent } = root;
    return { ...result, outcome: 'fail' as const, expected, actual: text, failedEvent, trace, ...(hint && { hint }) };
  });
}

function order(scenarios: readonly Scenario[], name: string): number {
  return scenarios.findIndex((scenario) => scenario.name === name);
}
