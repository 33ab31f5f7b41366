import { checkClientSchema, type RequirementId, serverMessageTypes } from '../../generated/index.js';

/** A frame or a sent text, read as far as it can be. */
export interface Message {
  readonly text: string;
  /** The JSON object; absent where the text is none. */
  readonly value?: Readonly<Record<string, unknown>>;
  /** The `type`; empty where there is none. */
  readonly type: string;
  /** The `payload`; empty where there is none. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Nesting up to which values are compared; beyond it nothing is said about them. */
const maxDepth = 64;

/** Members that a server may write, or leave out, without changing what was said. */
const notCompared: ReadonlySet<string> = new Set(['sender_id', 'target_user_id']);

/** Reads a text frame. */
export function readMessage(text: string): Message {
  const nothing = { text, type: '', payload: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nothing;
  }
  if (!isObject(value)) return nothing;
  const { type, payload } = value;
  return { text, value, type: typeof type === 'string' ? type : '', payload: isObject(payload) ? payload : {} };
}

/** A text that stands for the payload, whoever it is from and for; undefined where parsers may differ about it. */
export function payloadKey(payload: Readonly<Record<string, unknown>>): string | undefined {
  const own = Object.entries(payload).filter(([name]) => !notCompared.has(name));
  return canonical(own, 0, true);
}

/** The same text for equal JSON values, in whatever order members stand and however numbers are written. */
function canonical(value: unknown, depth: number, isEntries = false): string | undefined {
  if (depth > maxDepth) return undefined;
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value) ? undefined : JSON.stringify(value);
  // 1e400 is no number of I-JSON (RFC 7493).
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value) && !isEntries) {
    const parts = value.map((each) => canonical(each, depth + 1));
    return parts.includes(undefined) ? undefined : `[${parts.join(',')}]`;
  }
  const entries = (isEntries ? value : Object.entries(value)) as [string, unknown][];
  const parts: string[] = [];
  for (const [name, member] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [key, text] = [canonical(name, depth), canonical(member, depth + 1)];
    if (key === undefined || text === undefined || name === '__proto__') return undefined;
    parts.push(`${key}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

/** True when equal members stand twice in one object: parsers differ in which one they take. */
export function hasDuplicates(text: string, value: unknown): boolean {
  return structuralColons(text) !== countMembers(value);
}

/** Each member of an object has one colon outside of strings. */
function structuralColons(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x3a) count += 1;
    if (character !== 0x22) continue;
    for (at += 1; at < text.length && text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at += 1;
  }
  return count;
}

function countMembers(root: unknown): number {
  let count = 0;
  const open = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const members = Object.values(value);
    if (!Array.isArray(value)) count += members.length;
    for (const member of members) open.push(member);
  }
  return count;
}

/** The rule that forbids to relay a message that a client sent; undefined where it may be relayed. */
export function ruleAgainstRelaying({ value, type }: Message, roomId: string): RequirementId | undefined {
  const checked = checkClientSchema(value, roomId);
  if (checked.ok) return undefined;
  switch (checked.error.code) {
    case 'INVALID_MESSAGE':
      return 'ERROR-1';
    case 'INVALID_MESSAGE_TYPE':
      return (serverMessageTypes as readonly string[]).includes(type) ? 'ERROR-3' : 'ERROR-2';
    case 'ROOM_MISMATCH':
      return 'RELAY-8';
    default:
      return 'ERROR-4';
  }
}

/** The member as a string; undefined where it is none. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
