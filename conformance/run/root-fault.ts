import { type RequirementId, serverMessageTypes } from '../../generated/index.js';
import { explainViolations, misspelling } from '../inputs/near-miss.js';
import type { Target } from '../inputs/target.js';
import { Context, isRoomState, type Shared, shorten } from '../kit/context.js';
import type { TraceEvent } from '../kit/outcome.js';
import type { Participant } from '../kit/participant.js';
import { scenario } from '../kit/scenario.js';

/** There is no service to test, or it does not take the credentials. Exit code 3. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

/** Why nobody can join: told once, instead of by every scenario. */
export interface RootFault {
  requirement: RequirementId;
  /** The scenario under which it is reported. */
  scenario: string;
  expected: string;
  text: string;
  hint?: string | undefined;
  failedEvent: number;
  trace: TraceEvent[];
}

/** Waits until the targets take connections, for servers that are still starting. Rejects with {@link UnreachableError}. */
export async function waitForTargets(targets: readonly Target[], seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (const target of targets) {
    for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
      const answered = await target.requestConfig('GET', {}, 2000).then(
        () => true,
        () => false,
      );
      if (answered) break;
      if (performance.now() + pause > end) {
        throw new UnreachableError(`${target.url.href} did not answer within ${seconds} s (--wait-for-target)`);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

const welcome = 'whoever joins receives room_state first';

/**
 * Lets one participant join before anything else. Resolves with what is wrong at the root, or with undefined when
 * joining works; measures the round trip on the way. Rejects with {@link UnreachableError}.
 */
export async function findRootFault(shared: Shared): Promise<RootFault | undefined> {
  for (const target of shared.targets) {
    const fault = await tryToJoin({ ...shared, targets: [target] });
    if (fault) return fault;
  }
  const context = new Context(probe, shared);
  try {
    const participant = await context.connect('alice', { room: context.newRoom() });
    await participant.untilHandshake(shared.timeoutMs);
    const began = context.now();
    await participant.ping(shared.timeoutMs);
    // Several round trips, and room for a busy machine on both sides.
    shared.quietMs = Math.min(2000, 60 + 6 * (context.now() - began)) * shared.timeoutScale;
  } finally {
    await context.dispose();
  }
  return undefined;
}

const probe = scenario('probe', [], async () => {});

async function tryToJoin(shared: Shared): Promise<RootFault | undefined> {
  const context = new Context(probe, shared);
  try {
    const alice = await context.connect('alice', { room: context.newRoom() });
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

function describe(context: Context, alice: Participant): RootFault {
  const [first] = alice.received;
  const hint =
    first &&
    (misspelling('type', first.type, serverMessageTypes) ?? explainViolations(first.value, missingList(first.value)));
  return {
    requirement: 'JOIN-1',
    scenario: welcome,
    expected: 'whoever joins receives room_state, a JSON object with the list payload.participants',
    text: first ? `the first message was ${shorten(first.text, 300)}` : context.describeState(alice),
    hint,
    failedEvent: first?.event ?? context.trace.length - 1,
    trace: context.trace,
  };
}

function missingList(value: unknown) {
  const { type, payload } = (value ?? {}) as { type?: unknown; payload?: unknown };
  if (type !== 'room_state') return [];
  return [{ path: typeof payload === 'object' ? '/payload/participants' : '/payload', message: 'is missing' }];
}
