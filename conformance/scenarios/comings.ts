import { setTimeout as pass } from 'node:timers/promises';
import { clientMessageTypes } from '../../generated/index.js';
import { connect, identity, join, joinAll, tryToJoin } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant } from '../kit/participant.js';
import { eventually, needsType } from '../kit/proofs.js';
import { isAbout, isError, isRoomState, participantIds } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { arrivals, awaitAll, type Letter, post, Table, usableForms } from '../kit/table.js';

/** Milliseconds after which somebody enters a room that was just left. */
const pauses = [0, 20, 50, 100, 150, 250] as const;

/** Milliseconds by which somebody begins to connect before the last one leaves: handshakes take a few. */
const headStarts = [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10] as const;

/** Fills a room to what the profile claims. */
async function fill(t: ScenarioContext, room: string): Promise<Participant[]> {
  const members: Participant[] = [];
  for (let seat = 0; seat < (t.profile.capacity ?? 0); seat++)
    members.push(await join(t, `guest${seat}`, { room, noticedBy: members }));
  return members;
}

/** Who entered a room, and when. */
interface Entered {
  what: string;
  room: string;
  bob: Participant;
}

/** Has bob enter rooms while the last one leaves; one after the other, so that nothing else takes time meanwhile. */
async function enterMeanwhile(t: ScenarioContext): Promise<Entered[]> {
  const entered: Entered[] = [];
  await identity(t, 'bob');
  for (const headStart of headStarts) {
    const room = t.newRoom();
    const alice = await join(t, 'alice', { room });
    const leave = async () => {
      if (headStart > 0) await pass(headStart);
      alice.close();
    };
    const [bob] = await Promise.all([join(t, 'bob', { room }), leave()]);
    entered.push({ what: `bob, who began to connect ${headStart} ms before the last one left`, room, bob });
  }
  return entered;
}

export const comingScenarios = [
  scenario(
    'who enters a room that was just left, or is being left, stays in it',
    ['JOIN-7'],
    async (t) => {
      const table = new Table(t);
      const after = pauses.map(async (pause): Promise<Entered> => {
        const room = t.newRoom();
        const alice = await join(t, 'alice', { room });
        alice.close();
        await alice.untilClosed(t.timeoutMs);
        await pass(pause);
        return { what: `bob, ${pause} ms after the last one left`, room, bob: await join(t, 'bob', { room }) };
      });
      const entered = (await Promise.all([...after, enterMeanwhile(t)])).flat();
      // Whatever sweeps empty rooms has swept them by then.
      await Promise.race(entered.map(({ bob }) => bob.untilClosed(Math.max(400, t.shared.quietMs))));
      await Promise.all(
        entered.map(async ({ what, room, bob }) => {
          const carol = await join(t, 'carol', { room });
          const found = participantIds(carol.received.find(isRoomState)).includes(bob.userId);
          const told = await bob.until(isAbout('user_joined', carol.userId), { timeoutMs: t.timeoutMs });
          const wrong = [...(found ? [] : ['carol does not find him']), ...(told ? [] : ['he is not told of carol'])];
          table.enter(what, wrong.length > 0 ? wrong.join(', and ') : undefined);
        }),
      );
      table.judge('JOIN-7', 'who joins then finds bob, and he is told', { evidence: 'direct' });
    },
    { swift: true },
  ),
  scenario(
    'a message to everybody reaches who stays, while others come, go and are cut off',
    ['RELAY-2'],
    async (t) => {
      const [alice, bob, dave, carol] = await joinAll(t, 'alice', 'bob', 'dave', 'carol');
      const forms = usableForms(t).filter(({ name }) => name !== 'pranswer');
      const letters: Letter[] = [];
      const say = async () =>
        letters.push(
          ...(await post(
            alice,
            forms.concat(forms).map((form) => ({ form })),
          )),
        );
      // Dave stands between bob and carol in whatever list there is.
      dave.cut({ reset: true });
      await say();
      for (let round = 0; round < 4; round++) {
        const erin = await connect(t, 'erin');
        await say();
        await erin.until(isRoomState, { timeoutMs: t.timeoutMs });
        if (round % 2 === 0) erin.close();
        else erin.cut();
        await say();
        await alice.until(isAbout('user_left', await identity(t, 'erin')), {
          since: alice.received.length,
          timeoutMs: t.shared.quietMs,
        });
      }
      await Promise.all([bob, carol].map((receiver) => awaitAll(t, letters, receiver)));
      const table = Table.ofForms(t);
      for (const receiver of [bob, carol]) {
        const lost = letters.filter((letter) => arrivals(letter, receiver).length === 0).length;
        const twice = letters.filter((letter) => arrivals(letter, receiver).length > 1).length;
        const wrong = lost > 0 ? `${lost} did not arrive` : twice > 0 ? `${twice} arrived more than once` : undefined;
        table.enter(`${letters.length} messages of alice at ${receiver.name}`, wrong);
      }
      table.judge('RELAY-2', 'each reaches everybody who stays, once');
    },
    { users: 5 },
  ),
  scenario(
    'of many who want the last places as many get in as there are',
    ['ROOM-6'],
    async (t) => {
      const capacity = t.profile.capacity ?? 0;
      const room = t.newRoom();
      const many = Array.from({ length: capacity + 4 }, (_, seat) => `guest${seat}`);
      const attempts = await Promise.all(many.map((name) => tryToJoin(t, name, { room })));
      const inside = attempts.filter(({ outcome }) => outcome === 'admitted').length;
      t.check('ROOM-6', inside === capacity, {
        expected: `of ${many.length} who join at once ${capacity} get in`,
        actual: `${inside} get in`,
      });
    },
    { feature: 'capacity' },
  ),
  scenario(
    'a member of a full room who connects again takes its own place',
    ['ROOM-6'],
    async (t) => {
      const members = await fill(t, t.room);
      const first = members[0] as Participant;
      const again = await tryToJoin(t, first.name);
      const closed = await first.untilClosed(t.timeoutMs);
      t.check('ROOM-6', again.outcome === 'admitted' && closed?.code === 4001, {
        expected: 'a member who connects again to a full room is admitted, and its older connection is closed 4001',
        actual: `${again.text}; the older connection ${closed ? `was closed ${closed.code}` : 'stays open'}`,
      });
      const next = await tryToJoin(t, 'late');
      t.check('ROOM-6', next.outcome === 'refused', {
        expected: 'the room is as full as before',
        actual: next.text,
      });
    },
    { feature: 'capacity' },
  ),
  scenario(
    'the place of somebody who was cut off can be taken',
    ['ROOM-6'],
    async (t) => {
      const members = await fill(t, t.room);
      const [first, last] = [members[0] as Participant, members.at(-1) as Participant];
      last.cut({ reset: true });
      await first.until(isAbout('user_left', last.userId), { timeoutMs: t.timeoutMs });
      const admitted = await eventually(
        t,
        async () => {
          const next = await tryToJoin(t, 'late');
          return next.outcome === 'admitted' ? next : undefined;
        },
        2000,
      );
      t.check('ROOM-6', admitted !== undefined, {
        expected: 'the place of who was cut off can be taken',
        actual: 'the room still refuses',
      });
    },
    { feature: 'capacity' },
  ),
  scenario('what is said twice arrives twice', ['OFFER-2', 'ANSWER-1', 'ICE-3'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const rules = { offer: 'OFFER-2', answer: 'ANSWER-1', ice_candidate: 'ICE-3' } as const;
    const letters: Letter[] = [];
    for (const form of usableForms(t).filter(({ name }) => name !== 'pranswer')) {
      for (const options of [{ to: bob }, {}]) {
        const [letter] = (await post(alice, [{ form, options }])) as [Letter];
        letters.push(letter);
        await alice.sendText(letter.sent.text);
      }
    }
    if (letters.length === 0) throw new Inconclusive('no message arrives at all');
    const isTwice = () => letters.every((letter) => arrivals(letter, bob).length >= 2);
    await bob.until(isTwice, { since: bob.received.length, timeoutMs: t.timeoutMs });
    const error = alice.received.find(isError);
    for (const letter of letters) {
      const times = arrivals(letter, bob).length;
      // What does not arrive at all is for other scenarios to judge.
      t.check(rules[letter.form.type], times !== 1, {
        expected: `${letter.what}, sent twice, arrives twice`,
        actual: `it arrived once${error ? `; alice was answered ${error.payload.code}` : ''}`,
      });
    }
    for (const type of clientMessageTypes) needsType(t, type);
  }),
];
