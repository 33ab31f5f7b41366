import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.js';

function bucketAt(limit: { burst: number; perSecond: number }) {
  const clock = { ms: 0 };
  return { clock, bucket: new TokenBucket(limit, () => clock.ms) };
}

describe('a token bucket', () => {
  it('lets a burst pass at once', () => {
    const { bucket } = bucketAt({ burst: 200, perSecond: 1 });
    const waits = Array.from({ length: 200 }, () => bucket.take());
    expect(waits.every((wait) => wait === 0)).toBe(true);
    expect(bucket.take()).toBe(1000);
  });

  it('lets pass again after the time it named, and no sooner', () => {
    const { bucket, clock } = bucketAt({ burst: 1, perSecond: 3 });
    bucket.take();
    const wait = bucket.take();
    expect(wait).toBe(334);
    clock.ms = wait - 1;
    expect(bucket.take()).toBe(1);
    clock.ms = wait;
    expect(bucket.take()).toBe(0);
  });

  it('names whole milliseconds, however odd the rate', () => {
    const { bucket, clock } = bucketAt({ burst: 3, perSecond: 7.3 });
    for (let index = 0; index < 1000; index++) {
      const wait = bucket.take();
      expect(Number.isInteger(wait)).toBe(true);
      clock.ms += wait / 3;
    }
  });

  it('never holds more than a burst', () => {
    const { bucket, clock } = bucketAt({ burst: 2, perSecond: 10 });
    clock.ms = 1e9;
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 100]);
  });

  it('takes nothing for what it turns away', () => {
    const { bucket, clock } = bucketAt({ burst: 1, perSecond: 1 });
    bucket.take();
    for (let index = 0; index < 100; index++) bucket.take();
    clock.ms = 1000;
    expect(bucket.take()).toBe(0);
  });
});
