import { describe, expect, it } from 'vitest';
import { Holdings } from './holdings.js';

describe('a limit of two things', () => {
  it('grants each holder two and no third', () => {
    const holdings = new Holdings<string>(2);
    expect(holdings.take('alice', 'a')).toBeDefined();
    expect(holdings.take('alice', 'b')).toBeDefined();
    expect(holdings.take('alice', 'c')).toBeUndefined();
    expect(holdings.take('bob', 'c')).toBeDefined();
  });

  it('grants what is held already, and frees it when all of it is given back', () => {
    const holdings = new Holdings<string>(2);
    const older = holdings.take('alice', 'a');
    const newer = holdings.take('alice', 'a');
    holdings.take('alice', 'b');
    older?.();
    expect(holdings.take('alice', 'c')).toBeUndefined();
    newer?.();
    expect(holdings.take('alice', 'c')).toBeDefined();
  });

  it('remembers nobody who holds nothing', () => {
    const holdings = new Holdings<string>(1);
    for (let round = 0; round < 3; round++) {
      const free = holdings.take('alice', `room-${round}`);
      expect(free).toBeDefined();
      free?.();
    }
  });
});
