import { type Message, stringOf } from './message.js';
import { exercise, type Model, mayBeReplaced, nameOf, report, visitorById } from './model.js';
import type { Connection, Visitor } from './people.js';

/** Judges a `user_left` and takes in what it says. */
export function judgeUserLeft(model: Model, connection: Connection, { payload }: Message): void {
  exercise(model, 'LEAVE-1');
  const id = stringOf(payload.user_id);
  const { room, roster, user, departures } = connection;
  if (id === undefined || room === undefined) return;
  const visitor = visitorById(model, room, id);
  if (id === (connection.ownId ?? user.id)) {
    judgeOwn(model, connection);
    return;
  }
  if (roster === undefined) return;
  const known = roster.get(id);
  const former = departures.get(id);
  if (known === undefined) {
    const latest = visitor?.connections.at(-1)?.begunAt ?? -1;
    const isUnannounced = latest > (former?.since ?? connection.begunAt);
    const name = nameOf(model, id);
    report(model, {
      requirement: isUnannounced ? 'JOIN-11' : 'LEAVE-1',
      expected: isUnannounced
        ? `${user.name} is told that ${name} joined before it is told that it left`
        : `${user.name} is told once that ${name} left, and only of those it knew to be there`,
      actual: former === undefined ? 'user_left came about somebody it was never told of' : 'user_left came again',
      ...(former !== undefined && { related: [former.at] }),
    });
    return;
  }
  if (visitor?.connections.some(({ sent }) => sent > 0)) exercise(model, 'LEAVE-4');
  room.hasLost = true;
  roster.delete(id);
  const times = (former?.times ?? 0) + 1;
  departures.set(id, { times, since: known.since, at: model.now });
  if (visitor !== undefined) takeDeparture(model, connection, visitor, times);
}

function judgeOwn(model: Model, connection: Connection): void {
  const { visitor, user } = connection;
  // Whoever is leaving, or is being replaced, is told nothing wrong.
  if (mayBeReplaced(connection) || connection.leavingAt !== undefined) return;
  report(model, {
    requirement: (visitor?.connections.length ?? 0) > 1 ? 'JOIN-8' : 'LEAVE-1',
    expected: `the others are told that ${user.name} left, and not the connection that is in the room`,
    actual: `${user.name} received user_left about itself`,
  });
}

/** Once somebody was told as often that a user left as it ever connected, the user is gone. */
function takeDeparture(model: Model, connection: Connection, visitor: Visitor, times: number): void {
  const latest = visitor.connections.at(-1);
  if (times !== visitor.connections.length || latest === undefined) return;
  if (latest.leavingAt !== undefined) {
    visitor.goneAt ??= model.now;
    return;
  }
  // The server may have dropped it; that shows later.
  if (latest.stateAt === undefined || model.isDisrupted) return;
  latest.doubts.push({
    since: model.now,
    finding: {
      // After the newer connection joined, the others are told once more that the older one left.
      requirement: visitor.connections.length > 1 ? 'JOIN-8' : 'LEAVE-1',
      expected: `${connection.user.name} is told that ${visitor.user.name} left when it has left`,
      actual: `it was told so while ${visitor.user.name} was in the room`,
      event: model.now,
    },
  });
}
