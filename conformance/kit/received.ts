import { checkServerMessage, serverMessageTypes } from '../../generated/index.js';
import { explainViolations, misspelling } from '../inputs/near-miss.js';
import type { Dialect } from './dialect.js';

/** A text frame that arrived, and what can be read from it without trusting it. */
export interface Received {
  /** Milliseconds since the scenario began. */
  at: number;
  /** Position among everything this participant received, from 0. */
  index: number;
  /** Position in the scenario's trace. */
  event: number;
  text: string;
  /** The parsed JSON, or undefined if the frame is none. */
  value: Record<string, unknown> | undefined;
  /** `type` if it is a string, else the empty string. */
  type: string;
  /** `payload` if it is an object, else an empty one. */
  payload: Record<string, unknown>;
}

/** True of the message that is looked for. */
export type Matcher = (received: Received) => boolean;

/** Reads a text frame; whatever is wrong with it, there is a result. */
export function readFrame(text: string, dialect?: Dialect): Pick<Received, 'text' | 'value' | 'type' | 'payload'> {
  const nothing = { text, value: undefined, type: '', payload: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nothing;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return nothing;
  const message = dialect ? dialect(value as Record<string, unknown>) : (value as Record<string, unknown>);
  const { type, payload } = message;
  return {
    text,
    value: message,
    type: typeof type === 'string' ? type : '',
    payload: typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : {},
  };
}

/** Matches by nonce: whatever became of the message, it is this one. */
export function carries(nonce: string): Matcher {
  return ({ text }) => text.includes(nonce);
}

/** Matches an announcement about one user. */
export function isAbout(type: 'user_joined' | 'user_left', userId: string): Matcher {
  return (received) => received.type === type && received.payload.user_id === userId;
}

/** Matches `room_state` with a list of participants. */
export function isRoomState(received: Received): boolean {
  return received.type === 'room_state' && Array.isArray(received.payload.participants);
}

/** Matches `error`, whatever its code. */
export function isError({ type }: Received): boolean {
  return type === 'error';
}

/** The user ids a `room_state` lists. */
export function participantIds(state: Received | undefined): string[] {
  const list = state?.payload.participants;
  if (!Array.isArray(list)) return [];
  const ids = list.map((entry) => (entry as Record<string, unknown> | null)?.user_id);
  return ids.filter((id) => typeof id === 'string');
}

/** At most 160 characters of a frame, on one line. */
export function shorten(text: string, length = 160): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line;
}

/** A likely cause in what came instead: a misspelt type, or members the schema has elsewhere. */
export function hintFrom(frames: readonly Received[]): string | undefined {
  for (const { type, value } of frames) {
    if (type === '') continue;
    if (!(serverMessageTypes as readonly string[]).includes(type)) return misspelling('type', type, serverMessageTypes);
    const parsed = checkServerMessage(value);
    const hint = parsed.ok ? undefined : explainViolations(value, parsed.error.details?.errors ?? []);
    if (hint) return hint;
  }
  return undefined;
}
