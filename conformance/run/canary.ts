import type { ClientMessage } from '../../generated/index.js';
import { connect } from '../kit/lobby.js';
import type { Participant, Sent } from '../kit/participant.js';
import { ruleOfType } from '../kit/proofs.js';
import { carries, isRoomState, participantIds } from '../kit/received.js';
import { ScenarioContext } from '../kit/scenario-context.js';
import type { Shared } from '../kit/shared.js';
import type { Cause } from './report.js';

const types = ['ice_candidate', 'offer', 'answer'] as const;

/** Two who are in a room together, before anything else is tried. */
interface Pair {
  t: ScenarioContext;
  alice: Participant;
  bob: Participant;
}

/**
 * Tries the shortest call there is, before the scenarios build on it: notes in `shared` how long an answer takes, which
 * types of message do not arrive, and whether a user can be in two rooms. Resolves with what was found.
 */
export async function tryShortCall(shared: Shared): Promise<Cause[]> {
  const causes = [...(await tryAcrossInstances(shared)), ...(await trySecondRoom(shared))];
  const pair = await enter(shared);
  if (pair === undefined) return causes;
  try {
    const lost = await exchange(pair, types);
    if (lost.length < types.length) return [...causes, ...(await nameLost(shared, lost))];
    // Where nothing arrives the first message may have closed the connection: each type is tried on one of its own.
    return [...causes, ...(await nameLost(shared, [...types]))];
  } finally {
    await pair.t.dispose();
  }
}

async function enter(shared: Shared): Promise<Pair | undefined> {
  const t = new ScenarioContext({ name: 'a short call', requirements: [] }, shared);
  const alice = await enterOne(t, 'alice', []);
  const bob = alice && (await enterOne(t, 'bob', [alice]));
  if (alice && bob) return { t, alice, bob };
  await t.dispose();
  return undefined;
}

async function enterOne(
  t: ScenarioContext,
  name: string,
  present: readonly Participant[],
): Promise<Participant | undefined> {
  const participant = await connect(t, name);
  const state = await participant.until(isRoomState, { timeoutMs: t.timeoutMs });
  const known = present.map(({ userId }) => userId);
  const [userId] = participantIds(state).filter((id) => !known.includes(id));
  if (userId === undefined) return undefined;
  participant.userId = userId;
  return participant;
}

/** Lets bob, the newcomer, send one message of each type, and gives the types that do not arrive. */
async function exchange({ t, alice, bob }: Pair, chosen: readonly ClientMessage['type'][]) {
  const began = t.now();
  const sent: Sent[] = [];
  for (const type of chosen) sent.push(await bob.signal(type, { to: alice }));
  const arrived = await Promise.all(
    sent.map(async (message) => {
      const received = await alice.until(carries(message.nonce), { timeoutMs: t.timeoutMs });
      if (received) noteRoundTrip(t.shared, received.at - began);
      return received !== undefined;
    }),
  );
  return chosen.filter((_, index) => !arrived[index]);
}

/** What must not come is waited for as long as several answers of the application take, on a busy machine too. */
function noteRoundTrip(shared: Shared, ms: number): void {
  shared.quietMs = Math.max(shared.quietMs, Math.min(10_000, 60 + 4 * ms) * shared.timeoutScale);
}

/** A type that is lost once more on a connection of its own is not tried again, and is named once. */
async function nameLost(shared: Shared, lost: readonly ClientMessage['type'][]): Promise<Cause[]> {
  const causes: Cause[] = [];
  for (const type of lost) {
    const pair = await enter(shared);
    if (pair === undefined) return causes;
    try {
      // What only a newcomer sends is lost where a server is deaf for a while: that is JOIN-13.
      const arrives = async () => (await exchange(pair, [type])).length === 0;
      if ((await arrives()) || (!pair.bob.closed && (await arrives()))) continue;
      const { closed } = pair.bob;
      const seen = closed ? `it closes the connection (${closed.code})` : 'it arrives nowhere, and nothing answers it';
      const error = pair.bob.received.find((received) => received.type === 'error');
      const text = error && !closed ? `it is answered ${error.payload.code}` : seen;
      shared.lostTypes.set(type, text);
      causes.push({
        text: `A valid ${type} to one who is in the room: ${text}. What builds on it is not judged.`,
        requirement: ruleOfType[type],
      });
    } finally {
      await pair.t.dispose();
    }
  }
  return causes;
}

/** Whether those who enter a room on different instances of the target meet. */
async function tryAcrossInstances(shared: Shared): Promise<Cause[]> {
  for (let other = 1; other < shared.targets.length; other++) {
    if (await meet(shared, 0, other)) continue;
    shared.sharesRooms = false;
    const [one, two] = [0, other].map((instance) => shared.targets[instance]?.url.href);
    const text = `The targets share no rooms: alice joins on ${one} and bob the same room on ${two}, and neither learns of the other. Are they instances of one deployment, with something between them that carries what is said? Every scenario keeps to one of them, so that the rest is judged.`;
    return [{ text, requirement: 'JOIN-7' }];
  }
  return [];
}

/** False where one joins on each of two instances, and nothing at all goes from one to the other. */
async function meet(shared: Shared, first: number, second: number): Promise<boolean> {
  const t = new ScenarioContext({ name: 'a call between instances', requirements: [] }, shared);
  try {
    const alice = await connect(t, 'alice', { instance: first });
    if (!(await alice.until(isRoomState, { timeoutMs: t.timeoutMs }))) return true;
    const bob = await connect(t, 'bob', { instance: second });
    const state = await bob.until(isRoomState, { timeoutMs: t.timeoutMs });
    if (!state || participantIds(state).length > 1) return true;
    await bob.candidate();
    return (await alice.until(({ type }) => type !== 'room_state', { timeoutMs: t.timeoutMs })) !== undefined;
  } finally {
    await t.dispose();
  }
}

/** Whether a user who enters a second room keeps the first one (ROOM-7): every scenario has the same users. */
async function trySecondRoom(shared: Shared): Promise<Cause[]> {
  const pair = await enter(shared);
  if (pair === undefined) return [];
  const { t, alice, bob } = pair;
  try {
    if ((await exchange(pair, ['ice_candidate'])).length > 0) return [];
    const second = await connect(t, 'alice', { room: t.newRoom() });
    const entered = await second.until(isRoomState, { timeoutMs: t.timeoutMs });
    const sent = await bob.candidate({ to: alice });
    const arrived = await alice.until(carries(sent.nonce), { timeoutMs: t.timeoutMs });
    if (entered && arrived) return [];
    shared.usersOfItsOwn = true;
    const seen = alice.closed
      ? `the first connection was closed ${alice.closed.code}`
      : entered
        ? 'the first connection receives nothing any more'
        : 'the second connection was refused';
    return [
      {
        text: `A user who enters a second room: ${seen}. The run goes on with users of its own for every scenario.`,
        requirement: 'ROOM-7',
      },
    ];
  } finally {
    await t.dispose();
  }
}
