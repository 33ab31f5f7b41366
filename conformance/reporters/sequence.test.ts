import { describe, expect, it } from 'vitest';
import type { Result } from '../kit/outcome.js';
import { sequenceLines, shapeSequence, spellOut } from './sequence.js';

const result: Result = {
  scenario: 'alice and bob talk',
  requirement: 'RELAY-3',
  level: 'MUST',
  outcome: 'fail',
  failedEvent: 4,
  trace: [
    {
      at: 0,
      participant: 'alice',
      connection: 0,
      kind: 'connect',
      requestTarget: '/webrtc/ws/standup',
      room: 'standup',
      credential: 'valid',
    },
    { at: 3, participant: 'alice', connection: 0, kind: 'open' },
    {
      at: 4,
      participant: 'alice',
      connection: 0,
      kind: 'receive',
      text: '{"type":"error","payload":{"code":"ROOM_FULL","message":"no"}}',
    },
    { at: 5, participant: 'bob', connection: 1, kind: 'send', text: 'not JSON' },
    { at: 6, participant: 'alice', connection: 0, kind: 'closed', code: 1008, reason: 'ROOM_FULL' },
    {
      at: 7,
      participant: 'http',
      kind: 'response',
      status: 401,
      contentType: 'application/problem+json',
      body: '{}',
    },
  ],
};

describe('shapeSequence', () => {
  it('labels what is carried and says who speaks', () => {
    const { participants, steps } = shapeSequence(result, 10, 10);
    expect(participants).toEqual(['alice', 'bob', 'http']);
    expect(steps.map(({ direction, role, label }) => [direction, role, label])).toEqual([
      ['out', 'connection', 'connects'],
      ['in', 'connection', 'connected'],
      ['in', 'message', 'error ROOM_FULL'],
      ['out', 'message', 'text, no JSON'],
      ['in', 'connection', 'closed 1008'],
      ['in', 'message', '401'],
    ]);
    expect(steps.map(({ failing }) => failing)).toEqual([false, false, false, false, true, false]);
  });

  it('keeps what is around the failure', () => {
    const { steps, hidden } = shapeSequence(result, 1, 0);
    expect(steps.map(({ at }) => at)).toEqual([5, 6]);
    expect(hidden).toEqual({ before: 3, after: 1 });
    expect(sequenceLines(result, 1, 0)).toEqual([
      '(3 events before)',
      '      5 ms  bob   → "not JSON"',
      '▶     6 ms  alice ← is closed 1008 ROOM_FULL',
      '(1 events after)',
    ]);
  });
});

describe('spellOut', () => {
  it('spells JSON out over several lines', () => {
    expect(spellOut('{"type":"offer"}')).toBe('{\n  "type": "offer"\n}');
    expect(spellOut('a\u0007b')).toBe('a\\u0007b');
  });

  it('survives frames that nest as deeply as a hostile server likes', () => {
    const text = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(spellOut(text).length).toBeLessThan(5000);
    expect(spellOut(text)).toContain('(200000 characters in all');
  });
});
