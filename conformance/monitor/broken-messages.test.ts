import { describe, expect, it } from 'vitest';
import type { RequirementId } from '../../generated/index.js';
import { idOf, type Rewrite } from './testing/simulator.js';
import {
  alsoTo,
  asItIs,
  broken,
  isBroadcast,
  isTargeted,
  isType,
  joinAll,
  once,
  type Play,
  participantsOf,
  twice,
  withPayload,
} from './testing/stories.js';

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

const withLf: Rewrite = (frame, ...rest) =>
  withPayload({ sdp: String(frame.payload.sdp).replaceAll('\r\n', '\n') })(frame, ...rest);

const cases: [rule: RequirementId, what: string, rewrite: Rewrite, play?: Play][] = [
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
    'JOIN-11',
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
  ['OFFER-1', 'a changed offer', once(isType('offer'), withLf)],
  ['ANSWER-1', 'a changed answer', once(isType('answer'), withLf)],
  ['ICE-1', 'a changed candidate', once(isType('ice_candidate'), withPayload({ sdp_mid: null }))],
  [
    'ICE-1',
    'a candidate of an unknown type',
    once(isType('ice_candidate'), (frame) => [{ ...frame, type: 'ice-candidate' }]),
  ],
  [
    'ROOM-4',
    'an offer that nobody sent',
    once(isType('offer'), (frame) => [frame, { ...frame, payload: { ...frame.payload, sdp: 'new' } }]),
  ],
];

describe('a server that says one thing wrong', () => {
  it.each(cases)('%s: %s', (rule, _what, rewrite, play) => {
    expect(broken(rewrite, play)).toEqual([rule]);
  });
});
