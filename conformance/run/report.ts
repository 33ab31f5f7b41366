import type { Feature, RequirementId } from '../../generated/index.js';
import type { Outcome, Result } from '../kit/outcome.js';

/** Which wire transcripts the report keeps. */
export type TraceMode = 'off' | 'fail' | 'all';

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

/** Something that makes further judgement meaningless: told once, before anything else. */
export interface Cause {
  text: string;
  /** The rule that it breaks, where it breaks one. */
  requirement?: RequirementId;
  /** The profile is wrong, not the target. */
  isUsage?: true;
}

/** The outcome of a run: what every reporter is fed, and the JSON report itself. */
export interface Report {
  schemaVersion: 1;
  suite: { name: string; version: string };
  spec: { version: string; asyncapiSha256: string; openapiSha256: string };
  target: { urls: string[]; profile: { features: Feature[] } };
  run: {
    startedAt: string;
    durationMs: number /** Repeats the run with --seed. */;
    seed: string;
    timeoutScale: number;
    repeats?: number;
  };
  /** With --repeat: judgements that were not the same in every run. */
  unstable?: Unstable[];
  summary: { conformant: boolean | null; exitCode: number; counts: Record<Outcome, number> };
  results: Result[];
  coverage: { requirements: Coverage[] };
  /** Expected failures that are expired, pass, or were not run. */
  staleBaseline?: StaleEntry[];
  /** What makes further judgement meaningless, where something does. */
  causes?: Cause[];
  /** What keeps anybody from joining, where nobody can. */
  rootFault?: string;
}

/** A judgement that came out differently in runs of the same suite against the same target. */
export interface Unstable {
  scenario: string;
  requirement: string;
  /** How many runs ended with which outcome. */
  outcomes: Partial<Record<Outcome, number>>;
}

/** An entry of the baseline that does not hold (any more): it fails the run, so that baselines never rot. */
export interface StaleEntry {
  check: string;
  problem: string;
}
