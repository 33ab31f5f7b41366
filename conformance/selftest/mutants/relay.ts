import { WebSocket } from 'ws';
import { parseClientMessage } from '../../../generated/index.js';
import { defaultDecisions, type ServerDecisions, type WebSocketOptions } from '../../run/embedded.js';
import {
  changeEffects,
  changeReceived,
  changeWritten,
  changeWrittenPayload,
  compressed,
  delivers,
  interceptTexts,
  type Json,
  type Loose,
  others,
  useWebSocket,
  writeLate,
} from '../alter.js';
import type { Mutant } from '../mutant.js';

const relayed = ['offer', 'answer', 'ice_candidate'];
const known = ['type', 'payload', 'room_id', 'timestamp', 'sender_id', 'id'];
const knownInPayload = [
  'type',
  'sdp',
  'candidate',
  'sdp_mid',
  'sdp_m_line_index',
  'username_fragment',
  'target_user_id',
  'sender_id',
];

/** Decisions under which a message may go out with members as its sender wrote them. */
function rememberWritten(write: (relayed: Loose, written: Loose) => Json): Partial<ServerDecisions> {
  // A property under a symbol survives the copies that the server makes and stays out of the JSON.
  const written = Symbol('written');
  return {
    parse(text, roomId) {
      const parsed = defaultDecisions.parse(text, roomId);
      if (!parsed.ok) return parsed;
      return { ok: true, message: { ...parsed.message, [written]: parsed.message } as never };
    },
    encode(message) {
      const original = (message as unknown as Record<symbol, Loose>)[written];
      return Buffer.from(JSON.stringify(original ? write(message as unknown as Loose, original) : message));
    },
  };
}

/** A JSON value with every number changed, however deep. */
function withNumbers(value: unknown, change: (number: number) => number): unknown {
  if (typeof value === 'number') return change(value);
  if (Array.isArray(value)) return value.map((item) => withNumbers(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withNumbers(item, change)]));
}

export const relayMutants: readonly Mutant[] = [
  {
    name: 'broadcasts-everything',
    breaks: 'RELAY-1',
    summary: 'A message with a target goes to everybody else.',
    decisions: changeEffects((event, outcome) =>
      outcome.effects.map((effect) =>
        event.type === 'message' && effect.type === 'deliver' && effect.message.type !== 'error'
          ? { ...effect, to: others(outcome, event.connectionId) }
          : effect,
      ),
    ),
  },
  {
    name: 'delivers-targeted-twice',
    breaks: 'RELAY-1',
    summary: 'A targeted offer is delivered twice.',
    decisions: changeEffects((event, { effects }) => {
      const isTargeted = event.type === 'message' && typeof event.message.payload.target_user_id === 'string';
      return isTargeted && effects.some((effect) => delivers(effect, 'offer')) ? [...effects, ...effects] : effects;
    }),
  },
  {
    name: 'broadcast-to-the-first',
    breaks: 'RELAY-2',
    summary: 'A message without a target reaches one of the others only.',
    decisions: changeEffects((event, { effects }) =>
      effects.map((effect) =>
        event.type === 'message' && effect.type === 'deliver' ? { ...effect, to: effect.to.slice(0, 1) } : effect,
      ),
    ),
  },
  {
    name: 'null-is-nobody',
    breaks: 'RELAY-2',
    summary: 'A message whose target is null reaches nobody.',
    decisions: changeReceived(({ message }) => (message.payload.target_user_id === null ? undefined : message)),
  },
  {
    name: 'echoes-to-sender',
    breaks: 'RELAY-3',
    summary: 'A message without a target comes back to its sender as well.',
    decisions: changeEffects((event, { effects }) =>
      effects.map((effect) =>
        event.type === 'message' &&
        effect.type === 'deliver' &&
        typeof event.message.payload.target_user_id !== 'string'
          ? { ...effect, to: [...effect.to, event.connectionId] }
          : effect,
      ),
    ),
  },
  {
    name: 'copies-to-sender',
    breaks: 'RELAY-3',
    summary: 'The sender of a targeted message receives a copy of it.',
    decisions: changeEffects((event, { effects }) =>
      effects.map((effect) =>
        event.type === 'message' && effect.type === 'deliver' && !effect.to.includes(event.connectionId)
          ? {
              ...effect,
              to:
                typeof event.message.payload.target_user_id === 'string'
                  ? [...effect.to, event.connectionId]
                  : effect.to,
            }
          : effect,
      ),
    ),
  },
  {
    name: 'sender-on-the-envelope-only',
    breaks: 'RELAY-4',
    summary: '`sender_id` stands on the envelope and not in the payload.',
    decisions: changeWrittenPayload(relayed, ({ sender_id: _, ...payload }) => payload),
  },
  {
    name: 'sender-in-the-payload-only',
    breaks: 'RELAY-4',
    summary: '`sender_id` stands in the payload and not on the envelope.',
    decisions: changeWritten(relayed, ({ sender_id: _, ...message }) => message),
  },
  {
    name: 'believes-the-sender',
    breaks: 'RELAY-4',
    summary: 'A `sender_id` that the sender wrote into the payload is kept.',
    decisions: rememberWritten((message, written) => ({
      ...message,
      payload: { ...message.payload, sender_id: written.payload.sender_id ?? message.payload.sender_id },
    })),
  },
  {
    name: 'stamps-the-first-of-two',
    breaks: 'RELAY-4',
    summary: 'Where `sender_id` stands twice, the text is passed on with only the first one corrected.',
    decisions: () => {
      const doubled = Symbol('text');
      return {
        parse(text, roomId) {
          const parsed = defaultDecisions.parse(text, roomId);
          const isDoubled = (text.match(/"sender_id":/g) ?? []).length > 2;
          return parsed.ok && isDoubled
            ? { ok: true, message: { ...parsed.message, [doubled]: text } as never }
            : parsed;
        },
        encode(message) {
          const { [doubled]: text, ...rest } = message as unknown as Record<string | symbol, string>;
          if (text === undefined) return defaultDecisions.encode(message);
          const envelope = { room_id: rest.room_id, timestamp: rest.timestamp, sender_id: rest.sender_id };
          return Buffer.from(text.replace(/^\{"sender_id":"[^"]*"/, JSON.stringify(envelope).slice(0, -1)));
        },
      };
    },
  },
  {
    name: 'keeps-known-members-only',
    breaks: 'RELAY-5',
    summary: 'Payload members that the schema does not name are dropped.',
    decisions: changeWrittenPayload(relayed, (payload) =>
      Object.fromEntries(Object.entries(payload).filter(([name]) => knownInPayload.includes(name))),
    ),
  },
  {
    name: 'numbers-of-32-bits',
    breaks: 'RELAY-5',
    summary: 'Numbers are kept in single precision.',
    decisions: changeWrittenPayload(relayed, (payload) => withNumbers(payload, Math.fround) as Json),
  },
  {
    name: 'strips-control-characters',
    breaks: 'RELAY-5',
    summary: 'NUL characters are stripped from texts.',
    decisions: changeWritten(relayed, (message) => JSON.parse(JSON.stringify(message).replaceAll('\\u0000', ''))),
  },
  {
    name: 'characters-of-16-bits',
    breaks: 'RELAY-5',
    summary: 'Characters beyond U+FFFF in names and unknown members become question marks.',
    decisions: changeWrittenPayload(relayed, (payload) => {
      const entries = Object.entries(payload).filter(([name]) => !knownInPayload.includes(name));
      const text = JSON.stringify(Object.fromEntries(entries)).replace(/[\u{10000}-\u{10ffff}]/gu, '?');
      const plain = Object.fromEntries(Object.entries(payload).filter(([name]) => knownInPayload.includes(name)));
      return { ...plain, ...JSON.parse(text) };
    }),
  },
  {
    name: 'candidates-overtake',
    breaks: 'RELAY-6',
    summary: 'Candidates overtake the offers and answers before them.',
    also: [{ requirement: 'LEAVE-4', because: 'a candidate that is held back comes after its sender has left' }],
    decisions: writeLate(10, (text) => /"type":"(offer|answer)"/.test(text)),
  },
  {
    name: 'unknown-target-in-silence',
    breaks: 'RELAY-7',
    summary: 'A message to nobody is dropped without an answer.',
    decisions: changeEffects((event, { effects }) =>
      event.type === 'message' ? effects.filter((effect) => !delivers(effect, 'error')) : effects,
    ),
  },
  {
    name: 'unknown-target-is-everybody',
    breaks: 'RELAY-7',
    summary: 'A message to nobody is answered, and sent to everybody else as well.',
    decisions: changeEffects((event, outcome) => {
      const { room, effects } = outcome;
      if (event.type !== 'message' || !effects.some((effect) => delivers(effect, 'error'))) return effects;
      const sender_id = room.byConnection.get(event.connectionId)?.participant.user_id ?? '';
      const payload = { ...event.message.payload, sender_id };
      const message = { ...event.message, room_id: room.id, timestamp: event.at, sender_id, payload } as never;
      const to = others(outcome, event.connectionId);
      return to.length === 0 ? effects : [...effects, { type: 'deliver', to, message }];
    }),
  },
  {
    name: 'talks-to-itself',
    breaks: 'RELAY-7',
    summary: 'A message whose target is its sender is delivered to it.',
    decisions: changeEffects((event, { room, effects }) => {
      if (event.type !== 'message') return effects;
      const sender_id = room.byConnection.get(event.connectionId)?.participant.user_id ?? '';
      if (event.message.payload.target_user_id !== sender_id) return effects;
      const payload = { ...event.message.payload, sender_id };
      const message = { ...event.message, room_id: room.id, timestamp: event.at, sender_id, payload } as never;
      return [{ type: 'deliver', to: [event.connectionId], message }];
    }),
  },
  {
    name: 'room-as-the-sender-wrote-it',
    breaks: 'RELAY-8',
    summary: 'A delivered message names its room only where the sender did.',
    decisions: rememberWritten((message, { room_id }) => ({ ...message, room_id })),
  },
  {
    name: 'any-room-will-do',
    breaks: 'RELAY-8',
    summary: 'A message that names another room is relayed in this one.',
    decisions: { parse: (text) => parseClientMessage(text) },
  },
  {
    name: 'time-of-the-server',
    breaks: 'RELAY-9',
    summary: 'The timestamp of the sender is replaced by the time of relaying.',
    decisions: changeWritten(relayed, (message) => ({ ...message, timestamp: new Date().toISOString() })),
  },
  {
    name: 'time-in-milliseconds',
    breaks: 'RELAY-9',
    summary: 'Where the sender gave no timestamp, a number of milliseconds is filled in.',
    decisions: rememberWritten((message, { timestamp }) => ({ ...message, timestamp: timestamp ?? Date.now() })),
  },
  {
    name: 'messages-of-16-kib',
    breaks: 'RELAY-10',
    summary: 'Messages of 16 KiB and more are too large.',
    options: { messageLimit: 16 * 1024 - 1 },
  },
  {
    name: 'limit-off-by-one',
    breaks: 'RELAY-10',
    summary: 'A message of exactly 64 KiB is too large.',
    options: { messageLimit: 64 * 1024 - 1 },
  },
  {
    name: 'compressed-messages-are-lost',
    breaks: 'RELAY-10',
    summary: 'Compression is taken up, and of clients that offered it no message of more than 32 KiB is taken.',
    decisions: {
      ...compressed,
      webSocketOptions: {
        ...interceptTexts((text, { extensions }) => extensions === '' || text.length <= 32 * 1024).webSocketOptions,
        ...compressed.webSocketOptions,
      },
    },
  },
  {
    name: 'deaf-to-who-offers-compression',
    breaks: 'AUTH-13',
    summary: 'Compression is taken up, and nothing is taken of clients that offered it.',
    decisions: {
      ...compressed,
      webSocketOptions: {
        ...interceptTexts((_, { extensions }) => extensions === '').webSocketOptions,
        ...compressed.webSocketOptions,
      },
    },
  },
  {
    name: 'no-fragments',
    breaks: 'RELAY-11',
    summary: 'A connection that sends a message in several fragments is closed.',
    also: [
      { requirement: 'LIVE-1', because: 'pings in the middle of a message come in a message of several fragments' },
    ],
    decisions: { webSocketOptions: { ...defaultDecisions.webSocketOptions, maxFragments: 1 } as WebSocketOptions },
  },
  {
    name: 'closed-envelope',
    breaks: 'RELAY-12',
    summary: 'An unknown envelope member is answered INVALID_MESSAGE.',
    decisions: {
      parse(text, roomId) {
        const parsed = defaultDecisions.parse(text, roomId);
        if (!parsed.ok || Object.keys(parsed.message).every((name) => known.includes(name))) return parsed;
        return {
          ok: false,
          error: { code: 'INVALID_MESSAGE', message: 'The message has a member that is not known.' },
        };
      },
    },
  },
  {
    name: 'broadcast-stops-at-the-dead',
    breaks: 'RELAY-2',
    summary: 'For 300 ms after somebody was cut off, a message without a target reaches the first of the others only.',
    decisions: () => {
      const cutAt = new Map<string, number>();
      return changeEffects((event, { room, effects }) => {
        if (event.type === 'leave' && event.reason === 'disconnected') cutAt.set(room.id, performance.now());
        const isBroadcast = event.type === 'message' && typeof event.message.payload.target_user_id !== 'string';
        if (!isBroadcast || performance.now() - (cutAt.get(room.id) ?? Number.NEGATIVE_INFINITY) > 300) return effects;
        return effects.map((effect) => (effect.type === 'deliver' ? { ...effect, to: effect.to.slice(0, 1) } : effect));
      });
    },
    also: [
      {
        requirement: 'JOIN-9',
        because: 'whoever stands behind the dead one in the room misses what is said to everybody',
      },
    ],
  },
  {
    name: 'drops-repetitions',
    breaks: 'ICE-3',
    summary: 'A message that says the same as one before from the same sender is dropped.',
    decisions: () => {
      const said = new Set<string>();
      return changeReceived(({ connectionId, message }) => {
        const key = `${connectionId} ${JSON.stringify(message.payload)}`;
        if (said.has(key)) return undefined;
        said.add(key);
        return message;
      });
    },
    also: [
      { requirement: 'OFFER-2', because: 'an offer that says the same is dropped too' },
      { requirement: 'ANSWER-1', because: 'an answer that says the same is dropped too' },
      { requirement: 'ICE-2', because: 'the end of candidates says the same each time' },
    ],
  },
  {
    name: 'loses-what-leavers-said-last',
    breaks: 'RELAY-1',
    summary: 'A message is handled after 20 ms, and not at all if its sender has left by then.',
    decisions: useWebSocket(
      class extends WebSocket {
        override emit(event: string | symbol, ...details: unknown[]): boolean {
          if (event !== 'message') return super.emit(event, ...details);
          setTimeout(() => this.readyState === WebSocket.OPEN && super.emit(event, ...details), 20);
          return true;
        }
      },
    ),
    also: [{ requirement: 'RELAY-2', because: 'messages to everybody are lost in the same way' }],
  },
  {
    name: 'stale-timestamps',
    breaks: 'RELAY-9',
    summary: 'A message without a timestamp gets that of the message before.',
    decisions: () => {
      const latest = new Map<string, unknown>();
      return changeWritten(relayed, (message) => {
        const { timestamp, sender_id, room_id } = message;
        const sender = `${room_id} ${sender_id}`;
        const before = latest.get(sender);
        // What the sender wrote is as it wrote it; what the server writes is of this minute.
        const isOwn = Math.abs(Date.parse(String(timestamp)) - Date.now()) > 60_000;
        const stale = isOwn || before === undefined ? timestamp : before;
        latest.set(sender, timestamp);
        return { ...message, timestamp: stale };
      });
    },
  },
];
