import type { ClientMessage } from '../../generated/index.js';
import { describeState } from '../kit/describe.js';
import { textDifference } from '../kit/json-difference.js';
import { join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import { carries, type Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import { arrivals, eachForm, flush, judgeArrivals, type Letter, type Plan, post, usableForms } from '../kit/table.js';

/** The largest message that every server relays, in bytes of UTF-8. */
const largest = 64 * 1024;

/** Texts that a message is filled with: what counts is bytes, whatever they are characters of. */
const fillings = {
  'mostly of ASCII': 'a=candidate:1 1 udp 2122260223 192.0.2.7 54321 typ host ',
  'mostly of characters of three bytes': '語',
  'mostly of characters of four bytes': '🎈',
} as const;

/** The member that is filled: an SDP may be long, a candidate line hardly is. */
const filledMember = ({ type }: ClientMessage) => (type === 'ice_candidate' ? 'x_filling' : 'sdp');

/** Writes a message of exactly so many bytes. */
function ofSize(bytes: number, filling: string): (message: ClientMessage) => string {
  return (message) => {
    const member = filledMember(message);
    const payload = message.payload as unknown as Record<string, unknown>;
    const text = (filled: string) =>
      JSON.stringify({ ...message, payload: { ...payload, [member]: `${payload[member] ?? ''}${filled}` } });
    const missing = bytes - Buffer.byteLength(text(''));
    const each = Buffer.byteLength(filling);
    const times = Math.floor(missing / each);
    return text(filling.repeat(times) + 'x'.repeat(missing - times * each));
  };
}

/** A message of a size that all others are compared with. */
const small = (filling: string): Pick<Plan, 'write'> => ({ write: ofSize(2048, filling) });

/**
 * Says where the filled member of a message was cut or changed. What becomes of any member, of a small message in one
 * frame as well, is for the rules of the types and for RELAY-5 to judge: those have to be sent first.
 */
function comparing(): (received: Received, letter: Letter) => string | undefined {
  const altered = new Map<string, boolean>();
  return ({ payload, type }, { what, sent, form }) => {
    const written = JSON.parse(sent.text) as ClientMessage;
    const member = filledMember(written);
    const [before, after] = [(written.payload as never)[member] as string, payload[member]];
    const isSame = before === after || type !== form.type;
    const key = what.replace(/ of \d+ bytes| in \d+ fragments.*/g, '');
    if (!altered.has(key)) altered.set(key, !isSame);
    if (isSame || altered.get(key)) return undefined;
    return typeof after === 'string' ? `${member}: ${textDifference(before, after)}` : `${member} did not arrive`;
  };
}

/** Cuts a text into so many fragments, wherever that falls within its characters. */
const inFragments = (count: number): Pick<Plan, 'frames'> => ({
  frames: (text) =>
    Array.from({ length: count }, (_, index) => {
      const size = Math.ceil(text.length / count);
      const piece = text.subarray(index * size, (index + 1) * size);
      return [index === 0 ? 'text' : 'continuation', piece, index === count - 1];
    }),
});

/** Four fragments, a ping and a pong between them, a character split in two. */
const mixedFragments: Pick<Plan, 'frames'> = {
  frames: (text) => {
    const cut = text.indexOf('🎈') + 2;
    return [
      ['text', text.subarray(0, 10), false],
      ['ping', 'between'],
      ['continuation', text.subarray(10, cut), false],
      ['pong', 'unasked'],
      ['continuation', '', false],
      ['continuation', text.subarray(cut), true],
    ];
  },
};

export const sizeScenarios = [
  scenario('a message of 64 KiB is relayed', ['RELAY-10'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    const ofBytes = (bytes: number, filling: keyof typeof fillings) => ({
      what: `of ${bytes} bytes, ${filling}`,
      write: ofSize(bytes, fillings[filling]),
      bytes,
    });
    const names = Object.keys(fillings) as (keyof typeof fillings)[];
    const cases = [
      ...names.map((filling) => ofBytes(2048, filling)),
      ofBytes(16 * 1024, 'mostly of ASCII'),
      ofBytes(largest - 1, 'mostly of characters of three bytes'),
      ...names.map((filling) => ofBytes(largest, filling)),
    ];
    await judgeArrivals(t, 'RELAY-10', pair, eachForm(t, pair[1], cases), comparing(), {
      expected: `every message of up to ${largest} bytes arrives whole`,
    });
  }),
  scenario('a message of 64 KiB is relayed in several fragments as well', ['RELAY-10'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const [form] = usableForms(t);
    const tried = form ? await post(alice, [{ form, options: { to: bob }, ...inFragments(2) }]) : [];
    await flush(t, alice, [bob]);
    if (tried.every((letter) => arrivals(letter, bob).length === 0))
      throw new Inconclusive('no message in several fragments arrives', 'RELAY-11');
    const write = ofSize(largest, '語');
    const cases = [
      { what: 'of 2048 bytes', ...small('語') },
      ...[2, 5].map((count) => ({
        what: `of ${largest} bytes in ${count} fragments`,
        write,
        bytes: largest,
        ...inFragments(count),
      })),
    ];
    await judgeArrivals(t, 'RELAY-10', [alice, bob], eachForm(t, bob, cases), comparing(), {
      expected: `a message of ${largest} bytes arrives whole, in however many fragments it was sent`,
    });
  }),
  scenario('a message that is compressed on the wire arrives as it was', ['AUTH-13', 'RELAY-10'], async (t) => {
    // As browsers offer it. Where a server does not take it up, the messages go uncompressed, which is as good.
    const alice = await join(t, 'alice', { deflate: true });
    const bob = await join(t, 'bob', { deflate: true, noticedBy: [alice] });
    // Long enough to be compressed. Whether it would arrive uncompressed is for the rule of its type to judge.
    const long = { x_filling: fillings['mostly of ASCII'].repeat(40) };
    const sent = await alice.offer({ to: bob, payload: long });
    const arrived = await bob.until(carries(sent.nonce), { timeoutMs: t.timeoutMs });
    const isLost = arrived === undefined && !t.shared.lostTypes.has('offer');
    t.require('AUTH-13', !isLost, {
      expected: 'what a client sends that offered compression is relayed, compressed if the server took it up',
      actual: `${describeState(t, bob)}; ${describeState(t, alice)}`,
    });
    const cases = [2048, 16 * 1024, largest].map((bytes) => ({
      what: `of ${bytes} bytes`,
      write: ofSize(bytes, fillings['mostly of ASCII']),
      bytes,
    }));
    await judgeArrivals(t, 'RELAY-10', [alice, bob], eachForm(t, bob, cases), comparing(), {
      expected: `every message of up to ${largest} bytes arrives whole between clients that offer compression`,
    });
  }),
  scenario('a message in several fragments is one message', ['RELAY-11'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    const cases = [
      small('🎈'),
      { what: 'in 4 fragments, a ping and a pong between them', ...small('🎈'), ...mixedFragments },
      { what: 'in 60 fragments', ...small('🎈'), ...inFragments(60) },
    ];
    await judgeArrivals(t, 'RELAY-11', pair, eachForm(t, pair[1], cases), comparing(), {
      expected: 'each fragmented message arrives as one',
    });
  }),
];
