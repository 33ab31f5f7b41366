import { closeCodes, type RequirementId } from '../../generated/index.js';
import { excerpt } from './finding.js';
import { type Message, stringOf } from './message.js';
import { exercise, type Model, mayBeIn, mayBeReplaced, nameOf, report } from './model.js';
import { ruleOfForeign } from './origin.js';
import type { Connection, Room } from './people.js';

/** Judges whether what the server itself says belongs to another room (ROOM-4). */
export function judgeForeign(model: Model, { user }: Connection, { value, text }: Message, room: Room): boolean {
  const named = stringOf(value?.room_id);
  const other = named === undefined || named === room.id ? undefined : model.rooms.get(named);
  if (other === undefined) return false;
  report(model, {
    requirement: ruleOfForeign(other, room),
    expected: `nothing of room ${other.id} reaches room ${room.id}`,
    actual: `${user.name} received ${excerpt(text)}`,
  });
  return true;
}

/** Judges how a connection ended: that of a user who is in another room too, or came back to this one. */
export function judgeClosed(model: Model, connection: Connection, code: number): void {
  const { room, visitor, user, stateAt, leavesByItself } = connection;
  if (room === undefined || visitor === undefined || stateAt === undefined) return;
  const newer = visitor.connections.at(-1);
  if (code === closeCodes.REPLACED.code && !mayBeReplaced(connection)) {
    const elsewhere = [...model.rooms.values()].find(
      (each) => each !== room && (each.visitors.get(user)?.connections.at(-1)?.begunAt ?? -1) > stateAt,
    );
    if (elsewhere === undefined) return;
    report(model, {
      requirement: 'ROOM-7',
      expected: `${user.name} stays in room ${room.id} when it joins room ${elsewhere.id}`,
      actual: `it was closed ${code} there`,
    });
    return;
  }
  if (!mayBeReplaced(connection) || newer?.stateAt === undefined) return;
  exercise(model, 'JOIN-8');
  // Other codes may have other causes, such as a server that shuts down or a line that broke.
  const isChosen = code === closeCodes.NORMAL.code || code === 1005 || code >= 4000;
  if (leavesByItself || !isChosen || code === closeCodes.REPLACED.code || stateAt > newer.begunAt) return;
  report(model, {
    requirement: 'JOIN-8',
    expected: `the older connection of ${user.name} is closed ${closeCodes.REPLACED.code}`,
    actual: `it was closed ${code}`,
    related: [newer.stateAt],
  });
}

/** Judges, when the trace is over, that nobody was told of a user who cannot have been there. */
export function judgeAnnounced(model: Model): void {
  for (const room of model.rooms.values()) {
    if (!room.isClosed) continue;
    for (const [id, { event, by, at }] of room.announced) {
      model.steps += 1;
      if (at.stateAt !== undefined && at.ownId === undefined) continue;
      const rule = ruleAgainst(model, room, id, event, by);
      if (rule === undefined) continue;
      report(model, {
        requirement: rule,
        expected: `${at.user.name} is told only of those who are in room ${room.id}`,
        actual: `it was told of ${nameOf(model, id)} by ${by}`,
        event,
      });
    }
  }
}

/** The rule that is broken by telling of a user at an event; undefined where the user may have been there. */
function ruleAgainst(
  model: Model,
  room: Room,
  id: string,
  event: number,
  by: 'room_state' | 'user_joined',
): RequirementId | undefined {
  const user = model.usersById.get(id);
  const isBefore = ({ begunAt }: Connection) => begunAt < event;
  const visits = (user && room.visitors.get(user)?.connections.filter(isBefore)) ?? [];
  // Somebody whose id is not known may be the one.
  const strangers = [...room.visitors].flatMap(([{ id }, { connections }]) => (id === undefined ? connections : []));
  const candidates = [...visits, ...strangers.filter(isBefore)];
  if (candidates.some(mayBeIn)) return undefined;
  const [refused] = user === undefined ? candidates : visits;
  if (refused !== undefined) return refused.answer === 'ROOM_FULL' ? 'ROOM-6' : 'AUTH-6';
  const isTheUser = (each: Connection) => (user === undefined ? each.user.id === undefined : each.user === user);
  const elsewhere = [...model.connections.values()].filter((each) => isTheUser(each) && isBefore(each));
  if (elsewhere.some((each) => each.room === undefined)) return 'ROOM-2';
  const other = elsewhere[0]?.room;
  if (other !== undefined) return ruleOfForeign(other, room);
  return by === 'room_state' ? 'JOIN-2' : 'JOIN-4';
}
