import {
  checkServerMessage,
  clientMessageTypes,
  type ErrorCode,
  type RequirementId,
  serverMessageTypes,
} from '../../generated/index.js';
import { explainViolations } from '../inputs/near-miss.js';
import type { Context } from '../kit/context.js';
import { describeState } from '../kit/describe.js';
import { join, joinAll, tryToJoin } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant, Sent } from '../kit/participant.js';
import { absent, answered, control, delivered, eventually, quiet, sendFence, staysOpen } from '../kit/proofs.js';
import { carries, isError, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';

/** Sends a faulty text and judges that it is answered with a code, not relayed, and that the connection goes on. */
async function checkRejected(
  t: Context,
  rule: RequirementId,
  [sender, peer]: readonly [Participant, Participant],
  { what, text, nonce }: { what: string; text: string; nonce?: string },
  codes: readonly ErrorCode[],
): Promise<Received> {
  const mark = await sender.sendText(text);
  const error = await answered(t, rule, sender, codes, { what, since: mark });
  await staysOpen(t, rule, sender, peer, { after: what });
  if (nonce !== undefined) {
    const leaked = peer.received.find(carries(nonce));
    t.check(rule, leaked === undefined, {
      expected: `${what} is not relayed`,
      actual: `${peer.name} received ${shorten(leaked?.text ?? '')}`,
      evidence: 'fence',
    });
  }
  return error;
}

/** Texts that are no envelope. */
function brokenEnvelopes(alice: Participant, bob: Participant): { what: string; text: string; nonce?: string }[] {
  const variant = (what: string, change: (message: Record<string, unknown>) => unknown) => {
    const { message, nonce } = alice.compose('offer', { to: bob });
    return { what, nonce, text: JSON.stringify(change(message as unknown as Record<string, unknown>)) };
  };
  return [
    { what: 'text that is not JSON', text: 'hello' },
    { what: 'an empty frame', text: '' },
    { what: 'JSON cut short', text: '{"type":"offer","payload":{' },
    { what: 'JSON null', text: 'null' },
    { what: 'a JSON string', text: '"offer"' },
    { what: 'a JSON number', text: '42' },
    variant('a JSON array around a message', (message) => [message]),
    variant('a message without type', ({ type: _, ...rest }) => rest),
    variant('a message whose type is a number', (message) => ({ ...message, type: 7 })),
    variant('a message whose type is null', (message) => ({ ...message, type: null })),
    variant('a message without payload', ({ payload: _, ...rest }) => rest),
    variant('a message whose payload is null', (message) => ({ ...message, payload: null })),
    variant('a message whose payload is a string', (message) => ({
      ...message,
      payload: JSON.stringify(message.payload),
    })),
    variant('a message whose payload is an array', (message) => ({ ...message, payload: [message.payload] })),
    variant('a message whose room_id is a number', (message) => ({ ...message, room_id: 5 })),
    variant('a message whose timestamp is a number', (message) => ({ ...message, timestamp: 1767225600 })),
    variant('a message whose sender_id is an object', (message) => ({ ...message, sender_id: { id: 'alice' } })),
  ];
}

/** Payloads that break the schema of their type, each in one place. */
function brokenPayloads(
  alice: Participant,
  bob: Participant,
): { what: string; text: string; nonce: string; path: string }[] {
  const variant = (
    type: 'offer' | 'answer' | 'ice_candidate',
    path: string,
    what: string,
    change: (payload: Record<string, unknown>) => unknown,
  ) => {
    const { message, nonce } = alice.compose(type, { to: bob });
    const payload = change({ ...(message.payload as unknown as Record<string, unknown>), x_nonce: nonce });
    return { what, path, nonce, text: JSON.stringify({ ...message, payload }) };
  };
  const without = (name: string) => (payload: Record<string, unknown>) => ({ ...payload, [name]: undefined });
  const having = (name: string, value: unknown) => (payload: Record<string, unknown>) => ({
    ...payload,
    [name]: value,
  });
  return [
    variant('offer', '/payload/sdp', 'an offer without sdp', without('sdp')),
    variant('offer', '/payload/sdp', 'an offer with an empty sdp', having('sdp', '')),
    variant('offer', '/payload/sdp', 'an offer whose sdp is null', having('sdp', null)),
    variant('offer', '/payload/sdp', 'an offer whose sdp is an object', having('sdp', { sdp: 'v=0' })),
    variant('offer', '/payload/type', 'an offer without payload.type', without('type')),
    variant('offer', '/payload/type', 'an offer whose payload.type is "answer"', having('type', 'answer')),
    variant('offer', '/payload/target_user_id', 'an offer whose target is a number', having('target_user_id', 5)),
    variant(
      'offer',
      '/payload/target_user_id',
      'an offer whose target is a list',
      having('target_user_id', [bob.userId]),
    ),
    variant('answer', '/payload/sdp', 'an answer without sdp', without('sdp')),
    variant('answer', '/payload/type', 'an answer whose payload.type is "offer"', having('type', 'offer')),
    variant('answer', '/payload/type', 'an answer whose payload.type is "rollback"', having('type', 'rollback')),
    variant('ice_candidate', '/payload/candidate', 'a candidate message without candidate', without('candidate')),
    variant('ice_candidate', '/payload/candidate', 'a candidate that is null', having('candidate', null)),
    variant('ice_candidate', '/payload/candidate', 'a candidate that is an object', (payload) => ({
      ...payload,
      candidate: { candidate: payload.candidate },
    })),
    variant(
      'ice_candidate',
      '/payload/sdp_m_line_index',
      'a negative sdp_m_line_index',
      having('sdp_m_line_index', -1),
    ),
    variant(
      'ice_candidate',
      '/payload/sdp_m_line_index',
      'an sdp_m_line_index of 65536',
      having('sdp_m_line_index', 65536),
    ),
    variant(
      'ice_candidate',
      '/payload/sdp_m_line_index',
      'a fractional sdp_m_line_index',
      having('sdp_m_line_index', 0.5),
    ),
    variant(
      'ice_candidate',
      '/payload/sdp_m_line_index',
      'an sdp_m_line_index in a string',
      having('sdp_m_line_index', '0'),
    ),
    variant('ice_candidate', '/payload/sdp_mid', 'an sdp_mid that is a number', having('sdp_mid', 0)),
  ];
}

const serverOnly = serverMessageTypes.filter((type) => !(clientMessageTypes as readonly string[]).includes(type));
const unknownTypes = ['ping', 'ice-candidate', 'OFFER', 'Offer', '', 'constructor', '__proto__', 'offer '];

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** JSON that parsers trip over, as the `x_hostile` part of an otherwise correct offer where that is possible. */
function hostileTexts(alice: Participant, bob: Participant): { what: string; text: string }[] {
  const inside = (what: string, member: string) => {
    const { message } = alice.compose('offer', { to: bob });
    const text = JSON.stringify(message);
    return { what, text: text.replace('"payload":{', `"payload":{${member},`) };
  };
  return [
    inside('10,000 nested arrays in the payload', `"x_hostile":${nested(10_000)}`),
    { what: '10,000 nested arrays alone', text: nested(10_000) },
    { what: '10,000 arrays that are never closed', text: '['.repeat(10_000) },
    inside('__proto__ in the payload', '"__proto__":{"sdp":"polluted","target_user_id":"nobody"}'),
    {
      what: '__proto__ as the envelope',
      text: '{"__proto__":{"type":"offer","payload":{"type":"offer","sdp":"v=0"}}}',
    },
    inside('constructor.prototype in the payload', '"constructor":{"prototype":{"admin":true}}'),
    inside('the same member twice', '"type":"answer","sdp":"first"'),
    inside(
      'the same unknown member a thousand times',
      Array.from({ length: 1000 }, (_, index) => `"x_hostile":${index}`).join(','),
    ),
    inside('1e400', '"x_hostile":1e400'),
    inside('-1e400 and 1e-400', '"x_hostile":[-1e400,1e-400]'),
    inside('a number of 400 digits', `"x_hostile":${'9'.repeat(400)}`),
    inside('lone surrogates', '"x_hostile":"\\ud800 \\udc00\\ud800","\\udfff":1'),
    inside('10,000 members', Array.from({ length: 5000 }, (_, index) => `"x${index}":1`).join(',')),
    { what: 'a byte order mark', text: `\ufeff${JSON.stringify(alice.compose('offer', { to: bob }).message)}` },
    { what: 'NaN', text: '{"type":"offer","payload":{"type":"offer","sdp":"v=0","x":NaN}}' },
    { what: 'comments and trailing commas', text: '{"type":"offer",/* */"payload":{"type":"offer","sdp":"v=0",},}' },
  ];
}

/** Two others exchange messages while `disturb` happens; each of their messages arrives, in order, and nothing else. */
async function undisturbed(
  t: Context,
  rule: RequirementId,
  [bob, carol]: readonly [Participant, Participant],
  offender: Participant,
  disturb: () => Promise<unknown>,
): Promise<void> {
  const exchange = async () => {
    const sent: Sent[] = [];
    for (let round = 0; round < 5; round++)
      sent.push(await bob.candidate({ to: carol }), await carol.candidate({ to: bob }));
    await Promise.all(sent.map((message) => delivered(t, rule, message, message.from === bob ? carol : bob)));
  };
  await Promise.all([exchange(), disturb()]);
  await exchange();
  for (const other of [bob, carol]) {
    const stray = other.received.find(isError);
    t.check(rule, stray === undefined && !other.closed, {
      expected: `${other.name} hears nothing of what ${offender.name} did wrong`,
      actual: other.closed ? `${other.name} was closed ${other.closed.code}` : `received ${shorten(stray?.text ?? '')}`,
    });
  }
}

const probeSizes = [128 * 1024, 512 * 1024, 2 * 1024 * 1024, 8 * 1024 * 1024, 32 * 1024 * 1024];

export const errorScenarios = [
  scenario('what is no envelope is answered INVALID_MESSAGE', ['ERROR-1'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    for (const broken of brokenEnvelopes(...pair)) await checkRejected(t, 'ERROR-1', pair, broken, ['INVALID_MESSAGE']);
  }),
  scenario('an unknown type is answered INVALID_MESSAGE_TYPE', ['ERROR-2'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    for (const type of unknownTypes) {
      const { message, nonce } = pair[0].compose('offer', { to: pair[1] });
      const text = JSON.stringify({ ...message, type });
      await checkRejected(t, 'ERROR-2', pair, { what: `a message of type "${type}"`, text, nonce }, [
        'INVALID_MESSAGE_TYPE',
      ]);
    }
  }),
  scenario('a type only servers send is answered INVALID_MESSAGE_TYPE', ['ERROR-3'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    const [alice, bob] = pair;
    const payloads: Record<string, object> = {
      room_state: { participants: [{ user_id: alice.userId }] },
      user_joined: { user_id: 'mallory' },
      user_left: { user_id: bob.userId },
      error: { code: 'INTERNAL_ERROR', message: 'forged' },
    };
    for (const type of serverOnly) {
      const { message, nonce } = alice.compose('offer');
      const payload = { ...payloads[type], x_nonce: nonce, target_user_id: bob.userId };
      const text = JSON.stringify({ ...message, type, payload });
      await checkRejected(t, 'ERROR-3', pair, { what: `a ${type} from a client`, text, nonce }, [
        'INVALID_MESSAGE_TYPE',
      ]);
    }
  }),
  scenario('a payload that breaks its schema is answered INVALID_PAYLOAD', ['ERROR-4', 'ERROR-10'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    for (const broken of brokenPayloads(...pair)) {
      const error = await checkRejected(t, 'ERROR-4', pair, broken, ['INVALID_PAYLOAD']);
      const { errors } = (error.payload.details ?? {}) as { errors?: { path?: unknown; message?: unknown }[] };
      const named =
        Array.isArray(errors) &&
        errors.some(({ path, message }) => path === broken.path && typeof message === 'string');
      t.check('ERROR-10', named, {
        expected: `details.errors names ${broken.path} with a message, for ${broken.what}`,
        actual: `details is ${JSON.stringify(error.payload.details)}`,
      });
    }
  }),
  scenario('an error goes to the offender alone', ['ERROR-5'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    const faults = ['{', '{"type":"nonsense","payload":{}}', '{"type":"offer","payload":{}}'];
    for (const text of faults) await alice.sendText(text);
    const unknown = await alice.offer({ to: 'nobody-here' });
    // Which fault is answered how is for other rules to judge; without any answer there is nothing to judge here.
    const answer = await alice.until(isError, { timeoutMs: t.timeoutMs });
    if (!answer)
      throw new Inconclusive(
        `none of ${faults.length + 1} faults was answered: ${describeState(t, alice, { since: unknown.mark })}`,
      );
    for (const other of [bob, carol]) {
      await absent(t, 'ERROR-5', isError, {
        sender: alice,
        receiver: other,
        expected: `${other.name} receives no error for what alice sent`,
      });
    }
  }),
  scenario('every error is a valid message with a known code', ['ERROR-6'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const texts = [
      '{',
      '{"type":"nonsense","payload":{}}',
      '{"type":"user_left","payload":{"user_id":"bob"}}',
      '{"type":"offer","payload":{}}',
      '{"type":"ice_candidate","payload":{"candidate":7}}',
    ];
    for (const text of texts) await alice.sendText(text);
    await alice.offer({ to: 'nobody-here' });
    await alice.offer({ to: bob, envelope: { room_id: 'another-room' } });
    await eventually(t, async () => (alice.received.filter(isError).length >= 7 ? true : undefined));
    const refused = await tryToJoin(t, 'mallory', { token: null });
    const errors = [...alice.received, ...refused.participant.received].filter(isError);
    t.require('ERROR-6', errors.length > 0, {
      expected: 'an error for each of 7 faults',
      actual: describeState(t, alice),
    });
    for (const error of errors) {
      const parsed = checkServerMessage(error.value);
      const violations = parsed.ok ? [] : (parsed.error.details?.errors ?? []);
      t.check('ERROR-6', parsed.ok, {
        expected: 'an error valid against schemas/error.json',
        actual: shorten(error.text),
        hint: explainViolations(error.value, violations),
        schemaErrors: violations,
      });
    }
  }),
  scenario('a binary frame is answered or closed, and not relayed', ['ERROR-7'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const { message, nonce } = alice.compose('offer', { to: bob });
    const mark = await alice.sendFrames('an offer in a binary frame', [['binary', JSON.stringify(message)]]);
    const error = await alice.until(isError, { since: mark, timeoutMs: t.timeoutMs });
    const answered = error?.payload.code === 'INVALID_MESSAGE' || alice.closed?.code === 1003;
    t.check('ERROR-7', answered, {
      expected: 'INVALID_MESSAGE, or close 1003',
      actual: describeState(t, alice, { since: mark }),
    });
    const carol = await join(t, 'carol', { noticedBy: [bob] });
    await control(t, carol, bob);
    const leaked = (received: Received) => carries(nonce)(received);
    if (alice.closed) await quiet(t, 'ERROR-7', [bob], leaked, { expected: 'the binary frame is not relayed' });
    else
      await absent(t, 'ERROR-7', leaked, { sender: alice, receiver: bob, expected: 'the binary frame is not relayed' });
    t.check('ERROR-7', bob.binaryFrames === 0, {
      expected: 'no binary frame reaches bob',
      actual: 'bob received a binary frame',
    });
  }),
  scenario('a message over the limit is answered or closed, and not relayed', ['ERROR-8'], async (t) => {
    const bob = await join(t, 'bob');
    const stated = t.profile.messageLimitBytes;
    for (const bytes of stated === undefined ? probeSizes : [stated + 1]) {
      const alice = await join(t, 'alice', { noticedBy: [bob] });
      const { message, nonce } = alice.compose('offer', { to: bob, sdp: 'x'.repeat(bytes) });
      const text = JSON.stringify(message);
      const mark = await alice.sendText(text);
      const ended = await Promise.race([
        alice.until(isError, { since: mark, timeoutMs: t.timeoutMs }),
        bob.until(carries(nonce), { timeoutMs: t.timeoutMs }),
      ]);
      const relayed = bob.received.some(carries(nonce));
      if (relayed && stated === undefined) continue;
      const refused =
        (ended?.type === 'error' && ended.payload.code === 'MESSAGE_TOO_LARGE') || alice.closed?.code === 1009;
      t.check('ERROR-8', refused && !relayed, {
        expected: `a message of more than ${bytes} bytes is answered MESSAGE_TOO_LARGE or closed 1009, and not relayed`,
        actual: relayed ? 'bob received it' : describeState(t, alice, { since: mark }),
      });
      if (alice.closed) return quiet(t, 'ERROR-8', [bob], carries(nonce), { expected: 'it is not relayed' });
      return absent(t, 'ERROR-8', carries(nonce), { sender: alice, receiver: bob, expected: 'it is not relayed' });
    }
    t.ledger.notApplicable(
      'ERROR-8',
      `no limit up to ${probeSizes.at(-1)} bytes was found; state messageLimitBytes in the profile`,
    );
  }),
  scenario('whatever one sends, the others go on undisturbed', ['ERROR-9'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    await undisturbed(t, 'ERROR-9', [bob, carol], alice, async () => {
      for (const { text } of brokenEnvelopes(alice, bob)) await alice.sendText(text);
      for (const { text } of brokenPayloads(alice, bob)) await alice.sendText(text);
      for (const type of unknownTypes) await alice.sendText(JSON.stringify({ type, payload: {} }));
      // Cut at once, what waits to be sent would be lost with the connection.
      await alice.ping(t.timeoutMs);
      alice.cut();
    });
  }),
  scenario('hostile JSON is relayed or answered, and disturbs nobody', ['ERROR-11'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    for (const { what, text } of hostileTexts(alice, bob)) {
      const mark = alice.received.length;
      const markBob = bob.received.length;
      await undisturbed(t, 'ERROR-11', [carol, bob], alice, () => alice.sendText(text));
      const fence = await sendFence(t, alice, bob);
      t.require('ERROR-11', fence !== undefined, {
        expected: `the connection goes on after ${what}`,
        actual: alice.closed ? `alice was closed ${alice.closed.code}` : describeState(t, alice, { since: mark }),
      });
      const isRelayed = ({ type }: Received) => type !== 'ice_candidate';
      const handled = await eventually(t, async () =>
        bob.received.slice(markBob).some(isRelayed) || alice.received.slice(mark).some(isError) ? true : undefined,
      );
      t.require('ERROR-11', handled === true, {
        expected: `${what} is relayed or answered with error`,
        actual: 'neither',
      });
    }
  }),
  scenario('text that is not UTF-8 is closed 1007 and disturbs nobody', ['ERROR-12'], async (t) => {
    const [bob, carol] = await joinAll(t, 'bob', 'carol');
    for (const [what, bytes] of [
      ['a byte that never occurs in UTF-8', [0x22, 0xff, 0x22]],
      ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
      ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
      ['a character cut short', [0x22, 0xe8, 0xaa]],
    ] as const) {
      const alice = await join(t, 'alice', { noticedBy: [bob, carol] });
      await undisturbed(t, 'ERROR-12', [bob, carol], alice, async () => {
        await alice.sendFrames(`a text frame with ${what}`, [['text', Buffer.from(bytes)]]);
        const closed = await alice.untilClosed(t.timeoutMs);
        t.check('ERROR-12', closed?.code === 1007, {
          expected: `a text frame with ${what} is closed 1007`,
          actual: closed ? `closed ${closed.code}` : describeState(t, alice),
        });
      });
    }
  }),
];
