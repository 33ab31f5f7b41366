import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Remembered } from './remembered.js';
import { TokenBucket } from './token-bucket.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const limits = () => new Remembered(() => new TokenBucket({ burst: 10, perSecond: 1 }));

test('who comes again has what it left with', () => {
  const remembered = limits();
  expect(remembered.hold('alice').take(10)).toBe(0);
  remembered.release('alice');
  expect(remembered.hold('alice').take()).toBe(1_000);
  expect(remembered.hold('bob').take()).toBe(0);
});

test('two connections of one share one limit, until both are gone', () => {
  const remembered = limits();
  const first = remembered.hold('alice');
  expect(remembered.hold('alice')).toBe(first);
  first.take(10);
  remembered.release('alice');
  expect(remembered.size).toBe(0);
  remembered.release('alice');
  expect(remembered.size).toBe(1);
});

test('nobody is remembered for longer than it takes to recover, nor who needs not to', () => {
  const remembered = limits();
  remembered.hold('carol');
  remembered.release('carol');
  expect(remembered.size).toBe(0);
  for (let number = 1; number <= 10; number++) {
    remembered.hold(`user-${number}`).take(number);
    remembered.release(`user-${number}`);
  }
  vi.advanceTimersByTime(5_500);
  expect(remembered.size).toBe(5);
  vi.advanceTimersByTime(6_000);
  expect([remembered.size, vi.getTimerCount()]).toEqual([0, 0]);
});
