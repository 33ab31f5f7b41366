import { type ClientMessage, clientMessageTypes, serverMessageTypes } from '../../generated/index.js';
import type { Fault } from '../kit/faults.js';
import type { Participant } from '../kit/participant.js';

type Json = Record<string, unknown>;
type Types = ClientMessage['type'];

/** A correct message to be spoilt; its nonce stands on the envelope as well, whatever becomes of the payload. */
function correct(sender: Participant, type: Types, to: Participant | undefined): { message: Json; nonce: string } {
  const { message, nonce } = sender.compose(type, { ...(to && { to }), payload: { x_inner: 1 } });
  return { nonce, message: { ...message, x_nonce: nonce } as unknown as Json };
}

/** Texts that are not JSON (RFC 8259), some of which one parser or another takes. */
export function textsThatAreNotJson(sender: Participant): Fault[] {
  const codes = ['INVALID_MESSAGE'] as const;
  const spoilt = (what: string, change: (text: string) => string): Fault => {
    const { message, nonce } = correct(sender, 'offer', undefined);
    return { what, nonce, codes, text: change(JSON.stringify(message)) };
  };
  const member = (value: string) => (text: string) => text.replace('"x_inner":1', `"x_inner":${value}`);
  const literals = [
    'NaN',
    'Infinity',
    '-Infinity',
    'undefined',
    'True',
    'None',
    '01',
    '.5',
    '1.',
    '+1',
    '0x10',
    '1e',
    '1_000',
  ];
  return [
    { what: 'text that is not JSON', codes, text: 'hello' },
    { what: 'an empty frame', codes, text: '' },
    { what: 'a blank', codes, text: ' ' },
    { what: 'JSON cut short', codes, text: '{"type":"offer","payload":{' },
    spoilt('a message with text after it', (text) => `${text} x`),
    spoilt('a message with a brace too many', (text) => `${text}}`),
    spoilt('a message with a brace too few', (text) => text.slice(0, -1)),
    spoilt('two messages in one frame', (text) => text + text),
    spoilt('two messages on two lines', (text) => `${text}\n${text}`),
    spoilt('a message after a no-break space', (text) => `\u00a0${text}`),
    spoilt('a message in single quotes', (text) => text.replaceAll('"', "'")),
    spoilt('a message with a name without quotes', (text) => text.replace('"type"', 'type')),
    spoilt('a message with a comment', (text) => text.replace('{', '{/* */')),
    spoilt('a message with a comma too many', (text) => text.replace(/}$/, ',}')),
    spoilt('a message with a comma too few', (text) => text.replace(',"', ' "')),
    spoilt('a message with a comma at the end of a list', member('[1,]')),
    spoilt('a message with a line break inside a text', member('"a\nb"')),
    spoilt('a message with a tab inside a text', member('"a\tb"')),
    spoilt('a message with \\x41 in it', member('"\\x41"')),
    spoilt('a message with \\u12 in it', member('"\\u12"')),
    ...literals.map((literal) => spoilt(`a message with ${literal} in it`, member(literal))),
  ];
}

/** JSON that is no envelope. */
export function brokenEnvelopes(sender: Participant, receiver: Participant): Fault[] {
  const codes = ['INVALID_MESSAGE'] as const;
  const spoilt = (what: string, change: (message: Json) => unknown, type: Types = 'offer'): Fault => {
    const { message, nonce } = correct(sender, type, receiver);
    return { what: `a message ${what}`, nonce, codes, text: JSON.stringify(change(message)) };
  };
  // Beside those that the schemas' own cases have: what is nothing in some languages, and texts that are no time.
  const wrongKinds: Readonly<Record<string, readonly unknown[]>> = {
    type: [0, false],
    payload: [0, false, ''],
    room_id: [0, false],
    timestamp: [0, false, '', 'yesterday', '2026-03-01', '2026-03-01 09:30:00Z'],
    sender_id: [0, false],
    id: [0, 5, false, {}, [], 'x'.repeat(65)],
  };
  return [
    ...['null', 'true', '42', '"offer"', '[]', '{}'].map((text) => ({ what: `the JSON ${text}`, codes, text })),
    // Either code is true of it.
    {
      what: 'an unknown type without payload',
      codes: ['INVALID_MESSAGE', 'INVALID_MESSAGE_TYPE'],
      text: '{"type":"x-unknown"}',
    },
    spoilt('in a list', (message) => [message]),
    spoilt('in a string', (message) => JSON.stringify(message)),
    spoilt('in another object', (message) => ({ message })),
    spoilt('whose payload is in a list', (message) => ({ ...message, payload: [message.payload] })),
    spoilt('whose payload is in a string', (message) => ({ ...message, payload: JSON.stringify(message.payload) })),
    spoilt('whose members of the payload stand on the envelope', ({ payload, ...rest }) => ({
      ...(payload as Json),
      ...rest,
    })),
    // What decoders that ignore the case of names take for the member that is missing.
    ...['Type', 'TYPE', 'tYPE', ' type', 'event'].map((name) =>
      spoilt(`with "${name}" for "type"`, ({ type, ...rest }) => ({ [name]: type, ...rest })),
    ),
    ...['Payload', 'PAYLOAD', 'payLoad', 'data'].map((name) =>
      spoilt(`with "${name}" for "payload"`, ({ payload, ...rest }) => ({ ...rest, [name]: payload })),
    ),
    ...clientMessageTypes.flatMap((type) =>
      Object.entries(wrongKinds).flatMap(([name, values]) =>
        values.map((value) => {
          const what = `of type ${type} whose ${name} is ${JSON.stringify(value)}`;
          return spoilt(what, (message) => ({ ...message, [name]: value }), type);
        }),
      ),
    ),
  ];
}

/** Payloads that break the schema of their type in ways that the schemas' own cases do not have. */
export function brokenPayloads(sender: Participant, receiver: Participant): Fault[] {
  const spoilt = (type: Types, path: string, what: string, change: (payload: Json) => unknown): Fault => {
    const { message, nonce } = correct(sender, type, receiver);
    const payload = change({ ...(message.payload as Json), x_nonce: nonce });
    const codes = ['INVALID_PAYLOAD'] as const;
    return { what: `an ${type} ${what}`, path, nonce, codes, text: JSON.stringify({ ...message, payload }) };
  };
  const renamed = (from: string, to: string) => (payload: Json) => {
    const { [from]: value, ...rest } = payload;
    return { ...rest, [to]: value };
  };
  const having = (name: string, value: unknown) => (payload: Json) => ({ ...payload, [name]: value });
  const descriptions = (['offer', 'answer'] as const).flatMap((type) => [
    ...['SDP', 'Sdp', 'description'].map((name) =>
      spoilt(type, '/payload/sdp', `with "${name}" for "sdp"`, renamed('sdp', name)),
    ),
    ...[0, false].map((value) => spoilt(type, '/payload/sdp', `whose sdp is ${value}`, having('sdp', value))),
    spoilt(type, '/payload/sdp', 'whose sdp is an RTCSessionDescription', (payload) => ({
      ...payload,
      sdp: { type: payload.type, sdp: payload.sdp },
    })),
    ...['', 'x'.repeat(65), 0, false, {}, []].map((value) =>
      spoilt(type, '/payload/offer_id', `whose offer_id is ${JSON.stringify(value)}`, having('offer_id', value)),
    ),
    spoilt(type, '/payload/type', 'with "Type" for "type" in its payload', renamed('type', 'Type')),
    ...['rollback', type === 'offer' ? 'answer' : 'offer', type.toUpperCase(), `${type} `, ''].map((value) =>
      spoilt(type, '/payload/type', `whose payload.type is ${JSON.stringify(value)}`, having('type', value)),
    ),
  ]);
  const indexes = [-1, 65536, 0.5, 1e21, '0', '', false].map((value) =>
    spoilt(
      'ice_candidate',
      '/payload/sdp_m_line_index',
      `whose sdp_m_line_index is ${JSON.stringify(value)}`,
      having('sdp_m_line_index', value),
    ),
  );
  const candidates = [
    ...['Candidate', 'CANDIDATE', 'sdp'].map((name) =>
      spoilt('ice_candidate', '/payload/candidate', `with "${name}" for "candidate"`, renamed('candidate', name)),
    ),
    ...[null, 0, false, []].map((value) =>
      spoilt(
        'ice_candidate',
        '/payload/candidate',
        `whose candidate is ${JSON.stringify(value)}`,
        having('candidate', value),
      ),
    ),
    spoilt('ice_candidate', '/payload/candidate', 'whose candidate is an RTCIceCandidate', (payload) => ({
      ...payload,
      candidate: { candidate: payload.candidate, sdpMid: '0', sdpMLineIndex: 0 },
    })),
    spoilt('ice_candidate', '/payload/sdp_mid', 'whose sdp_mid is 0', having('sdp_mid', 0)),
    spoilt(
      'ice_candidate',
      '/payload/username_fragment',
      'whose username_fragment is 0',
      having('username_fragment', 0),
    ),
  ];
  const targets = clientMessageTypes.flatMap((type) =>
    [0, 5, false, [], [receiver.userId], { user_id: receiver.userId }].map((value) =>
      spoilt(
        type,
        '/payload/target_user_id',
        `whose target_user_id is ${JSON.stringify(value)}`,
        having('target_user_id', value),
      ),
    ),
  );
  return [...descriptions, ...indexes, ...candidates, ...targets];
}

/** Types that no server has, and some that look like those it has. */
export function unknownTypes(draw: () => string): string[] {
  const nearly = [
    ...['ice-candidate', 'iceCandidate', 'ICE_CANDIDATE', 'ice_candidate ', 'candidate'],
    ...['OFFER', 'Offer', 'offer ', ' offer', 'offer\n', 'offer\u0000', 'offers', 'webrtc_offer', 'оffer'],
    ...['Answer', 'ANSWER', 'answer ', 'pranswer', 'rollback', 'room-state', 'roomState', 'USER_LEFT', 'Error'],
  ];
  return [...nearly, `x-${draw()}`, `x_${draw()}`, draw().repeat(100), '', 'constructor', 'toString', '0', 'null'];
}

/** Messages only servers send, each valid, to one and to everybody. */
export function serverMessages(sender: Participant, receiver: Participant): Fault[] {
  const user_id = receiver.userId;
  const joined_at = '2026-03-01T09:30:00Z';
  const payloads: Readonly<Record<string, Json>> = {
    room_state: {
      room_id: sender.roomId,
      participants: [
        { user_id, username: 'Bob', joined_at },
        { user_id: 'mallory', joined_at },
      ],
      participant_count: 2,
    },
    user_joined: { user_id: 'mallory', username: 'Mallory' },
    user_left: { user_id, username: 'Bob', reason: 'left' },
    error: { code: 'INTERNAL_ERROR', message: 'forged', details: {} },
  };
  const serverOnly = serverMessageTypes.filter((type) => !(clientMessageTypes as readonly string[]).includes(type));
  return serverOnly.flatMap((type) =>
    [{ target_user_id: user_id }, {}].map((target) => {
      const { message, nonce } = correct(sender, 'offer', undefined);
      const payload = { ...payloads[type], x_nonce: nonce, ...target };
      const text = JSON.stringify({ ...message, type, payload });
      const to = 'target_user_id' in target ? receiver.name : 'everybody';
      return { what: `a ${type} to ${to}`, nonce, codes: ['INVALID_MESSAGE_TYPE'] as const, text };
    }),
  );
}
