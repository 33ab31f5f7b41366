import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TraceEvent } from '../trace/trace-event.js';
import { trimTrace } from './trim-trace.js';

const receive = (text: string, at = 0): TraceEvent => ({
  ...{ at, participant: 'alice', connection: 0, kind: 'receive', text },
});

it('leaves a trace that fits as it is', () => {
  const trace = Array.from({ length: 500 }, (_, index) => receive(`message ${index}`, index));
  expect(trimTrace({ trace, failedEvent: 7 })).toEqual({ trace, failedEvent: 7 });
});

it('makes any trace fit, and keeps the event that shows the failure and its position', () => {
  const sizes = fc.array(fc.constantFrom(0, 10, 3_000, 100_000, 900_000), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      sizes,
      fc.constantFrom(1, 150, 700),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (each, times, share) => {
        const events = Array.from({ length: times }, () => each).flat();
        const trace = events.map((size, index) => receive('x'.repeat(size), index));
        const failedEvent = Math.floor(share * (trace.length - 1));
        const trimmed = trimTrace({ trace, failedEvent });
        expect(JSON.stringify(trimmed).length).toBeLessThan(1_000_000);
        const failed = trimmed.trace[trimmed.failedEvent ?? -1];
        expect(failed?.at).toBe(failedEvent);
        const kept = trimmed.trace.filter(({ kind }) => kind === 'receive').length;
        const leftOut = trimmed.trace.reduce((sum, event) => sum + (event.kind === 'left-out' ? event.events : 0), 0);
        expect(kept + leftOut).toBe(trace.length);
      },
    ),
    { numRuns: 60 },
  );
});

it('says how long a text was that it cut', () => {
  const { trace } = trimTrace({ trace: [receive('x'.repeat(500_000)), receive('short')], failedEvent: 1 });
  expect(trace).toMatchObject([{ length: 500_000 }, { text: 'short' }]);
});

it('where nothing failed, keeps the end', () => {
  const trace = Array.from({ length: 5_000 }, (_, index) => receive('x', index));
  const trimmed = trimTrace({ trace });
  expect(trimmed.trace.at(-1)).toEqual(trace.at(-1));
  expect(trimmed.failedEvent).toBeUndefined();
});
