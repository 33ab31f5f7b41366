import type { Logger } from 'pino';
import type { ConnectionId, Delivery, RoomEvent, transition } from '../core/room.js';

/** Where rooms are kept, and how what happens in one reaches everybody in it, on whichever instance they are. */
export interface Backplane {
  /** Gets ready for events. Rejects if it cannot, such as when Redis is not there. */
  start(): Promise<void>;
  /**
   * Lets an event happen to one room and to no other (ROOM-4). What follows from it goes to the {@link Edge}, in order.
   * Returns a promise for a join that takes time: until it resolves, the joiner is neither in the room nor refused.
   */
  happen(roomId: string, event: RoomEvent): Promise<void> | undefined;
  /** Tells whether this instance can do its work; a balancer had better not send anybody to one that cannot. */
  healthy(): boolean;
  /** How many rooms have somebody of this instance in them. */
  readonly rooms: number;
  /** Ends what this instance has a part in. All its connections are to be closed before. */
  close(): Promise<void>;
}

/** The connections of this instance, as a backplane sees them. Ids that name none are passed over. */
export interface Edge {
  /** Makes the text frame that all receivers share. Throws RangeError if the message cannot be written (ERROR-11). */
  encode(delivery: Delivery): Buffer;
  /** Sends one frame to each of these connections. */
  send(to: readonly ConnectionId[], frame: Buffer): void;
  close(connectionId: ConnectionId, code: number, reason: string): void;
}

/** What a backplane is made with. */
export interface BackplaneContext {
  /** What an event does to a room. */
  transition: typeof transition;
  /** Users that fit in each room; absent, any number (ROOM-6). */
  capacity?: number | undefined;
  edge: Edge;
  log: Logger;
}

/** Makes the backplane of one server. */
export type CreateBackplane = (context: BackplaneContext) => Backplane;
