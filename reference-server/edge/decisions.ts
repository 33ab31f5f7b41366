import type { Duplex } from 'node:stream';
import type { ServerOptions, WebSocket } from 'ws';
import { type ClientMessage, closeCodes, type ParseResult, parseClientMessage } from '../../generated/index.js';
import { admit } from '../core/admission.js';
import { answerConfig } from '../core/config-answer.js';
import { encode } from '../core/delivery.js';
import { readFrame, recover, refuse } from '../core/faults.js';
import { errorMessage } from '../core/messages.js';
import { locate } from '../core/place.js';
import { leaveReason, transition } from '../core/room.js';
import { splice } from '../fast-path/splice.js';
import { throttle } from '../limits/token-bucket.js';

/** A WebSocket, and the connection below it. */
export interface Wire {
  readonly socket: WebSocket;
  readonly transport: Duplex;
}

/** Options of the `ws` server, with those that its types do not know yet. */
export type WebSocketOptions = ServerOptions & {
  closeTimeout?: number;
  maxPendingAutoPongs?: number;
  maxBufferedChunks?: number;
};

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
  /**
   * Writes a relayed message from the text it came as, or has `encode` write it. RELAY-4, RELAY-5. Whoever replaces `encode`
   * alone has it write everything.
   */
  splice: typeof splice;
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

/**
 * Writes a whole frame past `ws`, which would make a header for every receiver: all of them share the one frame.
 * It stays in order with what `ws` writes, as long as nothing is compressed.
 */
export function write({ transport }: Wire, frame: Buffer): void {
  transport.write(frame);
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
    // LIVE-1: however many pings come at once.
    maxPendingAutoPongs: 0,
    // ERROR-9: a message that comes byte by byte costs time in the square of its pieces. The largest one at an MSS of 536 has 2,000.
    maxBufferedChunks: 4_096,
    // AUTH-12: by itself `ws` would select the first that is offered, a token perhaps.
    handleProtocols: () => false,
  },
  throttle,
  readFrame,
  parse: parseClientMessage,
  transition,
  encode,
  splice,
  write,
  report: errorMessage,
  recover,
  leaveReason,
  shutdownCode: closeCodes.GOING_AWAY.code,
};
