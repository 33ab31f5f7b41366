// Generated from asyncapi.yaml, openapi.yaml and schemas/ by `npm run generate`. Do not edit.

/**
 * The stable name of what went wrong. Programs branch on it; people read `message`.
 */
export type ErrorCode =
  | 'INVALID_MESSAGE'
  | 'INVALID_MESSAGE_TYPE'
  | 'INVALID_PAYLOAD'
  | 'TARGET_NOT_FOUND'
  | 'ROOM_MISMATCH'
  | 'ROOM_FULL'
  | 'RATE_LIMIT_EXCEEDED'
  | 'MESSAGE_TOO_LARGE'
  | 'UNAUTHORIZED'
  | 'INVALID_ROOM_ID'
  | 'INTERNAL_ERROR';
/**
 * RFC 3339 date and time with `Z` or a numeric offset and any number of fraction digits, such as `2026-03-01T09:30:00.123456Z`.
 */
export type Timestamp = string;
/**
 * A `stun:`, `stuns:`, `turn:` or `turns:` URI, such as `turn:turn.example.com:3478?transport=udp` (CONFIG-5).
 */
export type IceServerUrl = string;
/**
 * Why a participant is gone: it closed with 1000, 1001 or no code (`left`), its connection ended in any other way (`disconnected`), it stopped answering (`timeout`), or the same user connected again (`replaced`). Later versions may have more (CLIENT-17).
 */
export type LeaveReason = 'left' | 'disconnected' | 'timeout' | 'replaced';
/**
 * Identifies a user. The server takes it from the token; no message can change it (AUTH-9).
 */
export type UserId = string;
/**
 * Names a room in the WebSocket URL and on every message from the server. Case-sensitive (ROOM-1, ROOM-3).
 */
export type RoomId = string;

/**
 * Answers an offer.
 */
export interface AnswerMessage {
  type: 'answer';
  payload: AnswerPayload;
  /**
   * The room this connection is in. May be left out; any other room is answered ROOM_MISMATCH (RELAY-8).
   */
  room_id?: string | null;
  /**
   * When the message was made, as RFC 3339 with `Z` or an offset. Passed on to receivers; the server fills it in where it is missing (RELAY-9).
   */
  timestamp?: string | null;
  /**
   * Ignored: the server writes the sender from the token (RELAY-4).
   */
  sender_id?: string | null;
  /**
   * Names this message for its sender; an `error` about it repeats it as `details.message_id` (ERROR-13).
   */
  id?: string | null;
}
/**
 * An RTCSessionDescription of type `answer` or `pranswer` and whom it is for.
 */
export interface AnswerPayload {
  /**
   * RTCSessionDescription type: final, or provisional.
   */
  type: 'answer' | 'pranswer';
  /**
   * The answering session description. The server never reads or changes it.
   */
  sdp: string;
  /**
   * The `offer_id` of the offer that this answers, where it had one (CLIENT-20). The server only passes it on (RELAY-5).
   */
  offer_id?: string | null;
  /**
   * The one participant this is for. Left out or null, it goes to every other participant (RELAY-1, RELAY-2).
   */
  target_user_id?: string | null;
}
/**
 * What every message from a client has in common, whatever its type. A text frame that does not fit is answered INVALID_MESSAGE (ERROR-1).
 */
export interface ClientEnvelope {
  /**
   * Says which message this is.
   */
  type: string;
  /**
   * The content; its shape depends on `type`.
   */
  payload: {};
  /**
   * The room this connection is in. May be left out; any other room is answered ROOM_MISMATCH (RELAY-8).
   */
  room_id?: string | null;
  /**
   * When the message was made, as RFC 3339 with `Z` or an offset. Passed on to receivers; the server fills it in where it is missing (RELAY-9).
   */
  timestamp?: string | null;
  /**
   * Ignored: the server writes the sender from the token (RELAY-4).
   */
  sender_id?: string | null;
  /**
   * Names this message for its sender; an `error` about it repeats it as `details.message_id` (ERROR-13).
   */
  id?: string | null;
}
/**
 * Something this connection sent, or the connection itself, was refused (ERROR-5).
 */
export interface ErrorMessage {
  type: 'error';
  payload: ErrorPayload;
  /**
   * The room the message belongs to. On an `error` that refuses a room id, the id that was asked for.
   */
  room_id: string;
  timestamp: Timestamp;
}
/**
 * What went wrong.
 */
export interface ErrorPayload {
  code: ErrorCode;
  /**
   * What went wrong, for people.
   */
  message: string;
  details?: ErrorDetails;
}
/**
 * More about the error, by code.
 */
export interface ErrorDetails {
  /**
   * With INVALID_MESSAGE or INVALID_PAYLOAD: what the schema found (ERROR-10).
   */
  errors?: SchemaViolation[];
  /**
   * With RATE_LIMIT_EXCEEDED: milliseconds until messages pass again (LIMIT-1).
   */
  retry_after_ms?: number;
  /**
   * The `id` of the message that this is about, where it had one (ERROR-13).
   */
  message_id?: string;
}
/**
 * One place where a message differs from its schema.
 */
export interface SchemaViolation {
  /**
   * JSON Pointer (RFC 6901) into the message, such as `/payload/sdp`. For a missing member it names the member itself.
   */
  path: string;
  /**
   * What the schema wants there.
   */
  message: string;
}
/**
 * Passes one ICE candidate to the peer.
 */
export interface IceCandidateMessage {
  type: 'ice_candidate';
  payload: IceCandidatePayload;
  /**
   * The room this connection is in. May be left out; any other room is answered ROOM_MISMATCH (RELAY-8).
   */
  room_id?: string | null;
  /**
   * When the message was made, as RFC 3339 with `Z` or an offset. Passed on to receivers; the server fills it in where it is missing (RELAY-9).
   */
  timestamp?: string | null;
  /**
   * Ignored: the server writes the sender from the token (RELAY-4).
   */
  sender_id?: string | null;
  /**
   * Names this message for its sender; an `error` about it repeats it as `details.message_id` (ERROR-13).
   */
  id?: string | null;
}
/**
 * An RTCIceCandidate in snake case and whom it is for.
 */
export interface IceCandidatePayload {
  /**
   * The candidate line; the empty string says that no more follow (ICE-2).
   */
  candidate: string;
  /**
   * Media section the candidate belongs to, by its identification tag.
   */
  sdp_mid?: string | null;
  /**
   * Media section the candidate belongs to, by its position from 0.
   */
  sdp_m_line_index?: number | null;
  /**
   * ICE user name fragment; tells candidates of one ICE generation from those of the next.
   */
  username_fragment?: string | null;
  /**
   * The one participant this is for. Left out or null, it goes to every other participant (RELAY-1, RELAY-2).
   */
  target_user_id?: string | null;
}
/**
 * One STUN or TURN server, in the shape of RTCIceServer.
 */
export interface IceServer {
  /**
   * One URI or several (RFC 7064, RFC 7065); several share the credentials.
   */
  urls: IceServerUrl | IceServerUrl[];
  /**
   * User name; a TURN server needs one that is not empty (CONFIG-6). null means the same as absent.
   */
  username?: string | null;
  /**
   * Password; a TURN server needs one that is not empty (CONFIG-6). null means the same as absent.
   */
  credential?: string | null;
}
/**
 * Opens or renegotiates a peer connection.
 */
export interface OfferMessage {
  type: 'offer';
  payload: OfferPayload;
  /**
   * The room this connection is in. May be left out; any other room is answered ROOM_MISMATCH (RELAY-8).
   */
  room_id?: string | null;
  /**
   * When the message was made, as RFC 3339 with `Z` or an offset. Passed on to receivers; the server fills it in where it is missing (RELAY-9).
   */
  timestamp?: string | null;
  /**
   * Ignored: the server writes the sender from the token (RELAY-4).
   */
  sender_id?: string | null;
  /**
   * Names this message for its sender; an `error` about it repeats it as `details.message_id` (ERROR-13).
   */
  id?: string | null;
}
/**
 * An RTCSessionDescription of type `offer` and whom it is for.
 */
export interface OfferPayload {
  /**
   * RTCSessionDescription type.
   */
  type: 'offer';
  /**
   * The offered session description. The server never reads or changes it.
   */
  sdp: string;
  /**
   * Names this offer, to tell a late answer from the one that is waited for (CLIENT-20). Unique to the offer. The server only passes it on (RELAY-5).
   */
  offer_id?: string | null;
  /**
   * The one participant this is for. Left out or null, it goes to every other participant (RELAY-1, RELAY-2).
   */
  target_user_id?: string | null;
}
/**
 * One user present in a room.
 */
export interface Participant {
  user_id: UserId;
  /**
   * Name to show to people.
   */
  username?: string;
  joined_at?: Timestamp;
}
/**
 * Body of an HTTP error answer; an RFC 9457 problem document is one (CONFIG-8).
 */
export interface Problem {
  /**
   * What went wrong, for people.
   */
  detail: string;
  /**
   * URI reference that names the kind of problem.
   */
  type?: string;
  /**
   * Short name of the kind of problem.
   */
  title?: string;
  /**
   * The HTTP status code again.
   */
  status?: number;
}
/**
 * An answer as its receiver gets it: stamped with the sender.
 */
export interface RelayedAnswerMessage {
  type: 'answer';
  payload: RelayedAnswerPayload;
  room_id: RoomId;
  timestamp: Timestamp;
  sender_id: UserId;
}
/**
 * The answer payload as it was sent, plus who sent it.
 */
export interface RelayedAnswerPayload {
  /**
   * RTCSessionDescription type: final, or provisional.
   */
  type: 'answer' | 'pranswer';
  /**
   * The answering session description. The server never reads or changes it.
   */
  sdp: string;
  /**
   * The `offer_id` of the offer that this answers; absent from clients that do not know it (CLIENT-20).
   */
  offer_id?: string | null;
  /**
   * The one participant this is for. Left out or null, it goes to every other participant (RELAY-1, RELAY-2).
   */
  target_user_id?: string | null;
  sender_id: UserId;
}
/**
 * A candidate as its receiver gets it: stamped with the sender.
 */
export interface RelayedIceCandidateMessage {
  type: 'ice_candidate';
  payload: RelayedIceCandidatePayload;
  room_id: RoomId;
  timestamp: Timestamp;
  sender_id: UserId;
}
/**
 * The candidate payload as it was sent, plus who sent it.
 */
export interface RelayedIceCandidatePayload {
  /**
   * The candidate line; the empty string says that no more follow (ICE-2).
   */
  candidate: string;
  /**
   * Media section the candidate belongs to, by its identification tag.
   */
  sdp_mid?: string | null;
  /**
   * Media section the candidate belongs to, by its position from 0.
   */
  sdp_m_line_index?: number | null;
  /**
   * ICE user name fragment; tells candidates of one ICE generation from those of the next.
   */
  username_fragment?: string | null;
  /**
   * The one participant this is for. Left out or null, it goes to every other participant (RELAY-1, RELAY-2).
   */
  target_user_id?: string | null;
  sender_id: UserId;
}
/**
 * An offer as its receiver gets it: stamped with the sender.
 */
export interface RelayedOfferMessage {
  type: 'offer';
  payload: RelayedOfferPayload;
  room_id: RoomId;
  timestamp: Timestamp;
  sender_id: UserId;
}
/**
 * The offer payload as it was sent, plus who sent it.
 */
export interface RelayedOfferPayload {
  /**
   * RTCSessionDescription type.
   */
  type: 'offer';
  /**
   * The offered session description. The server never reads or changes it.
   */
  sdp: string;
  /**
   * Names this offer; the answer repeats it (CLIENT-20).
   */
  offer_id?: string | null;
  /**
   * The one participant this is for. Left out or null, it goes to every other participant (RELAY-1, RELAY-2).
   */
  target_user_id?: string | null;
  sender_id: UserId;
}
/**
 * Who is in the room: the first message on a connection, sent once (JOIN-1, JOIN-6).
 */
export interface RoomStateMessage {
  type: 'room_state';
  payload: RoomStatePayload;
  room_id: RoomId;
  timestamp: Timestamp;
}
/**
 * The participants at the moment of joining, the joiner included.
 */
export interface RoomStatePayload {
  /**
   * Every current participant exactly once, the joiner included (JOIN-2).
   */
  participants: Participant[];
  /**
   * Length of `participants` (JOIN-3).
   */
  participant_count?: number;
  your_user_id?: UserId;
  room_id?: RoomId;
}
/**
 * What every message from the server has in common, whatever its type.
 */
export interface ServerEnvelope {
  /**
   * Says which message this is; a client ignores types it does not know (CLIENT-8).
   */
  type: string;
  /**
   * The content; its shape depends on `type`.
   */
  payload: {};
  /**
   * The room the message belongs to. On an `error` that refuses a room id, the id that was asked for.
   */
  room_id: string;
  timestamp: Timestamp;
}
/**
 * Another user came into the room. Wait for its offer (CLIENT-4).
 */
export interface UserJoinedMessage {
  type: 'user_joined';
  payload: UserJoinedPayload;
  room_id: RoomId;
  timestamp: Timestamp;
}
/**
 * Who came.
 */
export interface UserJoinedPayload {
  user_id: UserId;
  /**
   * Name to show to people.
   */
  username?: string;
}
/**
 * Another user is gone. Drop its peer connection (CLIENT-9).
 */
export interface UserLeftMessage {
  type: 'user_left';
  payload: UserLeftPayload;
  room_id: RoomId;
  timestamp: Timestamp;
}
/**
 * Who went, and why.
 */
export interface UserLeftPayload {
  user_id: UserId;
  /**
   * Name to show to people.
   */
  username?: string;
  reason?: LeaveReason;
}
/**
 * What a client needs to build its RTCPeerConnection.
 */
export interface WebrtcConfig {
  /**
   * STUN and TURN servers, for `RTCConfiguration.iceServers`.
   */
  ice_servers: IceServer[];
  /**
   * `RTCConfiguration.iceTransportPolicy`; `relay` forces all media through TURN.
   */
  ice_transport_policy?: 'all' | 'relay';
  /**
   * `RTCConfiguration.bundlePolicy`.
   */
  bundle_policy?: 'balanced' | 'max-compat' | 'max-bundle';
  /**
   * `RTCConfiguration.rtcpMuxPolicy`.
   */
  rtcp_mux_policy?: 'require' | 'negotiate';
  /**
   * Seconds for which the credentials stay valid; fetch again before they lapse.
   */
  ttl?: number;
}

/** Every message a client may send; `type` tells them apart. */
export type ClientMessage = OfferMessage | AnswerMessage | IceCandidateMessage;


/** Every message a server may send; `type` tells them apart. */
export type ServerMessage = RelayedOfferMessage | RelayedAnswerMessage | RelayedIceCandidateMessage | RoomStateMessage | UserJoinedMessage | UserLeftMessage | ErrorMessage;
