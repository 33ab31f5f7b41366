import type { RoomId } from '../../generated/index.js';
import { type Effect, emptyRoom, type Room, type RoomEvent, transition } from './room.js';

/** All rooms with somebody in them. A room begins with its first joiner and vanishes with its last (ROOM-5). */
export class Rooms {
  readonly #rooms = new Map<RoomId, Room>();
  readonly #transition: typeof transition;
  readonly #capacity: number | undefined;

  /** `capacity` is the number of users that fit in each room; without it there is no limit (ROOM-6). */
  constructor(decide: typeof transition = transition, capacity?: number) {
    this.#transition = decide;
    this.#capacity = capacity;
  }

  /** How many rooms have somebody in them. */
  get size(): number {
    return this.#rooms.size;
  }

  /**
   * Lets an event happen to one room and to no other (ROOM-4), and returns what is to be done about it. A user may be in
   * several rooms (ROOM-7): each knows only its own members.
   */
  apply(roomId: RoomId, event: RoomEvent): Effect[] {
    const before = this.#rooms.get(roomId) ?? emptyRoom(roomId, this.#capacity);
    const { room, effects } = this.#transition(before, event);
    if (room.byUser.size === 0) this.#rooms.delete(roomId);
    else if (room !== before) this.#rooms.set(roomId, room);
    return effects;
  }
}
