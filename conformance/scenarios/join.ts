import { checkServerMessage, serverMessageTypes } from '../../generated/index.js';
import { explainViolations, misspelling } from '../inputs/near-miss.js';
import { describeState } from '../kit/describe.js';
import { connect, identity, join, joinAll, noticed, ownId } from '../kit/lobby.js';
import type { Participant } from '../kit/participant.js';
import { absent, expect, usableType } from '../kit/proofs.js';
import { carries, isAbout, isRoomState, participantIds, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';

function sameMembers(actual: readonly string[], expected: readonly string[]): boolean {
  return actual.length === expected.length && [...actual].sort().join('\n') === [...expected].sort().join('\n');
}

/** Waits for the first message of a connection and judges JOIN-1 by it. */
export async function checkWelcome(t: ScenarioContext, participant: Participant): Promise<Received> {
  const first = await expect(t, 'JOIN-1', participant, () => true, {
    expected: `${participant.name} receives room_state`,
  });
  const parsed = checkServerMessage(first.value);
  t.require('JOIN-1', first.type === 'room_state' && parsed.ok, {
    expected: `the first message ${participant.name} receives is a valid room_state`,
    actual: shorten(first.text),
    hint: misspelling('type', first.type, serverMessageTypes) ?? explainViolations(first.value, errorsOf(parsed)),
    schemaErrors: first.type === 'room_state' ? errorsOf(parsed) : [],
  });
  return first;
}

function errorsOf(parsed: ReturnType<typeof checkServerMessage>) {
  return parsed.ok ? [] : (parsed.error.details?.errors ?? []);
}

function checkMembers(t: ScenarioContext, joiner: Participant, members: readonly Participant[]): void {
  const state = joiner.received.find(isRoomState);
  const listed = participantIds(state);
  t.check(
    'JOIN-2',
    sameMembers(
      listed,
      members.map(({ userId }) => userId),
    ),
    {
      expected: `room_state of ${joiner.name} lists ${members.map(({ name, userId }) => `${name} (${userId})`).join(', ')}, each once`,
      actual: `it lists ${listed.join(', ') || 'nobody'}`,
    },
  );
  const count = state?.payload.participant_count;
  t.check('JOIN-3', count === undefined || count === listed.length, {
    expected: `participant_count equals the ${listed.length} participants listed`,
    actual: `participant_count is ${count}`,
  });
}

/** Judges that `witness` is told of `joiner` exactly once, up to a fence that `joiner` sends after joining. */
async function checkAnnounced(t: ScenarioContext, joiner: Participant, witness: Participant): Promise<void> {
  const announced = isAbout('user_joined', joiner.userId);
  const first = await expect(t, 'JOIN-4', witness, announced, {
    expected: `${witness.name} receives user_joined about ${joiner.name}`,
  });
  const parsed = checkServerMessage(first.value);
  t.check('JOIN-4', parsed.ok, {
    expected: 'a valid user_joined',
    actual: shorten(first.text),
    hint: explainViolations(first.value, errorsOf(parsed)),
    schemaErrors: errorsOf(parsed),
  });
  await absent(t, 'JOIN-4', (received) => announced(received) && received.index !== first.index, {
    sender: joiner,
    receiver: witness,
    expected: `${witness.name} receives user_joined about ${joiner.name} exactly once`,
  });
}

/** Answers the question of JOIN-7 for one pair: who found whom, and who was told. */
function describePair(a: Participant, b: Participant): string {
  const found = (one: Participant, other: Participant) =>
    participantIds(one.received.find(isRoomState)).includes(other.userId);
  const told = (one: Participant, other: Participant) =>
    one.received.filter(isAbout('user_joined', other.userId)).length;
  const fact = (one: Participant, other: Participant) =>
    `${one.name} ${found(one, other) ? 'found' : 'did not find'} ${other.name} and was told of it ${told(one, other)} times`;
  return `${fact(a, b)}; ${fact(b, a)}`;
}

function pairHolds(a: Participant, b: Participant): boolean {
  const found = (one: Participant, other: Participant) =>
    participantIds(one.received.find(isRoomState)).includes(other.userId);
  const told = (one: Participant, other: Participant) =>
    one.received.filter(isAbout('user_joined', other.userId)).length;
  if (found(a, b) === found(b, a)) return false;
  const [finder, other] = found(a, b) ? [a, b] : [b, a];
  // That it is told only once is for JOIN-4 to judge.
  return told(other, finder) > 0 && told(finder, other) === 0;
}

export const joinScenarios = [
  scenario('whoever joins receives room_state first', ['JOIN-1', 'JOIN-2', 'JOIN-3'], async (t) => {
    const members: Participant[] = [];
    for (const name of ['alice', 'bob', 'carol']) {
      const [participant, userId] = await Promise.all([connect(t, name), identity(t, name)]);
      const state = await checkWelcome(t, participant);
      participant.userId = ownId(t, participant, state) ?? userId;
      await noticed(t, participant, members);
      members.push(participant);
      checkMembers(t, participant, members);
    }
  }),
  scenario('room_state tells a joiner who it is', ['JOIN-12'], async (t) => {
    const joiners = await joinAll(t, 'alice', 'bob');
    const table = new Table(t);
    for (const joiner of joiners) {
      const state = joiner.received.find(isRoomState);
      const { your_user_id } = state?.payload ?? {};
      const wrong = your_user_id === joiner.userId ? undefined : `your_user_id is ${JSON.stringify(your_user_id)}`;
      table.enter(`${joiner.name}, who is "${joiner.userId}"`, wrong, state);
    }
    table.judge('JOIN-12', 'your_user_id of room_state is the user_id of its receiver');
  }),
  scenario('everybody else is told once who joined, the joiner is not', ['JOIN-4', 'JOIN-5'], async (t) => {
    const alice = await join(t, 'alice');
    const bob = await join(t, 'bob');
    await checkAnnounced(t, bob, alice);
    const carol = await join(t, 'carol');
    await checkAnnounced(t, carol, alice);
    await checkAnnounced(t, carol, bob);
    for (const joiner of [alice, bob, carol]) {
      await absent(t, 'JOIN-5', isAbout('user_joined', joiner.userId), {
        sender: joiner === alice ? bob : alice,
        receiver: joiner,
        expected: `${joiner.name} receives no user_joined about itself`,
      });
    }
  }),
  scenario('room_state is sent once, whoever comes and goes', ['JOIN-6'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    carol.close();
    await Promise.all(
      [alice, bob].map((one) => one.until(isAbout('user_left', carol.userId), { timeoutMs: t.timeoutMs })),
    );
    const dave = await join(t, 'dave', { noticedBy: [alice, bob] });
    for (const [from, at] of [
      [bob, alice],
      [dave, alice],
      [alice, bob],
      [dave, bob],
      [alice, dave],
    ] as const) {
      const own = at.received.find(({ type }) => type === 'room_state');
      await absent(t, 'JOIN-6', (received) => received.type === 'room_state' && received.index !== own?.index, {
        sender: from,
        receiver: at,
        expected: `${at.name} receives room_state once, on its own join`,
      });
    }
  }),
  scenario(
    'of two who join at the same moment, exactly one finds the other',
    ['JOIN-7'],
    async (t) => {
      const size = Math.min(20, t.tokens.capacity, t.profile.capacity ?? 20);
      const names =
        t.tokens.capacity === Number.POSITIVE_INFINITY
          ? Array.from({ length: size }, (_, seat) => `guest${seat}`)
          : ['alice', 'bob', 'carol', 'dave'].slice(0, size);
      const identities = await Promise.all(names.map((name) => identity(t, name)));
      for (let round = 0; round < 5; round++) {
        const room = t.newRoom();
        const crowd = await Promise.all(names.map((name) => connect(t, name, { room })));
        for (const [index, participant] of crowd.entries()) participant.userId = identities[index] ?? '';
        const states = await Promise.all(
          crowd.map((participant) => participant.until(isRoomState, { timeoutMs: t.timeoutMs })),
        );
        const missing = crowd[states.indexOf(undefined)];
        t.require('JOIN-7', missing === undefined, {
          expected: `all ${size} who join at once receive room_state`,
          actual: missing ? describeState(t, missing) : '',
        });
        const strangers = (one: Participant) =>
          crowd.filter(
            (other) => other !== one && !participantIds(one.received.find(isRoomState)).includes(other.userId),
          );
        await Promise.all(
          crowd.flatMap((one) =>
            strangers(one).map((other) => one.until(isAbout('user_joined', other.userId), { timeoutMs: t.timeoutMs })),
          ),
        );
        for (const [index, a] of crowd.entries()) {
          for (const b of crowd.slice(index + 1)) {
            t.require('JOIN-7', pairHolds(a, b), {
              expected: `exactly one of ${a.name} and ${b.name} finds the other in room_state, and the other is told by user_joined`,
              actual: describePair(a, b),
            });
          }
        }
        for (const participant of crowd) participant.close();
      }
    },
    { swift: true },
  ),
  scenario('a user who connects again replaces the older connection', ['JOIN-8'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const mark = bob.received.length;
    const again = await join(t, 'alice');
    const closed = await alice.untilClosed(t.timeoutMs);
    t.check('JOIN-8', closed?.code === 4001, {
      expected: 'the older connection is closed 4001',
      actual: closed ? `it is closed ${closed.code}` : 'it stays open',
    });
    const listed = participantIds(again.received.find(isRoomState));
    const times = (list: readonly string[]) => list.filter((id) => id === alice.userId).length;
    t.check('JOIN-8', times(listed) <= 1, {
      expected: 'the newer connection does not find the older one',
      actual: `its room_state lists ${listed.join(', ')}`,
    });
    const left = await expect(t, 'JOIN-8', bob, isAbout('user_left', alice.userId), {
      expected: 'bob receives user_left about alice',
      since: mark,
    });
    const joined = await expect(t, 'JOIN-8', bob, isAbout('user_joined', alice.userId), {
      expected: 'bob receives user_joined about alice',
      since: mark,
    });
    t.check('JOIN-8', left.index < joined.index, {
      expected: 'user_left comes before user_joined',
      actual: 'user_joined came first',
    });
    // A client would drop the newer connection. How often each is told is for JOIN-4 and LEAVE-1 to judge.
    const late = (received: Received) => isAbout('user_left', alice.userId)(received) && received.index > joined.index;
    await absent(t, 'JOIN-8', late, {
      sender: again,
      receiver: bob,
      since: mark,
      expected: 'bob is not told afterwards that alice left',
    });
    const carol = await join(t, 'carol', { noticedBy: [bob] });
    const members = participantIds(carol.received.find(isRoomState));
    t.check('JOIN-8', times(members) === 1, {
      expected: 'whoever joins later finds alice once',
      actual: `room_state of carol lists ${members.join(', ')}`,
    });
  }),
  scenario(
    'a joiner is reachable from the moment others learn of it',
    ['JOIN-9'],
    async (t) => {
      const bob = await join(t, 'bob');
      for (let round = 0; round < 5; round++) {
        const aliceId = await identity(t, 'alice');
        const joined = isAbout('user_joined', aliceId);
        const before = bob.received.length;
        const sent: [what: string, nonce: string][] = [];
        bob.onReceive = (received) => {
          if (!joined(received)) return;
          bob.onReceive = undefined;
          sent.push(['targeted', bob.signalNow(usableType(t, 'offer'), { to: aliceId }).nonce]);
          sent.push(['broadcast', bob.signalNow(usableType(t)).nonce]);
        };
        const alice = await connect(t, 'alice');
        await expect(t, 'JOIN-9', bob, joined, { expected: 'bob is told that alice joined', since: before });
        for (const [what, nonce] of sent) {
          const received = await expect(t, 'JOIN-9', alice, carries(nonce), {
            expected: `alice receives what bob sends (${what}) as soon as it knows of her`,
          });
          const state = alice.received.find(isRoomState);
          t.require('JOIN-9', state !== undefined && state.index < received.index, {
            expected: 'it arrives after room_state',
            actual: 'it arrived before room_state',
          });
        }
        const mark = bob.received.length;
        alice.close();
        await bob.until(isAbout('user_left', aliceId), { since: mark, timeoutMs: t.timeoutMs });
      }
    },
    { swift: true },
  ),
];
