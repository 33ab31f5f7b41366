import type {
  ErrorMessage,
  LeaveReason,
  Participant,
  ProtocolError,
  RelayedAnswerMessage,
  RelayedIceCandidateMessage,
  RelayedOfferMessage,
  RoomStateMessage,
  UserJoinedMessage,
  UserLeftMessage,
} from '../generated/index.js';
import type { RefusedError, SignalingError } from './errors.js';
import type { AnswerDescription, IceCandidateInit, OfferDescription } from './rtc.js';

/** A user present in the room. */
export interface RoomParticipant {
  readonly userId: string;
  /** Name to show to people. */
  readonly username?: string;
  /** RFC 3339 time of joining; absent for who joined later than this client. */
  readonly joinedAt?: string;
}

/**
 * A connection to the room begins, the first one or a later one. All peer connections of an earlier one are void. This
 * client is now the newcomer: it offers to each of `others` (CLIENT-3), and to nobody else (CLIENT-4).
 */
export interface RoomStateEvent {
  /** Everybody in the room, this client's user included (JOIN-2). */
  readonly participants: readonly RoomParticipant[];
  /** `participants` without this client's user. */
  readonly others: readonly RoomParticipant[];
  /** As it came, unknown members included; so in every event. */
  readonly message: RoomStateMessage;
}

/** Another user came. Wait for its offer (CLIENT-4). */
export interface UserJoinedEvent {
  readonly participant: RoomParticipant;
  readonly message: UserJoinedMessage;
}

/** Another user is gone. Drop its peer connection; an offer from the same user later is a fresh start (CLIENT-9). */
export interface UserLeftEvent {
  readonly userId: string;
  readonly username?: string;
  /** One of {@link LeaveReason}, or a reason of a later version of the protocol (CLIENT-17). */
  readonly reason?: LeaveReason | (string & {});
  readonly message: UserLeftMessage;
}

/** Answer it with `sendAnswer(event.senderId, ...)` (CLIENT-5). */
export interface OfferEvent {
  readonly senderId: string;
  readonly description: OfferDescription;
  readonly message: RelayedOfferMessage;
}

/** The answer to an offer of this client. */
export interface AnswerEvent {
  readonly senderId: string;
  readonly description: AnswerDescription;
  readonly message: RelayedAnswerMessage;
}

/** It may come before the description it belongs to; keep it until then (CLIENT-7). */
export interface IceCandidateEvent {
  readonly senderId: string;
  readonly candidate: IceCandidateInit;
  readonly message: RelayedIceCandidateMessage;
}

/** The server refused something this client sent. The connection goes on, or `closed` follows (CLIENT-8). */
export interface ErrorEvent {
  readonly error: RefusedError;
  /** The message that it refused came too fast (RATE_LIMIT_EXCEEDED) and is sent again by itself, as soon as the server takes it. */
  readonly isResent: boolean;
  readonly message: ErrorMessage;
}

/**
 * Something came that is not acted upon (CLIENT-8). `error.code` says why: `INVALID_MESSAGE_TYPE` for a type not known
 * here, perhaps of a later protocol version; `INVALID_MESSAGE` or `INVALID_PAYLOAD` for what breaks its schema, for a
 * binary frame, for a second `room_state` on one connection (JOIN-6), and for an answer to another offer than the one that
 * is waited for (CLIENT-20); `ROOM_MISMATCH` for another room's (RELAY-8).
 */
export interface UnknownEvent {
  /** The frame: its text, or what the WebSocket makes of binary ones. */
  readonly data: unknown;
  readonly error: ProtocolError;
}

/**
 * The connection is lost and another attempt scheduled (CLIENT-12). Nothing can be sent until the next `room_state`.
 * Media between peers may go on meanwhile.
 */
export interface ReconnectingEvent {
  /** 1 for the first attempt since a connection held for 10 s. */
  readonly attempt: number;
  /** Milliseconds until it starts. */
  readonly delayMs: number;
  /** What ended the connection, or the attempt before. */
  readonly error: SignalingError;
}

/** The connection is over and stays so. The last event. */
export interface ClosedEvent {
  /** WebSocket close code; 1006 when no close frame came. */
  readonly closeCode: number;
  /** The close frame's reason, often empty. */
  readonly reason: string;
  /**
   * Absent after `leave()`. Else a `RefusedError` when the server said why, a `ClosedError` when it did not, or what
   * made the last reconnect attempt fail.
   */
  readonly error?: SignalingError;
}

/** What a `RoomConnection` tells, by type. The first seven are the messages of the protocol, under their names there. */
export interface RoomEvents {
  room_state: RoomStateEvent;
  user_joined: UserJoinedEvent;
  user_left: UserLeftEvent;
  offer: OfferEvent;
  answer: AnswerEvent;
  ice_candidate: IceCandidateEvent;
  error: ErrorEvent;
  unknown: UnknownEvent;
  reconnecting: ReconnectingEvent;
  closed: ClosedEvent;
}

/** A participant in camel case. */
export function toRoomParticipant({ user_id, username, joined_at }: Participant): RoomParticipant {
  return {
    userId: user_id,
    ...(username !== undefined && { username }),
    ...(joined_at !== undefined && { joinedAt: joined_at }),
  };
}

/** A relayed candidate in camel case, null and absent kept apart (ICE-1). */
export function toIceCandidateInit({ payload }: RelayedIceCandidateMessage): IceCandidateInit {
  const { candidate, sdp_mid, sdp_m_line_index, username_fragment } = payload;
  return {
    candidate,
    ...(sdp_mid !== undefined && { sdpMid: sdp_mid }),
    ...(sdp_m_line_index !== undefined && { sdpMLineIndex: sdp_m_line_index }),
    ...(username_fragment !== undefined && { usernameFragment: username_fragment }),
  };
}
