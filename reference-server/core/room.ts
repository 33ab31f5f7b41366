import {
  type ClientMessage,
  closeCodes,
  type LeaveReason,
  type Participant,
  type RoomId,
  type ServerMessage,
  type Timestamp,
  type UserId,
  withMessageId,
} from '../../generated/index.js';
import type { Identity } from './admission.js';
import { errorMessage, roomState, type Stamp, userJoined, userLeft } from './messages.js';

/** Names one connection; a user who connects again has a new one. */
export type ConnectionId = string;

/** One user in a room, with the one connection that speaks for it (JOIN-8). */
export interface Member {
  readonly connectionId: ConnectionId;
  readonly participant: Participant;
}

/** A room at one moment. It is never changed: each transition that alters it makes a new one. Members stand in order of joining. */
export interface Room {
  readonly id: RoomId;
  /** How many users fit in (ROOM-6). */
  readonly capacity: number;
  readonly byUser: ReadonlyMap<UserId, Member>;
  readonly byConnection: ReadonlyMap<ConnectionId, Member>;
}

/** The text that a message came as: its bytes in UTF-8, and what they say. It may be sent on, so it goes with that message alone. */
export interface Source {
  readonly data: Buffer;
  readonly text: string;
}

/** What happens to a room. `at` is the time it happens; `connectionId` of a join must be new; `source` is what a message came as. */
export type RoomEvent =
  | { type: 'join'; connectionId: ConnectionId; user: Identity; at: Timestamp }
  | { type: 'leave'; connectionId: ConnectionId; reason: LeaveReason; at: Timestamp }
  | { type: 'message'; connectionId: ConnectionId; message: ClientMessage; at: Timestamp; source?: Source };

/** What is to be done about it, in this order. `to` is never empty and names nobody twice. */
export type Effect =
  | { type: 'deliver'; to: ConnectionId[]; message: ServerMessage }
  | { type: 'relay'; to: ConnectionId[]; message: ClientMessage; stamp: Stamp; source: Source | undefined }
  | { type: 'close'; connectionId: ConnectionId; code: number; reason: string };

/** An effect that sends something. */
export type Delivery = Exclude<Effect, { type: 'close' }>;

/** The room after an event, and what follows from it. */
export interface Transition {
  room: Room;
  effects: Effect[];
}

/** Makes a room with nobody in it. */
export function emptyRoom(id: RoomId, capacity = Number.POSITIVE_INFINITY): Room {
  return { id, capacity, byUser: new Map(), byConnection: new Map() };
}

/**
 * Decides what an event does to a room: the whole protocol, without sockets, clock or I/O.
 * A join or leave costs O(participants), a message with a target O(1).
 */
export function transition(room: Room, event: RoomEvent): Transition {
  switch (event.type) {
    case 'join':
      return join(room, event);
    case 'leave':
      return leave(room, event);
    case 'message':
      return relay(room, event);
  }
}

function join(room: Room, event: RoomEvent & { type: 'join' }): Transition {
  const { connectionId, user, at } = event;
  const older = room.byUser.get(user.userId);
  if (older !== undefined) {
    // JOIN-8: to the others, the older connection leaves and the newer one joins.
    const left = leave(room, { type: 'leave', connectionId: older.connectionId, reason: 'replaced', at });
    const joined = join(left.room, event);
    const close = closing(older.connectionId, closeCodes.REPLACED.code, 'replaced by a newer connection');
    return { room: joined.room, effects: [close, ...left.effects, ...joined.effects] };
  }

  if (room.byUser.size >= room.capacity) {
    // ROOM-6: the room stays as it is, so the others learn nothing and nothing this connection says is relayed.
    const full = errorMessage(room.id, { code: 'ROOM_FULL', message: 'The room has no place left.' }, at);
    return {
      room,
      effects: [...deliver([connectionId], full), closing(connectionId, closeCodes.REFUSED.code, 'ROOM_FULL')],
    };
  }

  const { userId, username } = user;
  const participant: Participant = { user_id: userId, ...(username !== undefined && { username }), joined_at: at };
  const member: Member = { connectionId, participant };
  const joined: Room = {
    ...room,
    byUser: new Map(room.byUser).set(userId, member),
    byConnection: new Map(room.byConnection).set(connectionId, member),
  };
  const participants = Array.from(joined.byUser.values(), (each) => each.participant);
  return {
    room: joined,
    effects: [
      // JOIN-1, JOIN-9: before anybody can know of the joiner, and so before anybody can write to it. JOIN-6, JOIN-10: this
      // is the only `room_state` of the connection, and nothing that was said before it follows.
      ...deliver([connectionId], roomState(room.id, participants, userId, at)),
      // JOIN-5, JOIN-7: to those who were here before, and to them alone. JOIN-11: before the joiner can send anything.
      ...deliver(everybody(room), userJoined(room.id, participant, at)),
    ],
  };
}

function leave(room: Room, { connectionId, reason, at }: RoomEvent & { type: 'leave' }): Transition {
  const member = room.byConnection.get(connectionId);
  // LEAVE-1: a connection that was replaced or never let in has left already; saying so again would be a second time.
  if (member === undefined) return { room, effects: [] };

  const byUser = new Map(room.byUser);
  const byConnection = new Map(room.byConnection);
  // LEAVE-3: no longer a target, and in no later `room_state`.
  byUser.delete(member.participant.user_id);
  byConnection.delete(connectionId);
  const left: Room = { ...room, byUser, byConnection };
  return { room: left, effects: deliver(everybody(left), userLeft(room.id, member.participant, reason, at)) };
}

function relay(room: Room, { connectionId, message, at, source }: RoomEvent & { type: 'message' }): Transition {
  const sender = room.byConnection.get(connectionId);
  // LEAVE-4: what a connection said last may still come in after it left.
  if (sender === undefined) return { room, effects: [] };

  // OFFER-2: a room remembers no offer, so anybody may offer at any time.
  const stamp: Stamp = { room_id: room.id, sender_id: sender.participant.user_id, timestamp: at };
  const targetId = message.payload.target_user_id ?? undefined;
  if (targetId === undefined) {
    const others = everybody(room).filter((each) => each !== connectionId); // RELAY-2, RELAY-3
    return { room, effects: others.length === 0 ? [] : [{ type: 'relay', to: others, message, stamp, source }] };
  }

  const target = room.byUser.get(targetId);
  if (target === undefined || target === sender) {
    // RELAY-7; ERROR-5: the sender alone learns of it, and of which message (ERROR-13).
    const error = { code: 'TARGET_NOT_FOUND', message: 'No other participant has this target_user_id.' } as const;
    return { room, effects: deliver([connectionId], errorMessage(room.id, withMessageId(error, message), at)) };
  }
  return { room, effects: [{ type: 'relay', to: [target.connectionId], message, stamp, source }] }; // RELAY-1
}

/** Tells a client that closed in good order from one that was lost (LEAVE-1). */
export function leaveReason(closeCode: number): LeaveReason {
  // 1005 stands for a close frame without a code (RFC 6455, section 7.1.5).
  return [closeCodes.NORMAL.code, closeCodes.GOING_AWAY.code, 1005].includes(closeCode) ? 'left' : 'disconnected';
}

function everybody(room: Room): ConnectionId[] {
  return Array.from(room.byConnection.keys());
}

function deliver(to: ConnectionId[], message: ServerMessage): Effect[] {
  return to.length === 0 ? [] : [{ type: 'deliver', to, message }];
}

function closing(connectionId: ConnectionId, code: number, reason: string): Effect {
  return { type: 'close', connectionId, code, reason };
}
