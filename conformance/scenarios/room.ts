import type { Context } from '../kit/context.js';
import { join, joinAll, tryToJoin } from '../kit/lobby.js';
import type { Participant } from '../kit/participant.js';
import { absent, control, eventually, quiet } from '../kit/proofs.js';
import { carries, isAbout, isRoomState, participantIds, type Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import { checkRefused } from './auth.js';

/** An announcement about anybody else. What is told about those who are in is for the JOIN scenarios to judge. */
function joinedBeside(...known: readonly Participant[]): (received: Received) => boolean {
  return ({ type, payload }) => type === 'user_joined' && !known.some(({ userId }) => userId === payload.user_id);
}

function stateOf(participant: Participant): string[] {
  return participantIds(participant.received.find(isRoomState));
}

/** Ids outside the pattern; each could be taken for `room` by a server that trims, decodes twice, folds or resolves. */
function invalidRoomIds(room: string): { what: string; rawRoom: string }[] {
  return [
    { what: 'an empty room id', rawRoom: '' },
    { what: 'a room id with a dot', rawRoom: `${room}.` },
    { what: 'a room id with a space', rawRoom: `${room}%20` },
    { what: 'a room id with a line feed', rawRoom: `${room}%0A` },
    { what: 'a room id with a NUL', rawRoom: `${room}%00` },
    { what: 'a room id with an encoded slash', rawRoom: `${room}%2F` },
    { what: 'a room id with a tilde', rawRoom: `${room}~` },
    { what: 'a room id with an accented letter', rawRoom: `${room}%C3%A9` },
    { what: 'a room id that climbs out of a folder', rawRoom: `elsewhere/../${room}` },
    { what: 'a room id with encoded dots and slashes', rawRoom: `..%2F${room}` },
    { what: 'a room id that is encoded twice', rawRoom: `%25${room.charCodeAt(0).toString(16)}${room.slice(1)}` },
    { what: 'a room id with a broken percent sign', rawRoom: `${room}%` },
  ];
}

async function joinsAlone(t: Context, room: string): Promise<void> {
  const attempt = await tryToJoin(t, 'alice', { room });
  t.check('ROOM-1', attempt.outcome === 'admitted', {
    expected: `room id "${room}" is accepted`,
    actual: attempt.text,
  });
}

export const roomScenarios = [
  scenario('every room id of the pattern is accepted', ['ROOM-1'], async (t) => {
    const unique = t.newRoom().replace(/[^a-z0-9]/gi, '');
    const digit = String(Math.floor(Math.random() * 10));
    for (const room of [digit, `-${unique}`, `_${unique}`, `A-z_${unique}_9-`, unique.padEnd(100, 'Z').slice(-100)]) {
      await joinsAlone(t, room);
    }
  }),
  scenario('a room id outside the pattern is refused', ['ROOM-2', 'AUTH-6', 'AUTH-7', 'AUTH-8'], async (t) => {
    const longest = t.newRoom().padEnd(100, 'x').slice(0, 100);
    const bob = await join(t, 'bob');
    const carol = await join(t, 'carol', { room: longest });
    const ids = [...invalidRoomIds(t.room), { what: 'a room id of 101 characters', rawRoom: `${longest}x` }];
    for (const { what, rawRoom } of ids) {
      await checkRefused(t, 'ROOM-2', 'INVALID_ROOM_ID', await tryToJoin(t, 'alice', { rawRoom }), what);
      t.check('ROOM-2', !bob.received.some(joinedBeside(bob)), {
        expected: `${what} does not lead into the room it resembles`,
        actual: `"${rawRoom}" led into "${t.room}"`,
      });
    }
    await quiet(t, ['ROOM-2', 'AUTH-6'], [bob, carol], joinedBeside(bob, carol), {
      expected: 'no refused connection enters the room its id resembles',
    });
  }),
  scenario('rooms whose ids differ in case are different rooms', ['ROOM-3'], async (t) => {
    const upper = await join(t, 'alice', { room: `${t.room}-Case` });
    const lower = await join(t, 'bob', { room: `${t.room}-case` });
    t.check('ROOM-3', !stateOf(lower).includes(upper.userId), {
      expected: 'bob is alone in the room with the lower-case id',
      actual: `its room_state lists ${stateOf(lower).join(', ')}`,
    });
    await quiet(t, 'ROOM-3', [upper], joinedBeside(upper), {
      expected: 'alice hears of nobody joining the room with the lower-case id',
    });
  }),
  scenario('nothing said in one room reaches another', ['ROOM-4'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const elsewhere = t.newRoom();
    const carol = await join(t, 'carol', { room: elsewhere });
    const dave = await join(t, 'dave', { room: elsewhere, noticedBy: [carol] });
    const marks = [carol.received.length, dave.received.length];
    const sent = [
      await alice.offer(),
      await alice.candidate({ to: bob }),
      await alice.answer({ to: carol }),
      await alice.offer({ to: null }),
    ];
    await control(t, alice, bob);
    bob.close();
    await alice.until(isAbout('user_left', bob.userId), { timeoutMs: t.timeoutMs });
    await control(t, carol, dave);
    const foreign = (received: { type: string; text: string }) =>
      sent.some(({ nonce }) => carries(nonce)(received as never)) ||
      ['user_left', 'user_joined', 'room_state'].includes(received.type);
    for (const [index, outsider] of [carol, dave].entries()) {
      await quiet(t, 'ROOM-4', [outsider], foreign, {
        expected: `${outsider.name}, in another room, receives nothing of it`,
        since: marks[index] ?? 0,
      });
    }
  }),
  scenario('an abandoned room is empty', ['ROOM-5'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const participant of [bob, alice]) {
      participant.close();
      await participant.untilClosed(t.timeoutMs);
    }
    let listed: string[] = [];
    // The close may be announced up to 2 s after it happened (LEAVE-6), so the room is looked at until it is empty.
    const alone = await eventually(
      t,
      async () => {
        const carol = await join(t, 'carol');
        listed = stateOf(carol);
        carol.close();
        await carol.untilClosed(t.timeoutMs);
        return listed.filter((id) => id !== carol.userId).length === 0 ? true : undefined;
      },
      2000,
    );
    t.check('ROOM-5', alone === true, {
      expected: 'whoever joins after all have left is alone',
      actual: `room_state lists ${listed.join(', ')}`,
    });
  }),
  scenario(
    'a full room refuses the next and takes one when a place is free',
    ['ROOM-6'],
    async (t) => {
      const capacity = t.profile.capacity ?? 0;
      const members: Participant[] = [];
      for (let seat = 0; seat < capacity; seat++) members.push(await join(t, `guest${seat}`, { noticedBy: members }));
      const [first, last] = [members[0] as Participant, members.at(-1) as Participant];
      const marks = members.map(({ received }) => received.length);
      const attempt = await tryToJoin(t, 'late');
      t.require('ROOM-6', attempt.outcome === 'refused', {
        expected: `participant ${capacity + 1} is refused`,
        actual: attempt.text,
      });
      const [error] = attempt.participant.received;
      t.check('ROOM-6', attempt.status !== undefined || error?.payload.code === 'ROOM_FULL', {
        expected: 'the refusal is error ROOM_FULL, or an HTTP 4xx',
        actual: attempt.text,
      });
      for (const [index, member] of members.entries()) {
        const sender = member === first ? last : first;
        await absent(t, 'ROOM-6', joinedBeside(...members), {
          sender: sender,
          receiver: member,
          since: marks[index] ?? 0,
          expected: 'others are not told of a refused join',
        });
      }
      last.close();
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
        expected: 'a place that became free can be taken',
        actual: 'the room still refuses',
      });
    },
    { feature: 'capacity' },
  ),
];
