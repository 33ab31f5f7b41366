import { WebSocket } from 'ws';
import { defaultDecisions, type ServerDecisions } from '../run/embedded.js';
import { changeWritten, compressed, interceptTexts, type Json, type Loose, payloadOf, useWebSocket } from './alter.js';
import { byWay, type PutInFront, refuseByHttp } from './front.js';
import type { Mutant } from './mutant.js';

/** A server that looks unlike the reference and keeps every rule: the suite has to pass it. */
export interface Variation extends Omit<Mutant, 'breaks' | 'also'> {
  /** What stands between the suite and the server. */
  front?: PutInFront;
  /** Set where it leaves a SHOULD; it is judged by the MUSTs then. */
  leavesShoulds?: true;
}

const everyType = ['room_state', 'user_joined', 'user_left', 'offer', 'answer', 'ice_candidate', 'error'];
const ownTypes = ['room_state', 'user_joined', 'user_left', 'error'];

/** Decisions under which messages are the same JSON in another spelling. */
function spellJson(spell: (message: unknown) => string): Partial<ServerDecisions> {
  return { encode: (message) => Buffer.from(spell(message)) };
}

/** The value with the members of every object in another order. */
function reordered(value: unknown, order: (names: string[]) => string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, order));
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Json;
  return Object.fromEntries(order(Object.keys(members)).map((name) => [name, reordered(members[name], order)]));
}

const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Decisions under which the server's own messages have another timestamp, of the same moment. */
function writeTimestamps(write: (time: Date) => string): Partial<ServerDecisions> {
  return changeWritten(ownTypes, (message) => ({ ...message, timestamp: write(new Date(String(message.timestamp))) }));
}

const utc = (time: Date) => time.toISOString().slice(0, 19);

/** The time at an offset of so many minutes from UTC. */
function atOffset(time: Date, minutes: number): string {
  const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, 23);
  const two = (number: number) => String(Math.floor(Math.abs(number))).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** Decisions under which `room_state` lists its participants in another way. */
const changeParticipants = (change: (participants: Json[], message: Loose) => Json[]) =>
  changeWritten(['room_state'], (message) => ({
    ...message,
    payload: { ...message.payload, participants: change(message.payload.participants as Json[], message) },
  }));

/** Every object that names a participant, changed. */
const changeEachParticipant = (change: (participant: Json) => Json) =>
  changeWritten(['room_state', 'user_joined', 'user_left'], ({ payload, ...message }) => ({
    ...message,
    payload: Array.isArray(payload.participants)
      ? { ...payload, participants: payload.participants.map((one) => change(one as Json)) }
      : change(payload),
  }));

const changeErrors = (change: (payload: Json) => Json) =>
  changeWritten(['error'], (message) => ({ ...message, payload: change(message.payload) }));

/** An unmasked frame (RFC 6455, section 5.2). */
function frameOf(opcode: number, fin: boolean, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = (fin ? 0x80 : 0) | opcode;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

/** Decisions under which each message goes out in pieces, with `between` behind each piece. */
function fragmentFrames(
  cut: (payload: Buffer) => Buffer[],
  between: Buffer = Buffer.alloc(0),
): Partial<ServerDecisions> {
  return {
    write(wire, frame) {
      const pieces = cut(payloadOf(frame));
      const frames = pieces.flatMap((piece, index) => [
        frameOf(index === 0 ? 1 : 0, index === pieces.length - 1, piece),
        between,
      ]);
      defaultDecisions.write(wire, Buffer.concat(frames));
    },
  };
}

const ping = frameOf(9, true, Buffer.from([0x00, 0xff, 0x80]));
const pong = frameOf(10, true, Buffer.from('nobody asked'));

/** Pieces of a payload that end at these shares of it. */
const cutAt =
  (...shares: number[]) =>
  (payload: Buffer) => {
    const ends = [...shares.map((share) => Math.floor(share * payload.length)), payload.length];
    return ends.map((end, index) => payload.subarray(ends[index - 1] ?? 0, end));
  };

/** Pieces of a few bytes where a payload is short, and of a few hundred where it is long. */
function cutSmall(payload: Buffer): Buffer[] {
  const bytes = Math.max(3, Math.ceil(payload.length / 300));
  return Array.from({ length: Math.ceil(payload.length / bytes) }, (_, index) =>
    payload.subarray(index * bytes, (index + 1) * bytes),
  );
}

/** Decisions under which something is written behind each message. */
const writeAfter = (more: Buffer): Partial<ServerDecisions> => ({
  write(wire, frame) {
    defaultDecisions.write(wire, frame);
    defaultDecisions.write(wire, more);
  },
});

/** Decisions under which closes of the server are written in another way; an echo has the code that it answers, or none. */
const closing = (
  change: (
    code: number | undefined,
    reason: string | Buffer | undefined,
  ) => [code?: number | undefined, reason?: string],
) =>
  useWebSocket(
    class extends WebSocket {
      override close(code?: number, reason?: string | Buffer): void {
        super.close(...change(code, reason));
      }
    },
  );

const isEcho = (code: number | undefined, reason: string | Buffer | undefined) =>
  code === undefined || Buffer.isBuffer(reason);

/** Decisions under which answers of the configuration endpoint are changed. */
const changeConfigAnswer = (
  change: (
    answer: Awaited<ReturnType<ServerDecisions['answerConfig']>>,
  ) => Awaited<ReturnType<ServerDecisions['answerConfig']>>,
): Partial<ServerDecisions> => ({
  answerConfig: async (...request) => change(await defaultDecisions.answerConfig(...request)),
});

const origin = 'https://app.example.com';
const cors = { features: new Set(['cors'] as const), corsOrigin: origin };

const claimRateLimit = (burst: number, perSecond: number) => ({
  options: { rateLimit: { burst, perSecond } },
  profile: { features: new Set(['rate-limit'] as const), rateLimit: { burst, perSecond } },
});

const rooms = (capacity: number) => ({
  options: { roomCapacity: capacity },
  profile: { features: new Set(['capacity'] as const), capacity },
});

const random = (least: number, most: number) => () => least + Math.floor(Math.random() * (most - least + 1));

/** Servers that are right, each in a way of its own. */
export const variations: readonly Variation[] = [
  // How JSON looks
  {
    name: 'members-reversed',
    summary: 'Members of every object come in reverse order.',
    decisions: spellJson((message) => JSON.stringify(reordered(message, (names) => names.reverse()))),
  },
  {
    name: 'members-sorted',
    summary: 'Members of every object come in alphabetical order.',
    decisions: spellJson((message) => JSON.stringify(reordered(message, (names) => names.sort()))),
  },
  {
    name: 'indented',
    summary: 'JSON is indented, over several lines.',
    decisions: spellJson((message) => JSON.stringify(message, null, 2)),
  },
  {
    name: 'white-space-around',
    summary: 'There is white space before and behind each message.',
    decisions: spellJson((message) => ` \t\r\n${JSON.stringify(message)}\n\n`),
  },
  {
    name: 'escaped-beyond-ascii',
    summary: 'Whatever is beyond ASCII is escaped, as Python does.',
    decisions: spellJson((message) => JSON.stringify(message).replace(/[^ -~]/g, escaped)),
  },
  {
    name: 'escaped-slashes',
    summary: 'Slashes are escaped, as PHP does.',
    decisions: spellJson((message) => JSON.stringify(message).replaceAll('/', '\\/')),
  },
  {
    name: 'escaped-for-html',
    summary: 'Angle brackets, ampersands and U+2028 are escaped, as Go does.',
    decisions: spellJson((message) => JSON.stringify(message).replace(/[<>&\u2028\u2029]/g, escaped)),
  },
  {
    name: 'escaped-throughout',
    summary: 'Letters in names and values are escaped without need.',
    decisions: spellJson((message) =>
      JSON.stringify(message).replace(/"([a-z])/g, (_, letter) => `"${escaped(letter)}`),
    ),
  },
  {
    name: 'more-in-the-envelope',
    summary: 'Messages of the server have further envelope members.',
    decisions: changeWritten(ownTypes, (message) => ({ ...message, trace_id: 'a1', version: 2, sender: null })),
  },
  {
    name: 'more-in-payloads',
    summary: 'Messages of the server have further payload members.',
    decisions: changeWritten(ownTypes, (message) => ({
      ...message,
      payload: { ...message.payload, region: 'eu', room: { name: 'Standup' }, capabilities: [] },
    })),
  },
  {
    name: 'more-about-participants',
    summary: 'Participants have further members.',
    decisions: changeEachParticipant((one) => ({ ...one, role: 'guest', muted: false, devices: [{ id: 1 }] })),
  },
  {
    name: 'unknown-envelope-members-pass',
    summary: 'The trace of a message goes into its envelope, whatever its type.',
    decisions: changeWritten(everyType, (message) => ({ ...message, x_hop: 1 })),
  },
  // Timestamps
  {
    name: 'nanoseconds',
    summary: 'Timestamps of the server have nine fraction digits.',
    decisions: writeTimestamps((time) => `${utc(time)}.123456789Z`),
  },
  {
    name: 'microseconds-at-offset-zero',
    summary: 'Timestamps of the server have six fraction digits and the offset +00:00.',
    decisions: writeTimestamps((time) => `${utc(time)}.123456+00:00`),
  },
  {
    name: 'whole-seconds',
    summary: 'Timestamps have no fraction.',
    decisions: writeTimestamps((time) => `${utc(time)}Z`),
  },
  {
    name: 'tenths',
    summary: 'Timestamps have one fraction digit.',
    decisions: writeTimestamps((time) => `${utc(time)}.5Z`),
  },
  {
    name: 'time-of-india',
    summary: 'Timestamps have the offset +05:30.',
    decisions: writeTimestamps((time) => atOffset(time, 330)),
  },
  {
    name: 'time-of-newfoundland',
    summary: 'Timestamps have the offset -03:30.',
    decisions: writeTimestamps((time) => atOffset(time, -210)),
  },
  // Names and texts
  {
    name: 'errors-in-japanese',
    summary: 'Errors are told in Japanese.',
    decisions: changeErrors((payload) => ({
      ...payload,
      message: '\u53d7\u3051\u53d6\u308c\u307e\u305b\u3093 \u{1f625}',
    })),
  },
  {
    name: 'errors-at-length',
    summary: 'Errors are told in 5,000 characters.',
    decisions: changeErrors((payload) => ({ ...payload, message: `${payload.message} ${'Really. '.repeat(625)}` })),
  },
  {
    name: 'errors-with-more-details',
    summary: 'Errors have further members in their details.',
    decisions: changeErrors(({ details, ...payload }) => ({
      ...payload,
      details: { ...(details as Json), help: 'https://docs.example.com/errors', at: { line: 1 } },
    })),
  },
  {
    name: 'nobody-has-a-name',
    summary: 'No username is told.',
    decisions: changeEachParticipant(({ username: _, ...one }) => one),
  },
  {
    name: 'names-are-user-ids',
    summary: 'The user_id is told as username.',
    decisions: changeEachParticipant((one) => ({ ...one, username: one.user_id })),
  },
  {
    name: 'names-in-other-scripts',
    summary: 'Every username has letters beyond the basic plane.',
    decisions: changeEachParticipant((one) => ({
      ...one,
      username: `\u{1d538}${one.username ?? ''} \u5927\u554f\u984c`,
    })),
  },
  {
    name: 'participants-in-any-order',
    summary: 'Participants of room_state come in no order.',
    decisions: changeParticipants((participants) => [...participants].sort(() => Math.random() - 0.5)),
  },
  {
    name: 'joiner-first',
    summary: 'The joiner is the first in its room_state.',
    decisions: changeParticipants((participants) => [...participants.slice(-1), ...participants.slice(0, -1)]),
  },
  {
    name: 'participants-by-id-only',
    summary: 'Participants of room_state have a user_id and nothing else.',
    decisions: changeParticipants((participants) => participants.map(({ user_id }) => ({ user_id }))),
  },
  {
    name: 'leaves-without-reason',
    summary: 'user_left has no reason.',
    decisions: changeWritten(['user_left'], ({ payload: { reason: _, ...payload }, ...message }) => ({
      ...message,
      payload,
    })),
  },
  {
    name: 'user-ids-with-a-prefix',
    summary: 'A user_id is the sub with the name of the tenant before it.',
    decisions: {
      async admit(tokens, verify) {
        const admission = await defaultDecisions.admit(tokens, verify);
        if (!admission.ok) return admission;
        return { ok: true, identity: { ...admission.identity, userId: `acme|${admission.identity.userId}` } };
      },
    },
  },
  // Refusals
  ...[400, 401, 403, 404].map(
    (status): Variation => ({
      name: `refuses-by-${status}`,
      summary: `Whoever is refused is answered HTTP ${status}.`,
      front: refuseByHttp((code) => (code === '' ? undefined : status)),
      leavesShoulds: true,
    }),
  ),
  {
    name: 'refuses-tokens-by-401-only',
    summary: 'A token is refused by HTTP 401, a room id by error and close 1008.',
    front: refuseByHttp((code) => (code === 'UNAUTHORIZED' ? 401 : undefined)),
    leavesShoulds: true,
  },
  {
    name: 'refuses-rooms-by-404-only',
    summary: 'A room id is refused by HTTP 404, a token by error and close 1008.',
    front: refuseByHttp((code) => (code === 'INVALID_ROOM_ID' ? 404 : undefined)),
    leavesShoulds: true,
  },
  {
    name: 'full-rooms-by-403',
    summary: 'A full room is refused by HTTP 403.',
    ...rooms(3),
    front: refuseByHttp((code) => (code === 'ROOM_FULL' ? 403 : undefined)),
  },
  // Time
  {
    name: 'slow-by-150-ms',
    summary: 'Whatever is sent takes 150 ms each way.',
    front: byWay({ delayMs: () => 150 }),
    timeoutMs: 5000,
  },
  {
    name: 'slow-by-1500-ms',
    summary: 'Whatever is sent takes 750 ms each way.',
    front: byWay({ delayMs: () => 750 }),
    timeoutMs: 10_000,
  },
  {
    name: 'uneven',
    summary: 'Whatever is sent takes up to 60 ms each way, never the same.',
    front: byWay({ delayMs: random(0, 60) }),
    timeoutMs: 5000,
  },
  {
    name: 'in-batches',
    summary: 'What is sent goes out every 50 ms, all at once.',
    front: byWay({ everyMs: 50 }),
    timeoutMs: 5000,
  },
  {
    name: 'in-small-pieces',
    summary: 'What is sent arrives in TCP segments of any size.',
    front: byWay({ pieceBytes: random(1, 1400) }),
    timeoutMs: 5000,
  },
  // Addresses
  { name: 'below-a-path', summary: 'Everything is below /api/v2.', options: { basePath: '/api/v2' } },
  {
    name: 'below-a-like-path',
    summary: 'Everything is below /a/webrtc/ws/x-1.',
    options: { basePath: '/a/webrtc/ws/x-1' },
  },
  { name: 'ipv6', summary: 'The server listens on ::1.', options: { host: '::1' } },
  // Frames
  {
    name: 'in-four-fragments',
    summary: 'Each message comes in four fragments, the last of them empty.',
    decisions: fragmentFrames((payload) => [...cutAt(0.2, 0.5)(payload), Buffer.alloc(0)]),
  },
  {
    name: 'fragments-and-pings',
    summary: 'Each message comes in three fragments, with a ping behind each.',
    decisions: fragmentFrames(cutAt(0.3, 0.6), ping),
  },
  {
    name: 'in-tiny-fragments',
    summary: 'Each message comes in many fragments, which cut through characters.',
    decisions: fragmentFrames(cutSmall),
  },
  {
    name: 'pings',
    summary: 'Behind each message comes a ping with bytes that are no text.',
    decisions: writeAfter(ping),
  },
  { name: 'pongs', summary: 'Behind each message comes a pong that answers nothing.', decisions: writeAfter(pong) },
  {
    name: 'takes-compression',
    summary: 'Compression is agreed to where it is offered, and not used by the server.',
    decisions: { webSocketOptions: { ...defaultDecisions.webSocketOptions, perMessageDeflate: true } },
  },
  { name: 'compresses', summary: 'Messages are compressed where it is offered.', decisions: compressed },
  // Closing
  { name: 'closes-without-reason', summary: 'Close frames have no reason.', decisions: closing((code) => [code]) },
  {
    name: 'answers-closes-with-1000',
    summary: 'A close is answered 1000, whatever its code.',
    decisions: closing((code, reason) => (isEcho(code, reason) ? [1000, 'bye'] : [code, String(reason ?? '')])),
  },
  {
    name: 'answers-closes-without-code',
    summary: 'A close is answered without a code.',
    decisions: closing((code, reason) => (isEcho(code, reason) ? [] : [code, String(reason ?? '')])),
  },
  {
    name: 'restarts-on-shutdown',
    summary: 'On shutdown each client is closed 1012.',
    decisions: { shutdownCode: 1012 },
    profile: { features: new Set(['shutdown']) },
  },
  {
    name: 'closes-for-size-at-once',
    summary: 'A message beyond 64 KiB is closed 1009.',
    options: { hardMessageLimit: 65_537 },
  },
  {
    name: 'answers-size-and-closes',
    summary: 'A message beyond 64 KiB is answered MESSAGE_TOO_LARGE, and then its connection is closed 1009.',
    decisions: interceptTexts((text, connection) => {
      if (Buffer.byteLength(text) > 65_536) setImmediate(() => connection.close(1009));
      return true;
    }),
  },
  {
    name: 'takes-1-MiB',
    summary: 'Messages up to 1 MiB are taken.',
    options: { messageLimit: 1_048_576, hardMessageLimit: 4_194_304 },
  },
  {
    name: 'drops-slow-receivers-early',
    summary: 'A receiver with 512 KiB waiting is closed 1013.',
    options: { backlogLimit: 524_288 },
  },
  // Features
  { name: 'rooms-for-two', summary: 'Rooms have two places.', ...rooms(2) },
  { name: 'rooms-for-four', summary: 'Rooms have four places.', ...rooms(4) },
  { name: 'rooms-for-fifty', summary: 'Rooms have fifty places.', ...rooms(50) },
  {
    name: 'limit-20-10',
    summary: 'Each connection may say 20 messages at once and 10 a second.',
    ...claimRateLimit(20, 10),
  },
  {
    name: 'limit-20-20',
    summary: 'Each connection may say 20 messages at once and 20 a second.',
    ...claimRateLimit(20, 20),
  },
  {
    name: 'limit-100-50',
    summary: 'Each connection may say 100 messages at once and 50 a second.',
    ...claimRateLimit(100, 50),
  },
  {
    name: 'pings-every-second',
    summary: 'Who answers no ping for 2 s is dropped.',
    options: { heartbeatMs: 1000 },
    profile: { features: new Set(['heartbeat']), heartbeatSeconds: 3 },
  },
  { name: 'any-origin', summary: 'Every origin is granted, as *.', options: { allowedOrigins: ['*'] }, profile: cors },
  { name: 'one-origin', summary: 'One origin is granted.', options: { allowedOrigins: [origin] }, profile: cors },
  {
    name: 'without-strange-json',
    summary: 'JSON with __proto__, with 1e400 or nested beyond 200 levels is answered INVALID_MESSAGE.',
    decisions: {
      parse(text, roomId) {
        let depth = 0;
        let deepest = 0;
        for (let at = 0; at < text.length; at++) {
          const letter = text[at];
          if (letter === '[' || letter === '{') deepest = Math.max(deepest, ++depth);
          if (letter === ']' || letter === '}') depth--;
        }
        const isStrange = deepest > 200 || /"__proto__"\s*:|[:,[]-?\de400/i.test(text);
        if (!isStrange) return defaultDecisions.parse(text, roomId);
        return {
          ok: false,
          error: {
            code: 'INVALID_MESSAGE',
            message: 'Such JSON is not taken.',
            details: { errors: [{ path: '', message: 'is strange' }] },
          },
        };
      },
    },
  },
  // The configuration
  {
    name: 'one-stun-server',
    summary: 'The configuration is one STUN server, as text.',
    options: { webrtcConfig: { ice_servers: [{ urls: 'stun:stun.example.com' }] } },
  },
  {
    name: 'turns-at-ipv6',
    summary: 'The configuration is one TURNS server at an IPv6 address, for relaying alone.',
    options: {
      webrtcConfig: {
        ice_servers: [{ urls: ['turns:[2001:db8::1]:443?transport=tcp'], username: 'a', credential: 'b' }],
        ice_transport_policy: 'relay',
      },
    },
  },
  {
    name: 'more-in-the-configuration',
    summary: 'The configuration has further members, and credentials that are null.',
    decisions: changeConfigAnswer((answer) => {
      if (answer.status !== 200) return answer;
      const { ice_servers: servers } = answer.body as { ice_servers: Json[] };
      const more = servers.map((one) => ({ username: null, credential: null, credentialType: 'password', ...one }));
      return { ...answer, body: { ...(answer.body as Json), ice_servers: more, ttl: 3600, region: 'eu' } };
    }),
  },
  {
    name: 'plain-problems',
    summary: 'Errors of the configuration endpoint are application/json.',
    decisions: changeConfigAnswer((answer) =>
      answer.status < 400 ? answer : { ...answer, headers: { ...answer.headers, 'content-type': 'application/json' } },
    ),
  },
  {
    name: 'charset-and-challenge',
    summary: 'The content type has a charset, and a 401 has a realm.',
    decisions: changeConfigAnswer((answer) => {
      const { 'www-authenticate': challenge, 'content-type': type } = answer.headers;
      const more = {
        ...(challenge && { 'www-authenticate': `${challenge}${challenge.includes(' ') ? ',' : ''} realm="calls"` }),
        ...(type && { 'content-type': `${type}; charset=utf-8` }),
      };
      return { ...answer, headers: { ...answer.headers, ...more } };
    }),
  },
];
