import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequirementId } from '../../generated/index.js';
import { judgeTrace } from './monitor.js';
import { history } from './testing/histories.js';
import type { Rewrite } from './testing/simulator.js';
import { isBroadcast, isTargeted, withPayload } from './testing/stories.js';

describe('one fault anywhere in a long history', () => {
  const choices = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 40, maxLength: 120, size: 'max' });
  const faults: [RequirementId[], string, Rewrite][] = [
    [['RELAY-8'], 'room_id', (frame) => [{ ...frame, room_id: 'elsewhere' }]],
    [['RELAY-2'], 'broadcast', (frame) => (isBroadcast(frame) ? [frame, frame] : [frame])],
    [['RELAY-1'], 'targeted', (frame) => (isTargeted(frame) ? [frame, frame] : [frame])],
    [
      ['JOIN-3'],
      'room_state',
      (frame, ...rest) =>
        frame.type === 'room_state' ? withPayload({ participant_count: 0 })(frame, ...rest) : [frame],
    ],
    [
      // Of somebody who comes again at once, the second announcement may be of the second time; then one is told twice that it left.
      ['JOIN-4', 'JOIN-7', 'JOIN-8', 'LEAVE-1'],
      'user_joined',
      (frame) => (frame.type === 'user_joined' ? [frame, frame] : [frame]),
    ],
    [['LEAVE-1', 'JOIN-11'], 'user_left', (frame) => (frame.type === 'user_left' ? [frame, frame] : [frame])],
  ];

  it.each(faults)('breaks %j and nothing else: %s', (rules, _what, rewrite) => {
    let found = 0;
    fc.assert(
      fc.property(choices, fc.nat({ max: 30 }), (numbers, position) => {
        let count = 0;
        const at: Rewrite = (frame, ...rest) => (count++ === position ? rewrite(frame, ...rest) : [frame]);
        const { findings } = judgeTrace(history(numbers, at), { closedWorld: true });
        found += findings.length;
        expect(rules).toEqual(expect.arrayContaining(findings.map(({ requirement }) => requirement)));
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(0);
  });
});
