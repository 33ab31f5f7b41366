import { describe, expect, it } from 'vitest';
import type { RequirementId } from '../../generated/index.js';
import type { MonitorOptions } from './finding.js';
import { idOf } from './testing/simulator.js';
import { asItIs, broken, joinAll, own, type Play, relayed } from './testing/stories.js';

describe('a server that is wrong about who is there', () => {
  it.each<[RequirementId, string, Play, MonitorOptions?]>([
    [
      'JOIN-2',
      'one who is there, left out',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        const bob = s.connect('bob');
        s.serve(bob);
        bob.down[0] = {
          kind: 'text',
          text: JSON.stringify(own('room_state', { participants: [{ user_id: idOf('bob') }] })),
        };
        s.settle();
        s.send(bob, 'offer', 'alice');
        s.serve(bob);
        s.hear(alice);
      },
    ],
    [
      'JOIN-8',
      'an older connection that is closed 1000',
      (s) => {
        const [alice] = joinAll(s, 'alice', 'bob');
        const newer = s.connect('alice');
        s.serve(newer);
        alice.down = [{ kind: 'close', code: 1000, reason: '' }];
        s.hear(newer);
        s.hear(alice);
      },
    ],
    [
      'JOIN-8',
      'an older connection that goes on',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        const newer = s.connect('alice');
        s.serve(newer);
        s.hear(newer);
        s.send(bob, 'offer', 'alice');
        const payload = { type: 'offer', sdp: 'v=0\r\ns=1\r\n', x_extra: [1], target_user_id: idOf('alice') };
        alice.down = [{ kind: 'text', text: JSON.stringify(relayed('bob', 'offer', payload)) }];
        s.hear(alice);
      },
    ],
    [
      'JOIN-10',
      'what was said before, to one who comes later',
      (s) => {
        const [alice] = joinAll(s, 'alice', 'bob');
        s.send(alice, 'offer');
        s.settle();
        const [carol] = joinAll(s, 'carol');
        s.push(carol, relayed('alice', 'offer', { type: 'offer', sdp: 'v=0\r\ns=1\r\n', x_extra: [1] }));
        s.settle();
      },
    ],
    [
      'JOIN-10',
      'what was said to it before, to one who comes back',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.send(alice, 'offer', 'bob');
        s.settle();
        s.end(bob, 'cut');
        s.settle();
        const [again] = joinAll(s, 'bob');
        const payload = { type: 'offer', sdp: 'v=0\r\ns=1\r\n', x_extra: [1], target_user_id: idOf('bob') };
        s.push(again, relayed('alice', 'offer', payload));
        s.settle();
      },
    ],
    [
      'JOIN-11',
      'an offer before the user_joined of its sender',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        const bob = s.connect('bob');
        s.serve(bob);
        s.hear(bob);
        s.send(bob, 'offer');
        s.serve(bob);
        alice.down.reverse();
        s.settle();
      },
    ],
    [
      'LEAVE-1',
      'a departure of one who stays',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.push(alice, own('user_left', { user_id: idOf('bob') }));
        s.settle();
        s.send(alice, 'offer', 'bob');
        s.settle();
        s.send(bob, 'offer', 'alice');
        s.serve(bob);
      },
    ],
    [
      'LEAVE-1',
      'a departure of oneself',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        s.push(alice, own('user_left', { user_id: idOf('alice') }));
        s.settle();
      },
    ],
    [
      'LEAVE-3',
      'one who left, listed',
      (s) => {
        const [, bob] = joinAll(s, 'alice', 'bob');
        s.end(bob, 'close');
        s.settle();
        const carol = s.connect('carol');
        s.serve(carol);
        const participants = ['alice', 'bob', 'carol'].map((name) => ({ user_id: idOf(name) }));
        carol.down[0] = { kind: 'text', text: JSON.stringify(own('room_state', { participants })) };
        s.settle();
      },
    ],
  ])('%s: %s', (rule, _what, play, options) => {
    expect(broken(asItIs, play, options)).toEqual([rule]);
  });
});
