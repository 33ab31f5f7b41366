import type { ConnectionNumber, Credential } from '../trace/trace-event.js';
import type { Finding } from './finding.js';

/** A participant of the trace; all its connections are of one user. */
export interface User {
  readonly name: string;
  /** The `user_id`; undefined until it is known. */
  id: string | undefined;
}

/** One user in one room, over all its connections. */
export interface Visitor {
  readonly user: User;
  /** In the order in which they were begun, refused ones included. */
  readonly connections: Connection[];
  /** Each connection was begun after it was known how the one before went, so they joined in this order. */
  inOrder: boolean;
  /** Something it sent may be read in more than one way, so what is relayed in its name proves nothing. */
  isUnclear: boolean;
  /** When somebody was told of the last of its departures; undefined while it may be there. */
  goneAt: number | undefined;
}

/** A room of the trace. */
export interface Room {
  readonly id: string;
  /** Everybody who is in the trace is in the model: what nobody did there was done by nobody. */
  readonly isClosed: boolean;
  readonly visitors: Map<User, Visitor>;
  /** Connections that were let in and have not begun to leave. */
  readonly present: Set<Connection>;
  /** Somebody was told that a user left. */
  hasLost: boolean;
  /** The first time that somebody was told of a user, by `user_id`. */
  readonly announced: Map<string, { event: number; by: 'room_state' | 'user_joined'; at: Connection }>;
}

/** How a connection knows of another user. */
export interface Presence {
  /** The event that told it. */
  since: number;
  by: 'room_state' | 'user_joined';
}

/** What a connection was told about a user who is gone, as far as it knows. */
export interface Departure {
  /** How many times it was told. */
  times: number;
  /** The event that had told of the user's presence, the last time. */
  since: number;
  /** The event that told of the departure, the last time. */
  at: number;
}

/** A claim of the server that is wrong if the connection proves to be in the room later. */
export interface Doubt {
  /** Proof is what happened after this event. */
  since: number;
  /** Proof is also that the connection is told of this joiner. */
  joiner?: Visitor;
  finding: Finding;
}

/** One connection of the trace. All times are positions in the trace. */
export interface Connection {
  readonly number: ConnectionNumber;
  readonly user: User;
  /** Undefined where the path names no possible room. */
  readonly room: Room | undefined;
  readonly visitor: Visitor | undefined;
  readonly instance: number;
  readonly credential: Credential;
  /** False where it has to be refused. */
  readonly mayEnter: boolean;
  readonly begunAt: number;
  /** When its first `room_state` came. */
  stateAt: number | undefined;
  /** When it began to end, from either side. */
  leavingAt: number | undefined;
  /** The client itself began to end it. */
  leavesByItself: boolean;
  /** What came in place of `room_state`: `HTTP`, or the code of an `error`. */
  answer: string | undefined;
  /** Who is there, as it was told, by `user_id`; undefined until it can be known. */
  roster: Map<string, Presence> | undefined;
  readonly departures: Map<string, Departure>;
  /** The own `user_id`, as its `room_state` confirms it. */
  ownId: string | undefined;
  /** Messages sent, and those of them that may have to be refused. */
  sent: number;
  sentFaulty: number;
  sentTargeted: number;
  /** Position of the latest message received from each connection. */
  readonly latestFrom: Map<ConnectionNumber, number>;
  doubts: Doubt[];
}
