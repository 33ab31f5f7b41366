import { isMap, isScalar, parseDocument } from 'yaml';
import { validateTimestamp } from '../../generated/index.js';
import { describeState } from '../kit/describe.js';
import { judgeFaults } from '../kit/faults.js';
import { join, joinAll } from '../kit/lobby.js';
import type { MessageOptions, Participant } from '../kit/participant.js';
import { control, quiet, sendFence, usableType } from '../kit/proofs.js';
import { carries, isAbout, isError, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import {
  arrivals,
  awaitAll,
  eachForm,
  fateOf,
  flush,
  judgeArrivals,
  type Plan,
  post,
  Table,
  usableForms,
} from '../kit/table.js';

/** Every value a JSON text has under a member, duplicates included: parsers differ in which one they take. */
function valuesOf(text: string, path: readonly string[]): unknown[] {
  const document = parseDocument(text, { uniqueKeys: false, schema: 'json', logLevel: 'silent' });
  let nodes: unknown[] = [document.contents];
  for (const name of path) {
    nodes = nodes.flatMap((node) =>
      isMap(node) ? node.items.filter(({ key }) => isScalar(key) && key.value === name).map(({ value }) => value) : [],
    );
  }
  return nodes.map((node) => (isScalar(node) ? node.value : node));
}

/** What is wrong with the sender that a message names, if anything is. */
function wrongSender({ text }: Received, sender: Participant): string | undefined {
  for (const path of [['sender_id'], ['payload', 'sender_id']]) {
    const values = valuesOf(text, path);
    if (values.length === 0) return `${path.join('.')} is missing`;
    if (!values.every((value) => value === sender.userId))
      return `${path.join('.')} is ${values.map((value) => JSON.stringify(value)).join(' and ')}`;
  }
  return undefined;
}

const forgeries = (victim: Participant): { what: string; options: MessageOptions }[] => [
  {
    what: "with another's sender_id",
    options: { envelope: { sender_id: victim.userId }, payload: { sender_id: victim.userId } },
  },
  { what: 'with sender_id null', options: { envelope: { sender_id: null }, payload: { sender_id: null } } },
  {
    what: 'with a made-up sender_id',
    options: { envelope: { sender_id: 'somebody' }, payload: { sender_id: 42 } },
  },
  { what: 'with sender_id empty', options: { envelope: { sender_id: '' }, payload: { sender_id: '' } } },
  { what: 'with payload.sender_id 0', options: { payload: { sender_id: 0 } } },
  { what: 'with payload.sender_id false', options: { payload: { sender_id: false } } },
  { what: 'with a list as payload.sender_id', options: { payload: { sender_id: [] } } },
  { what: 'with an object as payload.sender_id', options: { payload: { sender_id: { id: 'somebody' } } } },
];

/** Text of a message in which `sender_id` stands twice, in the envelope and in the payload, in either order. */
/** Ways to write a sender that slips past whoever looks for one name, once, as it is usually spelt. */
const senders: Readonly<Record<string, { first: string; last: string }>> = {
  'with each sender_id twice': { first: 'sender_id', last: 'sender_id' },
  'with an escape in the name of each sender_id': { first: 'x_first', last: 'sender\\u005fid' },
  'with each sender_id twice, the last with an escape': { first: 'sender_id', last: '\\u0073ender_id' },
};

function withSenders(forged: string, { first, last }: { first: string; last: string }): NonNullable<Plan['write']> {
  return ({ type, payload }) => {
    const id = JSON.stringify(forged);
    const members = JSON.stringify(payload).slice(1, -1);
    return `{"${first}":${id},"type":"${type}","payload":{"${first}":${id},${members},"${last}":${id}},"${last}":${id}}`;
  };
}

const timestamps = [
  '2026-03-01T09:30:00Z',
  '2026-03-01T09:30:00.120Z',
  '2026-03-01T09:30:00.123456Z',
  '2026-03-01T09:30:00.123456789+00:00',
  '2026-03-01T15:00:00.5+05:30',
];

/** The username by which somebody was told of another, where it is no user_id. */
function nameOf(witness: Participant, other: Participant): string | undefined {
  const told = witness.received.find(isAbout('user_joined', other.userId));
  const name = told?.payload.username;
  return typeof name === 'string' && name !== other.userId ? name : undefined;
}

export const relayScenarios = [
  scenario('a message with a target reaches the target and nobody else', ['RELAY-1'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    const table = Table.ofForms(t);
    const letters = await post(
      alice,
      usableForms(t).flatMap((form) => [bob, carol].map((to) => ({ form, options: { to } }))),
    );
    const unreached = await flush(t, alice, [bob, carol]);
    if (unreached) table.block(`what alice sends no longer reaches ${unreached.name}`);
    for (const target of [bob, carol])
      await awaitAll(
        t,
        letters.filter(({ options }) => options?.to === target),
        target,
      );
    for (const letter of letters) {
      const { form, what, options } = letter;
      const [target, other] = options?.to === bob ? ([bob, carol] as const) : ([carol, bob] as const);
      const got = arrivals(letter, target);
      const [stray] = arrivals(letter, other);
      const isProvisional = form.name === 'pranswer' && got.length === 0;
      if (isProvisional) table.block(`no provisional answer arrives: ${fateOf(letter)}`, 'ANSWER-1');
      const elsewhere =
        stray && `${other.name} received it${got.length === 0 ? `, and ${target.name} did not` : ' too'}`;
      const times = got.length > 1 ? `${target.name} received it ${got.length} times` : undefined;
      const lost = got.length === 0 && !isProvisional ? fateOf(letter) : undefined;
      table.enter(what, elsewhere ?? times ?? lost, stray ?? got[1]);
    }
    table.judge('RELAY-1', 'each message with a target reaches it once, and nobody else');
  }),
  scenario('a message without a target reaches everybody else once', ['RELAY-2'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    const table = Table.ofForms(t);
    const provisional = usableForms(t).filter(({ name }) => name === 'pranswer');
    const [targeted] = await post(
      alice,
      provisional.map((form) => ({ form, options: { to: bob } })),
    );
    const letters = await post(
      alice,
      usableForms(t).flatMap((form) => [{ form }, { form, what: 'with target null', options: { to: null } }]),
    );
    const unreached = await flush(t, alice, [bob, carol]);
    if (unreached) table.block(`what alice sends no longer reaches ${unreached.name}`);
    await Promise.all([bob, carol].map((receiver) => awaitAll(t, letters, receiver)));
    for (const letter of letters) {
      if (targeted && letter.form.name === 'pranswer' && arrivals(targeted, bob).length === 0) {
        table.block(`no provisional answer arrives: ${fateOf(targeted)}`, 'ANSWER-1');
        continue;
      }
      for (const receiver of [bob, carol]) {
        const got = arrivals(letter, receiver);
        const times = got.length > 1 ? `it arrived ${got.length} times` : undefined;
        table.enter(`${letter.what}, at ${receiver.name}`, got.length === 0 ? fateOf(letter) : times, got[1]);
      }
    }
    table.judge('RELAY-2', 'each message without a target reaches every other participant once');
  }),
  scenario('a sender never receives its own message', ['RELAY-3'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const letters = await post(
      alice,
      eachForm(t, bob, [{}]).concat(usableForms(t).map((form) => ({ form, options: { to: null } }))),
    );
    if (await flush(t, alice, [bob])) await control(t, alice, bob);
    await control(t, bob, alice);
    const own = (received: Received) => !isError(received) && letters.some(({ sent }) => carries(sent.nonce)(received));
    await quiet(t, 'RELAY-3', [alice], own, {
      expected: `alice receives none of ${letters.length} messages that she sent, of every type, to bob and to everybody`,
    });
  }),
  scenario('who comes back receives none of its own messages either', ['RELAY-3'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    alice.close();
    await bob.until(isAbout('user_left', alice.userId), { timeoutMs: t.timeoutMs });
    const back = await join(t, 'alice', { noticedBy: [bob] });
    const sent = [await back.candidate(), await back.offer()];
    await control(t, back, bob);
    const own = (received: Received) => !isError(received) && sent.some(({ nonce }) => carries(nonce)(received));
    await quiet(t, 'RELAY-3', [back], own, { expected: 'alice receives nothing that she sends to everybody' });
  }),
  scenario('the sender of a message is who its token says', ['RELAY-4'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const expected = 'sender_id in the envelope and in the payload is the user_id of the sender';
    await judgeArrivals(
      t,
      'RELAY-4',
      [alice, bob],
      eachForm(t, bob, [{}, ...forgeries(bob)]),
      (received) => wrongSender(received, alice),
      { expected },
    );
    await judgeArrivals(
      t,
      'RELAY-4',
      [bob, alice],
      // Offers in the other direction are for OFFER-2 to judge.
      eachForm(t, alice, [{}]).filter(({ form }) => form.type !== 'offer'),
      (received) => wrongSender(received, bob),
      { expected },
    );
  }),
  scenario('a sender written twice, or with escapes, does not slip through', ['RELAY-4'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const table = Table.ofForms(t);
    const cases = Object.entries(senders).map(([what, names]) => ({ what, write: withSenders(bob.userId, names) }));
    const letters = await post(alice, eachForm(t, bob, cases));
    const fence = await sendFence(t, alice, bob);
    for (const letter of letters) {
      const [received] = arrivals(letter, bob);
      // Refused is as good as corrected.
      table.enter(letter.what, received && wrongSender(received, alice), received);
    }
    if (!fence) table.enter('what alice sends next', `it does not arrive: ${describeState(t, alice)}`);
    table.judge('RELAY-4', 'the message is relayed with the true sender, or refused, and the connection goes on');
  }),
  scenario('a target nobody else has is answered TARGET_NOT_FOUND', ['RELAY-7'], async (t) => {
    const room = await joinAll(t, 'alice', 'bob');
    const [alice, bob] = room;
    const plans = usableForms(t).flatMap((form) =>
      [
        { what: 'that nobody has', to: 'nobody-here' },
        { what: "that begins with bob's", to: `${bob.userId}-2` },
        { what: "that is bob's in another case", to: otherCase(bob.userId) },
        { what: "that is the beginning of bob's", to: bob.userId.slice(0, -1) },
        {
          what: "that is bob's percent-encoded",
          to: `%${bob.userId.charCodeAt(0).toString(16).padStart(2, '0')}${bob.userId.slice(1)}`,
        },
        { what: "that is bob's with spaces around", to: ` ${bob.userId} ` },
        { what: "that is bob's username", to: nameOf(alice, bob) ?? 'Bob' },
        ...['*', 'all', 'constructor', '__proto__'].map((to) => ({ what: JSON.stringify(to), to })),
        { what: 'that is its sender', to: alice },
        { what: 'that is empty', to: '' },
      ].map(({ what, to }) => ({ form, what, to })),
    );
    const notFound = 'TARGET_NOT_FOUND';
    const faults = plans.map(({ form, what, to }) => {
      const { message, nonce } = alice.compose(form.type, { to, payload: form.payload });
      return {
        what: `${form.name} for a user id ${what}`,
        text: JSON.stringify(message),
        nonce,
        // A server may refuse a message for what it finds hostile in it (ERROR-11).
        codes: to === '__proto__' ? ([notFound, 'INVALID_MESSAGE', 'INVALID_PAYLOAD'] as const) : ([notFound] as const),
        ...(form.name === 'pranswer' && { blockedBy: 'ANSWER-1' as const }),
      };
    });
    await judgeFaults(t, 'RELAY-7', room, faults);
    const own = alice.received.find(
      (received) => !isError(received) && faults.some(({ nonce }) => carries(nonce)(received)),
    );
    t.check('RELAY-7', own === undefined, {
      expected: 'nobody receives it',
      actual: `alice received it herself: ${own?.text}`,
      shownBy: own,
    });
  }),
  scenario('a delivered message names its room, whatever the sender left out', ['RELAY-8'], async (t) => {
    // The second has letters of both cases, the first none.
    for (const room of [t.room, `${t.newRoom()}-Ab_Z`]) {
      const alice = await join(t, 'alice', { room });
      const bob = await join(t, 'bob', { room, noticedBy: [alice] });
      const plans = eachForm(
        t,
        bob,
        [room, undefined, null].map((room_id) => ({
          what: room_id === room ? 'with its room_id' : `with room_id ${room_id === null ? 'null' : 'left out'}`,
          options: { envelope: { room_id } },
        })),
      );
      const wrong = ({ value }: Received) =>
        value?.room_id === room ? undefined : `it arrived with room_id ${JSON.stringify(value?.room_id)}`;
      await judgeArrivals(t, 'RELAY-8', [alice, bob], plans, wrong, {
        expected: `each delivered message has room_id "${room}"`,
      });
    }
  }),
  scenario('a message for another room is answered ROOM_MISMATCH', ['RELAY-8'], async (t) => {
    const room = await joinAll(t, 'alice', 'bob');
    const [alice, bob] = room;
    const elsewhere = t.newRoom();
    const carol = await join(t, 'carol', { room: elsewhere });
    const mark = carol.received.length;
    const named = [
      { what: 'another room', room_id: t.newRoom() },
      { what: 'a room where carol is', room_id: elsewhere },
      { what: 'its room with a letter more', room_id: `${t.room}x` },
      { what: 'its room in another case', room_id: otherCase(t.room) },
      { what: 'its room with a space after it', room_id: `${t.room} ` },
      { what: 'the room ""', room_id: '' },
    ];
    const faults = usableForms(t).flatMap((form) =>
      [{ to: bob }, {}].flatMap((options) =>
        named.map(({ what, room_id }) => {
          const { message, nonce } = alice.compose(form.type, {
            ...options,
            payload: form.payload,
            envelope: { room_id },
          });
          const target = options.to ? 'to bob' : 'to everybody';
          return {
            what: `${form.name} ${target} that names ${what}`,
            text: JSON.stringify(message),
            nonce,
            codes: ['ROOM_MISMATCH'] as const,
          };
        }),
      ),
    );
    await judgeFaults(t, 'RELAY-8', room, faults);
    const stray = carol.received.slice(mark).find(({ type }) => type !== 'user_joined');
    t.check('RELAY-8', stray === undefined, {
      expected: 'carol, whose room the messages named, receives nothing',
      actual: `carol received ${shorten(stray?.text ?? '')}`,
      shownBy: stray,
    });
  }),
  scenario("a delivered message has a time: the sender's where it gave one", ['RELAY-9'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const plans = eachForm(
      t,
      bob,
      [...timestamps, undefined, null].map((timestamp) => ({
        what: timestamp == null ? `with timestamp ${timestamp === null ? 'null' : 'left out'}` : `of ${timestamp}`,
        options: { envelope: { timestamp } },
      })),
    );
    const wrong = ({ value }: Received, { options }: Plan) => {
      const given = options?.envelope?.timestamp;
      const arrived = value?.timestamp;
      if (given == null ? validateTimestamp(arrived) : arrived === given) return undefined;
      return `it arrived with timestamp ${JSON.stringify(arrived)}`;
    };
    await judgeArrivals(t, 'RELAY-9', [alice, bob], plans, wrong, {
      expected: 'the timestamp that the sender wrote, and a valid one of the server where it wrote none',
    });
    // One that no server's clock shows, and then none, on the same connection.
    const past = '2001-02-03T04:05:06Z';
    const type = usableType(t);
    await alice.signal(type, { to: bob, envelope: { timestamp: past } });
    const next = await alice.signal(type, { to: bob, envelope: { timestamp: undefined } });
    const arrived = await bob.until(carries(next.nonce), { timeoutMs: t.timeoutMs });
    // That it arrives at all is for RELAY-1 to judge.
    t.check('RELAY-9', arrived?.value?.timestamp !== past, {
      expected: 'a message without a timestamp gets a time of its own',
      actual: `it arrived with ${past}, the timestamp of the message before`,
    });
  }),
  scenario('unknown envelope members are no error', ['RELAY-12'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const unknown = [
      { x_version: 2, x_trace: { id: ['a', null] }, message_id: 'm-1', ack: false },
      // As long as the schema allows, which counts characters and not bytes.
      { id: '\u{1f388}'.repeat(64) },
      { from: 'somebody', to: 'nobody-here', user_id: 'somebody', target_user_id: 'nobody-here', token: null },
      { '': 0, 'a member': {}, é: 1, id: null, data: {}, event: 'join', action: 'leave', code: 'INTERNAL_ERROR' },
    ];
    const plans = eachForm(
      t,
      bob,
      unknown.map((envelope) => ({
        what: `with ${Object.keys(envelope).join(', ')} in its envelope`,
        options: { envelope },
      })),
    );
    const mark = alice.received.length;
    await judgeArrivals(t, 'RELAY-12', [alice, bob], plans, () => undefined, { expected: 'each message is relayed' });
    const error = alice.received.slice(mark).find(isError);
    t.check('RELAY-12', error === undefined, {
      expected: 'no error',
      actual: `alice was answered ${error?.text}`,
      shownBy: error,
    });
  }),
];

/** The same text with its letters in the other case; with none, a text that differs all the same. */
function otherCase(text: string): string {
  const other = text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();
  return other === text ? `${text}A` : other;
}
