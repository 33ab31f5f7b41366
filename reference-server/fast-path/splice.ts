import type { ClientMessage } from '../../generated/index.js';
import type { Stamp } from '../core/messages.js';
import type { Source } from '../core/room.js';
import { emptyTextFrame, textFrame } from './text-frame.js';

const plainId = /^[\w.:@|-]*$/;

/**
 * Makes the frame of a stamped message by inserting text into the one it came as, which costs a tenth of writing it anew.
 * Undefined where that is not sound: where a member stands twice, so that another parser could read another sender, room or
 * target than this server did, or where one would have to be replaced (RELAY-4).
 */
export function splice({ data, text }: Source, message: ClientMessage, stamp: Stamp): Buffer | undefined {
  const { room_id, timestamp, sender_id } = message;
  const payloadSender = (message.payload as { sender_id?: unknown }).sender_id;
  if (room_id === null || timestamp === null) return undefined;
  if (sender_id !== undefined && sender_id !== stamp.sender_id) return undefined;
  if (payloadSender !== undefined && payloadSender !== stamp.sender_id) return undefined;
  const inPayload = payloadBegin(text, message);
  if (inPayload === undefined) return undefined;

  const inEnvelope = text.indexOf('{') + 1;
  const isPlain = plainId.test(stamp.sender_id); // Most are, and then nothing in them has to be escaped.
  const sender = `"sender_id":${isPlain ? `"${stamp.sender_id}"` : JSON.stringify(stamp.sender_id)},`;
  const head =
    (sender_id === undefined ? sender : '') +
    (room_id === undefined ? `"room_id":"${stamp.room_id}",` : '') +
    (timestamp === undefined ? `"timestamp":"${stamp.timestamp}",` : '');
  const inner = payloadSender === undefined ? sender : '';
  const begin = text.slice(0, inEnvelope) + head + text.slice(inEnvelope, inPayload) + inner;
  // Where all characters are ASCII, positions in the text are positions in its bytes, and the rest can be copied.
  if (isPlain && data.length === text.length) return join(begin, data, inPayload);
  return textFrame(Buffer.from(begin + text.slice(inPayload)));
}

function join(begin: string, data: Buffer, from: number): Buffer {
  const length = begin.length + data.length - from;
  const frame = emptyTextFrame(length);
  const at = frame.length - length;
  frame.write(begin, at, 'latin1');
  data.copy(frame, at + begin.length, from);
  return frame;
}

/**
 * Where the payload's members begin in the text of a message. Undefined unless the text has just as many names as the envelope
 * and the payload have members: only then none stands twice, and none elsewhere.
 */
function payloadBegin(text: string, message: ClientMessage): number | undefined {
  if ('payload' in message.payload) return undefined;
  let names = 0;
  let begin: number | undefined;
  // Outside of strings JSON has no quotes, so that each one found is the first or the last of a string.
  for (let first = text.indexOf('"'); first >= 0; ) {
    const last = closingQuote(text, first);
    let after = last + 1;
    while (text.charCodeAt(after) <= space) after++;
    if (text.charCodeAt(after) === colon) {
      names++;
      if (last - first === payloadQuote && text.startsWith('payload', first + 1)) begin = text.indexOf('{', after) + 1;
    }
    first = text.indexOf('"', after);
    if (hasWildNumber(text, after, first < 0 ? text.length : first)) return undefined;
  }
  return names === Object.keys(message).length + Object.keys(message.payload).length ? begin : undefined;
}

/** A gap this long may be a number that no double holds. */
const longestGap = 300;

/** Whether between two strings there may be a number beyond those of I-JSON, which some decoders refuse (RFC 7493, section 2.2). */
function hasWildNumber(text: string, from: number, to: number): boolean {
  if (to - from > longestGap) return true;
  for (let at = from + 1; at < to; at++) {
    const isExponent = (text.charCodeAt(at) | lowerCase) === letterE;
    if (isExponent && text.charCodeAt(at - 1) <= nine && Number.parseInt(text.slice(at + 1, to), 10) >= 308)
      return true;
  }
  return false;
}

const nine = 0x39;
const letterE = 0x65;
const lowerCase = 0x20;
const space = 0x20;
const colon = 0x3a;
const backslash = 0x5c;
const payloadQuote = '"payload'.length;

function closingQuote(text: string, first: number): number {
  for (let at = text.indexOf('"', first + 1); ; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
}
