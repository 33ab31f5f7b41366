import { expect, test } from 'vitest';
import { Allowance } from './allowance.js';

const rateLimit = { burst: 10, perSecond: 10 };

test('without limits nothing waits', () => {
  const allowance = new Allowance({});
  allowance.spend(1e9, 0);
  expect([allowance.take(0), allowance.delay(0), allowance.isFull()]).toEqual([0, 0, true]);
});

test('as many messages are refused as are taken; what comes then is read as slowly as the limit says', () => {
  const began = performance.now();
  const allowance = new Allowance({ rateLimit });
  const at = Math.ceil(performance.now()) + 1;
  const taken = Array.from({ length: 20 }, () => [allowance.delay(at), allowance.take(at)]);
  expect(began).toBeLessThan(at);
  expect(taken.map(([delay]) => delay)).toEqual(Array(20).fill(0));
  expect(taken.map(([, wait]) => wait === 0)).toEqual([...Array(10).fill(true), ...Array(10).fill(false)]);
  expect(allowance.delay(at)).toBe(100);
  expect(allowance.delay(at + 100)).toBe(0);
});

test('bytes that were sent on are paced, however large the last message was', () => {
  const allowance = new Allowance({ byteRate: { burst: 1_000, perSecond: 1_000 } });
  const at = Math.ceil(performance.now()) + 1;
  allowance.spend(3_000, at);
  expect(allowance.delay(at)).toBe(2_001);
  expect(allowance.delay(at + 2_001)).toBe(0);
  expect(allowance.isFull()).toBe(false);
});
