import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serverMessageTypes } from '../../generated/index.js';
import { editDistance, explainViolations, misspelling, nearestName } from './near-miss.js';

test.each([
  ['room-state', 'room_state'],
  ['roomState', 'room_state'],
  ['ICE_CANDIDATE', 'ice_candidate'],
  ['user_joind', 'user_joined'],
])('%s is taken for %s', (received, meant) => {
  expect(nearestName(received, serverMessageTypes)).toBe(meant);
  expect(misspelling('type', received, serverMessageTypes)).toBe(
    `received type "${received}"; the protocol says "${meant}"`,
  );
});

test('a name that resembles nothing has no suggestion, nor has one that is right', () => {
  expect(nearestName('heartbeat_ack', serverMessageTypes)).toBeUndefined();
  expect(nearestName('offer', ['offer', 'answer'])).toBeUndefined();
});

test('a missing member is explained by what stands in its place', () => {
  const missing = (path: string) => [{ path, message: 'is missing' }];
  expect(explainViolations({ payload: { userId: 'a' } }, missing('/payload/user_id'))).toBe(
    'received member "userId"; the protocol says "user_id"',
  );
  expect(explainViolations({ sender_id: 'a', payload: {} }, missing('/payload/sender_id'))).toMatch(/envelope only/);
  expect(explainViolations({ payload: { room_id: 'a' } }, missing('/room_id'))).toMatch(/payload only/);
  expect(explainViolations({ payload: {} }, missing('/payload/user_id'))).toBeUndefined();
});

test('edit distance is a metric', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, a)).toBe(0);
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});
