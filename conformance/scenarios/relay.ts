import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parseDocument } from 'yaml';
import { validateTimestamp } from '../../generated/index.js';
import type { Context } from '../kit/context.js';
import { describeState } from '../kit/describe.js';
import { joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { MessageOptions, Participant, Sent } from '../kit/participant.js';
import { absent, answered, control, delivered, expect, quiet, sendFence } from '../kit/proofs.js';
import { carries, hintFrom, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';

type Kind = 'offer' | 'answer' | 'candidate';
const kinds: readonly Kind[] = ['offer', 'answer', 'candidate'];

function send(participant: Participant, kind: Kind, options: MessageOptions): Promise<Sent> {
  return participant[kind](options);
}

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

function checkStamped(t: Context, received: Received, sender: Participant): void {
  for (const path of [['sender_id'], ['payload', 'sender_id']]) {
    const values = valuesOf(received.text, path);
    t.check('RELAY-4', values.length > 0 && values.every((value) => value === sender.userId), {
      expected: `${path.join('.')} is "${sender.userId}"`,
      actual:
        values.length === 0
          ? `${path.join('.')} is missing in ${shorten(received.text)}`
          : `${path.join('.')} is ${values.map((value) => JSON.stringify(value)).join(' and ')}`,
      hint: values.length === 0 ? hintFrom([received]) : undefined,
    });
  }
}

/** Text of a message in which `sender_id` stands twice, in the envelope and in the payload, in either order. */
function withDuplicateSender(
  sender: Participant,
  target: Participant,
  forged: string,
): { text: string; nonce: string } {
  const { message, nonce } = sender.compose('ice_candidate', { to: target });
  const id = JSON.stringify(forged);
  const payload = JSON.stringify(message.payload).slice(1, -1);
  return {
    nonce,
    text: `{"sender_id":${id},"type":"ice_candidate","payload":{"sender_id":${id},${payload},"sender_id":${id}},"sender_id":${id}}`,
  };
}

/** Members that a server has no business with. Values stay within I-JSON (RFC 7493). */
const strangeMembers = {
  x_text: 'Grüße, 你好, שלום, 👩‍👩‍👧‍👦, 𝄞, \u2028\u2029, \u0000\u001f\u007f, \\ " / </script>',
  'x key with spaces and 🔑': true,
  x_lines: 'one\r\ntwo\nthree\rfour\ttab',
  x_numbers: [
    0, -1, 1.5, 1e-7, 1e21, 123456789.123, 9007199254740991, -9007199254740991, 0.1, 5e-324, 1.7976931348623157e308,
  ],
  x_nothing: null,
  x_empty: [{}, [], ''],
  x_nested: { a: [{ b: { c: [[null, false, 'd']] } }] },
  constructor: 'plain member',
  toString: 'plain member',
  '': 'empty name',
};

const timestamps = [
  '2026-03-01T09:30:00Z',
  '2026-03-01T09:30:00.123456Z',
  '2026-03-01T09:30:00.123456789+00:00',
  '2026-03-01T15:00:00.5+05:30',
];

/** A message of exactly `bytes` bytes in UTF-8, three-byte characters among them. */
function messageOfSize(sender: Participant, target: Participant, bytes: number): { text: string; nonce: string } {
  const { message, nonce } = sender.compose('offer', { to: target });
  const missing = bytes - Buffer.byteLength(JSON.stringify(message));
  const filling = '語'.repeat(100) + 'x'.repeat(missing - 300);
  const { payload } = message as { payload: { sdp: string } };
  return { nonce, text: JSON.stringify({ ...message, payload: { ...payload, sdp: payload.sdp + filling } }) };
}

export const relayScenarios = [
  scenario('a message with a target reaches the target and nobody else', ['RELAY-1'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    for (const kind of kinds) {
      const sent = await send(alice, kind, { to: bob });
      const first = await delivered(t, 'RELAY-1', sent, bob);
      await absent(t, 'RELAY-1', carries(sent.nonce), {
        sender: alice,
        receiver: carol,
        expected: `carol does not receive the ${sent.message.type} for bob`,
      });
      await absent(t, 'RELAY-1', (received) => carries(sent.nonce)(received) && received.index !== first.index, {
        sender: alice,
        receiver: bob,
        expected: `bob receives the ${sent.message.type} once`,
      });
    }
  }),
  scenario('a message without a target reaches everybody else once', ['RELAY-2'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    for (const kind of kinds) {
      for (const options of [{}, { to: null }]) {
        const sent = await send(alice, kind, options);
        for (const receiver of [bob, carol]) {
          const first = await delivered(t, 'RELAY-2', sent, receiver);
          await absent(t, 'RELAY-2', (received) => carries(sent.nonce)(received) && received.index !== first.index, {
            sender: alice,
            receiver,
            expected: `${receiver.name} receives the ${sent.message.type} once`,
          });
        }
      }
    }
  }),
  scenario('a sender never receives its own message', ['RELAY-3'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const sent = [
      await alice.offer(),
      await alice.candidate({ to: null }),
      await alice.answer({ to: bob }),
      await alice.candidate({ to: bob }),
    ];
    for (const message of sent) {
      if (!(await bob.until(carries(message.nonce), { timeoutMs: t.timeoutMs }))) await control(t, alice, bob);
    }
    await control(t, bob, alice);
    const own = (received: Received) => sent.some(({ nonce }) => received.type !== 'error' && carries(nonce)(received));
    await quiet(t, 'RELAY-3', [alice], own, { expected: 'alice receives nothing she sent' });
  }),
  scenario('the sender of a message is who its token says', ['RELAY-4'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const forgeries: MessageOptions[] = [
      {},
      { envelope: { sender_id: bob.userId }, payload: { sender_id: bob.userId } },
      { envelope: { sender_id: null }, payload: { sender_id: null } },
      { envelope: { sender_id: 'somebody' }, payload: { sender_id: 42 } },
      { payload: { sender_id: { id: 'somebody' } } },
    ];
    for (const kind of kinds) {
      for (const forged of forgeries) {
        const targeted = await send(alice, kind, { to: bob, ...forged });
        checkStamped(t, await delivered(t, 'RELAY-4', targeted, bob), alice);
      }
      checkStamped(t, await delivered(t, 'RELAY-4', await send(alice, kind, {}), bob), alice);
    }
  }),
  scenario('a sender written twice does not slip through', ['RELAY-4'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const { text, nonce } = withDuplicateSender(alice, bob, bob.userId);
    const mark = await alice.sendText(text);
    const fence = await sendFence(t, alice, bob);
    const received = bob.received.find(carries(nonce));
    const error = alice.received.slice(mark).find(({ type }) => type === 'error');
    if (received) return checkStamped(t, received, alice);
    t.require('RELAY-4', fence !== undefined, { expected: 'the connection goes on', actual: describeState(t, bob) });
    t.check('RELAY-4', error !== undefined || fence !== undefined, {
      expected: 'the message is relayed with the true sender, or refused',
      actual: describeState(t, alice, { since: mark }),
    });
  }),
  scenario('what the server does not know passes unchanged', ['RELAY-5'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const kind of kinds) {
      const sent = await send(alice, kind, { to: bob, payload: strangeMembers });
      const { payload } = await delivered(t, 'RELAY-5', sent, bob);
      // The members of the type itself are for OFFER-1, ANSWER-1 and ICE-1 to judge.
      const differing = ['target_user_id', ...Object.keys(strangeMembers)].find(
        (name) => !isDeepStrictEqual(payload[name], (sent.message.payload as unknown as Record<string, unknown>)[name]),
      );
      t.check('RELAY-5', differing === undefined, {
        expected: `payload member "${differing}" of the ${sent.message.type} arrives as ${JSON.stringify((sent.message.payload as never)[differing as never])}`,
        actual:
          differing !== undefined && Object.hasOwn(payload, differing)
            ? `it arrived as ${JSON.stringify(payload[differing])}`
            : 'it did not arrive',
      });
    }
  }),
  scenario('messages from one sender to one receiver keep their order', ['RELAY-6'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const sent: Sent[] = [];
    for (let index = 0; index < 90; index++) {
      const kind = kinds[index % 3] as Kind;
      sent.push(await send(alice, kind, index % 2 === 0 ? { to: bob } : {}));
    }
    const indexes: number[] = [];
    for (const message of sent) indexes.push((await delivered(t, 'RELAY-6', message, bob)).index);
    const swapped = indexes.findIndex((index, position) => position > 0 && index < (indexes[position - 1] ?? 0));
    t.check('RELAY-6', swapped < 0, {
      expected: '90 messages arrive in the order sent',
      actual: `message ${swapped + 1} arrived before message ${swapped}`,
    });
  }),
  scenario('a target nobody else has is answered TARGET_NOT_FOUND', ['RELAY-7'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const [what, to] of [
      ['a user who is not there', 'nobody-here'],
      ['the sender itself', alice],
      ['an empty user id', ''],
    ] as const) {
      const sent = await alice.offer({ to });
      await answered(t, 'RELAY-7', alice, ['TARGET_NOT_FOUND'], { what: `an offer to ${what}`, since: sent.mark });
      await absent(t, 'RELAY-7', carries(sent.nonce), { sender: alice, receiver: bob, expected: 'nobody receives it' });
      const own = alice.received.find((received) => received.type !== 'error' && carries(sent.nonce)(received));
      t.check('RELAY-7', own === undefined, { expected: 'nobody receives it', actual: 'alice received it herself' });
    }
  }),
  scenario('a delivered message names its room, whatever the sender left out', ['RELAY-8'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const room_id of [t.room, undefined, null]) {
      const received = await delivered(t, 'RELAY-8', await alice.offer({ to: bob, envelope: { room_id } }), bob);
      t.check('RELAY-8', received.value?.room_id === t.room, {
        expected: `room_id "${t.room}" on the delivered message`,
        actual: `room_id is ${JSON.stringify(received.value?.room_id)} where the sender wrote ${JSON.stringify(room_id)}`,
      });
    }
  }),
  scenario('a message for another room is answered ROOM_MISMATCH', ['RELAY-8'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const options of [{ to: bob }, {}]) {
      const sent = await alice.offer({ ...options, envelope: { room_id: t.newRoom() } });
      await answered(t, 'RELAY-8', alice, ['ROOM_MISMATCH'], {
        what: 'an offer that names another room',
        since: sent.mark,
      });
      await absent(t, 'RELAY-8', carries(sent.nonce), { sender: alice, receiver: bob, expected: 'it is not relayed' });
    }
  }),
  scenario("a delivered message has a time: the sender's where it gave one", ['RELAY-9'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const timestamp of [...timestamps, undefined, null]) {
      const received = await delivered(t, 'RELAY-9', await alice.candidate({ to: bob, envelope: { timestamp } }), bob);
      const arrived = received.value?.timestamp;
      t.check('RELAY-9', timestamp == null ? validateTimestamp(arrived) : arrived === timestamp, {
        expected:
          timestamp == null
            ? 'the server fills in an RFC 3339 timestamp'
            : `timestamp "${timestamp}" as the sender wrote it`,
        actual: `timestamp is ${JSON.stringify(arrived)}`,
      });
    }
  }),
  scenario('a message of 64 KiB is relayed', ['RELAY-10'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const bytes of [16 * 1024, 64 * 1024 - 1, 64 * 1024]) {
      const { text, nonce } = messageOfSize(alice, bob, bytes);
      const mark = await alice.sendText(text);
      const received = await expect(t, 'RELAY-10', bob, carries(nonce), {
        expected: `a message of ${bytes} bytes is relayed`,
        hint: () =>
          hintFrom(alice.received.slice(mark)) ?? alice.received.slice(mark).find(({ type }) => type === 'error')?.text,
      });
      t.check('RELAY-10', (received.payload.sdp as string | undefined)?.includes(nonce) === true, {
        expected: `a message of ${bytes} bytes arrives whole`,
        actual: shorten(received.text),
      });
    }
  }),
  scenario('a message in several fragments is one message', ['RELAY-11'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const sdp = 'né, 語, 🎈\r\n';
    const whole = await alice.offer({ to: bob, sdp });
    const arrived = await bob.until(carries(whole.nonce), { timeoutMs: t.timeoutMs });
    if (!arrived) throw new Inconclusive(`an offer in one frame does not arrive: ${describeState(t, bob)}`);
    const { message, nonce } = alice.compose('offer', { to: bob, sdp });
    const bytes = Buffer.from(JSON.stringify(message));
    const cut = bytes.indexOf('🎈') + 2;
    await alice.sendFrames('an offer in four fragments, a ping and a pong between them, a character split in two', [
      ['text', bytes.subarray(0, 10), false],
      ['ping', 'between'],
      ['continuation', bytes.subarray(10, cut), false],
      ['pong', 'unasked'],
      ['continuation', '', false],
      ['continuation', bytes.subarray(cut), true],
    ]);
    const received = await expect(t, 'RELAY-11', bob, carries(nonce), {
      expected: 'bob receives the fragmented offer as one message',
    });
    // What becomes of any SDP is for OFFER-1 to judge.
    const withoutNonce = ({ payload }: Received, own: string) => String(payload.sdp).replace(own, '');
    t.check('RELAY-11', withoutNonce(received, nonce) === withoutNonce(arrived, whole.nonce), {
      expected: `the same sdp as in one frame: ${shorten(JSON.stringify(arrived.payload.sdp))}`,
      actual: shorten(JSON.stringify(received.payload.sdp)),
      shownBy: received,
    });
  }),
  scenario('unknown envelope members are no error', ['RELAY-12'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const envelope = { x_version: 2, x_trace: { id: ['a', null] }, message_id: 'm-1', ack: false };
    const sent = await alice.offer({ to: bob, envelope });
    await delivered(t, 'RELAY-12', sent, bob);
    const error = alice.received.slice(sent.mark).find(({ type }) => type === 'error');
    t.check('RELAY-12', error === undefined, { expected: 'no error', actual: shorten(error?.text ?? '') });
  }),
];
