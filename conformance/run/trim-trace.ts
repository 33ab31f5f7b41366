import type { TraceEvent } from '../trace/trace-event.js';

/** What a trace keeps: a report is to be small, whatever a server sends. */
const most = { events: 2_000, atBegin: 200, characters: 262_144, ofText: 2_048, ofFailure: 65_536 };

/** A trace as it goes into a report, and the position in it of the event that shows the failure. */
export interface TrimmedTrace {
  trace: readonly TraceEvent[];
  failedEvent?: number | undefined;
}

/**
 * Makes a trace that is too large fit: events far from the failure are left out, with a note of how many, and long texts
 * are cut, with their `length`. One that fits stays as it is.
 */
export function trimTrace({ trace, failedEvent }: TrimmedTrace): TrimmedTrace {
  const near = trace.length > most.events ? aroundFailure(trace, failedEvent) : { trace, failedEvent };
  const characters = near.trace.reduce((sum, event) => sum + textOf(event).length, 0);
  if (characters <= most.characters) return near;
  const share = Math.floor(most.characters / near.trace.length);
  const limits = [most.ofText, Math.max(100, Math.min(share, most.ofText))];
  const fitting = limits.find((limit) => sizeWith(near.trace, limit) <= most.characters) ?? limits[1] ?? 0;
  const cut = near.trace.map((event, index) => cutText(event, index === near.failedEvent ? most.ofFailure : fitting));
  return { ...near, trace: cut };
}

function aroundFailure(trace: readonly TraceEvent[], failedEvent: number | undefined): TrimmedTrace {
  const begin = trace.slice(0, most.atBegin);
  const kept = most.events - most.atBegin;
  const from = Math.max(most.atBegin, Math.min((failedEvent ?? trace.length) - kept / 2, trace.length - kept));
  const middle = trace.slice(from, from + kept);
  const shortened = [
    ...begin,
    ...leftOut(trace.slice(most.atBegin, from)),
    ...middle,
    ...leftOut(trace.slice(from + kept)),
  ];
  const failed = trace[failedEvent ?? -1];
  return { trace: shortened, failedEvent: failed === undefined ? failedEvent : shortened.indexOf(failed) };
}

function leftOut(events: readonly TraceEvent[]): TraceEvent[] {
  const [first] = events;
  return first === undefined ? [] : [{ at: first.at, kind: 'left-out', participant: 'suite', events: events.length }];
}

function textOf(event: TraceEvent): string {
  if ('text' in event) return event.text;
  if (event.kind === 'response') return event.body;
  return event.kind === 'send-frames' ? JSON.stringify(event) : '';
}

function sizeWith(trace: readonly TraceEvent[], limit: number): number {
  return trace.reduce((sum, event) => sum + Math.min(textOf(event).length, limit), 0);
}

function cutText(event: TraceEvent, limit: number): TraceEvent {
  const { length } = textOf(event);
  if (length <= limit) return event;
  if ('text' in event) return { ...event, text: event.text.slice(0, limit), length };
  if (event.kind === 'response') return { ...event, body: event.body.slice(0, limit), length };
  if (event.kind !== 'send-frames') return event;
  const { message: _, frames, ...rest } = event;
  return { ...rest, frames: frames.slice(0, 20).map(({ opcode, fin, bytes }) => ({ opcode, fin, bytes })) };
}
