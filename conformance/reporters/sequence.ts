import type { Result } from '../kit/outcome.js';
import type { TraceEvent } from '../trace/trace-event.js';
import { type EventWords, wordsOf } from './event-words.js';
import { visible } from './markup.js';

/** One event of a sequence, ready to be drawn: its label and gist on one line each, and printed harmlessly. */
export interface Step extends EventWords {
  /** Milliseconds since the scenario began. */
  at: number;
  /** Participant name, or `http` for a request. */
  participant: string;
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

function toStep(event: TraceEvent, failing: boolean): Step {
  const words = wordsOf(event);
  const line = (text: string, length: number) => cut(visible(text).replace(/\s+/g, ' '), length);
  const { at, participant } = event;
  return { ...words, at, participant, label: line(words.label, 28), gist: line(words.gist, 240), failing };
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
