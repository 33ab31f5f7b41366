// Generated from asyncapi.yaml, openapi.yaml and schemas/ by `npm run generate`. Do not edit.

import type { ErrorCode } from './types.js';

/** What a room id may look like (ROOM-1). */
export const roomIdPattern = /^[A-Za-z0-9_-]{1,100}$/;

/** Query parameter that carries the JWT, percent-encoded (CLIENT-2). */
export const tokenParameter = "token";

/** Path of the HTTP configuration, below the base URL. */
export const configPath = '/webrtc/config';

/** Path of a room's WebSocket, below the base URL, with the id percent-encoded. */
export function channelPath(roomId: string): string {
  return "/webrtc/ws/" + encodeURIComponent(roomId);
}

/** WebSocket close codes; `reconnect` says whether a client may come back by itself (CLIENT-11, CLIENT-12). */
export const closeCodes = {
  NORMAL: {"code":1000,"reconnect":false,"text":"Either side is done; a client leaves a room with it."},
  GOING_AWAY: {"code":1001,"reconnect":true,"text":"The server is shutting down."},
  UNSUPPORTED_DATA: {"code":1003,"reconnect":true,"text":"A binary frame came; this protocol speaks text."},
  INVALID_UTF8: {"code":1007,"reconnect":true,"text":"A text frame was not valid UTF-8."},
  REFUSED: {"code":1008,"reconnect":false,"text":"The connection is refused; the `error` before it says why."},
  TOO_LARGE: {"code":1009,"reconnect":true,"text":"A message exceeded the server's limit; whoever comes back does not send it again."},
  INTERNAL_ERROR: {"code":1011,"reconnect":true,"text":"The server failed."},
  RESTARTING: {"code":1012,"reconnect":true,"text":"The server restarts."},
  TRY_AGAIN_LATER: {"code":1013,"reconnect":true,"text":"The client did not take its messages in time."},
  REPLACED: {"code":4001,"reconnect":false,"text":"The same user connected to this room again; the newer connection stays."},
} as const;

/** When each error code is sent. */
export const errorCodes: Readonly<Record<ErrorCode, string>> = {
  INVALID_MESSAGE: "The frame is not JSON, or not an envelope.",
  INVALID_MESSAGE_TYPE: "The type is unknown, or not for clients to send.",
  INVALID_PAYLOAD: "The payload breaks the schema of its type.",
  TARGET_NOT_FOUND: "No other participant has the `target_user_id`.",
  ROOM_MISMATCH: "The message names a room other than the connection's.",
  ROOM_FULL: "The room has no place left.",
  RATE_LIMIT_EXCEEDED: "Too many messages; `details.retry_after_ms` says when to go on.",
  MESSAGE_TOO_LARGE: "The message is larger than the server takes.",
  UNAUTHORIZED: "The token is missing or not valid.",
  INVALID_ROOM_ID: "The URL names no possible room.",
  INTERNAL_ERROR: "The server failed.",
};

/** Types a client may send. */
export const clientMessageTypes = ["offer", "answer", "ice_candidate"] as const;

/** Types a server may send. */
export const serverMessageTypes = ["offer", "answer", "ice_candidate", "room_state", "user_joined", "user_left", "error"] as const;

/** Every message of the channel: wire type, TypeScript name, direction and the operation it belongs to. */
export const messages = [
  {"type":"offer","name":"OfferMessage","direction":"client-to-server","operation":"receiveSignal","summary":"Opens or renegotiates a peer connection."},
  {"type":"answer","name":"AnswerMessage","direction":"client-to-server","operation":"receiveSignal","summary":"Answers an offer."},
  {"type":"ice_candidate","name":"IceCandidateMessage","direction":"client-to-server","operation":"receiveSignal","summary":"Passes one ICE candidate to the peer."},
  {"type":"offer","name":"RelayedOfferMessage","direction":"server-to-client","operation":"relaySignal","summary":"An offer, stamped with its sender."},
  {"type":"answer","name":"RelayedAnswerMessage","direction":"server-to-client","operation":"relaySignal","summary":"An answer, stamped with its sender."},
  {"type":"ice_candidate","name":"RelayedIceCandidateMessage","direction":"server-to-client","operation":"relaySignal","summary":"A candidate, stamped with its sender."},
  {"type":"room_state","name":"RoomStateMessage","direction":"server-to-client","operation":"announceRoomState","summary":"Who is in the room."},
  {"type":"user_joined","name":"UserJoinedMessage","direction":"server-to-client","operation":"announceUserJoined","summary":"Another user came into the room."},
  {"type":"user_left","name":"UserLeftMessage","direction":"server-to-client","operation":"announceUserLeft","summary":"Another user is gone."},
  {"type":"error","name":"ErrorMessage","direction":"server-to-client","operation":"reportError","summary":"Something was refused."},
] as const;
