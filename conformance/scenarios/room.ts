import { type Attempt, join, joinAll, tryToJoin } from '../kit/lobby.js';
import type { Participant, Sent } from '../kit/participant.js';
import { absent, control, eventually, quiet } from '../kit/proofs.js';
import { carries, isAbout, isRoomState, participantIds, type Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';
import { checkRefused } from './auth.js';

/** An announcement about anybody else. What is told about those who are in is for the JOIN scenarios to judge. */
function joinedBeside(...known: readonly Participant[]): (received: Received) => boolean {
  return ({ type, payload }) => type === 'user_joined' && !known.some(({ userId }) => userId === payload.user_id);
}

function stateOf(participant: Participant): string[] {
  return participantIds(participant.received.find(isRoomState));
}

/** Milliseconds after which a close is known to everybody (LEAVE-6), and a little more. */
const lateLeaveMs = 2500;

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
    { what: 'a room id with encoded dots and slashes', rawRoom: `..%2F${room}` },
    { what: 'a room id that is encoded twice', rawRoom: `%25${room.charCodeAt(0).toString(16)}${room.slice(1)}` },
    ...Array.from(":@+=,!*'($&;", (character) => ({
      what: `a room id with "${character}"`,
      rawRoom: `${room}${character}x`,
    })),
    { what: 'a room id with a matrix parameter', rawRoom: `${room};v=1` },
    { what: 'a room id with a backslash', rawRoom: `${room}%5Cx` },
    { what: 'a room id with a broken percent sign', rawRoom: `${room}%` },
  ];
}

async function joinsAlone(t: ScenarioContext, room: string): Promise<void> {
  const attempt = await tryToJoin(t, 'alice', { room });
  t.check('ROOM-1', attempt.outcome === 'admitted', {
    expected: `room id "${room}" is accepted`,
    actual: attempt.text,
  });
}

export const roomScenarios = [
  scenario('every room id of the pattern is accepted', ['ROOM-1'], async (t) => {
    const unique = t.newRoom().replace(/[^a-z0-9]/gi, '');
    const digit = String(t.random.below(10));
    for (const room of [digit, `-${unique}`, `_${unique}`, `A-z_${unique}_9-`, unique.padEnd(100, 'Z').slice(-100)]) {
      await joinsAlone(t, room);
    }
    for (const room of ['constructor', '__proto__', 'toString']) await joinsAlone(t, room);
  }),
  scenario('a percent-encoded room id names the same room', ['ROOM-1'], async (t) => {
    const bob = await join(t, 'bob');
    // Letters whose numbers have hexadecimal letters in them are there in both cases (RFC 3986, section 2.1).
    const room = `${t.room}-zjkJKZ`;
    const dave = await join(t, 'dave', { room });
    const encode = (text: string) => Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
    const table = new Table(t);
    for (const [known, id, encoded] of [
      [bob, t.room, encode(t.room).toUpperCase()],
      [dave, room, encode(room)],
    ] as const) {
      const { participant, outcome, text } = await tryToJoin(t, 'alice', { rawRoom: encoded, room: id });
      const listed = stateOf(participant);
      const wrong = outcome === 'admitted' ? `its room_state lists ${listed.join(', ')}` : text;
      const what = `"${encoded.slice(0, 30)}…" for "${id}", where ${known.name} is`;
      table.enter(what, outcome === 'admitted' && listed.includes(known.userId) ? undefined : wrong);
    }
    table.judge('ROOM-1', 'a percent-encoded id leads into the same room', { evidence: 'direct' });
  }),
  scenario('a room id outside the pattern is refused', ['ROOM-2', 'AUTH-6', 'AUTH-7', 'AUTH-8'], async (t) => {
    const longest = t.newRoom().padEnd(100, 'x').slice(0, 100);
    const bob = await join(t, 'bob');
    const carol = await join(t, 'carol', { room: longest });
    const ids = [...invalidRoomIds(t.room), { what: 'a room id of 101 characters', rawRoom: `${longest}x` }];
    const attempts = await Promise.all(ids.map(({ rawRoom }) => tryToJoin(t, 'alice', { rawRoom })));
    for (const [index, { what, rawRoom }] of ids.entries()) {
      // RFC 3986, section 2.1; and a NUL no proxy passes on.
      const isNoUri = /%(?![0-9a-f]{2})|%00/i.test(rawRoom);
      await checkRefused(t, 'ROOM-2', 'INVALID_ROOM_ID', attempts[index] as Attempt, what, { isNoUri });
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
  scenario('rooms whose ids resemble each other are different rooms', ['ROOM-4'], async (t) => {
    const run = t.random.hex(12);
    const long = (length: number, end: string) => `${run}${'x'.repeat(length)}`.slice(0, length - end.length) + end;
    const pairs: [what: string, one: string, other: string][] = [
      ['in - and _', `${run}-a`, `${run}_a`],
      ['behind the 63rd character', long(70, '-one'), long(70, '-two')],
      ['in the 100th character', long(100, '1'), long(100, '2')],
      ['in a leading zero', `7${run.replace(/\D/g, '1')}`, `07${run.replace(/\D/g, '1')}`],
      ['in a hyphen at the end', `${run}b`, `${run}b-`],
      ['in an underscore at the beginning', `${run}c`, `_${run}c`],
    ];
    const table = new Table(t);
    const watched = await Promise.all(
      pairs.map(async ([what, one, other]) => {
        const alice = await join(t, 'alice', { room: one });
        const bob = await join(t, 'bob', { room: other });
        return { what, alice, bob };
      }),
    );
    const said = await Promise.all(
      watched.map(async (pair) => {
        const sent = [await pair.alice.offer(), await pair.alice.candidate()];
        const isForeign = (received: Received) =>
          sent.some(({ nonce }) => carries(nonce)(received)) || received.payload.user_id === pair.alice.userId;
        return { ...pair, isForeign };
      }),
    );
    await Promise.all(said.map(({ bob, isForeign }) => bob.until(isForeign, { timeoutMs: t.shared.quietMs })));
    for (const { what, alice, bob, isForeign } of said) {
      const stray = bob.received.find(isForeign);
      const found = stateOf(bob).includes(alice.userId);
      table.enter(
        `two rooms whose ids differ ${what}`,
        found ? 'who joins one finds who is in the other' : stray && `bob received ${stray.type} from the other room`,
        stray,
      );
    }
    table.judge('ROOM-4', 'nothing said in one room reaches another', { evidence: 'quiet-window' });
  }),
  scenario(
    'what one says in a room stays there, though sender and receiver meet in others too',
    ['ROOM-4'],
    async (t) => {
      const elsewhere = t.newRoom();
      const [alice, bob] = await joinAll(t, 'alice', 'bob');
      const alice2 = await join(t, 'alice', { room: elsewhere });
      const bob2 = await join(t, 'bob', { room: elsewhere, noticedBy: [alice2] });
      const sent: Sent[] = [];
      for (const type of ['offer', 'answer', 'ice_candidate'] as const)
        sent.push(await alice.signal(type), await alice.signal(type, { to: bob }));
      await control(t, alice, bob);
      await quiet(t, 'ROOM-4', [alice2, bob2], (received) => sent.some(({ nonce }) => carries(nonce)(received)), {
        expected: 'what alice says in one room does not reach the other room in which she and bob are as well',
      });
    },
  ),
  scenario('an abandoned room is empty', ['ROOM-5'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const participant of [bob, alice]) {
      participant.close();
      await participant.untilClosed(t.timeoutMs);
    }
    const look = async (name: string) => {
      const guest = await join(t, name);
      const others = stateOf(guest).filter((id) => id !== guest.userId);
      guest.close();
      await guest.untilClosed(t.timeoutMs);
      return others;
    };
    let listed = await look('carol');
    if (listed.length > 0) {
      // A close may become known up to 2 s after it happened (LEAVE-6); and who looked before may be the one still listed.
      await new Promise((resolve) => setTimeout(resolve, lateLeaveMs * t.shared.timeoutScale));
      listed = await look('dave');
    }
    t.check('ROOM-5', listed.length === 0, {
      expected: 'whoever joins after all have left is alone',
      actual: `room_state lists ${listed.join(', ')} beside it`,
    });
  }),
  scenario(
    'a full room refuses the next and takes one when a place is free',
    ['ROOM-6', 'AUTH-7'],
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
      t.check('AUTH-7', attempt.status !== undefined || attempt.participant.closed?.code === 1008, {
        expected: 'the refusal is an HTTP 4xx, or error then close 1008',
        actual: attempt.text,
      });
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
