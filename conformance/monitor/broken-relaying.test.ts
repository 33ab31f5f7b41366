import { describe, expect, it } from 'vitest';
import type { RequirementId } from '../../generated/index.js';
import type { MonitorOptions } from './finding.js';
import { idOf } from './testing/simulator.js';
import { asItIs, broken, joinAll, own, type Play, relayed } from './testing/stories.js';

describe('a server that relays what it has to keep, or answers the wrong one', () => {
  it.each<[RequirementId, string, Play, MonitorOptions?]>([
    [
      'RELAY-6',
      'two messages swapped',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.send(alice, 'offer');
        s.send(alice, 'answer', 'bob');
        s.serve(alice);
        s.serve(alice);
        bob.down.reverse();
        s.settle();
      },
    ],
    [
      'RELAY-7',
      'a message for nobody, relayed',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.send(alice, 'offer', 'zoe');
        const payload = { type: 'offer', sdp: 'v=0\r\ns=1\r\n', x_extra: [1], target_user_id: idOf('zoe') };
        s.push(bob, relayed('alice', 'offer', payload));
        s.settle();
      },
    ],
    [
      'RELAY-8',
      'a message for another room, relayed',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        const payload = { type: 'offer', sdp: 'v=0' };
        s.sendText(alice, JSON.stringify({ type: 'offer', payload, room_id: 'elsewhere' }));
        alice.up.pop();
        s.push(bob, relayed('alice', 'offer', payload));
        s.settle();
      },
    ],
    ...(
      [
        ['ERROR-1', { type: 'offer', payload: { type: 'offer', sdp: 'v=0' }, timestamp: 7 }],
        ['ERROR-2', { type: 'Offer', payload: { type: 'offer', sdp: 'v=0' } }],
        ['ERROR-4', { type: 'offer', payload: { type: 'offer', sdp: 'v=0', target_user_id: 5 } }],
      ] as const
    ).map(([rule, message]): [RequirementId, string, Play] => [
      rule,
      'a faulty message, relayed',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.sendText(alice, JSON.stringify(message));
        alice.up.pop();
        const { target_user_id: _, ...payload } = message.payload as Record<string, unknown>;
        s.push(bob, relayed('alice', 'offer', payload));
        s.settle();
      },
    ]),
    [
      'ERROR-3',
      'a user_left of a client, relayed',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        const payload = { user_id: idOf('bob'), x_nonce: '1' };
        s.sendText(alice, JSON.stringify({ type: 'user_left', payload }));
        alice.up.pop();
        s.push(bob, relayed('alice', 'user_left', payload));
        s.settle();
      },
    ],
    [
      'ERROR-5',
      'an error for what another sent',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.send(bob, 'offer', 'alice');
        s.sendText(alice, '{');
        s.push(bob, own('error', { code: 'INVALID_MESSAGE', message: 'no JSON' }));
        s.settle();
      },
    ],
    [
      'ERROR-6',
      'an error with a code of its own',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        s.sendText(alice, 'hello');
        alice.up.pop();
        s.push(alice, own('error', { code: 'BAD', message: 'no JSON' }));
        s.settle();
      },
    ],
    [
      'ERROR-7',
      'a binary frame, relayed',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        const frames = [{ opcode: 'binary' as const, fin: true, bytes: 2 }];
        const sender = { participant: 'alice', connection: alice.number };
        s.record({ ...sender, kind: 'send-frames', what: 'a binary frame', frames, message: '{}' });
        s.record({ participant: 'bob', connection: bob.number, kind: 'receive-binary', bytes: 2 });
      },
    ],
  ])('%s: %s', (rule, _what, play, options) => {
    expect(broken(asItIs, play, options)).toEqual([rule]);
  });
});
