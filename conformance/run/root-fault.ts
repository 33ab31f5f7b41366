import { type RequirementId, serverMessageTypes } from '../../generated/index.js';
import { explainViolations, misspelling } from '../inputs/near-miss.js';
import { UnreachableError } from '../inputs/unreachable.js';
import { describeState } from '../kit/describe.js';
import { recogniseDialect } from '../kit/dialect.js';
import { connect } from '../kit/lobby.js';
import type { Participant } from '../kit/participant.js';
import { isRoomState, shorten } from '../kit/received.js';
import { ScenarioContext } from '../kit/scenario-context.js';
import type { Shared } from '../kit/shared.js';
import type { TraceEvent } from '../trace/trace-event.js';

/** Why nobody can join: told once, instead of by every scenario. */
export interface RootFault {
  requirement: RequirementId;
  /** The scenario under which it is reported. */
  scenario: string;
  expected: string;
  text: string;
  hint?: string | undefined;
  /** The type of the first message; empty where it has none. */
  firstType: string;
  failedEvent: number;
  trace: TraceEvent[];
}

const welcome = 'whoever joins receives room_state first';

/**
 * Lets one participant join before anything else. Resolves with what is wrong at the root, or with undefined when
 * joining works. Where only the spelling is wrong, `shared.dialect` is set, and the rest can be judged. Rejects with {@link UnreachableError}.
 */
export async function findRootFault(shared: Shared): Promise<RootFault | undefined> {
  for (const target of shared.targets) {
    const fault = await tryToJoin({ ...shared, targets: [target] });
    if (fault === undefined) continue;
    shared.dialect = recogniseDialect(fault.firstType);
    const joinable = shared.dialect && (await tryToJoin({ ...shared, targets: [target] })) === undefined;
    if (!joinable) shared.dialect = undefined;
    return fault;
  }
  return undefined;
}

const probe = { name: 'probe', requirements: [] };

async function tryToJoin(shared: Shared): Promise<RootFault | undefined> {
  const context = new ScenarioContext(probe, shared);
  try {
    const alice = await connect(context, 'alice', { room: context.newRoom() });
    const handshake = await alice.untilHandshake(shared.timeoutMs + 1000);
    const url = shared.targets[0]?.url.href ?? '';
    if (handshake?.kind !== 'open') throw new UnreachableError(explainHandshake(shared, alice, url));
    await alice.until(() => true, { timeoutMs: shared.timeoutMs });
    // Once something else came first, room_state is not worth the whole time limit.
    const state = await alice.until(isRoomState, { timeoutMs: Math.min(shared.timeoutMs, 1000) });
    if (state) return undefined;
    const refusal = alice.received.find(({ type, payload }) => type === 'error' && payload.code === 'UNAUTHORIZED');
    if (refusal) throw new UnreachableError(rejected(shared, url, `error UNAUTHORIZED: ${refusal.payload.message}`));
    return describe(context, alice);
  } finally {
    await context.dispose();
  }
}

function rejected(shared: Shared, url: string, answer: string): string {
  return `${url} rejects ${shared.tokens.origin} (${answer}). Does the server check tokens with the same key, issuer and audience?`;
}

function explainHandshake(shared: Shared, { handshake }: Participant, url: string): string {
  if (handshake?.kind === 'http') {
    const { status, contentType } = handshake;
    if (status === 429 || status === 503)
      return `${url} lets nobody in at the moment: the handshake was answered HTTP ${status}. Is it starting, or does it limit connections? Wait for it with --wait-for-target, or raise its limit for the suite.`;
    if (status === 401 || status === 403) return rejected(shared, url, `HTTP ${status} to the handshake`);
    return `No WebSocket at ${url}: the handshake for /webrtc/ws/{room_id} was answered HTTP ${status} (${contentType}). Is this the base URL of the signaling service?`;
  }
  const code = handshake?.kind === 'error' ? handshake.code : undefined;
  if (code === 'ECONNREFUSED') return `Nothing listens at ${url} (connection refused). Is the server running?`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The host of ${url} is not known (${code}).`;
  if (code?.includes('CERT') || code?.includes('SIGNED'))
    return `${url} has a certificate that is not trusted (${code}); give its authority with --ca FILE.`;
  const why = handshake?.kind === 'error' ? handshake.message : `no answer within ${shared.timeoutMs} ms`;
  return `${url} did not complete the WebSocket handshake: ${why}.`;
}

function describe(context: ScenarioContext, alice: Participant): RootFault {
  const [first] = alice.received;
  const hint =
    first &&
    (misspelling('type', first.type, serverMessageTypes) ?? explainViolations(first.value, missingList(first.value)));
  return {
    requirement: 'JOIN-1',
    scenario: welcome,
    expected: 'whoever joins receives room_state, a JSON object with the list payload.participants',
    text: first ? `the first message was ${shorten(first.text, 300)}` : describeState(context, alice),
    hint,
    firstType: first?.type ?? '',
    failedEvent: first?.event ?? context.trace.length - 1,
    trace: context.trace,
  };
}

function missingList(value: unknown) {
  const { type, payload } = (value ?? {}) as { type?: unknown; payload?: unknown };
  if (type !== 'room_state') return [];
  return [{ path: typeof payload === 'object' ? '/payload/participants' : '/payload', message: 'is missing' }];
}
