import type {
  ClientMessage,
  ErrorMessage,
  Participant,
  ProtocolError,
  RoomId,
  RoomStateMessage,
  ServerMessage,
  Timestamp,
  UserId,
  UserJoinedMessage,
  UserLeftMessage,
} from '../../generated/index.js';
import type { Delivery, Stamp } from './room.js';

/** Makes the `room_state` that a joiner receives first (JOIN-1 to JOIN-3). */
export function roomState(roomId: RoomId, participants: Participant[], at: Timestamp): RoomStateMessage {
  const payload = { room_id: roomId, participants, participant_count: participants.length };
  return { type: 'room_state', room_id: roomId, timestamp: at, payload };
}

/** Makes the `user_joined` that everybody but the joiner receives (JOIN-4). */
export function userJoined(roomId: RoomId, joiner: Participant, at: Timestamp): UserJoinedMessage {
  return { type: 'user_joined', room_id: roomId, timestamp: at, payload: nameOf(joiner) };
}

/** Makes the `user_left` that everybody who remains receives (LEAVE-1). */
export function userLeft(
  roomId: RoomId,
  leaver: Participant,
  reason: NonNullable<UserLeftMessage['payload']['reason']>,
  at: Timestamp,
): UserLeftMessage {
  return { type: 'user_left', room_id: roomId, timestamp: at, payload: { ...nameOf(leaver), reason } };
}

/** Makes the `error` that answers an offender (ERROR-6); `roomId` is the id asked for, even where it names no possible room. */
export function errorMessage(roomId: string, error: ProtocolError, at: Timestamp): ErrorMessage {
  return { type: 'error', room_id: roomId, timestamp: at, payload: error };
}

/** The message that all receivers of a delivery get. */
export function messageOf(delivery: Delivery): ServerMessage {
  return delivery.type === 'relay' ? relayed(delivery.message, delivery.stamp) : delivery.message;
}

/**
 * Stamps a client's message with its sender, its room and a time (RELAY-4, RELAY-8, RELAY-9).
 * All other members stay as they are, unknown ones included (RELAY-5, RELAY-12).
 */
function relayed(message: ClientMessage, stamp: Stamp): ServerMessage {
  return {
    ...message,
    ...stamp,
    timestamp: message.timestamp ?? stamp.timestamp,
    // A spread defines members, it never assigns: an own `__proto__` of the sender's stays a plain member (ERROR-11).
    payload: { ...message.payload, sender_id: stamp.sender_id },
  } as ServerMessage;
}

/**
 * Encodes a message into the one text frame that all its receivers share.
 * Throws RangeError if the message is nested too deeply to be written (ERROR-11).
 */
export function encode(message: ServerMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}

function nameOf({ user_id, username }: Participant): { user_id: UserId; username?: string } {
  return username === undefined ? { user_id } : { user_id, username };
}
