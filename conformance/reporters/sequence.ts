import type { Result, TraceEvent } from '../kit/outcome.js';
import { visible } from './markup.js';
import { summarise } from './pretty.js';

/** One event of a sequence, ready to be drawn. */
export interface Step {
  /** Milliseconds since the scenario began. */
  at: number;
  /** Participant name, or `http` for a request. */
  participant: string;
  /** From the participant to the server, from the server, or at the participant alone. */
  direction: 'out' | 'in' | 'own';
  /** What is carried, or what becomes of the connection. */
  role: 'message' | 'connection';
  /** A few words: the type of a message, the code of a close. */
  label: string;
  /** One line with what matters in it. */
  gist: string;
  /** The frame as it was, or what happened in words. */
  text: string;
  /** True of the event that shows the failure. */
  failing: boolean;
}

/** A part of a trace, around what failed in it. */
export interface Sequence {
  /** Names of all participants of the trace, in order of appearance. */
  participants: string[];
  steps: Step[];
  /** How many events were left out before and after. */
  hidden: { before: number; after: number };
}

/** Shapes the events around the failure, or the first ones where nothing failed. */
export function shapeSequence(result: Result, before: number, after: number): Sequence {
  const { trace = [] } = result;
  const failure = result.outcome === 'fail' ? (result.failedEvent ?? trace.length - 1) : undefined;
  const begin = Math.max(0, (failure ?? 0) - before);
  const end = Math.min(trace.length, failure === undefined ? before + after : failure + 1 + after);
  return {
    participants: [...new Set(trace.map(({ participant }) => participant))],
    steps: trace.slice(begin, end).map((event, index) => toStep(event, begin + index === failure)),
    hidden: { before: begin, after: trace.length - end },
  };
}

const directions: Record<TraceEvent['kind'], Step['direction']> = {
  connect: 'out',
  identity: 'own',
  open: 'in',
  refused: 'in',
  send: 'out',
  receive: 'in',
  'send-frame': 'out',
  ping: 'out',
  pong: 'in',
  close: 'out',
  closed: 'in',
  request: 'out',
  response: 'in',
};

const messageKinds: readonly TraceEvent['kind'][] = ['send', 'receive', 'send-frame', 'request', 'response'];

function toStep({ at, participant, kind, text }: TraceEvent, failing: boolean): Step {
  const frame = kind === 'send' || kind === 'receive';
  return {
    at,
    participant,
    direction: text.startsWith('stops reading') ? 'own' : directions[kind],
    role: messageKinds.includes(kind) ? 'message' : 'connection',
    label: cut(visible(frame ? labelOfFrame(text) : labelOf(kind, text)), 28),
    gist: cut(visible(frame ? summarise(text) : text).replace(/\s+/g, ' '), 240),
    text,
    failing,
  };
}

function labelOfFrame(text: string): string {
  if (text === '(binary frame)') return 'binary frame';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'text, no JSON';
  }
  const { type, payload } = (value ?? {}) as { type?: unknown; payload?: { code?: unknown } };
  if (typeof type !== 'string') return 'JSON without type';
  const code = type === 'error' ? payload?.code : undefined;
  return typeof code === 'string' ? `error ${code}` : type === '' ? 'type ""' : type.replace(/\s+/g, ' ');
}

function labelOf(kind: TraceEvent['kind'], text: string): string {
  const [number] = /\d{3,4}/.exec(text) ?? [];
  switch (kind) {
    case 'connect':
      return 'connects';
    case 'identity':
      return 'user_id known';
    case 'open':
      return 'connected';
    case 'refused':
      return `refused ${number ?? ''}`.trim();
    case 'send-frame':
      return 'raw frames';
    case 'close':
      return number === undefined ? text.split(' ').slice(0, 3).join(' ') : `close ${number}`;
    case 'closed':
      return number === undefined ? 'disconnected' : `closed ${number}`;
    case 'response':
      return number ?? 'answer';
    default:
      return kind === 'request' ? text : kind;
  }
}

const arrows = { out: '→', in: '←', own: '•' } as const;

/** A sequence as lines of text, the event that shows the failure marked. */
export function sequenceLines(result: Result, before: number, after: number, width = 160): string[] {
  const { participants, steps, hidden } = shapeSequence(result, before, after);
  const names = Math.max(0, ...participants.map(({ length }) => length));
  const lines = steps.map(({ at, participant, direction, gist, failing }) =>
    cut(
      `${failing ? '▶' : ' '} ${at.toFixed(0).padStart(5)} ms  ${participant.padEnd(names)} ${arrows[direction]} ${gist}`,
      width,
    ),
  );
  return [
    ...(hidden.before > 0 ? [`(${hidden.before} events before)`] : []),
    ...lines,
    ...(hidden.after > 0 ? [`(${hidden.after} events after)`] : []),
  ];
}

/** A frame spelt out over several lines if it is JSON of a reasonable shape; what exceeds `limit` is left out. */
export function spellOut(text: string, limit = 4000): string {
  const shown = visible(indented(text) ?? text);
  if (shown.length <= limit) return shown;
  return `${cut(shown, limit)}\n(${text.length} characters in all; the JSON report has them)`;
}

function indented(text: string): string | undefined {
  // A hostile frame nests so deeply that its indentation alone would fill the memory.
  if (text.length > 20_000 || (text.match(/[[{]/g)?.length ?? 0) > 100) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : undefined;
  } catch {
    return undefined;
  }
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Not through a surrogate pair: half of one is no character.
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
