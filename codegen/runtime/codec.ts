import {
  clientValidators,
  envelopeMembers,
  payloadMembers,
  serverOnlyTypes,
  serverValidators,
} from '../../generated/codec-tables.js';
import type { ClientMessage, ErrorCode, ErrorDetails, ServerMessage } from '../../generated/types.js';
import {
  type Validator,
  validateClientEnvelope,
  validateServerEnvelope,
  violations,
} from '../../generated/validators.js';

/** What a faulty message is answered with: the payload of an `error` message. */
export interface ProtocolError {
  code: ErrorCode;
  message: string;
  details?: ErrorDetails;
}

/** A message, or the one error that answers it. */
export type ParseResult<Message> = { ok: true; message: Message } | { ok: false; error: ProtocolError };

/**
 * Reads one text frame from a client. With `roomId`, a message that names another room is a fault as well.
 * Several faults give one error, for the first in the order envelope, type, room, payload (ERROR-1 to ERROR-4, RELAY-8).
 */
export function parseClientMessage(text: string, roomId?: string): ParseResult<ClientMessage> {
  const json = parseJson(text);
  return json.ok ? checkClientMessage(json.value, roomId) : json;
}

/** Says in an error which message it is about, where that has an `id` (ERROR-13). */
export function withMessageId(error: ProtocolError, message: unknown): ProtocolError {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
  // The schema counts code points, each of one or two units.
  if (typeof id !== 'string' || id.length > 128 || Array.from(id).length > 64) return error;
  return { ...error, details: { ...error.details, message_id: id } };
}

/** The same for a message of which only the text is known. */
export function withMessageIdOf(error: ProtocolError, text: string): ProtocolError {
  const json = parseJson(text);
  return json.ok ? withMessageId(error, json.value) : error;
}

/** The same as {@link parseClientMessage} for a value that is parsed already. */
export function checkClientMessage(value: unknown, roomId?: string): ParseResult<ClientMessage> {
  const checked = checkClientSchema(value, roomId);
  if (!checked.ok) return checked;
  const { message } = checked;
  const error = unsafe(message, payloadMembers.get(message.type) ?? new Set());
  return error === undefined ? checked : { ok: false, error: withMessageId(error, value) };
}

/** The same by the schemas alone: it takes what a server should refuse for the sake of other decoders (ERROR-14). */
export function checkClientSchema(value: unknown, roomId?: string): ParseResult<ClientMessage> {
  const checked = check(value, roomId);
  return checked.ok ? checked : { ok: false, error: withMessageId(checked.error, value) };
}

function check(value: unknown, roomId: string | undefined): ParseResult<ClientMessage> {
  if (!validateClientEnvelope(value)) return invalidMessage(validateClientEnvelope);
  const { type, room_id } = value;
  const validate = clientValidators.get(type);
  if (validate === undefined) {
    return fault('INVALID_MESSAGE_TYPE', unknownType(type, clientValidators, serverOnlyTypes));
  }
  if (roomId !== undefined && typeof room_id === 'string' && room_id !== roomId) {
    return fault('ROOM_MISMATCH', `this connection is in room ${quote(roomId)}, the message names ${quote(room_id)}`);
  }
  if (!validate(value)) return invalidPayload(type, validate);
  return { ok: true, message: value as unknown as ClientMessage };
}

/** The deepest nesting of a message that is taken, itself included: Python, Go and others read no more than some thousand levels. */
export const maxDepth = 64;

/** What other decoders than this one would refuse, or read as another message (ERROR-14, ERROR-11). */
function unsafe(message: { payload: object }, payloadNames: ReadonlySet<string>): ProtocolError | undefined {
  return (
    unsafeMember(message, envelopeMembers, 1, 'INVALID_MESSAGE', '') ??
    unsafeMember(message.payload, payloadNames, 2, 'INVALID_PAYLOAD', '/payload')
  );
}

function unsafeMember(
  object: object,
  known: ReadonlySet<string>,
  depth: number,
  code: ErrorCode,
  at: string,
): ProtocolError | undefined {
  // What JSON.parse makes inherits nothing that would be listed here.
  for (const name in object) {
    if (known.has(name)) continue;
    const folded = foldCase(name);
    const wrong = known.has(folded)
      ? `differs from ${quote(folded)} in letter case only`
      : isDeeper((object as Record<string, unknown>)[name], maxDepth - depth)
        ? `is nested so that the message is more than ${maxDepth} levels deep`
        : undefined;
    if (wrong === undefined) continue;
    const errors = [{ path: `${at}/${shorten(name).replaceAll('~', '~0').replaceAll('/', '~1')}`, message: wrong }];
    return { code, message: summary(errors), details: { errors } };
  }
  return undefined;
}

/** A name as decoders see it that take names for the same whatever their case: with U+017F for s, U+212A for k, U+0130 and U+0131 for i. */
function foldCase(name: string): string {
  return name.replaceAll('\u0130', 'i').toUpperCase().toLowerCase();
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels <= 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Reads one text frame from a server. An unknown type is INVALID_MESSAGE_TYPE: a client ignores it (CLIENT-8). */
export function parseServerMessage(text: string): ParseResult<ServerMessage> {
  const json = parseJson(text);
  return json.ok ? checkServerMessage(json.value) : json;
}

/** The same as {@link parseServerMessage} for a value that is parsed already. */
export function checkServerMessage(value: unknown): ParseResult<ServerMessage> {
  if (!validateServerEnvelope(value)) return invalidMessage(validateServerEnvelope);
  const { type } = value;
  const validate = serverValidators.get(type);
  if (validate === undefined) return fault('INVALID_MESSAGE_TYPE', unknownType(type, serverValidators));
  if (!validate(value)) return invalidPayload(type, validate);
  return { ok: true, message: value as unknown as ServerMessage };
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; error: ProtocolError } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return fault('INVALID_MESSAGE', 'the frame is not JSON');
  }
}

function fault(code: ErrorCode, message: string, details?: ErrorDetails): { ok: false; error: ProtocolError } {
  return { ok: false, error: details === undefined ? { code, message } : { code, message, details } };
}

function invalidMessage(validator: Validator<unknown>): { ok: false; error: ProtocolError } {
  const errors = violations(validator).slice(0, 10);
  return fault('INVALID_MESSAGE', `not an envelope: ${summary(errors)}`, { errors });
}

function invalidPayload(type: string, validator: Validator<unknown>): { ok: false; error: ProtocolError } {
  const errors = violations(validator).slice(0, 10);
  return fault('INVALID_PAYLOAD', `${type}: ${summary(errors)}`, { errors });
}

function summary(errors: { path: string; message: string }[]): string {
  return errors.map(({ path, message }) => `${path || 'the message'} ${message}`).join('; ');
}

function unknownType(type: string, known: ReadonlyMap<string, unknown>, serverOnly?: ReadonlySet<string>): string {
  if (serverOnly?.has(type)) return `${quote(type)} is for the server to send`;
  return `${quote(type)} is no type of this protocol; it is one of ${Array.from(known.keys()).join(', ')}`;
}

function quote(text: string): string {
  return JSON.stringify(shorten(text));
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
