import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readableLine } from './log-line.js';

function logged(facts: object, message?: string): string {
  let line = '';
  pino({ level: 'trace' }, { write: (text: string) => (line = text) }).warn(facts, message);
  return readableLine(line);
}

test('says when, how important, what, and the facts', () => {
  const line = logged({ room: 'standup', code: 1008, reason: 'not let in' }, 'refused');
  expect(line).toMatch(/^\d\d:\d\d:\d\d warn {2}refused room=standup code=1008 reason="not let in"\n$/);
  expect(logged({}, 'stopped')).toMatch(/^\d\d:\d\d:\d\d warn {2}stopped\n$/);
});

test('shows an error with where it came from', () => {
  expect(logged({ err: new TypeError('no') }, 'request failed')).toContain('"message":"no"');
});

test('is one line, and does nothing to a terminal, whatever a client chose', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.string()), (text, object) => {
      const line = logged({ room: text, object }, 'connected');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
    }),
  );
});
