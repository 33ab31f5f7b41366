import { closeCodes, type ErrorMessage, type ProtocolError, type Timestamp } from '../../generated/index.js';
import { errorMessage } from './messages.js';

/** How a refused connection is told: one message, then the close. */
export interface Refusal {
  message: ErrorMessage;
  close: { code: number; reason: string };
}

/**
 * Refuses in a way that browsers can read: an `error`, then the close (AUTH-7, AUTH-8). After 1008 a client stays away;
 * our own failure is closed 1011, and the client comes back.
 */
export function refuse(error: ProtocolError, roomId: string, at: Timestamp): Refusal {
  const { code } = error.code === 'INTERNAL_ERROR' ? closeCodes.INTERNAL_ERROR : closeCodes.REFUSED;
  return { message: errorMessage(roomId, error, at), close: { code, reason: error.code } };
}

/** Takes a text frame of at most `limit` bytes as text. */
export function readFrame(
  data: Buffer,
  isBinary: boolean,
  limit: number,
): { ok: true; text: string } | { ok: false; error: ProtocolError } {
  // ERROR-7
  if (isBinary) {
    return { ok: false, error: { code: 'INVALID_MESSAGE', message: 'The frame is binary; messages are text.' } };
  }
  if (data.length > limit) {
    const message = `The message has ${data.length} bytes; at most ${limit} are taken.`;
    return { ok: false, error: { code: 'MESSAGE_TOO_LARGE', message } };
  }
  return { ok: true, text: data.toString() };
}

/** Answers a message that could not be handled; what cannot be written is the sender's fault, all else is ours. */
export function recover(failure: unknown): ProtocolError {
  // JSON.parse reads any depth, JSON.stringify runs out of stack (ERROR-11).
  if (failure instanceof RangeError) return { code: 'INVALID_MESSAGE', message: 'The message is nested too deeply.' };
  return { code: 'INTERNAL_ERROR', message: 'The server failed to handle the message.' };
}
