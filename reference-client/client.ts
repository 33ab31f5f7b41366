/**
 * The client side of WebRTC room signaling, for browsers and Node: {@link fetchWebrtcConfig} gets what peer connections
 * are built from, {@link joinRoom} the connection over which they are negotiated.
 *
 * It ends where WebRTC begins: which peer connection a description belongs to is its user's business, and so far the
 * requirements about that are the user's too (CLIENT-3 to CLIENT-7, CLIENT-9, CLIENT-13). The call mesh that keeps them
 * belongs beside this file, in call.ts, and needs nothing but a {@link RoomConnection} and an `RTCPeerConnection`
 * constructor; it is exported from here when it is there.
 *
 * @example
 * ```ts
 * const config = toRtcConfiguration(await fetchWebrtcConfig({ baseUrl, token }));
 * const room = await joinRoom({ baseUrl, roomId: 'standup-2026', token });
 * room.on('room_state', async ({ others }) => {
 *   for (const { userId } of others) room.sendOffer(userId, await makeOffer(userId, config));
 * });
 * room.on('offer', async ({ senderId, description }) => {
 *   room.sendAnswer(senderId, await makeAnswer(senderId, description, config));
 * });
 * room.on('closed', ({ error }) => console.log(error?.message ?? 'left'));
 * ```
 *
 * @packageDocumentation
 */
export type { ReconnectOptions } from './backoff.js';
export { type FetchLike, type FetchWebrtcConfigOptions, fetchWebrtcConfig, toRtcConfiguration } from './config.js';
export {
  ClosedError,
  ConfigFetchError,
  InvalidMessageError,
  InvalidOptionError,
  JoinTimeoutError,
  type RefusalCode,
  RefusedError,
  SignalingError,
  type SignalingErrorCode,
  TokenError,
} from './errors.js';
export type { Listener } from './event-queue.js';
export type {
  AnswerEvent,
  ClosedEvent,
  ErrorEvent,
  IceCandidateEvent,
  OfferEvent,
  ReconnectingEvent,
  RoomEvents,
  RoomParticipant,
  RoomStateEvent,
  UnknownEvent,
  UserJoinedEvent,
  UserLeftEvent,
} from './events.js';
export { type JoinRoomOptions, joinRoom } from './join-room.js';
export type { RoomConnection } from './room-connection.js';
export type {
  AnswerDescription,
  IceCandidate,
  IceCandidateInit,
  OfferDescription,
  RtcConfiguration,
  RtcIceServer,
  SessionDescription,
} from './rtc.js';
export type { Schedule } from './scheduler.js';
export type { TokenSource } from './token.js';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.js';
