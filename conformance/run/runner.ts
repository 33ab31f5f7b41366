import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { type Feature, type RequirementId, requirements, specification } from '../../generated/index.js';
import { type Profile, plainProfile } from '../inputs/profile.js';
import { Secrets } from '../inputs/secrets.js';
import type { Target } from '../inputs/target.js';
import type { TokenSource } from '../inputs/tokens.js';
import { Context, type Shared } from '../kit/context.js';
import { Aborted, Inconclusive, type Outcome, type Result, type TraceEvent } from '../kit/outcome.js';
import type { Scenario } from '../kit/scenario.js';
import { scenarios as allScenarios } from '../scenarios/index.js';
import { applyBaseline, type BaselineEntry, type StaleEntry } from './baseline.js';
import type { Unstable } from './repeat.js';
import { findRootFault, type RootFault, UnreachableError } from './root-fault.js';

const { version } = createRequire(import.meta.url)('webrtc-room-signaling/package.json') as { version: string };

/** Which wire transcripts the report keeps. */
export type TraceMode = 'off' | 'fail' | 'all';

/** How a run is to be. Only `targets` and `tokens` have no default. */
export interface RunOptions {
  targets: readonly Target[];
  tokens: TokenSource;
  secrets?: Secrets;
  profile?: Profile;
  scenarios?: readonly Scenario[];
  /** Requirements to judge; what no scenario in the selection judges is reported as skipped. */
  selects?: (scenario: Scenario, requirement: RequirementId) => boolean;
  /** Levels whose failure fails the run: `must` unless said otherwise. */
  level?: 'must' | 'should';
  trace?: TraceMode;
  /** Scenarios under way at once; 32 unless said otherwise. */
  workers?: number;
  /** Milliseconds to wait for what has to come; 5000 unless said otherwise. */
  timeoutMs?: number;
  roomPrefix?: string;
  /** Factor for every wait, for slow machines and long ways; 1 unless said otherwise. */
  timeoutScale?: number;
  /** Failures that are expected. */
  baseline?: readonly BaselineEntry[];
  /** Told of each scenario as it ends. */
  onProgress?: (progress: Progress) => void;
}

/** How far a run has come. */
export interface Progress {
  done: number;
  total: number;
  scenario: string;
  failed: boolean;
}

/** What became of a requirement in the whole run. */
export interface Coverage {
  id: RequirementId;
  outcome: Outcome;
  /** Why it was not judged. */
  reason?: string;
}

/** The outcome of a run: what every reporter is fed, and the JSON report itself. */
export interface Report {
  schemaVersion: 1;
  suite: { name: string; version: string };
  spec: { version: string; asyncapiSha256: string; openapiSha256: string };
  target: { urls: string[]; profile: { features: Feature[] } };
  run: { startedAt: string; durationMs: number; seed: string; timeoutScale: number; repeats?: number };
  /** With --repeat: judgements that were not the same in every run. */
  unstable?: Unstable[];
  summary: { conformant: boolean | null; exitCode: number; counts: Record<Outcome, number> };
  results: Result[];
  coverage: { requirements: Coverage[] };
  /** Expected failures that are expired, pass, or were not run. */
  staleBaseline?: StaleEntry[];
  /** What keeps anybody from joining, where nobody can. */
  rootFault?: string;
}

/** Runs the scenarios against the target. Rejects with UnreachableError when there is nothing to run them against. */
export async function run(options: RunOptions): Promise<Report> {
  const { targets, tokens, profile = plainProfile, trace = 'fail', workers = 32, timeoutScale = 1 } = options;
  const timeoutMs = (options.timeoutMs ?? 5000) * timeoutScale;
  const secrets = options.secrets ?? new Secrets();
  const startedAt = new Date();
  const began = performance.now();
  const selects = options.selects ?? (() => true);
  const shared: Shared = {
    targets,
    tokens,
    profile,
    secrets,
    timeoutMs,
    quietMs: 100,
    timeoutScale,
    roomPrefix: options.roomPrefix ?? 'suite-',
    identities: new Map(),
    announcesNobody: false,
  };

  const results: Result[] = [];
  const runnable: Scenario[] = [];
  for (const scenario of options.scenarios ?? allScenarios) {
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
  const queue = runnable.filter(({ exclusive }) => !exclusive);
  await Promise.all(
    Array.from({ length: Math.max(1, workers) }, async () => {
      for (let scenario = queue.shift(); scenario; scenario = queue.shift()) await work(scenario);
    }),
  );
  for (const scenario of runnable) if (scenario.exclusive) await work(scenario);

  results.sort(
    (a, b) =>
      order(options.scenarios ?? allScenarios, a.scenario) - order(options.scenarios ?? allScenarios, b.scenario),
  );
  const today = startedAt.toISOString().slice(0, 10);
  const { results: judged, stale } = applyBaseline(results, options.baseline ?? [], today);
  const coverage = coverRequirements(judged, profile);
  const report: Report = {
    schemaVersion: 1,
    suite: { name: 'webrtc-room-signaling', version },
    spec: { ...specification },
    target: { urls: targets.map(({ url }) => url.href), profile: { features: [...profile.features] } },
    run: {
      startedAt: startedAt.toISOString(),
      durationMs: Math.round(performance.now() - began),
      seed: randomBytes(4).toString('hex'),
      timeoutScale,
    },
    summary: { conformant: null, exitCode: 0, counts: countOutcomes(coverage) },
    results: judged,
    coverage: { requirements: coverage },
    ...(stale.length > 0 && { staleBaseline: stale }),
    ...(root && { rootFault: root.text }),
  };
  report.summary = { ...report.summary, ...judge(report, options.level ?? 'must') };
  return secrets.redactDeep(report);
}

/** Runs one scenario and gives its results; never throws. */
export async function runScenario(scenario: Scenario, shared: Shared, trace: TraceMode = 'fail'): Promise<Result[]> {
  const context = new Context(scenario, shared);
  let results: Result[];
  try {
    await scenario.run(context);
    results = context.results();
  } catch (error) {
    results = context.results(endOf(error));
  }
  await context.dispose();
  const failed = results.some(({ outcome }) => outcome === 'fail' || outcome === 'harness_error');
  if (trace === 'off' || (trace === 'fail' && !failed)) return results;
  const events: TraceEvent[] = context.trace.map((event) => ({ ...event, at: Math.round(event.at * 10) / 10 }));
  const keep = ({ outcome }: Result) => trace === 'all' || outcome === 'fail' || outcome === 'harness_error';
  return results.map((result) => (keep(result) ? { ...result, trace: events } : result));
}

function endOf(error: unknown): { outcome: 'inconclusive' | 'harness_error'; text: string; blockedBy?: RequirementId } {
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

const precedence: Outcome[] = ['fail', 'harness_error', 'inconclusive', 'pass', 'not_applicable', 'skipped'];

/** Every requirement of the documents with its outcome: nothing vanishes because no scenario ran for it. */
function coverRequirements(results: readonly Result[], profile: Profile): Coverage[] {
  return Object.values(requirements).map(({ id, party, feature, untestable }) => {
    const own = results.filter(({ requirement }) => requirement === id);
    // What could not be judged because something else failed first does not hide that it passed elsewhere.
    const judged = own.filter(
      ({ outcome, blockedBy }) => !blockedBy || outcome === 'fail' || !own.some((other) => other.outcome === 'pass'),
    );
    const [worst] = [...judged].sort((a, b) => precedence.indexOf(a.outcome) - precedence.indexOf(b.outcome));
    if (!worst) {
      const unclaimed =
        feature && !profile.features.has(feature) ? `the profile does not claim the feature ${feature}` : undefined;
      const reason =
        party === 'client'
          ? 'it binds clients; this suite tests servers'
          : (untestable ?? unclaimed ?? 'no scenario judges it');
      return { id, outcome: party === 'client' || unclaimed || untestable ? 'not_applicable' : 'skipped', reason };
    }
    if (worst.outcome === 'pass' || worst.outcome === 'fail') return { id, outcome: worst.outcome };
    return { id, outcome: worst.outcome, reason: worst.actual ?? '' };
  });
}

function countOutcomes(coverage: readonly Coverage[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = {
    pass: 0,
    fail: 0,
    inconclusive: 0,
    not_applicable: 0,
    skipped: 0,
    harness_error: 0,
  };
  for (const { outcome } of coverage) counts[outcome] += 1;
  return counts;
}

/**
 * Exit code and verdict: 5 the kit failed, 1 a failure that counts and is not expected, or a stale expectation, 4 a MUST
 * without judgement or nothing judged. Expected failures change the exit code, never the verdict.
 */
function judge(report: Report, level: 'must' | 'should'): { exitCode: number; conformant: boolean | null } {
  const { results, staleBaseline = [] } = report;
  const coverage = report.coverage.requirements;
  const counts = (id: RequirementId) => level === 'should' || requirements[id].level.startsWith('MUST');
  const failed = results.filter(({ outcome, requirement }) => outcome === 'fail' && counts(requirement));
  const openMust = (outcome: Outcome) =>
    coverage.some((entry) => entry.outcome === outcome && requirements[entry.id].level.startsWith('MUST'));
  if (coverage.some(({ outcome }) => outcome === 'harness_error')) return { exitCode: 5, conformant: null };
  const conformant = failed.length > 0 ? false : null;
  if (failed.some(({ baseline }) => baseline === undefined) || staleBaseline.length > 0)
    return { exitCode: 1, conformant };
  if (openMust('inconclusive')) return { exitCode: 4, conformant };
  if (!coverage.some(({ outcome }) => outcome === 'pass' || outcome === 'fail')) return { exitCode: 4, conformant };
  return { exitCode: 0, conformant: conformant ?? (openMust('skipped') ? null : true) };
}

export { UnreachableError };
