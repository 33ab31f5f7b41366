import type { RequirementId } from '../../generated/index.js';
import { excerpt } from './finding.js';
import { take } from './match.js';
import { type Message, payloadKey, stringOf } from './message.js';
import { exercise, isAlive, type Model, nameOf, report, visitorById } from './model.js';
import { judgeOrigin } from './origin.js';
import type { Connection, Room, Visitor } from './people.js';
import { ruleOfType } from './schema.js';
import type { Bucket, Sent } from './sent-index.js';

/**
 * Judges a relayed message: that it was sent, by whom it names, to this receiver, and now. One fault makes one finding.
 * Returns whether the message may be what it says, so that its form is to be judged too.
 */
export function judgeRelayed(model: Model, connection: Connection, message: Message): boolean {
  const { room } = connection;
  const { value, payload } = message;
  const senderId = stringOf(value?.sender_id) ?? stringOf(payload.sender_id);
  if (room === undefined || senderId === undefined) return true;
  exercise(model, 'RELAY-3', 'RELAY-4', 'RELAY-5', 'RELAY-8', 'RELAY-9');
  if (typeof payload.sender_id === 'string' && payload.sender_id !== senderId) {
    const actual = `"sender_id" is ${JSON.stringify(senderId)} in the envelope and ${JSON.stringify(payload.sender_id)} in the payload`;
    report(model, { requirement: 'RELAY-4', expected: 'both say who sent it', actual });
    return false;
  }
  const sender = visitorById(model, room, senderId);
  const key = payloadKey(payload);
  const buckets = key === undefined ? undefined : model.sent.find(key);
  const own = sender && buckets?.get(room)?.get(sender.user);
  const isFound = own !== undefined && sender !== undefined;
  const isGood = isFound
    ? judgeFound(model, connection, message, { senderId, sender, own })
    : !(key !== undefined && judgeOrigin(model, connection, message, { senderId, sender, buckets })) &&
      !judgePresence(model, connection, message, senderId, sender, undefined);
  if (isGood) judgeRoomId(model, connection, message, room, isFound);
  return isGood && !sender?.isUnclear;
}

/** Judges a message that the user it names did send. */
function judgeFound(
  model: Model,
  connection: Connection,
  message: Message,
  { senderId, sender, own }: { senderId: string; sender: Visitor; own: Bucket },
): boolean {
  const { sent, fault } = take(model, own, connection);
  exercise(model, sent.target === undefined ? 'RELAY-2' : 'RELAY-1');
  if (fault !== undefined) {
    if (sender.isUnclear) return false;
    // What comes once more after its sender left is late first of all.
    if (fault.isRepeated && connection.departures.has(senderId)) {
      if (judgePresence(model, connection, message, senderId, sender, sent)) return false;
    }
    const actual = `${connection.user.name} received ${excerpt(message.text)}`;
    report(model, { requirement: fault.rule, expected: fault.expected, actual, related: [sent.event] });
    return false;
  }
  // Of messages that cannot be told apart, which one it is stays open, and so does from which connection.
  const certain = own.sent.length === 1 ? sent : undefined;
  if (own.onlyFrom !== undefined) {
    if (connection.latestFrom.has(sent.from.number)) exercise(model, 'RELAY-6');
    connection.latestFrom.set(sent.from.number, sent.event);
  }
  if (!sent.arrivedAt.has(connection.instance)) sent.arrivedAt.set(connection.instance, model.now);
  if (certain !== undefined) {
    if (judgeOlder(model, connection, certain)) return false;
    isAlive(model, connection, certain.event);
    if (isAlive(model, certain.from, certain.event)) return false;
  }
  if (judgePresence(model, connection, message, senderId, sender, certain)) return false;
  judgeMembers(model, message, sent, own);
  return true;
}

/** A connection that was replaced gets nothing that was said after the newer one was in (JOIN-8). */
function judgeOlder(model: Model, connection: Connection, sent: Sent): boolean {
  const { visitor, number, stateAt, instance } = connection;
  const newer = visitor?.connections.at(-1);
  if (newer === undefined || newer.number === number || stateAt === undefined || newer.stateAt === undefined)
    return false;
  exercise(model, 'JOIN-8');
  if (newer.instance !== instance || stateAt > newer.begunAt || sent.event < newer.stateAt) return false;
  report(model, {
    requirement: 'JOIN-8',
    expected: `the older connection of ${connection.user.name} is closed`,
    actual: 'it received what was said after the newer one was in the room',
    related: [newer.stateAt, sent.event],
  });
  return true;
}

/** Judges that the receiver knows the sender to be there. */
function judgePresence(
  model: Model,
  { roster, departures, user, ownId }: Connection,
  { text }: Message,
  senderId: string,
  sender: Visitor | undefined,
  sent: Sent | undefined,
): boolean {
  if (roster === undefined || senderId === (ownId ?? user.id)) return false;
  const known = roster.get(senderId);
  const former = departures.get(senderId);
  if (known !== undefined) {
    // The user came back: what its older connection said has to be over.
    const ordinal = sent === undefined || !sender?.inOrder ? -1 : sender.connections.indexOf(sent.from);
    if (ordinal < 0 || former === undefined || ordinal >= former.times) return false;
  }
  // That it left is doubted, and judged once it proves to be there.
  if (known === undefined && sent?.from.doubts.some(({ since }) => since === former?.at)) return true;
  const requirement = ruleOfAbsent(known !== undefined, former, sent);
  const expected: Partial<Record<RequirementId, string>> = {
    'LEAVE-4': `${user.name} receives nothing of ${nameOf(model, senderId)} after its user_left`,
    'LEAVE-1': `${user.name} is told that ${nameOf(model, senderId)} left when it has left`,
  };
  report(model, {
    requirement,
    expected:
      expected[requirement] ??
      `${user.name} is told that ${nameOf(model, senderId)} joined before anything of it comes`,
    actual: `it received ${excerpt(text)}`,
    related: [former?.at, sent?.event].filter((event) => event !== undefined),
  });
  return true;
}

function ruleOfAbsent(
  isBack: boolean,
  former: { since: number; at: number } | undefined,
  sent: Sent | undefined,
): RequirementId {
  if (isBack) return 'LEAVE-4';
  if (former === undefined || (sent !== undefined && sent.from.begunAt > former.since)) return 'JOIN-11';
  return sent !== undefined && sent.event > former.at ? 'LEAVE-1' : 'LEAVE-4';
}

/** Judges what is not compared to find the message again. */
function judgeMembers(model: Model, { type, value, payload, text }: Message, sent: Sent, bucket: Bucket): void {
  const { message, from } = sent;
  const sentType = ruleOfType[message.type];
  if (sentType !== undefined) exercise(model, sentType);
  const related = [sent.event];
  const actual = excerpt(text);
  if (bucket.sent.length === 1 && message.type !== type) {
    const expected = `the ${message.type} of ${from.user.name} arrives as ${message.type}`;
    report(model, { requirement: sentType ?? 'ERROR-2', expected, actual, related });
    return;
  }
  const { target_user_id: target } = message.payload;
  if (bucket.sent.length === 1 && target !== undefined && payload.target_user_id !== target) {
    const expected = `payload.target_user_id arrives as ${JSON.stringify(target)}`;
    report(model, { requirement: 'RELAY-5', expected, actual, related });
    return;
  }
  const { timestamps } = bucket;
  if (timestamps.has(undefined) || timestamps.has(stringOf(value?.timestamp))) return;
  const expected = `timestamp ${stringOf(message.value?.timestamp)}, as the sender wrote it`;
  report(model, { requirement: 'RELAY-9', expected, actual, related });
}

/** Judges that a message names the room that it came to. What nobody there sent and names another room is of that room. */
export function judgeRoomId(
  model: Model,
  { user }: Connection,
  { value, text }: Message,
  room: Room,
  isFound = true,
): void {
  const named = value?.room_id;
  if (typeof named !== 'string' || named === room.id) return;
  const isFolded = named.toLowerCase() === room.id.toLowerCase();
  const expected = `what ${user.name} receives carries the room_id ${JSON.stringify(room.id)}`;
  const requirement = isFolded ? 'ROOM-3' : isFound || !room.isClosed ? 'RELAY-8' : 'ROOM-4';
  report(model, { requirement, expected, actual: excerpt(text) });
}
