import type {
  ErrorMessage,
  Participant,
  ProtocolError,
  RoomId,
  RoomStateMessage,
  Timestamp,
  UserId,
  UserJoinedMessage,
  UserLeftMessage,
} from '../../generated/index.js';

/** What the server writes into a message that it passes on; a `timestamp` of the sender's own goes before (RELAY-4, RELAY-8, RELAY-9). */
export interface Stamp {
  readonly room_id: RoomId;
  readonly sender_id: UserId;
  readonly timestamp: Timestamp;
}

/** Makes the `room_state` that a joiner receives first (JOIN-1, JOIN-2, JOIN-3, JOIN-12). */
export function roomState(roomId: RoomId, members: Participant[], joiner: UserId, at: Timestamp): RoomStateMessage {
  const payload = { room_id: roomId, participants: members, participant_count: members.length, your_user_id: joiner };
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

function nameOf({ user_id, username }: Participant): { user_id: UserId; username?: string } {
  return username === undefined ? { user_id } : { user_id, username };
}
