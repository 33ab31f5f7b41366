import type { RequirementId } from '../../generated/index.js';
import type { Finding } from './finding.js';
import type { Message } from './message.js';
import { announce, exercise, isRefusal, type Model, mayBeReplaced, nameOf, report, visitorById } from './model.js';
import type { Connection, Room, Visitor } from './people.js';

/** Judges a `room_state` and takes in what it says. */
export function judgeRoomState(model: Model, connection: Connection, { payload }: Message): void {
  exercise(model, 'JOIN-1', 'JOIN-2', 'JOIN-3', 'JOIN-6');
  const listed = idsOf(payload.participants);
  if (connection.stateAt !== undefined) {
    judgeAgain(model, connection, listed);
    return;
  }
  judgeAdmission(model, connection);
  connection.stateAt = model.now;
  if (connection.leavingAt === undefined) connection.room?.present.add(connection);
  if (listed === undefined || connection.room === undefined || connection.visitor === undefined) return;
  if (connection.room.hasLost) exercise(model, 'LEAVE-3');
  if (connection.visitor.connections.length > 1) exercise(model, 'AUTH-9', 'JOIN-10');
  const { participant_count: count } = payload;
  if (typeof count === 'number' && count !== listed.length) {
    const expected = `participant_count equals the ${listed.length} participants listed`;
    report(model, { requirement: 'JOIN-3', expected, actual: `participant_count is ${count}` });
  }
  const ids = new Set(listed);
  judgeOwnEntry(model, connection, connection.room, connection.visitor, listed);
  connection.roster = new Map();
  for (const id of ids) {
    model.steps += 1;
    if (id === connection.ownId) continue;
    connection.roster.set(id, { since: model.now, by: 'room_state' });
    announce(model, connection, connection.room, id, 'room_state');
    judgeEntry(model, connection, connection.room, id);
  }
  if (connection.ownId !== undefined) doubtMissing(model, connection, connection.room, ids);
}

/** A second `room_state` is one too many. */
function judgeAgain(model: Model, connection: Connection, listed: string[] | undefined): void {
  report(model, {
    requirement: 'JOIN-6',
    expected: `${connection.user.name} receives room_state once, on its own join`,
    actual: `it received another one, which lists ${listed?.join(', ') ?? 'nobody'}`,
    related: [connection.stateAt ?? 0],
  });
  // What it told may be told again by other messages, which are not to blame for that.
  connection.roster = undefined;
}

function judgeAdmission(model: Model, connection: Connection): void {
  const requirement = ruleAgainstAdmission(connection);
  if (requirement === undefined) return;
  const { answer, user } = connection;
  const expected =
    requirement === 'JOIN-1' ? 'the first message is `room_state`' : `the connection of ${user.name} is refused`;
  const actual = answer === undefined ? 'it received room_state' : `it received error ${answer}, then room_state`;
  report(model, { requirement, expected, actual });
}

function ruleAgainstAdmission({ room, answer }: Connection): RequirementId | undefined {
  if (answer !== undefined) return isRefusal(answer) ? 'AUTH-6' : 'JOIN-1';
  return room === undefined ? 'ROOM-2' : undefined;
}

function judgeOwnEntry(model: Model, connection: Connection, room: Room, visitor: Visitor, listed: string[]): void {
  const { user } = connection;
  const ids = new Set(listed);
  const strangers = [...ids].filter((id) => !model.usersById.has(id));
  learnOwnId(model, connection, room, strangers, ids.size);
  const wasReplacing = visitor.connections.length > 1;
  for (const id of ids.size === listed.length ? [] : ids) {
    const times = listed.filter((each) => each === id).length;
    if (times < 2) continue;
    const requirement = wasReplacing && id === user.id ? 'JOIN-8' : 'JOIN-2';
    const expected = `room_state of ${user.name} lists ${nameOf(model, id)} once`;
    report(model, { requirement, expected, actual: `it lists it ${times} times` });
  }
  if (user.id === undefined) return;
  if (ids.has(user.id)) {
    connection.ownId = user.id;
    return;
  }
  report(model, {
    requirement: strangers.length > 0 && room.isClosed ? 'AUTH-9' : 'JOIN-2',
    expected: `room_state of ${user.name} lists ${JSON.stringify(user.id)}, the joiner`,
    actual: `it lists ${listed.join(', ') || 'nobody'}`,
  });
  const [alias, another] = strangers;
  if (alias === undefined || another !== undefined || !room.isClosed) return;
  connection.ownId = alias;
  model.usersById.set(alias, user);
}

/** The one who is listed and whom nobody knows is the joiner: where it is alone, or the only one not known in its room. */
function learnOwnId(model: Model, { user }: Connection, room: Room, strangers: string[], size: number): void {
  const [own, another] = strangers;
  if (user.id !== undefined || own === undefined || another !== undefined) return;
  const isOnlyOne = room.isClosed && [...room.visitors.keys()].every((each) => each === user || each.id !== undefined);
  if (size > 1 && !isOnlyOne) return;
  user.id = own;
  model.usersById.set(own, user);
}

/** Judges that one who is listed can be there. */
function judgeEntry(model: Model, connection: Connection, room: Room, id: string): void {
  const visitor = visitorById(model, room, id);
  if (visitor === undefined) return;
  exercise(model, 'JOIN-7');
  const { goneAt, connections } = visitor;
  if (goneAt !== undefined && goneAt < connection.begunAt) {
    report(model, {
      requirement: 'LEAVE-3',
      expected: `room_state of ${connection.user.name} does not list ${nameOf(model, id)}, who left before`,
      actual: 'it does',
      related: [goneAt],
    });
    return;
  }
  const [only, another] = connections;
  const own = connection.ownId === undefined ? undefined : only?.roster?.get(connection.ownId);
  if (another === undefined && own?.by === 'room_state' && connection.visitor?.connections.length === 1) {
    report(model, {
      requirement: 'JOIN-7',
      expected: `exactly one of ${connection.user.name} and ${visitor.user.name} finds the other in room_state`,
      actual: 'both do',
      related: [own.since],
    });
  }
}

/** Whoever was in before this join began has to be listed, unless the server dropped it meanwhile: that shows later. */
function doubtMissing(model: Model, connection: Connection, room: Room, ids: ReadonlySet<string>): void {
  if (model.isDisrupted) return;
  for (const other of room.present) {
    model.steps += 1;
    const { ownId, stateAt, visitor } = other;
    if (ownId === undefined || stateAt === undefined || visitor === connection.visitor || mayBeReplaced(other))
      continue;
    if (stateAt > connection.begunAt || ids.has(ownId)) continue;
    const finding: Finding = {
      requirement: 'JOIN-2',
      expected: `room_state of ${connection.user.name} lists ${nameOf(model, ownId)}, who is in the room`,
      actual: `it lists ${[...ids].join(', ')}`,
      event: model.now,
      related: [stateAt],
    };
    const isOnlyOne = connection.visitor?.connections.length === 1;
    other.doubts.push({
      since: model.now,
      finding,
      ...(isOnlyOne && connection.visitor && { joiner: connection.visitor }),
    });
  }
}

/** Undefined where one of the entries names nobody. */
function idsOf(participants: unknown): string[] | undefined {
  if (!Array.isArray(participants)) return undefined;
  const ids = participants.map((entry) => (entry as { user_id?: unknown } | null)?.user_id);
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}
