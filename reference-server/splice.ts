import type { ClientMessage, RoomId, Timestamp, UserId } from '../generated/index.js';

/** The text frame that a message came in. */
export interface Frame {
  data: Buffer;
  text: string;
}

/** What the server writes into a message that it passes on (RELAY-4, RELAY-8, RELAY-9). */
export interface Stamp {
  room_id: RoomId;
  sender_id: UserId;
  timestamp: Timestamp;
}

/**
 * Stamps a message by inserting text into the frame it came in, which costs a tenth of writing it anew.
 * Undefined where the frame is not plain: where a member that the server reads or writes might stand in it a second time
 * or in disguise, so that another parser could read another sender, room or target than this server did (RELAY-4).
 */
export function splice({ data, text }: Frame, message: ClientMessage, stamp: Stamp): Buffer | undefined {
  if (!isPlain(text, message)) return undefined;
  const afterBrace = text.indexOf('{') + 1;
  const afterPayload = text.indexOf('{', text.indexOf('"payload"')) + 1;
  const sender = `"sender_id":${JSON.stringify(stamp.sender_id)},`;
  const room = message.room_id === undefined ? `"room_id":"${stamp.room_id}",` : '';
  const time = message.timestamp === undefined ? `"timestamp":"${stamp.timestamp}",` : '';
  const head = sender + room + time;
  // Where all characters are ASCII, positions in the text are positions in the frame, and its bytes can be copied.
  if (data.length === text.length && isAscii(sender)) return join(data, afterBrace, head, afterPayload, sender);
  return Buffer.from(
    text.slice(0, afterBrace) + head + text.slice(afterBrace, afterPayload) + sender + text.slice(afterPayload),
  );
}

function join(frame: Buffer, first: number, head: string, second: number, inner: string): Buffer {
  const spliced = Buffer.allocUnsafe(frame.length + head.length + inner.length);
  let at = frame.copy(spliced, 0, 0, first);
  at += spliced.write(head, at, 'latin1');
  at += frame.copy(spliced, at, first, second);
  at += spliced.write(inner, at, 'latin1');
  frame.copy(spliced, at, second);
  return spliced;
}

function isPlain(text: string, { room_id, timestamp, payload }: ClientMessage): boolean {
  // A null would have to be replaced, not complemented.
  if (room_id === null || timestamp === null) return false;
  return (
    // An escape could spell any member's name; `sender_id` is the one that must not be there at all.
    !text.includes('\\u') &&
    !text.includes('"sender_id"') &&
    occurs(text, '"payload"', 1) &&
    occurs(text, '"type"', 'type' in payload ? 2 : 1) &&
    occurs(text, '"target_user_id"', 'target_user_id' in payload ? 1 : 0) &&
    occurs(text, '"room_id"', room_id === undefined ? 0 : 1) &&
    occurs(text, '"timestamp"', timestamp === undefined ? 0 : 1)
  );
}

/** True when a quoted name stands in the text so many times. Inside a string its quotes would be escaped. */
function occurs(text: string, quoted: string, times: number): boolean {
  let at = -1;
  for (let found = 0; found < times; found++) {
    at = text.indexOf(quoted, at + 1);
    if (at < 0) return false;
  }
  return text.indexOf(quoted, at + 1) < 0;
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the control characters
  return /^[\x00-\x7f]*$/.test(text);
}
