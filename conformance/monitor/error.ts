import { excerpt } from './finding.js';
import { type Message, payloadKey, stringOf } from './message.js';
import { exercise, isRefusal, type Model, report } from './model.js';
import type { Connection } from './people.js';

/** Codes that answer something faulty in a message. */
const answersFault: ReadonlySet<string> = new Set([
  'INVALID_MESSAGE',
  'INVALID_MESSAGE_TYPE',
  'INVALID_PAYLOAD',
  'ROOM_MISMATCH',
]);

/** Codes that answer a message, whatever is in it. */
const answersAny: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RATE_LIMIT_EXCEEDED']);

/** Judges that an `error` on a connection that is in its room can be meant for it (ERROR-5). */
export function judgeError(model: Model, connection: Connection, { payload, text }: Message): void {
  exercise(model, 'ERROR-5');
  const code = stringOf(payload.code) ?? '';
  if (code === 'TARGET_NOT_FOUND') exercise(model, 'RELAY-7');
  const { sent, sentFaulty, sentTargeted, user, mayEnter } = connection;
  if (!mayEnter && isRefusal(code)) {
    connection.answer = code;
    const expected = `${user.name}, who is refused, gets no message but \`error\``;
    report(model, { requirement: 'AUTH-6', expected, actual: `it received room_state before error ${code}` });
    return;
  }
  const isMisled = answersFault.has(code)
    ? sent === 0 || (sentFaulty === 0 && model.firstFault !== undefined)
    : code === 'TARGET_NOT_FOUND'
      ? sent === 0 || (sentTargeted === 0 && sentFaulty === 0 && model.firstTargeted !== undefined)
      : answersAny.has(code) && sent === 0;
  if (!isMisled) return;
  const expected = `${user.name}, who sent nothing that is answered ${code}, receives no such error`;
  report(model, { requirement: 'ERROR-5', expected, actual: `it received ${excerpt(text)}` });
}

/** Members that the server's own messages have. */
const ownMembers: Readonly<Record<string, readonly string[]>> = {
  room_state: ['participants', 'participant_count', 'room_id'],
  user_joined: ['user_id', 'username'],
  user_left: ['user_id', 'username', 'reason'],
  error: ['code', 'message', 'details'],
};

/** Judges whether a message of a type that only servers send is one that a client sent (ERROR-3). */
export function judgeForged(model: Model, connection: Connection, message: Message): boolean {
  const { type, payload, value } = message;
  if (ownMembers[type] === undefined) return false;
  const names = Object.keys(payload);
  const isMarked = value?.sender_id !== undefined || names.some((name) => !ownMembers[type]?.includes(name));
  const key = isMarked && connection.room ? payloadKey(payload) : undefined;
  const users = key === undefined || !connection.room ? undefined : model.sent.find(key)?.get(connection.room);
  for (const { sent } of users?.values() ?? []) {
    const forged = sent.at(-1);
    if (forged?.message.type !== type) continue;
    report(model, {
      requirement: 'ERROR-3',
      expected: `a ${type} from ${forged.from.user.name}, who is a client, is not relayed`,
      actual: `${connection.user.name} received ${excerpt(message.text)}`,
      related: [forged.event],
    });
    return true;
  }
  return false;
}

/** Judges a message of an unknown type: it may be the server's own, but not a client's under another name. */
export function judgeUnknown(model: Model, connection: Connection, message: Message): void {
  const key = connection.room && Object.keys(message.payload).length > 0 ? payloadKey(message.payload) : undefined;
  const users = key === undefined || !connection.room ? undefined : model.sent.find(key)?.get(connection.room);
  for (const { sent } of users?.values() ?? []) {
    const latest = sent.at(-1);
    const rule = latest && typeRules[latest.message.type];
    if (latest === undefined || rule === undefined) continue;
    report(model, {
      requirement: rule,
      expected: `the ${latest.message.type} of ${latest.from.user.name} arrives with that type`,
      actual: `${connection.user.name} received type ${JSON.stringify(message.type)}`,
      related: [latest.event],
    });
    return;
  }
}

const typeRules: Readonly<Record<string, 'OFFER-1' | 'ANSWER-1' | 'ICE-1'>> = {
  offer: 'OFFER-1',
  answer: 'ANSWER-1',
  ice_candidate: 'ICE-1',
};
