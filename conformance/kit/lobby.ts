import { roomIdPattern } from '../../generated/index.js';
import type { Target } from '../inputs/target.js';
import type { Forgery } from '../inputs/tokens.js';
import type { Credential } from '../trace/trace-event.js';
import { describeState } from './describe.js';
import { Inconclusive } from './outcome.js';
import { Participant } from './participant.js';
import { sendFence } from './proofs.js';
import { isAbout, isError, isRoomState, participantIds, type Received, shorten } from './received.js';
import { ScenarioContext } from './scenario-context.js';
import type { Shared } from './shared.js';

/** How to connect. */
export interface ConnectOptions {
  /** The scenario's own room unless given. */
  room?: string;
  /** Put into the path as it is, for ids that need no or wrong encoding. */
  rawRoom?: string;
  /** The participant's own token unless given; null sends none. */
  token?: string | null;
  /** What a given token is worth: to be refused, unless the scenario says that it is valid. */
  credential?: Credential;
  /** Answers pings by itself; true unless given. */
  autoPong?: boolean;
  /** Headers of the handshake beside those that RFC 6455 wants. */
  headers?: Record<string, string>;
  /** Subprotocols to offer. */
  protocols?: string[];
  /** Offers permessage-deflate, as browsers do. */
  deflate?: boolean;
  /** Stands in the query behind the token, such as `name=value`. */
  query?: string;
  /** The number of the instance to connect to, from 0; the next in turn unless given. */
  instance?: number;
}

/** How an attempt to enter a room ended. */
export interface Attempt {
  participant: Participant;
  outcome: 'admitted' | 'refused' | 'silent';
  /** The refusal in words. */
  text: string;
  /** HTTP status, for a handshake that was refused. */
  status?: number;
}

/** Opens a connection and waits for nothing. */
export async function connect(t: ScenarioContext, name: string, options: ConnectOptions = {}): Promise<Participant> {
  const { rawRoom, room = rawRoom === undefined || roomIdPattern.test(rawRoom) ? (rawRoom ?? t.room) : undefined } =
    options;
  const own = options.token === undefined;
  if (own && room !== undefined) t.claimPlace(name, room);
  const token = own ? await t.tokens.valid(t.userOf(name)) : (options.token ?? undefined);
  if (t.isOver) throw new Inconclusive('the scenario is over');
  const instance = options.instance ?? t.nextInstance();
  const participant = new Participant(
    {
      name,
      roomId: room ?? '',
      target: t.shared.targets[instance] as Target,
      connection: {
        number: t.participants.length,
        ...(t.shared.targets.length > 1 && { instance }),
        credential: options.credential ?? (own ? 'valid' : token === undefined ? 'none' : 'forged'),
        ...(room !== undefined && { room }),
      },
      address: {
        token,
        ...(options.query && { query: options.query }),
        ...(rawRoom === undefined ? { room: room ?? '' } : { rawRoom }),
      },
      handshakeTimeoutMs: t.timeoutMs,
      handshake: options,
      pace: t.paceOf(name),
    },
    t,
  );
  t.participants.push(participant);
  return participant;
}

/**
 * Lets a participant join, and waits until those given in `noticedBy` know of it. This is a precondition: where it does
 * not come about the scenario is inconclusive.
 */
export async function join(
  t: ScenarioContext,
  name: string,
  { noticedBy = [], ...options }: ConnectOptions & { noticedBy?: readonly Participant[] } = {},
): Promise<Participant> {
  const userId = await identity(t, name);
  const participant = await connect(t, name, options);
  const state = await participant.until(isRoomState, { timeoutMs: t.timeoutMs });
  if (!state) throw new Inconclusive(`${name} could not join: ${describeState(t, participant)}`);
  participant.userId = ownId(t, participant, state) ?? userId;
  await noticed(t, participant, noticedBy);
  await settled(t, participant, noticedBy);
  return participant;
}

/** Joins several participants one after the other, each known to all before. */
export async function joinAll<const Names extends readonly string[]>(
  t: ScenarioContext,
  ...names: Names
): Promise<{ [Index in keyof Names]: Participant }> {
  const joined: Participant[] = [];
  for (const name of names) joined.push(await join(t, name, { noticedBy: joined }));
  return joined as { [Index in keyof Names]: Participant };
}

/** Who a joiner is on this connection: whoever its `room_state` lists beside those known to be there (AUTH-9). */
export function ownId(t: ScenarioContext, { roomId }: Participant, state: Received): string | undefined {
  const known = t.participants.filter((other) => other.roomId === roomId).map(({ userId }) => userId);
  const [own, ...more] = new Set(participantIds(state).filter((id) => !known.includes(id)));
  return more.length === 0 ? own : undefined;
}

/** Waits until the others have been told of a joiner. What they are told is for the JOIN scenarios to judge. */
export async function noticed(t: ScenarioContext, joiner: Participant, others: readonly Participant[]): Promise<void> {
  if (t.shared.announcesNobody) return;
  const told = await Promise.all(
    others.map((other) => other.until(isAbout('user_joined', joiner.userId), { timeoutMs: t.timeoutMs })),
  );
  if (told.some((message) => message === undefined)) t.shared.announcesNobody = true;
}

/**
 * Lets a joiner and one of the others write to each other once. A message that is lost is waited for in full, so that
 * the scenario can go on; JOIN-9 and JOIN-13 are broken by it.
 */
export async function settled(t: ScenarioContext, joiner: Participant, others: readonly Participant[]): Promise<void> {
  const other = others.at(-1);
  if (other === undefined || t.shared.relaysNothing) return;
  const reach = async (from: Participant, to: Participant) => {
    // A target that is known to lose the first message is not waited for in full each time.
    const timeoutMs = t.shared.losesFirst ? t.shared.quietMs : t.timeoutMs;
    const arrived = await sendFence(t, from, to, { timeoutMs });
    if (!arrived) t.paths.lost(from, to);
    return arrived;
  };
  const nobody = (arrived: readonly unknown[]) => arrived.every((received) => received === undefined);
  if (!nobody(await Promise.all([reach(other, joiner), reach(joiner, other)]))) return;
  // What is lost at first may arrive later; a server that relays no candidate at all is asked only once.
  const later = await Promise.all([sendFence(t, other, joiner), sendFence(t, joiner, other)]);
  if (nobody(later)) t.shared.relaysNothing = true;
}

/** The `user_id` of a participant, learned by joining a fresh room alone. */
export async function identity(t: ScenarioContext, name: string): Promise<string> {
  const user = t.userOf(name);
  const known = t.shared.identities.get(user) ?? learnIdentity(t.shared, user);
  t.shared.identities.set(user, known);
  const userId = await known;
  t.record({ at: t.now(), participant: name, kind: 'identity', userId });
  return userId;
}

/** In a context of its own, so that the sequence of the scenario does not show it. */
async function learnIdentity(shared: Shared, user: string): Promise<string> {
  // The user stands for itself here, whatever scenario asked.
  const t = new ScenarioContext({ name: `who ${user} is`, requirements: [] }, { ...shared, usersOfItsOwn: false });
  const name = user;
  try {
    const participant = await connect(t, name);
    const state = await participant.until(isRoomState, { timeoutMs: t.timeoutMs });
    const [id, another] = new Set(participantIds(state));
    // Where room_state leaves out the joiner, others are told who it is; JOIN-2 judges the list.
    const userId = state && id === undefined ? await askWitness(t, name) : id;
    if (userId !== undefined && another === undefined) return userId;
    const got = state ? shorten(state.text) : describeState(t, participant);
    throw new Inconclusive(`the user id of ${name} is not known: joining a fresh room alone gave ${got}`);
  } finally {
    await t.dispose();
  }
}

async function askWitness(t: ScenarioContext, name: string): Promise<string | undefined> {
  const room = t.newRoom();
  const witness = await connect(t, name === 'alice' ? 'bob' : 'alice', { room });
  await witness.until(isRoomState, { timeoutMs: t.timeoutMs });
  await connect(t, name, { room });
  const told = await witness.until(({ type }) => type === 'user_joined', { timeoutMs: t.timeoutMs });
  return typeof told?.payload.user_id === 'string' ? told.payload.user_id : undefined;
}

/** Tries to enter and says how it ended: for refusals. */
export async function tryToJoin(t: ScenarioContext, name: string, options: ConnectOptions = {}): Promise<Attempt> {
  const participant = await connect(t, name, options);
  const handshake = await participant.untilHandshake(t.timeoutMs);
  if (handshake?.kind === 'http') {
    const text = `HTTP ${handshake.status} to the handshake`;
    return { participant, outcome: 'refused', text, status: handshake.status };
  }
  if (handshake?.kind === 'error') return { participant, outcome: 'refused', text: handshake.message };
  const welcome = await participant.until((received) => !isError(received), { timeoutMs: t.timeoutMs });
  if (welcome) return { participant, outcome: 'admitted', text: `admitted: ${shorten(welcome.text)}` };
  if (!participant.closed) return { participant, outcome: 'silent', text: 'the connection stays open' };
  return { participant, outcome: 'refused', text: describeState(t, participant) };
}

/** A token that has to be refused, of mallory by default; where none can be made, the scenario is inconclusive. */
export async function forgedToken(t: ScenarioContext, forgery: Forgery, name?: string): Promise<string> {
  const token = await t.tokens.forged(forgery, name && t.userOf(name));
  if (token !== undefined) return token;
  const flags: Partial<Record<Forgery, string>> = {
    expired: '; give one with --expired-token-env',
    'not-yet-valid': '; give one with --not-yet-valid-token-env',
  };
  throw new Inconclusive(`a token that is ${forgery} cannot be made from ready tokens${flags[forgery] ?? ''}`);
}
