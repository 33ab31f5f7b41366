import { type RequirementId, requirements } from '../../generated/index.js';
import type { ConnectionNumber } from '../trace/trace-event.js';
import type { Finding, MonitorOptions } from './finding.js';
import type { Connection, Room, User, Visitor } from './people.js';
import type { SentIndex } from './sent-index.js';

/** What is known at one moment of a trace: rooms, connections, and what was sent on them. */
export interface Model {
  readonly options: MonitorOptions;
  readonly users: Map<string, User>;
  readonly usersById: Map<string, User>;
  readonly rooms: Map<string, Room>;
  readonly connections: Map<ConnectionNumber, Connection>;
  readonly sent: SentIndex;
  /** Position of the event that is being taken in. */
  now: number;
  /** Somebody sent a message that has to be refused; the first such event. */
  firstFault: number | undefined;
  firstTargeted: number | undefined;
  /** The scenario did something to the service itself, so participants may be out without knowing. */
  isDisrupted: boolean;
  /** A client sent a secret, so that others may receive it. */
  secretWasSent: boolean;
  binaryWasSent: boolean;
  readonly findings: Finding[];
  readonly exercised: Set<RequirementId>;
  /** Steps of all loops, by which tests see that the cost is linear. */
  steps: number;
}

/** Writes down that a rule is broken, unless it is one of a feature that the server does not claim. */
export function report(model: Model, finding: Omit<Finding, 'event'> & { event?: number }): void {
  if (!isClaimed(model, finding.requirement)) return;
  exercise(model, finding.requirement);
  model.findings.push({ event: model.now, ...finding });
}

/** Writes down that the traffic gave occasion for these rules. */
export function exercise(model: Model, ...ids: RequirementId[]): void {
  for (const id of ids) if (isClaimed(model, id)) model.exercised.add(id);
}

function isClaimed(model: Model, id: RequirementId): boolean {
  const { feature } = requirements[id];
  return feature === undefined || model.options.features?.has(feature) === true;
}

/** The user of this `user_id` in a room; undefined where it never connected there. */
export function visitorById(model: Model, room: Room, id: string | undefined): Visitor | undefined {
  const user = id === undefined ? undefined : model.usersById.get(id);
  return user && room.visitors.get(user);
}

/** How a user is called in findings. */
export function nameOf(model: Model, id: string): string {
  const name = model.usersById.get(id)?.name;
  return name === undefined || name === id ? JSON.stringify(id) : `${name} (${JSON.stringify(id)})`;
}

/** True when another connection of the same user to the same room may have replaced this one. */
export function mayBeReplaced({ visitor, number }: Connection): boolean {
  return visitor !== undefined && (!visitor.inOrder || visitor.connections.at(-1)?.number !== number);
}

/** An answer to an attempt to enter that ends it: HTTP, or the code of an `error`. */
export function isRefusal(answer: string | undefined): boolean {
  return answer !== undefined && ['HTTP', 'UNAUTHORIZED', 'INVALID_ROOM_ID', 'ROOM_FULL'].includes(answer);
}

/** True when the connection may be in its room, or may have been, as far as the rules go. */
export function mayBeIn({ mayEnter, stateAt, answer }: Connection): boolean {
  return stateAt !== undefined || (mayEnter && !isRefusal(answer));
}

/**
 * Takes in proof that a connection is in its room after an event: what was doubted until then is certain. Returns whether
 * anything was.
 */
export function isAlive(model: Model, connection: Connection, after: number, joiner?: Visitor): boolean {
  const { doubts } = connection;
  if (doubts.length === 0) return false;
  connection.doubts = doubts.filter((doubt) => {
    model.steps += 1;
    const isProven = after > doubt.since || (joiner !== undefined && joiner === doubt.joiner);
    if (isProven) report(model, doubt.finding);
    return !isProven;
  });
  return connection.doubts.length < doubts.length;
}

/** Notes that a connection was told of a user, to be judged when the trace is over. */
export function announce(model: Model, at: Connection, room: Room, id: string, by: 'room_state' | 'user_joined'): void {
  if (!room.announced.has(id)) room.announced.set(id, { event: model.now, by, at });
}
