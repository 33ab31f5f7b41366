import type { RequirementId } from '../../generated/index.js';
import { excerpt } from './finding.js';
import { type Message, stringOf } from './message.js';
import {
  announce,
  exercise,
  isAlive,
  isRefusal,
  type Model,
  mayBeIn,
  mayBeReplaced,
  nameOf,
  report,
  visitorById,
} from './model.js';
import type { Connection, Presence, Visitor } from './people.js';

/** Judges a frame that is no `room_state`, on a connection that has had none. */
export function judgeEarly(model: Model, connection: Connection, { type, payload, text }: Message): void {
  if (type === 'error') {
    connection.answer ??= stringOf(payload.code) ?? 'error';
    exercise(model, 'AUTH-6');
    if (payload.code === 'ROOM_FULL') exercise(model, 'ROOM-6');
    return;
  }
  const isRefused = !connection.mayEnter || isRefusal(connection.answer);
  report(model, {
    requirement: isRefused ? 'AUTH-6' : 'JOIN-1',
    expected: isRefused ? 'a refused connection gets no message but `error`' : 'the first message is `room_state`',
    actual: `${connection.user.name} received ${excerpt(text)}`,
  });
}

/** Judges a `user_joined` and takes in what it says. */
export function judgeUserJoined(model: Model, connection: Connection, { payload }: Message): void {
  exercise(model, 'JOIN-4', 'JOIN-5', 'JOIN-11');
  const id = stringOf(payload.user_id);
  const { room, roster, user } = connection;
  if (id === undefined || room === undefined) return;
  if (id === (connection.ownId ?? user.id)) {
    // The older connection of a user who comes back may still hear of the newer one.
    if (mayBeReplaced(connection)) return;
    const expected = `${user.name} receives no user_joined about itself`;
    report(model, { requirement: 'JOIN-5', expected, actual: 'it received one' });
    return;
  }
  announce(model, connection, room, id, 'user_joined');
  const visitor = visitorById(model, room, id);
  const first = visitor?.connections[0];
  if (visitor && first)
    isAlive(model, connection, first.begunAt, visitor.connections.length === 1 ? visitor : undefined);
  if (roster === undefined) return;
  const known = roster.get(id);
  if (known === undefined) {
    roster.set(id, { since: model.now, by: 'user_joined' });
    return;
  }
  // Whether it can be there at all is judged when the trace is over.
  const wasPossible = visitor?.connections.some((each) => each.begunAt < known.since && mayBeIn(each));
  if (!wasPossible && room.isClosed) return;
  report(model, {
    requirement: ruleOfSecond(known, visitor),
    expected: `${user.name} is told once of ${nameOf(model, id)}, unless it left meanwhile`,
    actual: `it knew of it by ${known.by}, and was told again`,
    related: [known.since],
  });
}

function ruleOfSecond({ by, since }: Presence, visitor: Visitor | undefined): RequirementId {
  const [latest, another] = visitor?.connections.slice(-2).reverse() ?? [];
  if (another !== undefined && latest !== undefined && latest.begunAt > since) {
    return another.leavesByItself ? 'LEAVE-1' : 'JOIN-8';
  }
  return by === 'room_state' ? 'JOIN-7' : 'JOIN-4';
}
