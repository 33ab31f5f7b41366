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
const anyRoom = 'every room id of the pattern is accepted';

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
    const alice = await connect(context, 'alice');
    const handshake = await alice.untilHandshake(shared.timeoutMs + 1000);
    const url = shared.targets[0]?.url.href ?? '';
    if (handshake?.kind !== 'open') throw new UnreachableError(await explainHandshake(shared, alice, url));
    await alice.until(() => true, { timeoutMs: shared.timeoutMs });
    // Once something else came first, room_state is not worth the whole time limit.
    const state = await alice.until(isRoomState, { timeoutMs: Math.min(shared.timeoutMs, 1000) });
    if (state) return undefined;
    const refusal = refusalOf(alice);
    if (refusal) throw new UnreachableError(await rejected(shared, url, refusal));
    return describe(context, alice);
  } finally {
    await context.dispose();
  }
}

/** Close codes that servers give to credentials: of RFC 6455, of the WebSocket registry, and HTTP statuses behind a 4. */
const credentialCodes: readonly number[] = [1008, 3000, 3003, 4001, 4003, 4401, 4403];

/** How a connection was refused right after it was accepted, where that looks like the credentials' fault. */
function refusalOf({ received, closed }: Participant): string | undefined {
  const error = received.find(({ type, payload }) => type === 'error' && payload.code === 'UNAUTHORIZED');
  if (error) return `error UNAUTHORIZED: ${error.payload.message}`;
  // Any other error says what it is about.
  const isSaid = received.some(({ type, payload }) => type !== 'error' || typeof payload.code === 'string');
  if (!closed || !credentialCodes.includes(closed.code) || isSaid) return undefined;
  const said = received[0] ? `${shorten(received[0].text)}, then ` : '';
  const reason = closed.reason === '' ? '' : ` "${shorten(closed.reason)}"`;
  return `${said}close ${closed.code}${reason} right after the handshake`;
}

/** Users of a run, of whom a server with ready accounts has to know all. */
const everybody = 'alice, bob, carol, dave, erin, frank, grace, heidi, mallory, and guest0 to guest15';

async function rejected(shared: Shared, url: string, answer: string): Promise<string> {
  const token = await shared.tokens.valid('alice');
  const { sub, kid } = whatItSays(token);
  const who =
    sub === undefined ? '' : `The token's \`sub\` is ${JSON.stringify(sub)}${kid ? '' : ', and it names no `kid`'}. `;
  return `${url} rejects ${shared.tokens.origin} (${answer}). Does the server check tokens with the same key, issuer and audience? ${who}If it wants users that it knows, name them with --jwt-user; if tokens of another form, see --jwt-kid, --jwt-claims, --jwt-user-claim and --token-command; a run needs ${everybody}.`;
}

/** What a server looks at in a JWT before it knows the user; nothing where the token is none. */
function whatItSays(token: string): { sub?: unknown; kid?: unknown } {
  try {
    const [header = '', claims = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    const { kid } = JSON.parse(header) as { kid?: unknown };
    const { sub } = JSON.parse(claims) as { sub?: unknown };
    return { sub, kid };
  } catch {
    return {};
  }
}

/** Whether the configuration is to be had with the same token: then the token is good, and the path of the WebSocket is not. */
async function askConfig(shared: Shared): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${await shared.tokens.valid('alice')}` };
  const answer = shared.targets[0]?.requestConfig('GET', headers, shared.timeoutMs);
  return answer?.then(
    ({ status }) => status,
    () => undefined,
  );
}

async function explainHandshake(shared: Shared, { handshake }: Participant, url: string): Promise<string> {
  if (handshake?.kind === 'http') {
    const { status, contentType } = handshake;
    if (status === 429 || status === 503)
      return `${url} lets nobody in at the moment: the handshake was answered HTTP ${status}. Is it starting, or does it limit connections? Wait for it with --wait-for-target, or raise its limit for the suite.`;
    if (status === 401 || status === 403) {
      const answer = `HTTP ${status} to the handshake`;
      const config = await askConfig(shared);
      if (config === 200)
        return `${url} refuses the handshake for /webrtc/ws/{room_id} with HTTP ${status}, and answers /webrtc/config with the same token 200: the token is good. Is that the path of its WebSocket, and does the handshake read the token in its query? Some frameworks answer 403 where there is no WebSocket.`;
      if (config === 404)
        return `${url} answers the handshake for /webrtc/ws/{room_id} HTTP ${status}, and /webrtc/config 404. Is this the base URL of the signaling service? Some frameworks answer 403 where there is no WebSocket.`;
      return rejected(shared, url, answer);
    }
    if (status === 426 || ((status === 404 || status === 400) && (await askConfig(shared)) === 200))
      return `${url} answers /webrtc/config, and the handshake for /webrtc/ws/{room_id} HTTP ${status}, as if it were no handshake. Does a proxy in front of it strip \`Upgrade\` and \`Connection\`? They are to be passed on (nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection "upgrade"). If there is none, is that the path of its WebSocket?`;
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
  const isRoomId = first?.type === 'error' && first.payload.code === 'INVALID_ROOM_ID';
  return {
    requirement: isRoomId ? 'ROOM-1' : 'JOIN-1',
    scenario: isRoomId ? anyRoom : welcome,
    expected: isRoomId
      ? `a room whose id is ${JSON.stringify(context.room)} may be entered`
      : 'whoever joins receives room_state, a JSON object with the list payload.participants',
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
