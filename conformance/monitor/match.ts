import type { RequirementId } from '../../generated/index.js';
import { type Model, mayBeIn } from './model.js';
import type { Connection } from './people.js';
import type { Bucket, Cursor, Sent } from './sent-index.js';

/** Why a message should not have come. */
interface Fault {
  rule: RequirementId;
  expected: string;
  /** It came before, and was right then. */
  isRepeated?: boolean;
}

/** What a delivered message is: the one sent, or one that should not have come, and why. */
export interface Match {
  sent: Sent;
  fault?: Fault;
}

/**
 * Finds out which message of a bucket has come to a receiver now. Messages that cannot be told apart are taken in the
 * order sent, each once, passing over those that are not for this receiver. Costs O(1) a message, over a whole trace.
 */
export function take(model: Model, bucket: Bucket, receiver: Connection): Match {
  const cursor: Cursor = bucket.cursors.get(receiver.number) ?? { next: 0, passedOver: 0 };
  bucket.cursors.set(receiver.number, cursor);
  for (let sent = bucket.sent[cursor.next]; sent !== undefined; sent = bucket.sent[cursor.next]) {
    model.steps += 1;
    cursor.next += 1;
    const misfit = misfitOf(sent, receiver, bucket);
    if (misfit !== undefined) {
      cursor.misfit = { ...misfit, sent };
    } else if (sent.event < (receiver.latestFrom.get(sent.from.number) ?? -1)) {
      cursor.passedOver += 1;
    } else {
      return { sent };
    }
  }
  const latest = bucket.sent.at(-1) as Sent;
  const { from, target } = latest;
  if (cursor.passedOver > 0) {
    cursor.passedOver -= 1;
    const expected = `what ${from.user.name} sends arrives at ${receiver.user.name} in the order sent`;
    return { sent: latest, fault: { rule: 'RELAY-6', expected } };
  }
  if (cursor.misfit !== undefined) return { sent: cursor.misfit.sent, fault: cursor.misfit };
  const expected = `${receiver.user.name} receives each message of ${from.user.name} once`;
  return { sent: latest, fault: { rule: target === undefined ? 'RELAY-2' : 'RELAY-1', expected, isRepeated: true } };
}

/** Tells whether a message of a bucket is still to come to a receiver, without taking it. */
export function isAwaited(model: Model, bucket: Bucket, receiver: Connection): boolean {
  const { next } = bucket.cursors.get(receiver.number) ?? { next: 0 };
  const sent = bucket.sent[next];
  model.steps += 1;
  return sent !== undefined && misfitOf(sent, receiver, bucket) === undefined;
}

/** Why a message must never come to a receiver; undefined where it may. */
function misfitOf(
  { from, event, target, forbiddenBy, arrivedAt }: Sent,
  receiver: Connection,
  { visitor }: Bucket,
): Fault | undefined {
  const [sender, name] = [from.user.name, receiver.user.name];
  if (receiver.user === from.user) {
    const isForItself = target !== undefined && target === receiver.ownId;
    return isForItself
      ? { rule: 'RELAY-7', expected: `what ${sender} sends to itself is received by nobody` }
      : { rule: 'RELAY-3', expected: `${sender} receives nothing of its own` };
  }
  if (forbiddenBy !== undefined) return { rule: forbiddenBy, expected: `this message of ${sender} is not relayed` };
  const { ownId, room } = receiver;
  if (target !== undefined && ownId !== undefined && target !== ownId) {
    const addressee = [...(room?.visitors.values() ?? [])].find(({ user }) => user.id === target);
    const isThere = addressee?.connections.some((each) => mayBeIn(each) && (each.leavingAt ?? event) >= event);
    return isThere && addressee !== visitor
      ? { rule: 'RELAY-1', expected: `${name} receives nothing that ${sender} sends to ${JSON.stringify(target)}` }
      : { rule: 'RELAY-7', expected: `nobody receives what is for ${JSON.stringify(target)}, who is not there` };
  }
  // It was delivered before this connection began, to its user's older one or, by the same instance, to others.
  const arrived = target === undefined ? arrivedAt.get(receiver.instance) : Math.min(...arrivedAt.values());
  if (event < receiver.begunAt && arrived !== undefined && arrived < receiver.begunAt) {
    return { rule: 'JOIN-10', expected: `${name}, who joins, receives nothing that was said before` };
  }
  return undefined;
}
