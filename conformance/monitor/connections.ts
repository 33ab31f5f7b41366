import type { ConnectionEvent } from '../trace/trace-event.js';
import { exercise, isRefusal, type Model } from './model.js';
import type { Connection, Room, User, Visitor } from './people.js';

/** Takes in that a connection begins to end, by its client or otherwise. */
export function leave(model: Model, connection: Connection, byItself: boolean): void {
  if (byItself && connection.leavingAt === undefined) connection.leavesByItself = true;
  connection.leavingAt ??= model.now;
  connection.room?.present.delete(connection);
}

/** Takes in who a participant is. */
export function identify(model: Model, name: string, id: string): void {
  const user = userOf(model, name);
  user.id ??= id;
  model.usersById.set(id, user);
}

/** Takes in that a connection is begun. */
export function connect(model: Model, event: ConnectionEvent & { kind: 'connect' }): void {
  const user = userOf(model, event.participant);
  const room = event.room === undefined ? undefined : roomOf(model, event.room);
  const visitor = room && visitorOf(room, user);
  const { connection: number, instance = 0, credential } = event;
  // A scenario may write the token into the path itself.
  const hasToken = credential === 'valid' || (credential === 'none' && /[?&]token=/.test(event.requestTarget));
  if (credential !== 'valid') exercise(model, 'AUTH-6');
  if (room === undefined) exercise(model, 'ROOM-2');
  const connection: Connection = {
    ...{ number, user, room, visitor, instance, credential },
    mayEnter: hasToken && room !== undefined,
    begunAt: model.now,
    ...{ stateAt: undefined, leavingAt: undefined, leavesByItself: false, answer: undefined },
    ...{ roster: undefined, departures: new Map(), ownId: undefined },
    ...{ sent: 0, sentFaulty: 0, sentTargeted: 0, latestFrom: new Map(), doubts: [] },
  };
  model.connections.set(number, connection);
  if (visitor === undefined) return;
  const before = visitor.connections.at(-1);
  // Until it is known how it went with the one before, either may be the first to join.
  if (before && before.stateAt === undefined && !isRefusal(before.answer)) visitor.inOrder = false;
  visitor.connections.push(connection);
  visitor.goneAt = undefined;
}

function userOf(model: Model, name: string): User {
  const user = model.users.get(name) ?? { name, id: undefined };
  model.users.set(name, user);
  return user;
}

function roomOf(model: Model, id: string): Room {
  const { closedWorld = false } = model.options;
  const isClosed = typeof closedWorld === 'function' ? closedWorld(id) : closedWorld;
  const parts = { visitors: new Map(), present: new Set<Connection>(), announced: new Map() };
  const room: Room = model.rooms.get(id) ?? { id, isClosed, hasLost: false, ...parts };
  model.rooms.set(id, room);
  if (model.rooms.size > 1) exercise(model, 'ROOM-4');
  return room;
}

function visitorOf(room: Room, user: User): Visitor {
  const fresh = { user, connections: [], inOrder: true, isUnclear: false, goneAt: undefined };
  const visitor: Visitor = room.visitors.get(user) ?? fresh;
  room.visitors.set(user, visitor);
  return visitor;
}
