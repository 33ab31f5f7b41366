import type { RequirementId } from '../../generated/index.js';
import { excerpt } from './finding.js';
import { isAwaited, take } from './match.js';
import type { Message } from './message.js';
import { type Model, nameOf, report } from './model.js';
import type { Connection, Room, User, Visitor } from './people.js';
import { ruleOfType } from './schema.js';
import type { Bucket, SentIndex } from './sent-index.js';

interface Claim {
  senderId: string;
  sender: Visitor | undefined;
  buckets: ReturnType<SentIndex['find']>;
}

/**
 * Judges a relayed message that the user it names did not send like this: somebody else did, or in another room, or it was
 * altered, or nobody did. Returns whether a rule is broken for certain.
 */
export function judgeOrigin(model: Model, connection: Connection, message: Message, claim: Claim): boolean {
  const { senderId, sender, buckets } = claim;
  const { room, user } = connection;
  if (room === undefined || sender?.isUnclear) return false;
  // Somebody who is not in the trace may have sent the same where that is nothing of its own, such as the empty candidate.
  const isTelling = room.isClosed || Boolean(message.payload.sdp ?? message.payload.candidate);
  const found = buckets && isTelling ? bySomebodyElse(model, connection, room, buckets) : undefined;
  if (found !== undefined) return found;
  const isOwn = senderId === (connection.ownId ?? user.id);
  if (!room.isClosed || isUndecided(room, sender)) return false;
  const altered = sender && model.sent.findAltered(room, sender.user, message);
  const actual = `${user.name} received ${excerpt(message.text)}`;
  if (altered !== undefined && !isOwn) {
    const [requirement, name] = changedMember(message, altered.message);
    const member = JSON.stringify(altered.message.payload[name]) ?? 'absent';
    const expected = `payload.${name} of what ${sender?.user.name} sent arrives as ${excerpt(member)}`;
    report(model, { requirement, expected, actual, related: [altered.event] });
    return true;
  }
  const isSimilar = sender && model.sent.latest(sender, 100).some((sent) => areSimilar(sent.message, message));
  const requirement = !isSimilar ? 'ROOM-4' : isOwn ? 'RELAY-3' : (ruleOfType[message.type] ?? 'RELAY-5');
  const expected: Partial<Record<RequirementId, string>> = {
    'ROOM-4': `${user.name} receives only what was sent to room ${room.id}`,
    'RELAY-3': `${user.name} receives nothing of its own`,
  };
  report(model, {
    requirement,
    expected: expected[requirement] ?? `what ${user.name} receives from ${nameOf(model, senderId)} is what it sent`,
    actual,
  });
  return true;
}

/** True when the message may come from somebody whose id is not known, or from a text that may be read in several ways. */
function isUndecided(room: Room, sender: Visitor | undefined): boolean {
  const visitors = [...room.visitors.values()];
  return visitors.some(({ user, isUnclear }) => isUnclear || (sender === undefined && user.id === undefined));
}

/** True when one can be an altered form of the other: more than half of what it says is the same. */
function areSimilar(one: Message, other: Message): boolean {
  if (one.type !== other.type) return false;
  const [a, b] = [one, other].map(({ payload }) => String(payload.sdp ?? payload.candidate).replace(/[^!-~]/g, ''));
  if (a === undefined || b === undefined) return false;
  const length = Math.min(a.length, b.length);
  let before = 0;
  while (before < length && a[before] === b[before]) before += 1;
  let after = 0;
  while (after < length - before && a.at(-1 - after) === b.at(-1 - after)) after += 1;
  return 2 * (before + after) > Math.max(a.length, b.length);
}

/** Undefined where nobody in the trace sent it. */
function bySomebodyElse(
  model: Model,
  connection: Connection,
  room: Room,
  buckets: ReadonlyMap<Room, ReadonlyMap<User, Bucket>>,
): boolean | undefined {
  const here = [...(buckets.get(room)?.values() ?? [])];
  const bucket = here.find((each) => isAwaited(model, each, connection)) ?? here[0];
  if (bucket !== undefined) {
    const { sent, fault } = take(model, bucket, connection);
    // Under which id the server knows the sender is not known.
    if (fault === undefined && (sent.from.ownId === undefined || bucket.visitor.isUnclear)) return false;
    report(model, {
      requirement: fault?.rule ?? 'RELAY-4',
      expected: fault?.expected ?? `the "sender_id" of ${sent.from.user.name}, who sent it`,
      actual: `${connection.user.name} received it with another one`,
      related: [sent.event],
    });
    return true;
  }
  for (const [other, users] of buckets) {
    const sent = [...users.values()][0]?.sent.at(-1);
    if (sent === undefined) continue;
    report(model, {
      requirement: ruleOfForeign(other, room),
      expected: `nothing said in room ${other.id} reaches room ${room.id}`,
      actual: `${connection.user.name} received what ${sent.from.user.name} sent there`,
      related: [sent.event],
    });
    return true;
  }
  return undefined;
}

/** The rule that keeps two rooms apart. */
export function ruleOfForeign(one: Room, other: Room): RequirementId {
  return one.id.toLowerCase() === other.id.toLowerCase() ? 'ROOM-3' : 'ROOM-4';
}

function changedMember(received: Message, sent: Message): [rule: RequirementId, member: string] {
  const ownMembers = ['type', 'sdp', 'candidate', 'sdp_mid', 'sdp_m_line_index'];
  const names = new Set([...Object.keys(sent.payload), ...Object.keys(received.payload)]);
  names.delete('sender_id');
  names.delete('target_user_id');
  const changed = [...names].find(
    (name) => JSON.stringify(received.payload[name]) !== JSON.stringify(sent.payload[name]),
  );
  const rule = ownMembers.includes(changed ?? '') ? ruleOfType[sent.type] : undefined;
  return [rule ?? 'RELAY-5', changed ?? ''];
}
