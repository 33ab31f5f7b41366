import { describeState } from '../kit/describe.js';
import { connect, identity, join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant, Sent } from '../kit/participant.js';
import { expect, quiet, sendFence, usableType } from '../kit/proofs.js';
import { carries, isAbout, isRoomState, participantIds } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';

/** Connects a user again who is in the room already, and judges that it gets in. */
async function again(t: ScenarioContext, name: string): Promise<Participant> {
  const userId = await identity(t, name);
  const newer = await connect(t, name);
  newer.userId = userId;
  await expect(t, 'JOIN-8', newer, isRoomState, { expected: `${name}, who connects again, receives room_state` });
  return newer;
}

/** Judges that a witness and the newest connection of a user can write to each other. */
async function checkTalks(t: ScenarioContext, witness: Participant, newest: Participant): Promise<void> {
  await witness.until(isAbout('user_joined', newest.userId), { since: 0, timeoutMs: t.timeoutMs });
  const sent = [
    await witness.signal(usableType(t, 'offer'), { to: newest }),
    await witness.signal(usableType(t), { to: newest }),
    await witness.signal(usableType(t, 'answer')),
  ];
  await checkReaches(t, 'JOIN-9', sent, newest);
  const said = [await newest.signal(usableType(t), { to: witness }), await newest.signal(usableType(t, 'offer'))];
  await checkReaches(t, 'JOIN-13', said, witness);
}

/** Judges that messages arrive. What is lost at first only breaks the rule of joiners: whoever connects again is one. */
async function checkReaches(
  t: ScenarioContext,
  ruleOfJoiners: 'JOIN-9' | 'JOIN-13',
  sent: readonly Sent[],
  receiver: Participant,
): Promise<void> {
  const arrived = await Promise.all(
    sent.map(({ nonce }) => receiver.until(carries(nonce), { timeoutMs: t.timeoutMs })),
  );
  const lost = sent.filter((_, index) => arrived[index] === undefined);
  const [first] = sent as [Sent];
  const isBroadcast = ({ message }: Sent) => message.payload.target_user_id === undefined;
  if (lost.length > 0 && lost.every(isBroadcast)) {
    const later = await first.from.signal((lost[0] as Sent).message.type);
    const arrives = await receiver.until(carries(later.nonce), { timeoutMs: t.timeoutMs });
    if (!arrives) throw new Inconclusive('no message to everybody arrives there', 'RELAY-2');
  }
  const isLate = lost.length > 0 && (await sendFence(t, first.from, receiver)) !== undefined;
  const broken = isLate ? ruleOfJoiners : 'JOIN-8';
  t.require(lost.length === 0 ? ['JOIN-8', ruleOfJoiners] : broken, lost.length === 0, {
    expected: `what ${first.from.name} sends arrives at ${receiver.name}, after ${receiver.name === 'bob' ? first.from.name : receiver.name} has connected again`,
    actual: `the ${lost.map(({ message }) => message.type).join(', ')} did not arrive${isLate ? ', a later candidate did' : ''}`,
  });
}

export const reconnectScenarios = [
  scenario(
    'who connects again, twice in a row, is reachable on the newest connection',
    ['JOIN-8', 'JOIN-9', 'JOIN-13'],
    async (t) => {
      const [bob, alice] = await joinAll(t, 'bob', 'alice');
      // What one more is told is seen by whoever watches all frames.
      const carol = await join(t, 'carol', { noticedBy: [bob, alice] });
      let last = alice;
      for (let round = 0; round < 2; round++) {
        const newest = await again(t, 'alice');
        const closed = await last.untilClosed(t.timeoutMs);
        t.check('JOIN-8', closed?.code === 4001, {
          expected: `the connection before, number ${round + 1}, is closed 4001`,
          actual: closed ? `it is closed ${closed.code}` : 'it stays open',
        });
        await checkTalks(t, bob, newest);
        last = newest;
      }
      await sendFence(t, bob, carol);
    },
  ),
  scenario(
    'a connection that is dead is replaced like any other',
    ['JOIN-8', 'LEAVE-4', 'JOIN-9', 'JOIN-13'],
    async (t) => {
      const [bob, alice] = await joinAll(t, 'bob', 'alice');
      // It reads nothing any more, so it does not answer its close, and goes on speaking.
      alice.stall();
      const mark = bob.received.length;
      const newest = await again(t, 'alice');
      const left = await expect(t, 'JOIN-8', bob, isAbout('user_left', alice.userId), {
        expected: 'bob is told that alice left, although the older connection does not answer',
        since: mark,
      });
      await expect(t, 'JOIN-8', bob, isAbout('user_joined', alice.userId), {
        expected: 'bob is told that alice joined again',
        since: left.index,
      });
      const late = [alice.signalNow('offer', { to: bob }), alice.signalNow('ice_candidate')];
      await checkTalks(t, bob, newest);
      const isLate = (received: Parameters<ReturnType<typeof carries>>[0]) =>
        late.some(({ nonce }) => carries(nonce)(received));
      await quiet(t, 'LEAVE-4', [bob, newest], isLate, {
        expected: 'nothing that the replaced connection sends is delivered',
      });
      const before = bob.received.length;
      alice.cut();
      await checkTalks(t, bob, newest);
      await quiet(t, 'JOIN-8', [bob], isAbout('user_left', alice.userId), {
        expected: 'the end of the replaced connection removes nobody',
        since: before,
      });
    },
  ),
  scenario(
    'of two connections that a user begins at the same moment one stays',
    ['JOIN-8', 'JOIN-9', 'JOIN-13'],
    async (t) => {
      const bob = await join(t, 'bob');
      const userId = await identity(t, 'alice');
      const both = await Promise.all([connect(t, 'alice'), connect(t, 'alice')]);
      for (const one of both) one.userId = userId;
      await Promise.race(both.map((one) => one.untilClosed(t.timeoutMs)));
      const open = both.filter(({ closed }) => !closed);
      t.require('JOIN-8', open.length === 1, {
        expected: 'one of the two connections is closed 4001, and the other stays',
        actual: open.length === 2 ? 'both stay open' : both.map((one) => describeState(t, one)).join('; '),
      });
      const [stays] = open as [Participant];
      const state = await stays.until(isRoomState, { timeoutMs: t.timeoutMs });
      if (!state) throw new Inconclusive('the connection that stays did not get in');
      const times = participantIds(state).filter((id) => id === userId).length;
      t.check('JOIN-8', times === 1, { expected: 'alice is listed once', actual: `she is listed ${times} times` });
      await checkTalks(t, bob, stays);
    },
    { swift: true },
  ),
];
