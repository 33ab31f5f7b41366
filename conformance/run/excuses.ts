import type { RequirementId } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import { intakeLimit } from '../kit/intake.js';
import type { Result } from '../kit/outcome.js';
import { ruleOfType } from '../kit/proofs.js';
import { readFrame } from '../kit/received.js';
import type { Shared } from '../kit/shared.js';
import type { ConnectionNumber, TraceEvent } from '../trace/trace-event.js';
import type { Cause } from './report.js';

/** Why the failures of a scenario say nothing of the rules they name, where that is so. */
export interface Excuse {
  cause: Cause;
  /** Words for the results: `the target limits messages`. */
  because: string;
  /** The rules that it excuses; all but its own where there are none. */
  only?: ReadonlySet<RequirementId>;
}

/** Looks in the trace of a scenario with failures for what the target does beside the rules. */
export function findExcuse(trace: readonly TraceEvent[], shared: Shared): Excuse | undefined {
  return (
    findFlood(trace) ??
    findRateLimit(trace, shared.profile) ??
    findHandshakeLimit(trace) ??
    findCapacity(trace, shared.profile) ??
    findLostType(trace, shared) ??
    findNameless(trace, shared)
  );
}

/** Whether somebody was told that it sent too much, however little that was: alone it may be the wrong code for something else. */
export function meetsRateLimit(trace: readonly TraceEvent[]): boolean {
  return trace.some(isLimited);
}

const isLimited = (event: TraceEvent) =>
  event.kind === 'receive' && readFrame(event.text).payload.code === 'RATE_LIMIT_EXCEEDED';

/** Failures become inconclusive, but for the rule that the cause itself breaks. */
export function excuseResults(results: readonly Result[], { cause, because, only }: Excuse): Result[] {
  return results.map((result) => {
    if (result.outcome !== 'fail' || result.requirement === cause.requirement) return result;
    if (only && !only.has(result.requirement)) return result;
    const { scenario, requirement, level } = result;
    const blockedBy = cause.requirement && { blockedBy: cause.requirement };
    return {
      scenario,
      requirement,
      level,
      outcome: 'inconclusive',
      actual: `${because}: ${result.actual}`,
      ...blockedBy,
    };
  });
}

/** So many messages within a second are no reason to be refused for a server that claims no limit. */
const suspicious = 15;

/** Words for the results where a target limits messages. */
export const limitsMessages = 'the target limits messages';

/** Words for the results where a target sends without end. */
export const floods = 'the target floods its clients';

function findFlood(trace: readonly TraceEvent[]): Excuse | undefined {
  const flood = trace.find(({ kind }) => kind === 'flood');
  if (flood === undefined) return undefined;
  const text = `The target floods its clients: ${flood.participant} received more than the suite keeps (${intakeLimit}), and was cut off.`;
  return { because: floods, cause: { text } };
}

function findRateLimit(trace: readonly TraceEvent[], { rateLimit }: Profile): Excuse | undefined {
  const error = trace.find(isLimited);
  if (error?.kind !== 'receive') return undefined;
  const within = (ms: number) =>
    trace.filter(
      (event) =>
        (event.kind === 'send' || event.kind === 'send-frames') &&
        event.participant === error.participant &&
        event.at <= error.at &&
        event.at > error.at - ms,
    ).length;
  const burst = within(1000);
  if (burst < Math.min(suspicious, (rateLimit?.burst ?? Number.POSITIVE_INFINITY) / 2)) return undefined;
  const claim = rateLimit
    ? `The profile claims a limit of ${rateLimit.burst} at once and ${rateLimit.perSecond} a second; state a smaller one, or per: user where all connections of a user count together.`
    : `The profile claims no limit: state it as rateLimit: {burst: …, perSecond: …}, and the suite keeps within it.`;
  return {
    because: limitsMessages,
    cause: {
      text: `The target limits messages: ${error.participant} was answered RATE_LIMIT_EXCEEDED after ${burst} messages within a second. ${claim}`,
    },
  };
}

function findHandshakeLimit(trace: readonly TraceEvent[]): Excuse | undefined {
  const refused = trace.find(
    (event) => (event.kind === 'refused' || event.kind === 'response') && [429, 503].includes(event.status),
  );
  if (refused?.kind !== 'refused' && refused?.kind !== 'response') return undefined;
  const what = refused.kind === 'refused' ? 'handshakes' : 'requests';
  return {
    because: `the target limits ${what}`,
    cause: {
      text: `The target limits ${what}: HTTP ${refused.status}. Raise its limit for this run, or lower --workers.`,
    },
  };
}

/** A room that takes fewer than a scenario needs says nothing against a server, but that it should be claimed. */
function findCapacity(trace: readonly TraceEvent[], { capacity }: Profile): Excuse | undefined {
  // Where a number is claimed, ROOM-6 judges whether it is true.
  if (capacity !== undefined) return undefined;
  const full = trace.find((event) => event.kind === 'receive' && readFrame(event.text).payload.code === 'ROOM_FULL');
  if (full === undefined) return undefined;
  const text = `The target limits its rooms: ${full.participant} was answered ROOM_FULL. The profile claims no number: state it as capacity, with the feature capacity, and what needs more is left out.`;
  return { because: 'the target limits its rooms', cause: { text } };
}

/** Rules that are judged by the `user_id` of those whom `room_state` lists. */
const judgedByList: ReadonlySet<RequirementId> = new Set([
  'AUTH-9',
  'ROOM-1',
  'ROOM-5',
  'JOIN-2',
  'JOIN-7',
  'JOIN-8',
  'JOIN-10',
  'JOIN-13',
  'LEAVE-3',
]);

/** Rules that are judged by the `user_id` of whoever is announced. */
const judgedByAnnouncement: ReadonlySet<RequirementId> = new Set(['JOIN-7', 'JOIN-8', 'JOIN-9', 'JOIN-11']);

/** What names nobody breaks the rule about itself, and none that is judged by the names. */
function findNameless(trace: readonly TraceEvent[], { dialect }: Shared): Excuse | undefined {
  const hasId = (entry: unknown) => typeof (entry as { user_id?: unknown } | null)?.user_id === 'string';
  for (const event of trace) {
    if (event.kind !== 'receive') continue;
    const { type, payload } = readFrame(event.text, dialect);
    const { participants } = payload;
    if (type === 'room_state' && Array.isArray(participants) && !participants.every(hasId)) {
      const because = 'room_state lists somebody without a user_id';
      return { because, cause: { text: '', requirement: 'JOIN-1' }, only: judgedByList };
    }
    if (type === 'user_joined' && !hasId(payload)) {
      const because = 'user_joined says of nobody who joined';
      return { because, cause: { text: '', requirement: 'JOIN-4' }, only: judgedByAnnouncement };
    }
  }
  return undefined;
}

function findLostType(trace: readonly TraceEvent[], { lostTypes }: Shared): Excuse | undefined {
  if (lostTypes.size === 0) return undefined;
  const sent = new Map<ConnectionNumber, keyof typeof ruleOfType>();
  for (const event of trace) {
    const text = event.kind === 'send' ? event.text : event.kind === 'send-frames' ? event.message : undefined;
    const type = text === undefined ? undefined : (readFrame(text).type as keyof typeof ruleOfType);
    if ('connection' in event && type !== undefined && lostTypes.has(type)) sent.set(event.connection, type);
    if (event.kind !== 'closed' || event.code === 1000) continue;
    const closing = sent.get(event.connection);
    if (closing === undefined) continue;
    return {
      because: `a valid ${closing} closes the connection`,
      cause: { text: '', requirement: ruleOfType[closing] },
    };
  }
  return undefined;
}
