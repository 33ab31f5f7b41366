import { type ReconnectOptions, toBackoff } from './backoff.js';
import { roomUrl } from './endpoints.js';
import { InvalidOptionError } from './errors.js';
import { RoomConnection } from './room-connection.js';
import { type Schedule, schedule } from './scheduler.js';
import type { TokenSource } from './token.js';
import { type WebSocketConstructor, webSocketConstructor } from './web-socket.js';

/** Options of {@link joinRoom}. */
export interface JoinRoomOptions {
  /** `http:` or `https:` address of the deployment, a path prefix allowed; the WebSocket is at the same as ws or wss. */
  baseUrl: string;
  /** The room to enter: 1 to 100 of `A-Z a-z 0-9 _ -` (ROOM-1). */
  roomId: string;
  /** The user's JWT, or a function that gives a fresh one for each connection. */
  token: TokenSource;
  /**
   * The user's own id, by which the room's list is split into self and `others`. Default: what the server says (JOIN-12),
   * else the token's `sub` claim.
   */
  userId?: string;
  /** Used instead of the global `WebSocket`; Node 20 has none and needs that of the package ws. */
  WebSocket?: WebSocketConstructor;
  /**
   * Milliseconds from opening the WebSocket to `room_state`, for each connection; a `token` function has as long before
   * that. Default 10,000.
   */
  joinTimeoutMs?: number;
  /** When and how often to reconnect (CLIENT-12). */
  reconnect?: ReconnectOptions;
  /** Used instead of `setTimeout`. */
  schedule?: Schedule;
  /** Abandons the join; the promise then rejects with the signal's reason. Once joined it has no effect. */
  signal?: AbortSignal;
}

/**
 * Joins a room: connects to `/webrtc/ws/{room_id}` (CLIENT-2) and waits for its `room_state`.
 *
 * The first attempt is not repeated by itself; what fails is told. A connection lost later is (CLIENT-12).
 *
 * @returns The connection. Its events, the `room_state` first, wait for the first listener.
 * @throws {@link RefusedError} when the server said why it refuses: `UNAUTHORIZED`, `INVALID_ROOM_ID`, `ROOM_FULL`.
 * @throws {@link ClosedError} when the WebSocket closed otherwise or did not open; `closeCode` is 1006 then.
 * @throws {@link JoinTimeoutError} when no `room_state` came in time.
 * @throws {@link TokenError} when there is no token to send, or none in time.
 * @throws {@link InvalidOptionError} when an option can not work, or there is no WebSocket.
 */
export async function joinRoom(options: JoinRoomOptions): Promise<RoomConnection> {
  const { signal, joinTimeoutMs = 10_000 } = options;
  if (!(joinTimeoutMs > 0)) throw new InvalidOptionError('joinTimeoutMs', 'is not a number above 0');
  // Told before a token is asked for.
  roomUrl(options.baseUrl, options.roomId, '');
  const settings = {
    baseUrl: options.baseUrl,
    roomId: options.roomId,
    token: options.token,
    userId: options.userId,
    WebSocket: webSocketConstructor(options.WebSocket),
    joinTimeoutMs,
    backoff: toBackoff(options.reconnect),
    schedule: options.schedule ?? schedule,
  };
  signal?.throwIfAborted();

  let abandon = () => {};
  try {
    return await new Promise<RoomConnection>((resolve, reject) => {
      const room = new RoomConnection(settings, { joined: resolve, failed: reject });
      abandon = () => {
        reject(signal?.reason);
        void room.leave();
      };
      signal?.addEventListener('abort', abandon);
    });
  } finally {
    signal?.removeEventListener('abort', abandon);
  }
}
