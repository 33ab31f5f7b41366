import type { RequirementId } from '../../generated/index.js';
import { excerpt, type Finding } from './finding.js';
import { type Message, stringOf } from './message.js';
import {
  type Connection,
  exercise,
  isAlive,
  type Model,
  mayBeReplaced,
  nameOf,
  type Presence,
  type Room,
  report,
  type Visitor,
  visitorById,
} from './model.js';

/** Codes that end an attempt to enter. */
const refusals: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'INVALID_ROOM_ID', 'ROOM_FULL']);

/** Judges a frame that is no `room_state`, on a connection that has had none. */
export function judgeEarly(model: Model, connection: Connection, { type, payload, text }: Message): void {
  if (type === 'error') {
    connection.refusal ??= stringOf(payload.code) ?? 'error';
    exercise(model, 'AUTH-6');
    return;
  }
  const isRefused = !connection.mayEnter || refusals.has(connection.refusal ?? '');
  report(model, {
    requirement: isRefused ? 'AUTH-6' : 'JOIN-1',
    expected: isRefused ? 'a refused connection gets no message but `error`' : 'the first message is `room_state`',
    actual: `${connection.user.name} received ${excerpt(text)}`,
  });
}

/** Judges a `room_state` and takes in what it says. */
export function judgeRoomState(model: Model, connection: Connection, { payload }: Message): void {
  exercise(model, 'JOIN-1', 'JOIN-2', 'JOIN-3', 'JOIN-6');
  const listed = idsOf(payload.participants);
  if (connection.stateAt !== undefined) {
    judgeAgain(model, connection, listed);
    return;
  }
  if (!connection.mayEnter || connection.refusal !== undefined) judgeAdmission(model, connection);
  connection.stateAt = model.now;
  if (connection.leavingAt === undefined) connection.room?.present.add(connection);
  if (listed === undefined || connection.room === undefined || connection.visitor === undefined) return;
  const { participant_count: count } = payload;
  if (typeof count === 'number' && count !== listed.length) {
    const expected = `participant_count equals the ${listed.length} participants listed`;
    report(model, { requirement: 'JOIN-3', expected, actual: `participant_count is ${count}` });
  }
  const ids = new Set(listed);
  judgeOwnEntry(model, connection, connection.visitor, ids, listed);
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
  const { room, refusal, user } = connection;
  const requirement: RequirementId = !connection.mayEnter
    ? room === undefined
      ? 'ROOM-2'
      : 'AUTH-6'
    : refusals.has(refusal ?? '')
      ? 'AUTH-6'
      : 'JOIN-1';
  const expected =
    requirement === 'JOIN-1' ? 'the first message is `room_state`' : `the connection of ${user.name} is refused`;
  const actual = refusal === undefined ? 'it received room_state' : `it received error ${refusal}, then room_state`;
  report(model, { requirement, expected, actual });
}

function judgeOwnEntry(
  model: Model,
  connection: Connection,
  visitor: Visitor,
  ids: ReadonlySet<string>,
  listed: string[],
): void {
  const { user, room } = connection;
  const [first, another] = listed;
  // Alone in a room, the one who is listed is the joiner itself.
  if (user.id === undefined && first !== undefined && another === undefined && !model.usersById.has(first)) {
    user.id = first;
    model.usersById.set(first, user);
  }
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
  const strangers = [...ids].filter((id) => !model.usersById.has(id));
  const isRenamed = strangers.length === 1 && room?.isClosed === true;
  report(model, {
    requirement: isRenamed ? 'AUTH-9' : 'JOIN-2',
    expected: `room_state of ${user.name} lists ${JSON.stringify(user.id)}, the joiner`,
    actual: `it lists ${listed.join(', ') || 'nobody'}`,
  });
}

/** Judges that one who is listed can be there. */
function judgeEntry(model: Model, connection: Connection, room: Room, id: string): void {
  const visitor = visitorById(model, room, id);
  if (visitor === undefined) return;
  exercise(model, 'JOIN-7');
  const { goneAt, connections } = visitor;
  if (goneAt !== undefined) exercise(model, 'LEAVE-3');
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

/** Judges a `user_joined` and takes in what it says. */
export function judgeUserJoined(model: Model, connection: Connection, { payload }: Message): void {
  exercise(model, 'JOIN-4', 'JOIN-5');
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
  report(model, {
    requirement: ruleOfSecond(known, visitor),
    expected: `${user.name} is told once of ${nameOf(model, id)}, unless it left meanwhile`,
    actual: `it knew of it by ${known.by}, and was told again`,
    related: [known.since],
  });
}

function ruleOfSecond({ by }: Presence, visitor: Visitor | undefined): RequirementId {
  if ((visitor?.connections.length ?? 0) > 1) return 'JOIN-8';
  return by === 'room_state' ? 'JOIN-7' : 'JOIN-4';
}

function announce(model: Model, at: Connection, room: Room, id: string, by: 'room_state' | 'user_joined'): void {
  if (!room.announced.has(id)) room.announced.set(id, { event: model.now, by, at });
}

function idsOf(participants: unknown): string[] | undefined {
  if (!Array.isArray(participants)) return undefined;
  const ids = participants.map((entry) => (entry as { user_id?: unknown } | null)?.user_id);
  return ids.filter((id) => typeof id === 'string');
}
