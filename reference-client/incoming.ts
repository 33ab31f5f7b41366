import { checkServerMessage, type ParseResult, parseServerMessage, type ServerMessage } from '../generated/index.js';

/** Payload members whose list of values may grow, and a value of today's list (CLIENT-17). */
const growing: Readonly<Record<string, { member: string; known: string }>> = {
  user_left: { member: 'reason', known: 'left' },
  error: { member: 'code', known: 'INTERNAL_ERROR' },
};

/**
 * Reads one text frame from the server. A `reason` or `code` of a later version is kept as it came: whoever left has left,
 * and what was refused was refused, whatever word there is for it (CLIENT-17).
 */
export function readServerMessage(text: string): ParseResult<ServerMessage> {
  const parsed = parseServerMessage(text);
  if (parsed.ok || parsed.error.code !== 'INVALID_PAYLOAD') return parsed;

  const message = JSON.parse(text) as { type: string; payload: Record<string, unknown> };
  const { member, known } = growing[message.type] ?? {};
  if (member === undefined || typeof message.payload[member] !== 'string') return parsed;
  const checked = checkServerMessage({ ...message, payload: { ...message.payload, [member]: known } });
  return checked.ok ? { ok: true, message: message as unknown as ServerMessage } : parsed;
}
