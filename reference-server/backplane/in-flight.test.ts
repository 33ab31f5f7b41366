import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.js';

describe('what is on its way', () => {
  it('leaves room for others when one sender has filled it', () => {
    const inFlight = new InFlight(1_000);
    while (inFlight.takes('mallory')) inFlight.add('mallory', 100);
    expect(inFlight.takes('alice')).toBe(true);
    inFlight.add('alice', 100);
    expect(inFlight.takes('bob')).toBe(true);
    expect(inFlight.takes('mallory')).toBe(false);
    inFlight.remove('mallory', 1_100);
    expect(inFlight.takes('mallory')).toBe(true);
  });

  it('is never more than twice the limit and one message of each sender', () => {
    const sendings = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 50 })), {
      maxLength: 500,
    });
    fc.assert(
      fc.property(sendings, (sent) => {
        const inFlight = new InFlight(1_000);
        let total = 0;
        for (const [sender, bytes] of sent) {
          if (!inFlight.takes(String(sender))) continue;
          inFlight.add(String(sender), bytes);
          total += bytes;
        }
        expect(total).toBeLessThanOrEqual(2_000 + 50);
      }),
    );
  });
});
