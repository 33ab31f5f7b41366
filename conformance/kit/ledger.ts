import { type Feature, type RequirementId, requirements } from '../../generated/index.js';
import { Aborted, type Evidence, type Observation, type Outcome, type Result } from './outcome.js';

/**
 * Told of each judgement: where in the scenarios it stands, whether it holds, and why no server of the selftest makes it
 * fail, where that is so.
 */
export type OnJudgement = (site: string, holds: boolean, neverFails?: string) => void;

/** What the ledger has to know of a scenario. */
export interface ScenarioHead {
  name: string;
  /** Rules that it judges. */
  requirements: readonly RequirementId[];
  /** The optional feature that it is about. */
  feature?: Feature;
}

const weakestLast: Evidence[] = ['direct', 'observed', 'fence', 'quiet-window'];

/** Why a scenario stopped before its end. */
export interface Ending {
  outcome: 'inconclusive' | 'harness_error' | 'not_applicable';
  text: string;
  blockedBy?: RequirementId;
}

/** The judgements of one scenario: of each requirement the first failure, else that it holds. */
export class Ledger {
  readonly #scenario: ScenarioHead;
  readonly #lastEvent: () => number;
  readonly #onJudgement: OnJudgement | undefined;
  readonly #results = new Map<RequirementId, Result>();
  #isOver = false;

  constructor(
    scenario: ScenarioHead,
    /** Position in the trace of the latest event. */
    lastEvent: () => number,
    onJudgement?: OnJudgement,
  ) {
    this.#scenario = scenario;
    this.#lastEvent = lastEvent;
    this.#onJudgement = onJudgement;
  }

  /** Records a judgement and goes on. Returns whether it holds. */
  check(requirement: RequirementId | readonly RequirementId[], holds: boolean, observation: Observation): boolean {
    if (this.#isOver) return holds;
    this.#onJudgement?.(siteOfJudgement(), holds, observation.neverFails);
    for (const id of [requirement].flat() as RequirementId[]) {
      if (!this.#scenario.requirements.includes(id)) {
        throw new Error(`scenario "${this.#scenario.name}" judges ${id} without declaring it`);
      }
      this.#enter(id, holds, observation);
    }
    return holds;
  }

  /** Records a judgement; where it fails, ends the scenario, because what follows builds on it. */
  require(requirement: RequirementId | readonly RequirementId[], holds: boolean, observation: Observation): void {
    if (!this.check(requirement, holds, observation)) throw new Aborted([requirement].flat()[0] as RequirementId);
  }

  #enter(id: RequirementId, holds: boolean, { evidence = 'direct', ...observation }: Observation): void {
    const before = this.#results.get(id);
    if (before?.outcome === 'fail') return;
    const weaker = Math.max(weakestLast.indexOf(evidence), weakestLast.indexOf(before?.evidence ?? 'direct'));
    const result: Result = {
      ...this.#row(id, holds ? 'pass' : 'fail'),
      evidence: holds ? (weakestLast[weaker] ?? evidence) : evidence,
    };
    if (before?.marginMs !== undefined) result.marginMs = before.marginMs;
    if (!holds) {
      result.expected = observation.expected;
      result.actual = observation.actual;
      result.failedEvent = observation.shownBy?.event ?? this.#lastEvent();
      if (observation.hint !== undefined) result.hint = observation.hint;
      if (observation.schemaErrors?.length) result.schemaErrors = observation.schemaErrors;
    }
    this.#results.set(id, result);
  }

  #row(requirement: RequirementId, outcome: Outcome): Result {
    return { scenario: this.#scenario.name, requirement, level: requirements[requirement].level, outcome };
  }

  /** The scenario is over: what still runs beside it judges nothing any more. */
  close(): void {
    this.#isOver = true;
  }

  /** Records a rule that was seen broken in passing, whether or not the scenario judges it. */
  find(requirement: RequirementId, observation: Observation): void {
    this.#enter(requirement, false, { evidence: 'observed', ...observation });
  }

  /** Keeps the smallest part of the time limit that was left, in milliseconds, when something awaited came. */
  margin(ids: readonly RequirementId[], leftMs: number): void {
    for (const id of ids) {
      const result = this.#results.get(id);
      if (result) result.marginMs = Math.min(result.marginMs ?? Number.POSITIVE_INFINITY, Math.round(leftMs));
    }
  }

  /** Records that a rule says nothing about this target, and why. */
  notApplicable(requirement: RequirementId, reason: string): void {
    this.#results.set(requirement, { ...this.#row(requirement, 'not_applicable'), actual: reason });
  }

  /** A scenario that runs to its end judges all its rules, unless what fails leaves nothing to judge the others by. */
  #unjudged(): Ending {
    const failed = [...this.#results.values()].find(({ outcome }) => outcome === 'fail')?.requirement;
    return failed === undefined
      ? { outcome: 'harness_error', text: 'the scenario ended without judging it' }
      : { outcome: 'inconclusive', text: `not judged, because ${failed} failed`, blockedBy: failed };
  }

  /** One result for each declared requirement, and for each that was seen broken in passing. */
  results(ending?: Ending): Result[] {
    const found = [...this.#results.keys()].filter((id) => !this.#scenario.requirements.includes(id));
    return [...this.#scenario.requirements, ...found].map((requirement) => {
      const judged = this.#results.get(requirement);
      // What was judged before a scenario turned out not to apply stands.
      if (judged && (judged.outcome === 'fail' || !ending || ending.outcome === 'not_applicable')) return judged;
      const { outcome, text, blockedBy }: Ending = ending ?? this.#unjudged();
      const result: Result = { ...this.#row(requirement, outcome), actual: text };
      if (outcome === 'not_applicable') return result;
      // The first requirement stands for the scenario: it stays open, the others may be judged elsewhere.
      const blocker = blockedBy ?? this.#scenario.requirements[0];
      if (blocker !== undefined && blocker !== requirement) result.blockedBy = blocker;
      return result;
    });
  }
}

const framesDeep = 30;

/** The sites that are known, by the place of the code that runs: to look one up in the source is slow. */
const sites = new Map<string, string>();

/** The line in `scenarios/` that judges, such as `relay.ts:71`. */
function siteOfJudgement(): string {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = framesDeep;
  const error = new Error();
  Error.prepareStackTrace = (_, calls) => {
    const call = calls.find((each) => each.getFileName()?.includes('conformance/scenarios/'));
    return `${call?.getFileName()}:${call?.getLineNumber()}:${call?.getColumnNumber()}`;
  };
  const place = String(error.stack);
  Error.prepareStackTrace = prepareStackTrace;
  if (!sites.has(place)) {
    const { stack = '' } = new Error();
    sites.set(place, /conformance\/scenarios\/([\w-]+\.[jt]s:\d+)/.exec(stack)?.[1] ?? 'outside the scenarios');
  }
  Error.stackTraceLimit = stackTraceLimit;
  return sites.get(place) ?? '';
}
