import type { RequirementId } from '../../generated/index.js';
import { describeState } from '../kit/describe.js';
import { connect, join, joinAll } from '../kit/lobby.js';
import type { Participant, Sent } from '../kit/participant.js';
import { control, delivered, needsType, sendFence } from '../kit/proofs.js';
import { carries, isAbout, isError, isRoomState, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';
import { brokenEnvelopes, brokenPayloads, textsThatAreNotJson, unknownTypes } from './faulty-messages.js';

/** A text that parsers trip over; with a nonce where it is a message that may be relayed. */
interface Hostile {
  what: string;
  text: string;
  nonce?: string;
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** JSON that parsers trip over, as the `x_hostile` part of an otherwise correct offer where that is possible. */
function hostileTexts(alice: Participant, bob: Participant): Hostile[] {
  const inside = (what: string, member: string): Hostile => {
    const { message, nonce } = alice.compose('offer', { to: bob });
    const text = JSON.stringify(message);
    return { what, nonce, text: text.replace('"payload":{', `"payload":{${member},`) };
  };
  const { message, nonce } = alice.compose('offer', { to: bob });
  return [
    inside('10,000 nested arrays in the payload', `"x_hostile":${nested(10_000)}`),
    inside('500 nested objects in the payload', `"x_hostile":${'{"a":'.repeat(500)}1${'}'.repeat(500)}`),
    inside('1,100 nested arrays in the payload', `"x_hostile":${nested(1100)}`),
    inside('the type six times', `${'"type":"offer",'.repeat(5)}"type":"offer"`),
    { what: '10,000 nested arrays alone', text: nested(10_000) },
    { what: 'six types', text: `{${'"type":"offer",'.repeat(6)}"payload":{}}` },
    { what: '10,000 arrays that are never closed', text: '['.repeat(10_000) },
    inside('__proto__ in the payload', '"__proto__":{"sdp":"polluted","target_user_id":"nobody"}'),
    {
      what: '__proto__ as the envelope',
      text: '{"__proto__":{"type":"offer","payload":{"type":"offer","sdp":"v=0"}}}',
    },
    inside('constructor.prototype in the payload', '"constructor":{"prototype":{"admin":true}}'),
    inside('the same member twice', '"type":"answer","sdp":"first"'),
    inside('two targets', '"target_user_id":"nobody-here"'),
    {
      what: 'two types',
      nonce,
      text: JSON.stringify(message).replace('{', '{"type":"user_left",'),
    },
    { what: 'two payloads', text: '{"type":"offer","payload":{"type":"offer","sdp":"v=0"},"payload":null}' },
    inside(
      'the same unknown member a thousand times',
      Array.from({ length: 1000 }, (_, index) => `"x_hostile":${index}`).join(','),
    ),
    inside('1e400', '"x_hostile":1e400'),
    inside('-1e400 and 1e-400', '"x_hostile":[-1e400,1e-400]'),
    inside('1e400 as sdp_m_line_index', '"sdp_m_line_index":1e400'),
    inside('a number of 400 digits', `"x_hostile":${'9'.repeat(400)}`),
    inside('a number of 6,000 digits', `"x_hostile":${'9'.repeat(6000)}`),
    inside('lone surrogates', '"x_hostile":"\\ud800 \\udc00\\ud800","\\udfff":1'),
    inside('10,000 members', Array.from({ length: 5000 }, (_, index) => `"x${index}":1`).join(',')),
    { what: 'a byte order mark', text: `\ufeff${JSON.stringify(alice.compose('offer', { to: bob }).message)}` },
  ];
}

/**
 * Two others exchange messages before, while and after `disturb` happens: each of them arrives, and neither is told
 * anything of it. What they were answered before does not count.
 */
async function undisturbed(
  t: ScenarioContext,
  rule: RequirementId,
  [bob, carol]: readonly [Participant, Participant],
  offender: string,
  disturb: () => Promise<unknown>,
): Promise<void> {
  const marks = [bob, carol].map(({ received }) => received.length);
  const exchange = async () => {
    const sent: Sent[] = [];
    for (let round = 0; round < 3; round++)
      sent.push(await bob.candidate({ to: carol }), await carol.candidate({ to: bob }));
    await Promise.all(sent.map((message) => delivered(t, rule, message, message.from === bob ? carol : bob)));
  };
  await Promise.all([exchange(), disturb()]);
  await exchange();
  const table = new Table(t);
  for (const [index, other] of [bob, carol].entries()) {
    const stray = other.received.slice(marks[index]).find(isError);
    const closed = other.closed && `${other.name} was closed ${other.closed.code}`;
    table.enter(other.name, closed ?? (stray && `${other.name} received ${shorten(stray.text)}`), stray);
  }
  table.judge(rule, `the others hear nothing of what ${offender} did wrong`);
}

/** Sends hostile texts in one go, and judges that each is relayed or answered. */
async function judgeHostile(
  t: ScenarioContext,
  [sender, receiver]: readonly [Participant, Participant],
): Promise<void> {
  needsType(t, 'offer');
  const table = new Table(t);
  const marks = [sender, receiver].map(({ received }) => received.length);
  const texts = hostileTexts(sender, receiver);
  for (const { text } of texts) await sender.sendText(text);
  const fence = await sendFence(t, sender, receiver);
  const handled = () =>
    sender.received.slice(marks[0]).filter(isError).length +
    receiver.received.slice(marks[1]).filter((received) => isRelayed(received, fence)).length;
  if (fence) await sender.until(() => handled() >= texts.length, { since: marks[0] ?? 0, timeoutMs: t.timeoutMs });
  if (fence && handled() >= texts.length) for (const { what } of texts) table.enter(what, undefined);
  else await nameUnhandled(t, table, [sender, receiver]);
  table.judge('ERROR-11', 'each is relayed or answered with error, and the connection goes on');
}

/** Whether a message came out of a hostile text: all else on the way to the receiver are candidates. */
const isRelayed = (received: Received, fence: Received | undefined) =>
  received !== fence && (received.type === 'offer' || received.type === 'answer') && !isError(received);

/** Sends each hostile text alone, and enters what becomes of it. */
async function nameUnhandled(
  t: ScenarioContext,
  table: Table,
  [first, receiver]: readonly [Participant, Participant],
): Promise<void> {
  let sender = first;
  let timeoutMs = t.timeoutMs;
  for (const { what, text } of hostileTexts(first, receiver)) {
    if (sender.closed) sender = await join(t, sender.name, { noticedBy: [receiver] });
    const mark = receiver.received.length;
    const own = await sender.sendText(text);
    const fence = await sendFence(t, sender, receiver);
    const relayed = receiver.received.slice(mark).some((received) => isRelayed(received, fence));
    const error = relayed ? undefined : await sender.until(isError, { since: own, timeoutMs });
    if (sender.closed) {
      table.enter(what, `the connection was closed ${sender.closed.code}`);
    } else if (!relayed && !error) {
      timeoutMs = Math.min(timeoutMs, t.shared.quietMs);
      table.enter(what, 'it is neither relayed nor answered');
    } else {
      table.enter(what, fence ? undefined : `what ${sender.name} sends after it does not arrive`);
      if (!fence) return;
    }
  }
}

/** A correct offer whose text has these bytes in it. */
function offerWith(
  sender: Participant,
  receiver: Participant,
  bytes: readonly number[],
): { data: Buffer; nonce: string } {
  const { message, nonce } = sender.compose('offer', { to: receiver, payload: { x_bytes: '@' } });
  const [before, after] = JSON.stringify(message).split('"@"') as [string, string];
  const text = (part: string) => Buffer.from(part);
  return { nonce, data: Buffer.concat([text(`${before}"`), Buffer.from(bytes), text(`"${after}`)]) };
}

const notUtf8: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['a byte that never occurs in UTF-8', [0xff]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['an encoded surrogate', [0xed, 0xa0, 0x80]],
  ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['a character cut short', [0xe8, 0xaa]],
];

/** Proves that something refused was not relayed. A server may close the sender, and may answer it before that. */
async function notRelayed(
  t: ScenarioContext,
  rule: RequirementId,
  nonce: string,
  [sender, receiver]: readonly [Participant, Participant],
  expected: string,
): Promise<void> {
  const isIt = carries(nonce);
  const isClosed = (await sender.untilClosed(t.shared.quietMs)) !== undefined;
  const fence = isClosed ? undefined : await sendFence(t, sender, receiver);
  if (isClosed) await receiver.until(isIt, { timeoutMs: t.shared.quietMs });
  const found = receiver.received.find(isIt);
  t.check(rule, found === undefined && (isClosed || fence !== undefined), {
    expected: isClosed ? expected : `${expected}; and what ${sender.name} sends next arrives`,
    actual: found ? `${receiver.name} received ${shorten(found.text)}` : describeState(t, receiver),
    evidence: isClosed ? 'quiet-window' : 'fence',
    shownBy: found,
  });
}

const probeSizes = [128 * 1024, 512 * 1024, 2 * 1024 * 1024, 8 * 1024 * 1024, 32 * 1024 * 1024];

export const hostileScenarios = [
  scenario('a binary frame is answered or closed, and not relayed', ['ERROR-7'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const { message, nonce } = alice.compose('offer', { to: bob });
    const frames: [what: string, payload: string | Uint8Array][] = [
      ['an offer in a binary frame', JSON.stringify(message)],
      ['an empty binary frame', ''],
      ['a binary frame of one byte', Uint8Array.of(0xff)],
    ];
    const table = new Table(t);
    for (const [what, payload] of frames) {
      const mark = await alice.sendFrames(what, [['binary', payload]]);
      const error = await alice.until(isError, { since: mark, timeoutMs: t.timeoutMs });
      const answered = error?.payload.code === 'INVALID_MESSAGE' || alice.closed?.code === 1003;
      table.enter(what, answered ? undefined : describeState(t, alice, { since: mark }));
      if (alice.closed) break;
    }
    table.judge('ERROR-7', 'each is answered INVALID_MESSAGE, or closed 1003', { evidence: 'direct' });
    const carol = await join(t, 'carol', { noticedBy: [bob] });
    await control(t, carol, bob);
    await notRelayed(t, 'ERROR-7', nonce, [alice, bob], 'the binary frame is not relayed');
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
      return notRelayed(t, 'ERROR-8', nonce, [alice, bob], 'it is not relayed');
    }
    t.ledger.notApplicable(
      'ERROR-8',
      `no limit up to ${probeSizes.at(-1)} bytes was found; state messageLimitBytes in the profile`,
    );
  }),
  scenario('whatever one sends, the others go on undisturbed', ['ERROR-9'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    await undisturbed(t, 'ERROR-9', [bob, carol], 'alice', async () => {
      const faults = [...textsThatAreNotJson(alice), ...brokenEnvelopes(alice, bob), ...brokenPayloads(alice, bob)];
      const types = unknownTypes(() => t.random.hex(12)).map((type) => JSON.stringify({ type, payload: {} }));
      // Some of each kind; the scenarios of those kinds send them all.
      const texts = [
        ...t.random
          .shuffle(faults)
          .slice(0, 60)
          .map(({ text }) => text),
        ...types.slice(0, 5),
      ];
      for (const text of texts) await alice.sendText(text);
      // Cut at once, what waits to be sent would be lost with the connection.
      await alice.ping(t.timeoutMs);
      alice.cut();
      // Whoever is thrown out takes nobody along.
      const again = await connect(t, 'alice');
      await again.until(isRoomState, { timeoutMs: t.timeoutMs });
      await again.sendFrames('a text frame that is not UTF-8', [['text', Buffer.from([0xff])]]);
      await again.untilClosed(t.timeoutMs);
    });
  }),
  scenario('hostile JSON is relayed or answered, and disturbs nobody', ['ERROR-11'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    await undisturbed(t, 'ERROR-11', [carol, bob], 'alice', () => judgeHostile(t, [alice, bob]));
  }),
  scenario('text that is not UTF-8 is closed 1007 and disturbs nobody', ['ERROR-12'], async (t) => {
    const [bob, carol] = await joinAll(t, 'bob', 'carol');
    await undisturbed(t, 'ERROR-12', [bob, carol], 'alice', async () => {
      const table = new Table(t);
      const nonces: string[] = [];
      for (const [what, bytes] of notUtf8) {
        const alice = await join(t, 'alice');
        const mark = bob.received.length;
        const { data, nonce } = offerWith(alice, bob, bytes);
        nonces.push(nonce);
        await alice.sendFrames(`a text frame with ${what}`, [['text', data]]);
        const closed = await alice.untilClosed(t.timeoutMs);
        const otherwise = closed ? `closed ${closed.code}` : describeState(t, alice);
        table.enter(what, closed?.code === 1007 ? undefined : otherwise);
        // The next one joins only when all know that this one is gone.
        if (closed) await bob.until(isAbout('user_left', alice.userId), { since: mark, timeoutMs: t.timeoutMs });
        else break;
      }
      const relayed = bob.received.find((received) => nonces.some((nonce) => carries(nonce)(received)));
      table.enter('all of them', relayed && `bob received ${shorten(relayed.text)}`, relayed);
      table.judge('ERROR-12', 'a text frame that is not UTF-8 is closed 1007, and not relayed', { evidence: 'direct' });
    });
  }),
];
