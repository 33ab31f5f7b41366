import type { ClientMessage } from '../../generated/index.js';
import { jsonDifferences } from '../kit/json-difference.js';
import { joinAll } from '../kit/lobby.js';
import { Inconclusive, NotApplicable } from '../kit/outcome.js';
import type { MessageOptions, Participant } from '../kit/participant.js';
import { carries, isError, type Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { eachForm, fateOf, judgeArrivals, type Letter, type Plan, post, Table, usableForms } from '../kit/table.js';

/** Members that a server has no business with, by what they are about. Values stay within I-JSON (RFC 7493). */
const strangeMembers: Readonly<Record<string, Record<string, unknown>>> = {
  characters: {
    x_text: 'Grüße, 你好, שלום, 👩‍👩‍👧‍👦, 𝄞, \u2028\u2029, \u0000\u001f\u007f, \\ " / </script>',
    'x key with spaces and 🔑': true,
    x_decomposed: 'cafe\u0301',
    'x_cafe\u0301': 'a decomposed name',
    x_invisible: '\u200bzero width\ufeff',
    x_mark_first: '\ufefftext',
    x_noncharacters: '\ufdd0\ufffe\uffff\ufffd',
    x_markup: '<a href="?x=1&y=2">it\'s</a> &amp; %41 + \\u0041 \\n',
    x_template: '{{x}} $x %s {0} :x',
    x_inside: { text: 'Grüße, \u0000 \u2028 </b> "', '🔑': ['𝄞'] },
  },
  'white space': {
    x_lines: 'one\r\ntwo\nthree\rfour\ttab',
    x_spaces: '  at both ends  ',
    x_ends: '\r\n\ttext\r\n',
    x_blank: ' ',
  },
  numbers: {
    x_numbers: [0, -1, 1.5, 1e-7, 1e21, 123456789.123, 0.1, 5e-324, 1.7976931348623157e308],
    x_largest: [9007199254740991, -9007199254740991, 2147483648, 4294967296, 1767225600000],
    x_zero: 0,
    x_decimals: 0.123456789012,
    x_tiny: 1e-7,
    x_beyond_32_bits: 4294967299,
    x_negative: -2147483649,
    x_milliseconds: 1767225600123,
    x_inside: { half: 0.5, decimals: 6.02214076123, beyond_32_bits: 8589934597 },
  },
  'an offer_id with spaces around': { offer_id: '  5f2 1  ' },
  'an offer_id of null': { offer_id: null },
  'an offer_id of 64 characters': { offer_id: '\u{1f388}'.repeat(64) },
  'nothing and little': {
    x_nothing: null,
    x_false: false,
    x_empty_text: '',
    x_empty_list: [],
    x_empty_object: {},
    x_null_in_object: { a: null, b: { c: null } },
    x_null_in_list: [null, [null], {}],
    x_list_with_equals: [1, 1, 'a', 'a', 2, 1, {}, {}],
    x_list_of_empties: [{}, [], '', 0, false],
  },
  'texts that look like something else': {
    x_date: '2026-01-01',
    x_time: '2026-01-01T00:00:00Z',
    x_fraction: '2026-01-01T00:00:00.120Z',
    x_texts: ['007', '1e5', '0x10', 'NaN', 'Infinity', 'true', 'false', 'null', 'undefined', '1,5', '{}', '[]', '-0'],
    x_url: 'https://EXAMPLE.com:443/a/../b?q=%7e',
    x_base64: '/+8=',
  },
  'names that mean something elsewhere': {
    __meta: { version: 1 },
    __typename: 'Offer',
    timestamp: 'yesterday',
    username: '',
    room_id: 'another room',
    user_id: 7,
    id: null,
    from: 'somebody',
    to: ['nobody-here'],
    type_: 'x',
    message: {},
    payload: { payload: { sdp: 'inner' } },
    participants: [],
    code: 'INTERNAL_ERROR',
    constructor: 'plain member',
    toString: 'plain member',
    hasOwnProperty: 1,
    length: 0,
    $ref: '#',
    _id: 'x',
    '@type': 'x',
    'a.b': 1,
    'a/b~c': 1,
    'a[0]': 1,
    '': 'empty name',
    '0': 'a digit',
    '-1': true,
  },
  depth: {
    x_Names: { Inner: { URL: 1, camelCase: 2, snake_case: 3, 'Kebab-Case': 4, 'with space': 5 } },
    x_nested: { a: [{ b: { c: [[null, false, 'd']] } }] },
    x_deep: nested(20),
    x_long_list: Array.from({ length: 300 }, (_, index) => index),
  },
};

/** What decoders that take no notice of case would take for members of the protocol. */
const inAnotherCase: readonly MessageOptions[] = [
  { payload: { Sender_Id: 'somebody' } },
  { payload: { SENDER_ID: 'somebody', sEnder_id: null } },
  { payload: { '\u017fender_id': 'somebody' } },
  { payload: { Target_User_Id: 'nobody-here' } },
  { payload: { TARGET_USER_ID: 5 } },
  { envelope: { Sender_ID: 'somebody' } },
  { envelope: { Type: 'user_left', TYPE: 5 } },
  { envelope: { ROOM_ID: 'another', Room_Id: 5 } },
  { envelope: { Payload: 'none', Timestamp: false } },
];

const inAnotherCaseByType: Readonly<Record<ClientMessage['type'], Record<string, unknown>>> = {
  offer: { SDP: 'not this', Sdp: null, Type: 'rollback' },
  answer: { SDP: 'not this', Sdp: null, TYPE: 5 },
  ice_candidate: { Candidate: 7, SDP_Mid: 5 },
};

const refusals: readonly unknown[] = ['INVALID_MESSAGE', 'INVALID_PAYLOAD'];

async function judgeOtherCase(t: ScenarioContext, [alice, bob]: readonly [Participant, Participant]): Promise<void> {
  const [refused, unchanged] = [new Table(t), Table.ofForms(t)];
  for (const form of usableForms(t)) {
    for (const options of [...inAnotherCase, { payload: inAnotherCaseByType[form.type] }]) {
      const names = Object.keys({ ...options.envelope, ...options.payload }).join(', ');
      const what = `with ${names} in its ${options.envelope ? 'envelope' : 'payload'}`;
      const [letter] = await post(alice, [{ form, what, options: { ...options, to: bob } }]);
      if (letter === undefined) return;
      const { sent } = letter;
      const answer = alice.until(isError, { since: sent.mark, timeoutMs: t.timeoutMs });
      const came = bob.until(carries(sent.nonce), { timeoutMs: t.timeoutMs });
      const first = await Promise.race([came, answer]);
      if (first === undefined) throw new Inconclusive(`${letter.what} is neither relayed nor answered`);
      const isRefused = isError(first) && refusals.includes(first.payload.code);
      refused.enter(letter.what, isRefused ? undefined : isError(first) ? fateOf(letter) : 'it was relayed', first);
      if (!isRefused) unchanged.enter(letter.what, isError(first) ? fateOf(letter) : changes(first, letter), first);
    }
  }
  refused.judge('ERROR-14', 'each is answered INVALID_MESSAGE or INVALID_PAYLOAD', { evidence: 'direct' });
  unchanged.judge('RELAY-5', 'what is not refused arrives unchanged (path: sent → arrived)', { evidence: 'direct' });
}

function nested(depth: number): unknown {
  return depth === 0 ? 'bottom' : depth % 2 === 0 ? { deeper: nested(depth - 1) } : [nested(depth - 1)];
}

/** The rules of the types judge the members that the schemas name; a server writes `sender_id` (RELAY-4). */
const ownMembers = ['type', 'sdp', 'candidate', 'sdp_mid', 'sdp_m_line_index', 'username_fragment', 'sender_id'];

function changes(received: Received, { sent, form }: Letter): string | undefined {
  if (received.type !== form.type) return undefined;
  const others = (payload: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(payload).filter(([name]) => !ownMembers.includes(name)));
  const written = (JSON.parse(sent.text) as { payload: Record<string, unknown> }).payload;
  const found = jsonDifferences(others(written), others(received.payload), '/payload');
  if (found.length === 0) return undefined;
  return `${found.slice(0, 3).join(', ')}${found.length > 3 ? `, and ${found.length - 3} more differ` : ''}`;
}

const escaped = (character: string) =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

/** Ways to write one and the same message as JSON. */
const spellings: Readonly<Record<string, NonNullable<Plan['write']>>> = {
  'with white space between all parts': (message) => `\r\n\t ${JSON.stringify(message, null, '\t')} \n`,
  'with the letters of its names escaped': (message) =>
    JSON.stringify(message).replace(
      /"([a-z_]+)":/g,
      (_, name: string) => `"${escaped(name.charAt(0))}${name.slice(1)}":`,
    ),
  'with the letters of its values escaped': (message) =>
    JSON.stringify(message).replace(
      /"(type|target_user_id|room_id)":"(.)/g,
      (_, name: string, first: string) => `"${name}":"${escaped(first)}`,
    ),
  'with everything beyond ASCII escaped': (message) =>
    JSON.stringify(message).replace(/[\u0080-\uffff]/g, (character) =>
      escaped(character).toUpperCase().replace('\\U', '\\u'),
    ),
  'with escaped slashes': (message) => JSON.stringify(message).replaceAll('/', '\\/'),
  'with its payload first': ({ payload, ...rest }: ClientMessage) => JSON.stringify({ payload, ...rest }),
  'with its type last': ({ type, ...rest }: ClientMessage) => JSON.stringify({ ...rest, type }),
  'with the names of the protocol in its values': ({ payload, ...rest }: ClientMessage) =>
    JSON.stringify({ ...rest, payload: { x_first: ['sender_id', '"sender_id":"x"', '},"payload":{'], ...payload } }),
};

const spelt = { x_text: 'Grüße an 𝄞, a/b', x_inner: { sender_id: 'x', 'payload": {"': [1] } };

async function judgePayloads(
  t: Parameters<typeof judgeArrivals>[0],
  pair: readonly [Participant, Participant],
  cases: readonly Omit<Plan, 'form'>[],
): Promise<void> {
  await judgeArrivals(t, 'RELAY-5', pair, eachForm(t, pair[1], cases), changes, {
    expected: 'each payload arrives unchanged (path: sent → arrived)',
  });
}

export const payloadScenarios = [
  scenario('what the server does not know passes unchanged', ['RELAY-5'], async (t) => {
    const cases = Object.entries(strangeMembers).map(([what, payload]) => ({
      what: `(${what})`,
      options: { payload },
    }));
    await judgePayloads(t, await joinAll(t, 'alice', 'bob'), cases);
  }),
  scenario('a payload passes unchanged however its JSON is written', ['RELAY-5'], async (t) => {
    const cases = Object.entries(spellings).map(([what, write]) => ({ what, write, options: { payload: spelt } }));
    await judgePayloads(t, await joinAll(t, 'alice', 'bob'), cases);
  }),
  scenario('names of the protocol in another case are refused', ['ERROR-14', 'RELAY-5'], async (t) => {
    if (t.shared.dialect) throw new NotApplicable('the target spells the names of the protocol in its own way');
    await judgeOtherCase(t, await joinAll(t, 'alice', 'bob'));
  }),
];
