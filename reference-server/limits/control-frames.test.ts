import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ControlFrames } from './control-frames.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('hundreds at once are in order, thousands are not, and time heals', () => {
  const frames = new ControlFrames();
  const count = (times: number) => Array.from({ length: times }, () => frames.areTooMany());
  expect(count(2_000)).not.toContain(true);
  expect(count(1)).toEqual([true]);
  vi.advanceTimersByTime(10_001);
  expect(count(2_000)).not.toContain(true);
});
