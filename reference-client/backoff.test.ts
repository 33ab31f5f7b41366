import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay, toBackoff } from './backoff.js';
import { InvalidOptionError } from './errors.js';

const delays = fc.double({ min: 0, max: 1e9, noNaN: true });

describe('backoffDelay (CLIENT-12)', () => {
  it('lies between 0 and a ceiling that doubles with each attempt up to maxDelayMs', () => {
    fc.assert(
      fc.property(
        fc.nat(5000),
        delays,
        delays,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (...args) => {
          const [attempt, initialDelayMs, maxDelayMs, chance] = args;
          const delay = backoffDelay(attempt, toBackoff({ initialDelayMs, maxDelayMs, random: () => chance }));
          const ceiling =
            attempt > 52 && initialDelayMs > 0 ? maxDelayMs : Math.min(maxDelayMs, initialDelayMs * 2 ** attempt);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Number.isNaN(ceiling) ? 0 : ceiling);
        },
      ),
    );
  });

  it('never has a lower ceiling than the attempt before', () => {
    fc.assert(
      fc.property(fc.nat(200), delays, delays, (attempt, initialDelayMs, maxDelayMs) => {
        const backoff = toBackoff({ initialDelayMs, maxDelayMs, random: () => 0.999 });
        expect(backoffDelay(attempt + 1, backoff)).toBeGreaterThanOrEqual(backoffDelay(attempt, backoff));
      }),
    );
  });

  it('starts at half a second and ends at half a minute unless told otherwise', () => {
    const backoff = toBackoff({ random: () => 1 });
    expect([0, 1, 2, 6, 1000].map((attempt) => backoffDelay(attempt, backoff))).toEqual([
      500, 1000, 2000, 30_000, 30_000,
    ]);
    expect(backoff.maxAttempts).toBe(Infinity);
  });

  it.each([{ initialDelayMs: -1 }, { maxDelayMs: Number.NaN }, { maxDelayMs: Infinity }, { maxAttempts: -1 }])(
    'refuses %o',
    (options) => {
      expect(() => toBackoff(options)).toThrow(InvalidOptionError);
    },
  );
});
