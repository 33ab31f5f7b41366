import type { Duplex } from 'node:stream';
import type { ServerOptions, WebSocket } from 'ws';
import {
  type ClientMessage,
  channelPath,
  closeCodes,
  type ErrorMessage,
  type LeaveReason,
  type ParseResult,
  type ProtocolError,
  parseClientMessage,
  roomIdPattern,
  type Timestamp,
  tokenParameter,
} from '../../generated/index.js';
import { answerConfig } from '../core/config-answer.js';
import { encode, errorMessage } from '../core/messages.js';
import { transition } from '../core/room.js';
import { throttle } from '../limits/token-bucket.js';
import type { Admission, Verify } from './keys.js';

/** Where a WebSocket request wants to go. */
export interface Place {
  /** The room, or with `fault` what was asked for in its stead. */
  roomId: string;
  /** Every `token` of the query. */
  tokens: string[];
  /** Why this is no room. */
  fault?: ProtocolError;
}

/** How a refused connection is told: one message, then the close. */
export interface Refusal {
  message: ErrorMessage;
  close: { code: number; reason: string };
}

/** A WebSocket, and the connection below it. */
export interface Wire {
  readonly socket: WebSocket;
  readonly transport: Duplex;
}

/** Options of the `ws` server; `closeTimeout` is one that its types do not know yet. */
export type WebSocketOptions = ServerOptions & { closeTimeout?: number };

/**
 * Everything this server decides, apart from carrying bytes: who porting it has these functions to write, and the IDs name
 * the requirements each one serves. All are pure but `admit` and `answerConfig`, which wait for a signature check,
 * and `write`, which writes. To make a server that is wrong in one way, replace one: `createSignalingServer({ ..., decisions: { leaveReason } })`.
 */
export interface Decisions {
  /** Answers `/webrtc/config`. CONFIG-1 to CONFIG-9. */
  answerConfig: typeof answerConfig;
  /** Reads the room out of a raw request target; undefined if the target is no room's. ROOM-1, ROOM-2, ROOM-3. */
  locate: typeof locate;
  /** Says who connects. AUTH-1 to AUTH-5, AUTH-9, AUTH-10. */
  admit: typeof admit;
  /** Says how a connection is refused. AUTH-6, AUTH-7, AUTH-8. */
  refuse: typeof refuse;
  /** How `ws` speaks WebSocket. RELAY-11, ERROR-12, LIVE-1, LIVE-2, LEAVE-6. */
  webSocketOptions: WebSocketOptions;
  /** Says what a message beyond the rate limit is answered with; undefined lets it pass. LIMIT-1. */
  throttle: typeof throttle;
  /** Takes a frame as text, or says why not. RELAY-10, ERROR-7, ERROR-8. */
  readFrame: typeof readFrame;
  /** Takes a text as a message, or says why not. RELAY-8, RELAY-12, ERROR-1 to ERROR-4, ERROR-10. */
  parse(text: string, roomId: string): ParseResult<ClientMessage>;
  /** Decides what an event does to a room. ROOM-4 to ROOM-6, JOIN, RELAY, OFFER, ANSWER, ICE, LEAVE, ERROR-5. */
  transition: typeof transition;
  /** Writes a message as bytes. RELAY-4, RELAY-5, ERROR-11. */
  encode: typeof encode;
  /** Puts a text frame on its way. RELAY-6. */
  write: typeof write;
  /** Makes the answer to a fault. ERROR-5, ERROR-6. */
  report: typeof errorMessage;
  /** Says what a failure while handling a message is answered with. ERROR-9, ERROR-11. */
  recover: typeof recover;
  /** Says why a participant left, by the close code. LEAVE-1, LEAVE-2. */
  leaveReason: typeof leaveReason;
  /** Close code for every client when the server stops. LIVE-3. */
  shutdownCode: number;
}

/** Reads the room and the tokens out of a raw request target, such as `/webrtc/ws/standup?token=...`. */
export function locate(target: string, basePath: string): Place | undefined {
  const [path = '', ...rest] = target.split('?');
  const prefix = basePath + channelPath('');
  if (!path.startsWith(prefix)) return undefined;

  const tokens = new URLSearchParams(rest.join('?')).getAll(tokenParameter);
  // ROOM-2: all that follows is the id, as it stands. A URL parser would turn `x/../room` into `room`.
  const segment = path.slice(prefix.length);
  const roomId = percentDecoded(segment);
  if (roomId !== undefined && roomIdPattern.test(roomId)) return { roomId, tokens };

  const message = 'A room id is 1 to 100 letters, digits, hyphens and underscores.';
  return { roomId: roomId ?? segment, tokens, fault: { code: 'INVALID_ROOM_ID', message } };
}

function percentDecoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Admits the user of the one token in the query (AUTH-1). Rejects only if `verify` does. */
export async function admit(tokens: readonly string[], verify: Verify): Promise<Admission> {
  const [token, second] = tokens;
  if (token === undefined || token === '') return { ok: false, reason: 'The query has no `token`.' }; // AUTH-2
  // Whoever stands in front of this server may have checked the other one.
  if (second !== undefined) return { ok: false, reason: 'The query has more than one `token`.' };
  return verify(token);
}

/** Refuses in a way that browsers can read (AUTH-8). A failure of ours is closed 1011, after which a client comes back. */
export function refuse(error: ProtocolError, roomId: string, at: Timestamp): Refusal {
  const { code } = error.code === 'INTERNAL_ERROR' ? closeCodes.INTERNAL_ERROR : closeCodes.REFUSED;
  return { message: errorMessage(roomId, error, at), close: { code, reason: error.code } };
}

/** Takes a text frame of at most `limit` bytes as text. */
export function readFrame(
  data: Buffer,
  isBinary: boolean,
  limit: number,
): { ok: true; text: string } | { ok: false; error: ProtocolError } {
  if (isBinary) {
    return { ok: false, error: { code: 'INVALID_MESSAGE', message: 'The frame is binary; messages are text.' } };
  }
  if (data.length > limit) {
    const message = `The message has ${data.length} bytes; at most ${limit} are taken.`;
    return { ok: false, error: { code: 'MESSAGE_TOO_LARGE', message } };
  }
  return { ok: true, text: data.toString() };
}

/**
 * Writes a whole frame past `ws`, which would make a header for every receiver: all of them share the one frame.
 * It stays in order with what `ws` writes, as long as nothing is compressed.
 */
export function write({ transport }: Wire, frame: Buffer): void {
  transport.write(frame);
}

/** Answers a message that could not be handled; what cannot be written is the sender's fault, all else is ours. */
export function recover(failure: unknown): ProtocolError {
  // JSON.parse reads any depth, JSON.stringify runs out of stack (ERROR-11).
  if (failure instanceof RangeError) return { code: 'INVALID_MESSAGE', message: 'The message is nested too deeply.' };
  return { code: 'INTERNAL_ERROR', message: 'The server failed to handle the message.' };
}

/** Tells a client that closed in good order from one that was lost. */
export function leaveReason(closeCode: number): LeaveReason {
  return closeCode === closeCodes.NORMAL.code || closeCode === closeCodes.GOING_AWAY.code ? 'left' : 'disconnected';
}

/** The decisions of a conforming server. */
export const defaultDecisions: Decisions = {
  answerConfig,
  locate,
  admit,
  refuse,
  webSocketOptions: {
    // Compression costs 3 to 6 times the CPU of a relayed message, and holds memory for each connection.
    perMessageDeflate: false,
    // LEAVE-6: a client that closes but holds its TCP connection open is gone after this many milliseconds.
    closeTimeout: 1_000,
  },
  throttle,
  readFrame,
  parse: parseClientMessage,
  transition,
  encode,
  write,
  report: errorMessage,
  recover,
  leaveReason,
  shutdownCode: closeCodes.GOING_AWAY.code,
};
