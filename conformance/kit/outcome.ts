import type { RequirementId, RequirementLevel, SchemaViolation } from '../../generated/index.js';
import type { TraceEvent } from '../trace/trace-event.js';

/** What became of one requirement in one scenario, or in the whole run. */
export type Outcome = 'pass' | 'fail' | 'inconclusive' | 'not_applicable' | 'skipped' | 'harness_error';

/**
 * How a check knows: it saw it, it was seen in passing while the scenario was about something else, a fence message
 * proves the absence, or nothing came within a quiet window.
 */
export type Evidence = 'direct' | 'observed' | 'fence' | 'quiet-window';

/** The judgement of one requirement in one scenario: a row of the report. */
export interface Result {
  scenario: string;
  requirement: RequirementId;
  level: RequirementLevel;
  outcome: Outcome;
  /** Weakest evidence the judgement rests on; absent where nothing was observed. */
  evidence?: Evidence;
  expected?: string;
  actual?: string;
  /** A likely cause, such as a misspelt name. */
  hint?: string;
  schemaErrors?: SchemaViolation[];
  /** Smallest part of the time limit that was left when something awaited came, in milliseconds. */
  marginMs?: number;
  /** The failure is expected: it is always there, or at times. */
  baseline?: 'fail' | 'flaky';
  /** The scenario did not run for want of users: what it judges may be judged elsewhere. */
  notRun?: true;
  /** The failure in the same scenario after which this could not be judged. */
  blockedBy?: RequirementId;
  /** Position in the trace of the event that shows the failure. */
  failedEvent?: number;
  trace?: TraceEvent[];
}

/** What a check saw, with what it wanted. */
export interface Observation {
  expected: string;
  actual: string;
  hint?: string | undefined;
  schemaErrors?: SchemaViolation[] | undefined;
  evidence?: Evidence;
  /** Why no server of the selftest makes this judgement fail, where none does. */
  neverFails?: string;
  /** The frame that shows the failure; the latest event unless given. */
  shownBy?: { event: number } | undefined;
}

/** Thrown when a precondition or positive control did not hold; what was not judged yet is inconclusive. */
export class Inconclusive extends Error {
  override name = 'Inconclusive';
  /** The rule whose breach is the reason, where it is known. */
  readonly blockedBy: RequirementId | undefined;

  constructor(message: string, blockedBy?: RequirementId) {
    super(message);
    this.blockedBy = blockedBy;
  }
}

/** Thrown when the rest of a scenario says nothing about this target, such as where its rooms are too small. */
export class NotApplicable extends Error {
  override name = 'NotApplicable';
}

/** Thrown after a failed check that leaves the rest of the scenario without a base. The failure is recorded already. */
export class Aborted extends Error {
  override name = 'Aborted';
  readonly requirement: RequirementId;

  constructor(requirement: RequirementId) {
    super(`${requirement} failed`);
    this.requirement = requirement;
  }
}
