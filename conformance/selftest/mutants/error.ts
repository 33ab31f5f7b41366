import { Buffer } from 'node:buffer';
import {
  clientMessageTypes,
  type ErrorMessage,
  type ProtocolError,
  parseClientMessage,
  withMessageIdOf,
} from '../../../generated/index.js';
import { defaultDecisions, type ServerDecisions } from '../../run/embedded.js';
import {
  changeEffects,
  changeWritten,
  delivers,
  errorOf,
  interceptTexts,
  type Json,
  type Loose,
  others,
  parseInAnyCase,
  payloadOf,
  transition,
  WiresOfRooms,
  writeLate,
} from '../alter.js';
import type { Mutant } from '../mutant.js';

/** Decisions under which a text that is refused with a code is looked at again, and may be taken after all. */
function acceptFaulty(
  code: ProtocolError['code'],
  forgive: (message: Loose, error: ProtocolError) => Loose | undefined,
): Partial<ServerDecisions> {
  return {
    parse(text, roomId) {
      const parsed = defaultDecisions.parse(text, roomId);
      if (parsed.ok || parsed.error.code !== code) return parsed;
      const message = asMessage(text);
      const forgiven = message && forgive(message, parsed.error);
      return forgiven === undefined ? parsed : { ok: true, message: forgiven as never };
    },
  };
}

function asMessage(text: string): Loose | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value?.payload === 'object' && value.payload !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The members of a text that is a JSON object; none where it is not. */
function asJson(text: string): Json {
  try {
    return Object(JSON.parse(text)) as Json;
  } catch {
    return {};
  }
}

function refusal(code: ProtocolError['code'], text: string): { ok: false; error: ProtocolError } {
  return { ok: false, error: withMessageIdOf({ code, message: 'It is refused.' }, text) };
}

/** Decisions under which some faults are answered in another way. */
function changeAnswer(change: (error: ProtocolError) => ProtocolError): Partial<ServerDecisions> {
  return { report: (roomId, error, at) => defaultDecisions.report(roomId, change(error), at) };
}

/** Decisions under which a text is changed before it is read. */
function changeText(change: (text: string) => string): Partial<ServerDecisions> {
  return { parse: (text, roomId) => defaultDecisions.parse(change(text), roomId) };
}

/** The first JSON value of a text, if more follows. */
function firstOf(text: string): string {
  const end = [...text.matchAll(/\}/g)].find(({ index }) => isJson(text.slice(0, index + 1)));
  return end ? text.slice(0, end.index + 1) : text;
}

const concerns = (path: string) => (message: Loose, error: ProtocolError) =>
  error.details?.errors?.every((violation) => violation.path === path) ? message : undefined;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const errorMutants: readonly Mutant[] = [
  {
    name: 'garbage-is-invalid-payload',
    breaks: 'ERROR-1',
    summary: 'What is no envelope is answered INVALID_PAYLOAD.',
    decisions: changeAnswer((error) =>
      error.code === 'INVALID_MESSAGE' ? { ...error, code: 'INVALID_PAYLOAD' } : error,
    ),
    also: [{ requirement: 'ERROR-7', because: 'a binary frame is answered with the same code' }],
  },
  {
    name: 'garbage-in-silence',
    breaks: 'ERROR-1',
    summary: 'What is not JSON is ignored.',
    decisions: interceptTexts(isJson),
    also: [{ requirement: 'ERROR-11', because: 'hostile text that is not JSON gets no answer either' }],
  },
  {
    name: 'garbage-closes',
    breaks: 'ERROR-1',
    summary: 'What is not JSON closes the connection.',
    decisions: interceptTexts((text, connection) => {
      if (isJson(text)) return true;
      connection.close(1008, 'not JSON');
      return false;
    }),
    also: [{ requirement: 'ERROR-11', because: 'hostile text that is not JSON closes the connection too' }],
  },
  {
    name: 'any-kind-of-timestamp',
    breaks: 'ERROR-1',
    summary: 'A timestamp that is a number is replaced instead of refused.',
    decisions: acceptFaulty('INVALID_MESSAGE', (message) =>
      typeof message.timestamp === 'number' && typeof message.type === 'string'
        ? { ...message, timestamp: null }
        : undefined,
    ),
  },
  {
    name: 'payload-in-a-list',
    breaks: 'ERROR-1',
    summary: 'A payload that is a list of one object is taken for that object.',
    decisions: acceptFaulty('INVALID_MESSAGE', (message) =>
      Array.isArray(message.payload) && message.payload[0] ? { ...message, payload: message.payload[0] } : undefined,
    ),
  },
  {
    name: 'numbers-of-javascript',
    breaks: 'ERROR-1',
    summary: 'NaN is taken for JSON, as Python does.',
    decisions: changeText((text) => text.replaceAll(':NaN', ':null')),
  },
  {
    name: 'reads-the-first-value',
    breaks: 'ERROR-1',
    summary: 'Whatever follows the first JSON value of a frame is ignored, as Jackson does.',
    decisions: changeText((text) => (isJson(text) ? text : firstOf(text))),
  },
  {
    name: 'names-of-the-envelope-in-any-case',
    breaks: 'ERROR-1',
    summary: 'Names of the envelope are read in any case, as Go does.',
    decisions: acceptFaulty('INVALID_MESSAGE', (message) => {
      const { Type, Payload } = message as { Type?: unknown; Payload?: unknown };
      const renamed = { ...message, type: message.type ?? Type, payload: message.payload ?? Payload };
      return typeof renamed.type === 'string' && typeof renamed.payload === 'object' ? (renamed as Loose) : undefined;
    }),
    also: [{ requirement: 'ERROR-14', because: 'they are not refused' }],
  },
  {
    name: 'zero-is-no-room',
    breaks: 'ERROR-1',
    summary: 'A `room_id` of 0 or false is taken for none.',
    decisions: acceptFaulty('INVALID_MESSAGE', (message) =>
      message.room_id === 0 || message.room_id === false ? { ...message, room_id: null } : undefined,
    ),
  },
  {
    name: 'relays-any-type',
    breaks: 'ERROR-2',
    summary: 'A message of an unknown type is relayed.',
    decisions: acceptFaulty('INVALID_MESSAGE_TYPE', (message, error) =>
      error.message.includes('is for the server') ? undefined : message,
    ),
  },
  {
    name: 'types-in-any-case',
    breaks: 'ERROR-2',
    summary: 'Letter case and white space in `type` do not count.',
    decisions: acceptFaulty('INVALID_MESSAGE_TYPE', (message) => {
      const type = message.type.trim().toLowerCase();
      return type === 'offer' ? { ...message, type } : undefined;
    }),
  },
  {
    name: 'unknown-type-is-invalid-message',
    breaks: 'ERROR-2',
    summary: 'An unknown type is answered INVALID_MESSAGE.',
    decisions: changeAnswer((error) =>
      error.code === 'INVALID_MESSAGE_TYPE' && error.message.includes('no type of this')
        ? { ...error, code: 'INVALID_MESSAGE' }
        : error,
    ),
  },
  {
    name: 'relays-announcements',
    breaks: 'ERROR-3',
    summary: 'A `user_joined` or `user_left` from a client is relayed.',
    decisions: acceptFaulty('INVALID_MESSAGE_TYPE', (message) =>
      message.type === 'user_left' || message.type === 'user_joined' ? message : undefined,
    ),
  },
  {
    name: 'trusts-payloads',
    breaks: 'ERROR-4',
    summary: 'Payloads are relayed unchecked.',
    decisions: acceptFaulty('INVALID_PAYLOAD', (message) => message),
    also: [{ requirement: 'ERROR-14', because: 'names in another case are not looked at either' }],
  },
  {
    name: 'empty-sdp',
    breaks: 'ERROR-4',
    summary: 'An offer with an empty `sdp` is relayed.',
    decisions: acceptFaulty('INVALID_PAYLOAD', (message) => (message.payload.sdp === '' ? message : undefined)),
  },
  {
    name: 'any-m-line-index',
    breaks: 'ERROR-4',
    summary: 'An `sdp_m_line_index` may be any number.',
    decisions: acceptFaulty('INVALID_PAYLOAD', (message, error) =>
      typeof message.payload.sdp_m_line_index === 'number'
        ? concerns('/payload/sdp_m_line_index')(message, error)
        : undefined,
    ),
  },
  {
    name: 'index-of-16-bits-signed',
    breaks: 'ERROR-4',
    summary: 'An `sdp_m_line_index` of 65536 is relayed.',
    decisions: acceptFaulty('INVALID_PAYLOAD', (message) =>
      message.payload.sdp_m_line_index === 65536 ? message : undefined,
    ),
  },
  {
    name: 'answers-of-any-type',
    breaks: 'ERROR-4',
    summary: 'The `type` in the payload of an answer is not checked.',
    decisions: acceptFaulty('INVALID_PAYLOAD', (message, error) =>
      message.type === 'answer' ? concerns('/payload/type')(message, error) : undefined,
    ),
  },
  {
    name: 'sdp-in-any-case',
    breaks: 'ERROR-4',
    summary: 'A member `SDP` is taken for `sdp`.',
    decisions: acceptFaulty('INVALID_PAYLOAD', ({ payload, ...rest }) =>
      typeof payload.SDP === 'string' ? { ...rest, payload: { ...payload, sdp: payload.SDP } } : undefined,
    ),
    also: [{ requirement: 'ERROR-14', because: 'it is not refused' }],
  },
  {
    name: 'zero-is-no-target',
    breaks: 'ERROR-4',
    summary: 'A `target_user_id` of 0 or false is taken for none.',
    decisions: acceptFaulty('INVALID_PAYLOAD', ({ payload, ...rest }) =>
      payload.target_user_id === 0 || payload.target_user_id === false
        ? { ...rest, payload: { ...payload, target_user_id: null } }
        : undefined,
    ),
  },
  {
    name: 'bad-payload-closes',
    breaks: 'ERROR-4',
    summary: 'A payload that breaks its schema is answered, and its connection closed.',
    decisions: interceptTexts((text, connection) => {
      const parsed = defaultDecisions.parse(text, asMessage(text)?.room_id as string);
      if (parsed.ok || parsed.error.code !== 'INVALID_PAYLOAD') return true;
      setImmediate(() => connection.close(1008, 'INVALID_PAYLOAD'));
      return true;
    }),
  },
  {
    name: 'errors-for-everybody',
    breaks: 'ERROR-5',
    summary: 'TARGET_NOT_FOUND is told to the whole room.',
    decisions: changeEffects((event, { room, effects }) =>
      effects.map((effect) =>
        event.type === 'message' && delivers(effect, 'error')
          ? { ...effect, to: [...room.byConnection.keys()] }
          : effect,
      ),
    ),
  },
  {
    name: 'late-errors-for-everybody',
    breaks: 'ERROR-5',
    summary: 'TARGET_NOT_FOUND is told to the others as well, half a second later.',
    decisions: () => {
      const copy = Symbol('copy');
      return {
        ...changeEffects((event, outcome) => {
          const { effects } = outcome;
          const error = event.type === 'message' && effects.find((effect) => delivers(effect, 'error'));
          const to = event.type === 'message' ? others(outcome, event.connectionId) : [];
          if (typeof error !== 'object' || error.type !== 'deliver' || to.length === 0) return effects;
          return [...effects, { ...error, to, message: { ...error.message, [copy]: true } as never }];
        }),
        encode(message) {
          const isCopy = copy in message;
          return Buffer.from(`${isCopy ? ' ' : ''}${JSON.stringify(message)}`);
        },
        ...writeLate(500, (text) => text.includes(' {"type":"error"')),
      };
    },
  },
  {
    name: 'errors-of-no-room',
    breaks: 'ERROR-6',
    summary: 'An `error` about a message names the room "default".',
    decisions: changeWritten(['error'], (message) => ({ ...message, room_id: 'default' })),
  },
  {
    name: 'errors-without-a-message',
    breaks: 'ERROR-6',
    summary: 'An `error` has an empty `message`.',
    decisions: changeAnswer((error) => ({ ...error, message: '' })),
  },
  {
    name: 'errors-without-a-room',
    breaks: 'ERROR-6',
    summary: 'An `error` has neither `room_id` nor `timestamp`.',
    decisions: changeWritten(['error'], ({ type, payload }) => ({ type, payload })),
  },
  {
    name: 'refusals-without-a-message',
    breaks: 'ERROR-6',
    summary: 'The `error` to a refused connection has no `message`.',
    decisions: {
      refuse(...refused) {
        const { message, close } = defaultDecisions.refuse(...refused);
        return { message: { ...message, payload: { code: message.payload.code } as never }, close };
      },
    },
  },
  {
    name: 'binary-is-text',
    breaks: 'ERROR-7',
    summary: 'A binary frame is taken for text.',
    decisions: { readFrame: (data, _isBinary, limit) => defaultDecisions.readFrame(data, false, limit) },
  },
  {
    name: 'cuts-large-messages',
    breaks: 'ERROR-8',
    summary: 'A message over the limit is cut to it.',
    decisions: {
      readFrame: (data, isBinary, limit) => defaultDecisions.readFrame(data.subarray(0, limit), isBinary, limit),
    },
  },
  {
    name: 'limit-not-kept',
    breaks: 'ERROR-8',
    summary: 'Messages over the limit that the profile states are relayed.',
    options: { messageLimit: 1024 * 1024 },
    profile: { messageLimitBytes: 64 * 1024 },
  },
  {
    name: 'too-large-is-invalid',
    breaks: 'ERROR-8',
    summary: 'A message over the limit is answered INVALID_MESSAGE.',
    decisions: changeAnswer((error) =>
      error.code === 'MESSAGE_TOO_LARGE' ? { ...error, code: 'INVALID_MESSAGE' } : error,
    ),
  },
  {
    name: 'one-fault-ends-the-call',
    breaks: 'ERROR-9',
    summary: 'A payload that breaks its schema also costs a third participant its connection.',
    also: [{ requirement: 'ERROR-11', because: 'some hostile JSON breaks the schema of its payload' }],
    decisions: () => {
      const fault = Symbol('fault');
      return {
        parse(text, roomId) {
          const parsed = defaultDecisions.parse(text, roomId);
          if (parsed.ok || parsed.error.code !== 'INVALID_PAYLOAD') return parsed;
          return { ok: true, message: { type: 'offer', payload: {}, [fault]: parsed.error } as never };
        },
        transition(room, event) {
          const error = event.type === 'message' ? (event.message as { [fault]?: ProtocolError })[fault] : undefined;
          if (error === undefined) return transition(room, event);
          const { connectionId, at } = event;
          const answer = { ...errorOf(room.id, at, error.code, error.message), payload: error };
          const [, third] = others({ room, effects: [] }, connectionId);
          return {
            room,
            effects: [
              { type: 'deliver', to: [connectionId], message: answer },
              ...(third === undefined
                ? []
                : [{ type: 'close' as const, connectionId: third, code: 1011, reason: 'crashed' }]),
            ],
          };
        },
      };
    },
  },
  {
    name: 'errors-without-details',
    breaks: 'ERROR-10',
    summary: 'INVALID_PAYLOAD does not say which member is wrong.',
    decisions: changeAnswer((error) => ({ ...error, details: { ...error.details, errors: undefined } as never })),
  },
  {
    name: 'looks-at-the-type-first',
    breaks: 'ERROR-1',
    summary: 'An unknown type is answered INVALID_MESSAGE_TYPE even where the message is no envelope.',
    decisions: {
      parse(text, roomId) {
        const { type } = asJson(text);
        const isUnknown = typeof type === 'string' && !clientMessageTypes.includes(type as never);
        return isUnknown ? refusal('INVALID_MESSAGE_TYPE', text) : defaultDecisions.parse(text, roomId);
      },
    },
  },
  {
    name: 'looks-at-the-room-first',
    breaks: 'ERROR-2',
    summary: 'A message for another room is answered ROOM_MISMATCH, whatever its type.',
    decisions: {
      parse(text, roomId) {
        const { room_id: room } = asJson(text);
        const isElsewhere = typeof room === 'string' && room !== roomId;
        return isElsewhere ? refusal('ROOM_MISMATCH', text) : defaultDecisions.parse(text, roomId);
      },
    },
  },
  {
    name: 'looks-at-the-target-first',
    breaks: 'ERROR-4',
    summary: 'A broken payload for a user who never joined is answered TARGET_NOT_FOUND.',
    decisions: () => {
      const users = new Set<unknown>();
      return {
        transition(room, event) {
          if (event.type === 'join') users.add(event.user.userId);
          return defaultDecisions.transition(room, event);
        },
        parse(text, roomId) {
          const parsed = defaultDecisions.parse(text, roomId);
          if (parsed.ok || parsed.error.code !== 'INVALID_PAYLOAD') return parsed;
          const target = (asJson(text).payload as Loose['payload'] | undefined)?.target_user_id;
          return typeof target === 'string' && !users.has(target) ? refusal('TARGET_NOT_FOUND', text) : parsed;
        },
      };
    },
  },
  {
    name: 'looks-at-the-payload-before-the-room',
    breaks: 'RELAY-8',
    summary: 'A broken payload for another room is answered INVALID_PAYLOAD.',
    decisions: {
      parse(text, roomId) {
        const parsed = parseClientMessage(text);
        return parsed.ok ? defaultDecisions.parse(text, roomId) : parsed;
      },
    },
  },
  {
    name: 'several-errors-for-several-faults',
    breaks: 'ERROR-4',
    summary: 'A payload with several faults is answered by several errors.',
    decisions: {
      write(wire, frame) {
        defaultDecisions.write(wire, frame);
        const { type, payload } = asJson(String(payloadOf(frame))) as Partial<ErrorMessage>;
        const isPayload = type === 'error' && payload?.code === 'INVALID_PAYLOAD';
        if (isPayload && (payload.details?.errors?.length ?? 0) > 1) defaultDecisions.write(wire, frame);
      },
    },
  },
  {
    name: 'errors-name-no-message',
    breaks: 'ERROR-13',
    summary: 'An error does not say which message it is about.',
    decisions: changeAnswer((error) => ({ ...error, details: { ...error.details, message_id: undefined } as never })),
  },
  {
    name: 'errors-name-the-message-before',
    breaks: 'ERROR-13',
    summary: 'An error names the message that was refused before.',
    decisions: () => {
      let before: string | undefined;
      return changeAnswer((error) => {
        const { message_id: id, ...details } = error.details ?? {};
        const named = { ...error, details: { ...details, ...(before !== undefined && { message_id: before }) } };
        before = id ?? before;
        return named;
      });
    },
  },
  {
    name: 'other-case-passes',
    breaks: 'ERROR-14',
    summary: 'A member in another letter case is passed on as one that is unknown.',
    decisions: { parse: parseInAnyCase },
  },
  {
    name: 'paths-with-dots',
    breaks: 'ERROR-10',
    summary: '`details.errors` names the member as `payload.sdp` instead of `/payload/sdp`.',
    decisions: changeAnswer((error) => {
      const errors = (error.details?.errors ?? []).map((each) => ({
        ...each,
        path: each.path.slice(1).replaceAll('/', '.'),
      }));
      return error.code === 'INVALID_PAYLOAD' ? { ...error, details: { ...error.details, errors } } : error;
    }),
  },
  {
    name: 'deep-nesting-closes',
    breaks: 'ERROR-11',
    summary: 'A deeply nested message closes the connection of its sender.',
    decisions: interceptTexts((text, connection) => {
      if (!text.includes('['.repeat(1000))) return true;
      connection.close(1011, 'too deep');
      return false;
    }),
  },
  {
    name: 'lone-surrogates-vanish',
    breaks: 'ERROR-11',
    summary: 'A message with a lone surrogate is dropped without a word.',
    decisions: interceptTexts((text) => !text.includes('\\ud800')),
  },
  {
    name: 'utf-8-not-checked',
    breaks: 'ERROR-12',
    summary: 'Invalid UTF-8 is replaced instead of closing the connection.',
    decisions: { webSocketOptions: { ...defaultDecisions.webSocketOptions, skipUTF8Validation: true } },
  },
  {
    name: 'binary-arrives-as-binary',
    breaks: 'ERROR-7',
    summary: 'A binary frame is answered, and reaches the others as a binary frame.',
    decisions: () => {
      const wires = new WiresOfRooms();
      return {
        write: wires.write,
        readFrame(data, isBinary, limit) {
          if (isBinary) {
            const { room_id: room } = JSON.parse(String(data)) as { room_id?: string };
            for (const { socket } of wires.of(room ?? '')) socket.send(data as Buffer, { binary: true });
          }
          return defaultDecisions.readFrame(data, isBinary, limit);
        },
      };
    },
  },
  {
    name: 'faults-are-told-to-the-room',
    breaks: 'ERROR-9',
    summary: 'What is wrong with the message of one is told to everybody in the room.',
    decisions: () => {
      const wires = new WiresOfRooms();
      return {
        write(wire, frame) {
          const room = wires.learn(wire, frame);
          const isFault = String(frame).includes('"INVALID_MESSAGE"');
          for (const one of isFault ? room : [wire])
            if (one.socket.readyState === 1) defaultDecisions.write(one, frame);
        },
      };
    },
    also: [
      { requirement: 'ERROR-5', because: 'the error does not go to the offender alone' },
      { requirement: 'ERROR-11', because: 'the others hear of hostile JSON too' },
    ],
  },
];
