import type { ClientMessage } from '../../generated/index.js';
import { jsonDifferences } from '../kit/json-difference.js';
import { joinAll } from '../kit/lobby.js';
import type { Participant } from '../kit/participant.js';
import type { Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import { eachForm, judgeArrivals, type Letter, type Plan } from '../kit/table.js';

const inAnotherCase = 'names of the protocol in another case';

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
  [inAnotherCase]: {
    Type: 'rollback',
    TYPE: 5,
    SDP: 'not this',
    Sdp: null,
    Candidate: 7,
    targetUserId: 'nobody-here',
    Target_User_Id: 'nobody-here',
    TARGET_USER_ID: 5,
    Sender_Id: 'somebody',
    senderId: 'somebody',
    sdpMid: 'x',
    SDP_Mid: 5,
  },
  depth: {
    x_Names: { Inner: { URL: 1, camelCase: 2, snake_case: 3, 'Kebab-Case': 4, 'with space': 5 } },
    x_nested: { a: [{ b: { c: [[null, false, 'd']] } }] },
    x_deep: nested(20),
    x_long_list: Array.from({ length: 300 }, (_, index) => index),
  },
};

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
    // Where names are read as they were meant, these cannot be told from those of the protocol.
    const readable = Object.entries(strangeMembers).filter(([what]) => !t.shared.dialect || what !== inAnotherCase);
    const cases = readable.map(([what, payload]) => ({ what: `(${what})`, options: { payload } }));
    await judgePayloads(t, await joinAll(t, 'alice', 'bob'), cases);
  }),
  scenario('a payload passes unchanged however its JSON is written', ['RELAY-5'], async (t) => {
    const cases = Object.entries(spellings).map(([what, write]) => ({ what, write, options: { payload: spelt } }));
    await judgePayloads(t, await joinAll(t, 'alice', 'bob'), cases);
  }),
];
