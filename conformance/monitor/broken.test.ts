import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequirementId } from '../../generated/index.js';
import { type MonitorOptions, upcoming } from './finding.js';
import { judgeTrace } from './monitor.js';
import { conformantHistory, type Frame, idOf, type Rewrite, type Seat, Simulator } from './testing/simulator.js';

type Play = (simulator: Simulator) => void;

/** Three come one after the other, talk, and one leaves; then one comes back. */
const usual: Play = (s) => {
  const [alice, bob, carol] = joinAll(s, 'alice', 'bob', 'carol');
  for (const type of ['offer', 'answer', 'ice_candidate'] as const) {
    s.send(alice, type);
    s.send(alice, type, 'bob');
    s.send(bob, type, 'alice');
  }
  s.settle();
  s.end(carol, 'close');
  s.settle();
  s.send(alice, 'offer', 'bob');
  const [again] = joinAll(s, 'carol');
  s.send(again, 'offer');
  s.settle();
};

function joinAll(s: Simulator, ...names: string[]): [Seat, Seat, Seat] {
  const seats = names.map((name) => {
    const seat = s.connect(name);
    s.settle();
    return seat;
  });
  return seats as [Seat, Seat, Seat];
}

/** Does something to the first message that fits, and leaves the others as they are. */
function once(fits: (frame: Frame, to: Seat) => boolean, change: Rewrite): Rewrite {
  let isDone = false;
  return (frame, to, simulator) => {
    if (isDone || !fits(frame, to)) return [frame];
    isDone = true;
    return change(frame, to, simulator);
  };
}

const isType = (type: string, name?: string) => (frame: Frame, to: Seat) =>
  frame.type === type && (name === undefined || to.name === name);

const twice: Rewrite = (frame) => [frame, frame];

const withPayload =
  (members: Record<string, unknown>): Rewrite =>
  (frame) => [{ ...frame, payload: { ...frame.payload, ...members } }];

/** To whom it is for, and to another. */
const alsoTo =
  (name: string): Rewrite =>
  (frame, _to, simulator) => {
    const other = simulator.seats.find((seat) => seat.name === name && !seat.isOver);
    if (other) simulator.push(other, frame);
    return [frame];
  };

const isTargeted = ({ payload }: Frame) => typeof payload.target_user_id === 'string';
const isBroadcast = (frame: Frame) => frame.sender_id !== undefined && !isTargeted(frame);
const participantsOf = ({ payload }: Frame) => payload.participants as { user_id: string }[];

function broken(rewrite: Rewrite, play: Play = usual, options: MonitorOptions = {}) {
  const simulator = new Simulator(['alice', 'bob', 'carol', 'dave'], rewrite);
  play(simulator);
  const { findings, exercised } = judgeTrace(simulator.events, { closedWorld: true, ...options });
  const broken = [...new Set(findings.map(({ requirement }) => requirement))];
  for (const id of broken) expect(exercised).toContain(id);
  return broken;
}

const asItIs: Rewrite = (frame) => [frame];

/** Carol's first connection is gone; what it said last comes after that. */
const lateWords: Play = (s) => {
  const [alice, , carol] = joinAll(s, 'alice', 'bob', 'carol');
  s.send(carol, 'offer', 'alice');
  s.serve(carol);
  const [words] = alice.down.splice(-1);
  s.end(carol, 'close');
  s.settle();
  if (words) alice.down.push(words);
  s.settle();
};

const cases: [rule: RequirementId, what: string, rewrite: Rewrite, play?: Play, options?: MonitorOptions][] = [
  ['JOIN-1', 'room_state without participants', once(isType('room_state', 'bob'), withPayload({ participants: 7 }))],
  [
    'JOIN-1',
    'user_joined before room_state',
    once(isType('room_state', 'bob'), (frame) => [{ ...frame, type: 'user_joined', payload: { user_id: 'x' } }, frame]),
  ],
  [
    'JOIN-2',
    'one listed twice',
    once(isType('room_state', 'carol'), (frame, ...rest) =>
      withPayload({
        participants: [{ user_id: idOf('bob') }, ...participantsOf(frame)],
        participant_count: 4,
      })(frame, ...rest),
    ),
  ],
  [
    'JOIN-2',
    'the joiner left out',
    once(isType('room_state', 'carol'), (frame, ...rest) =>
      withPayload({
        participants: participantsOf(frame).filter(({ user_id }) => user_id !== idOf('carol')),
        participant_count: 2,
      })(frame, ...rest),
    ),
  ],
  ['JOIN-3', 'a wrong count', once(isType('room_state', 'bob'), withPayload({ participant_count: 5 }))],
  ['JOIN-4', 'a joiner announced twice', once(isType('user_joined', 'alice'), twice)],
  ['JOIN-5', 'a joiner told of itself', once(isType('user_joined'), alsoTo('bob'))],
  ['JOIN-6', 'room_state again', once(isType('room_state', 'bob'), twice)],
  [
    'JOIN-7',
    'announced although listed',
    once(isType('room_state', 'bob'), (frame) => [
      frame,
      { ...frame, type: 'user_joined', payload: { user_id: idOf('alice') } },
    ]),
  ],
  [
    upcoming['JOIN-11'],
    'a joiner that is never announced',
    (frame, to) => (isType('user_joined', 'bob')(frame, to) ? [] : [frame]),
  ],
  ['LEAVE-1', 'a departure announced twice', once(isType('user_left', 'bob'), twice)],
  ['LEAVE-4', 'what was said before, after the departure', asItIs, lateWords],
  ['RELAY-1', 'a targeted message to a third', once(isTargeted, alsoTo('carol'))],
  ['RELAY-1', 'a targeted message twice', once(isTargeted, twice)],
  ['RELAY-2', 'a broadcast twice', once(isBroadcast, twice)],
  ['RELAY-3', 'a broadcast back to its sender', once((frame) => isBroadcast(frame), alsoTo('alice'))],
  [
    'RELAY-3',
    'a targeted message back to its sender',
    once((frame, to) => isTargeted(frame) && to.name === 'bob', alsoTo('alice')),
  ],
  [
    'RELAY-4',
    'a wrong sender',
    once(isBroadcast, (frame) => [
      { ...frame, sender_id: idOf('carol'), payload: { ...frame.payload, sender_id: idOf('carol') } },
    ]),
    (s) => {
      const [alice] = joinAll(s, 'alice', 'carol', 'bob');
      s.send(alice, 'offer', null);
      s.settle();
    },
  ],
  ['RELAY-4', 'two senders', once(isTargeted, withPayload({ sender_id: idOf('carol') }))],
  ['RELAY-4', 'no sender', once(isTargeted, ({ sender_id: _, ...frame }) => [frame])],
  ['RELAY-5', 'a changed member', once(isTargeted, withPayload({ x_extra: ['other'] }))],
  ['RELAY-5', 'a lost target', once(isTargeted, withPayload({ target_user_id: undefined }))],
  ['RELAY-8', 'a room_id of no room', once(isTargeted, (frame) => [{ ...frame, room_id: 'elsewhere' }])],
  ['RELAY-9', 'a time of its own', once(isTargeted, (frame) => [{ ...frame, timestamp: '2026-03-01T09:30:00Z' }])],
  ['RELAY-9', 'no time', once(isTargeted, ({ timestamp: _, ...frame }) => [frame])],
  ['OFFER-1', 'a changed offer', once(isType('offer'), withPayload({ sdp: 'v=0\n' }))],
  ['ANSWER-1', 'a changed answer', once(isType('answer'), withPayload({ sdp: 'v=0\n' }))],
  ['ICE-1', 'a changed candidate', once(isType('ice_candidate'), withPayload({ sdp_mid: null }))],
  [
    'ICE-1',
    'a candidate of an unknown type',
    once(isType('ice_candidate'), (frame) => [{ ...frame, type: 'ice-candidate' }]),
  ],
  [
    'OFFER-1',
    'an offer that nobody sent',
    once(isType('offer'), (frame) => [frame, { ...frame, payload: { ...frame.payload, sdp: 'new' } }]),
  ],
];

describe('a server that breaks one rule', () => {
  it.each(cases)('%s: %s', (rule, _what, rewrite, play, options) => {
    expect(broken(rewrite, play, options)).toEqual([rule]);
  });

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
      upcoming['JOIN-10'],
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
      upcoming['JOIN-10'],
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
      upcoming['JOIN-11'],
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
      upcoming['ROOM-7'],
      'a user thrown out of one room by another',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        s.connect('alice', 'other');
        alice.down.push({ kind: 'close', code: 4001, reason: 'replaced' });
        s.settle();
      },
    ],
    [
      'AUTH-6',
      'a room_state without a valid token',
      (s) => {
        s.connect('alice', 'room', 'forged');
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
});

function own(type: string, payload: Record<string, unknown>): Frame {
  return { type, payload, room_id: 'room', timestamp: '2026-03-01T09:30:00.000Z' };
}

function relayed(sender: string, type: string, payload: Record<string, unknown>): Frame {
  const sender_id = idOf(sender);
  return { ...own(type, { ...payload, sender_id }), sender_id };
}

describe('a rule of a feature', () => {
  it('is not judged where the feature is not claimed', () => {
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
      ['JOIN-4', 'JOIN-7', 'JOIN-8'],
      'user_joined',
      (frame) => (frame.type === 'user_joined' ? [frame, frame] : [frame]),
    ],
    [['LEAVE-1', upcoming['JOIN-11']], 'user_left', (frame) => (frame.type === 'user_left' ? [frame, frame] : [frame])],
  ];

  it.each(faults)('breaks %j and nothing else: %s', (rules, _what, rewrite) => {
    let found = 0;
    fc.assert(
      fc.property(choices, fc.nat({ max: 30 }), (numbers, position) => {
        let count = 0;
        const at: Rewrite = (frame, ...rest) => (count++ === position ? rewrite(frame, ...rest) : [frame]);
        const { findings } = judgeTrace(conformantHistory(numbers, at), { closedWorld: true });
        found += findings.length;
        expect(rules).toEqual(expect.arrayContaining(findings.map(({ requirement }) => requirement)));
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(0);
  });
});
