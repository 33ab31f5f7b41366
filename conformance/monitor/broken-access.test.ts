import { describe, expect, it } from 'vitest';
import type { RequirementId } from '../../generated/index.js';
import type { MonitorOptions } from './finding.js';
import { idOf } from './testing/simulator.js';
import { asItIs, broken, joinAll, own, type Play, relayed } from './testing/stories.js';

describe('a server that mixes up rooms or lets in the wrong ones', () => {
  it.each<[RequirementId, string, Play, MonitorOptions?]>([
    [
      'ROOM-4',
      'a message of another room',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        const carol = s.connect('carol', 'other');
        s.settle();
        s.send(alice, 'offer');
        const payload = { type: 'offer', sdp: 'v=0\r\ns=1\r\n', x_extra: [1] };
        s.push(carol, { ...relayed('alice', 'offer', payload), room_id: 'other' });
        s.settle();
      },
    ],
    [
      'ROOM-4',
      'a joiner of another room',
      (s) => {
        joinAll(s, 'alice');
        const carol = s.connect('carol', 'other');
        s.settle();
        s.push(carol, { ...own('user_joined', { user_id: idOf('alice') }), room_id: 'other' });
        s.settle();
      },
    ],
    [
      'ROOM-3',
      'a joiner of a room in capitals',
      (s) => {
        joinAll(s, 'alice');
        const carol = s.connect('carol', 'ROOM');
        s.settle();
        s.push(carol, { ...own('user_joined', { user_id: idOf('alice') }), room_id: 'ROOM' });
        s.settle();
      },
    ],
    [
      'ROOM-2',
      'a room for an impossible id',
      (s) => {
        const sender = { participant: 'alice', connection: 0 };
        s.record({ ...sender, kind: 'connect', requestTarget: '/webrtc/ws/a.b', credential: 'valid', instance: 0 });
        const participants = [{ user_id: idOf('alice') }];
        s.record({ ...sender, kind: 'receive', text: JSON.stringify(own('room_state', { participants })) });
      },
    ],
    [
      'ROOM-6',
      'a joiner that was refused, announced',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        s.connect('bob');
        s.refusal = 'ROOM_FULL';
        s.push(alice, own('user_joined', { user_id: idOf('bob') }));
        s.settle();
      },
      { features: new Set(['capacity']) },
    ],
    [
      'ROOM-7',
      'a user thrown out of one room by another',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        s.connect('alice', 'other');
        alice.down.push({ kind: 'close', code: 4001, reason: 'replaced' });
        s.settle();
      },
    ],
    [
      'AUTH-2',
      'a room_state without a token',
      (s) => {
        s.connect('alice', 'room', 'none');
        s.settle();
      },
    ],
    [
      'AUTH-6',
      'a room_state before the refusal',
      (s) => {
        const alice = s.connect('alice', 'room', 'forged');
        s.settle();
        s.push(alice, own('error', { code: 'UNAUTHORIZED', message: 'no' }));
        s.settle();
      },
    ],
    [
      'AUTH-6',
      'user_joined about one without a valid token',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        s.connect('bob', 'room', 'forged');
        s.refusal = 'UNAUTHORIZED';
        s.push(alice, own('user_joined', { user_id: idOf('bob') }));
        s.settle();
      },
    ],
    [
      'AUTH-9',
      'another id than elsewhere',
      (s) => {
        const alice = s.connect('alice');
        s.serve(alice);
        const participants = [{ user_id: 'new' }];
        alice.down[0] = { kind: 'text', text: JSON.stringify(own('room_state', { participants })) };
        s.settle();
      },
    ],
    [
      'AUTH-10',
      'a token in a message',
      (s) => joinAll(s, 'alice'),
      { isSecret: (text) => text.includes('room_state') },
    ],
    [
      'AUTH-10',
      'a token in an answer',
      (s) => {
        s.record({ participant: 'http', kind: 'response', status: 200, contentType: 'text/plain', body: 'eyJtoken' });
      },
      { isSecret: (text) => text.includes('eyJ') },
    ],
  ])('%s: %s', (rule, _what, play, options) => {
    expect(broken(asItIs, play, options)).toEqual([rule]);
  });

  it('is not blamed for a rule of a feature that it does not claim', () => {
    const play: Play = (s) => {
      const [alice] = joinAll(s, 'alice');
      s.connect('bob');
      s.refusal = 'ROOM_FULL';
      s.push(alice, own('user_joined', { user_id: idOf('bob') }));
      s.settle();
    };
    expect(broken(asItIs, play)).toEqual([]);
  });
});
