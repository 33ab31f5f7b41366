import { clientMessageTypes } from '../../generated/index.js';
import { describeState } from '../kit/describe.js';
import { connect, join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant, Sent } from '../kit/participant.js';
import { control, expect, sendFence, usableType } from '../kit/proofs.js';
import {
  carries,
  isAbout,
  isRoomState,
  type Matcher,
  participantIds,
  type Received,
  shorten,
} from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';

/** Judges that somebody who came back is a newcomer: `room_state` first and once, and nothing of what was said before. */
async function checkFresh(
  t: ScenarioContext,
  back: Participant,
  { witness, said }: { witness: Participant; said: readonly Sent[] },
): Promise<void> {
  await expect(t, 'JOIN-10', back, isRoomState, { expected: `${back.name}, who comes back, receives room_state` });
  // Whatever a server has to say to who comes back precedes what is sent from now on.
  const fence = await sendFence(t, witness, back);
  if (!fence) throw new Inconclusive(`${back.name} does not receive what ${witness.name} sends: JOIN-8 and JOIN-9`);
  const before = back.received.slice(0, fence.index);
  const old = before.filter((received) => said.some(({ nonce }) => carries(nonce)(received)));
  const states = before.filter(({ type }) => type === 'room_state');
  t.check('JOIN-10', old.length === 0, {
    expected: `${back.name} receives nothing that was said before it came back`,
    actual: `received ${old.length} old messages, the first ${shorten(old[0]?.text ?? '')}`,
    shownBy: old[0],
  });
  const listed = participantIds(states[0]);
  t.check('JOIN-10', states.length === 0 || listed.includes(witness.userId), {
    expected: `${back.name} finds ${witness.name} in its room_state`,
    actual: `it lists ${listed.join(', ')}`,
    shownBy: states[0],
  });
  t.check('JOIN-10', before[0] !== undefined && isRoomState(before[0]) && states.length === 1, {
    expected: `room_state is the first that ${back.name} receives, and comes once`,
    actual: `the first is ${before[0]?.type}, and ${states.length} room_state came`,
    shownBy: states[1] ?? before[0],
  });
}

/** Lets two say something, to all and to each other, of each type. */
async function talk(t: ScenarioContext, alice: Participant, bob: Participant): Promise<Sent[]> {
  const said: Sent[] = [];
  for (const [sender, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    for (const type of clientMessageTypes) {
      said.push(await sender.signal(type), await sender.signal(type, { to }));
    }
  }
  await control(t, bob, alice);
  return said;
}

export const returnScenarios = [
  scenario(
    'who leaves and joins again is a newcomer',
    ['JOIN-10', 'JOIN-4'],
    async (t) => {
      const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
      const said = await talk(t, alice, bob);
      alice.close();
      await bob.until(isAbout('user_left', alice.userId), { timeoutMs: t.timeoutMs });
      // What is said meanwhile is not for alice either. Where carol has it, it is under way no more.
      said.push(await bob.offer({ to: alice }));
      for (const sent of [await bob.offer(), await bob.candidate()]) {
        if (await carol.until(carries(sent.nonce), { timeoutMs: t.timeoutMs })) said.push(sent);
      }
      const mark = bob.received.length;
      const back = await connect(t, 'alice');
      back.userId = alice.userId;
      await checkFresh(t, back, { witness: bob, said });
      const told = await bob.until(isAbout('user_joined', back.userId), { since: mark, timeoutMs: t.timeoutMs });
      t.check('JOIN-4', told !== undefined, {
        expected: 'bob is told that alice joined again',
        actual: describeState(t, bob, { since: mark }),
      });
    },
    { swift: true },
  ),
  scenario('who takes the place of its older connection is a newcomer', ['JOIN-10'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const said = await talk(t, alice, bob);
    const back = await connect(t, 'alice');
    back.userId = alice.userId;
    await checkFresh(t, back, { witness: bob, said });
  }),
  scenario('who was cut off and joins again is a newcomer', ['JOIN-10'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const said = await talk(t, alice, bob);
    alice.cut();
    await bob.until(isAbout('user_left', alice.userId), { timeoutMs: t.timeoutMs });
    const back = await connect(t, 'alice');
    back.userId = alice.userId;
    await checkFresh(t, back, { witness: bob, said });
  }),
  scenario('a user in two rooms is at home in both', ['ROOM-7'], async (t) => {
    const elsewhere = t.newRoom();
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const [mark, markBob] = [alice.received.length, bob.received.length];
    const second = await connect(t, 'alice', { room: elsewhere });
    second.userId = alice.userId;
    const table = new Table(t);
    const expected = 'a user who is in two rooms is reachable and heard in both, and in the one that it stays in';
    const note = async (what: string, who: Participant, match: Matcher) => {
      const received = await who.until(match, { timeoutMs: t.timeoutMs });
      table.enter(what, received ? undefined : describeState(t, who));
    };
    await note('alice enters a second room', second, isRoomState);
    if (table.failed) return table.judge('ROOM-7', expected, { evidence: 'direct' });
    const carol = await join(t, 'carol', { room: elsewhere, noticedBy: [second] });
    const [type, toAll] = [usableType(t), usableType(t, 'offer')];
    const first = await bob.signal(type, { to: alice });
    const other = await carol.signal(type, { to: second });
    const ofBoth = [await alice.signal(toAll), await second.signal(toAll)] as const;
    await note('alice is reachable in the first room', alice, carries(first.nonce));
    await note('alice is reachable in the second room', second, carries(other.nonce));
    await note('alice is heard in the first room', bob, carries(ofBoth[0].nonce));
    await note('alice is heard in the second room', carol, carries(ofBoth[1].nonce));
    second.close();
    await carol.until(isAbout('user_left', second.userId), { timeoutMs: t.timeoutMs });
    const last = await bob.signal(type, { to: alice });
    await note('alice stays reachable in the first room after it left the second', alice, carries(last.nonce));
    table.judge('ROOM-7', expected, { evidence: 'direct' });
    const isPresence = ({ type }: Received) => ['user_joined', 'user_left', 'room_state'].includes(type);
    const stray = [...alice.received.slice(mark), ...bob.received.slice(markBob)].find(isPresence);
    t.check('ROOM-7', stray === undefined && !alice.closed, {
      expected: 'the first room notices nothing of the second',
      actual: alice.closed ? `alice was closed ${alice.closed.code} there` : `received ${shorten(stray?.text ?? '')}`,
      shownBy: stray,
    });
  }),
];
