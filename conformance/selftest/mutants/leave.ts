import type { Effect } from '../../run/embedded.js';
import { changeEffects, changeWrittenPayload, transition, writeLate } from '../alter.js';
import type { Mutant } from '../mutant.js';

export const leaveMutants: readonly Mutant[] = [
  {
    name: 'leaves-in-silence',
    breaks: 'LEAVE-1',
    summary: 'A participant that closes its connection is not announced as left.',
    decisions: changeEffects((event, { effects }) =>
      event.type === 'leave' && event.reason === 'left' ? [] : effects,
    ),
  },
  {
    name: 'leaves-twice',
    breaks: 'LEAVE-1',
    summary: '`user_left` is sent twice when a connection is closed.',
    decisions: changeEffects((event, { effects }) =>
      event.type === 'leave' && event.reason === 'left' ? [...effects, ...effects] : effects,
    ),
  },
  {
    name: 'leaves-in-camel-case',
    breaks: 'LEAVE-1',
    summary: '`user_left` names the leaver as `userId`.',
    decisions: changeWrittenPayload(['user_left'], ({ user_id: userId, ...payload }) => ({ userId, ...payload })),
    also: [
      { requirement: 'LEAVE-2', because: 'the announcement of a lost connection has the same fault' },
      { requirement: 'JOIN-8', because: 'nobody is told which user left when it is replaced' },
    ],
  },
  {
    name: 'lost-without-notice',
    breaks: 'LEAVE-2',
    summary: 'A connection that ends without a close frame stays in the room.',
    also: [{ requirement: 'LEAVE-1', because: 'of those who leave at once some are cut off' }],
    decisions: {
      transition(room, event) {
        if (event.type === 'leave' && event.reason === 'disconnected') return { room, effects: [] };
        return transition(room, event);
      },
    },
  },
  {
    name: 'remembers-the-departed',
    breaks: 'LEAVE-3',
    summary: 'Whoever left stays in the `room_state` of later joiners.',
    decisions: () => {
      const departed = new Map<string, { user_id: string }[]>();
      return {
        transition(room, event) {
          const outcome = transition(room, event);
          const gone = departed.get(room.id) ?? [];
          if (event.type === 'leave' && event.reason === 'left') {
            const participant = room.byConnection.get(event.connectionId)?.participant;
            if (outcome.room.byUser.size === 0) departed.delete(room.id);
            else if (participant) departed.set(room.id, [...gone, participant]);
          }
          if (event.type !== 'join') return outcome;
          const ghosts = gone.filter(({ user_id }) => !outcome.room.byUser.has(user_id));
          const effects = outcome.effects.map((effect) => {
            if (effect.type !== 'deliver' || effect.message.type !== 'room_state') return effect;
            const participants = [...ghosts, ...effect.message.payload.participants];
            const payload = { ...effect.message.payload, participants, participant_count: participants.length };
            return { ...effect, message: { ...effect.message, payload } };
          });
          return { ...outcome, effects };
        },
      };
    },
  },
  {
    name: 'writes-to-the-departed',
    breaks: 'LEAVE-3',
    summary: 'A message to a user who left is taken as if it were delivered.',
    also: [{ requirement: 'JOIN-8', because: 'the older connection of a user leaves after the newer has joined' }],
    decisions: () => {
      const departed = new Set<string>();
      return changeEffects((event, { room, effects }) => {
        const key = (user: unknown) => JSON.stringify([room.id, user]);
        if (event.type === 'join') departed.delete(key(event.user.userId));
        for (const effect of effects) {
          if (effect.type === 'deliver' && effect.message.type === 'user_left')
            departed.add(key(effect.message.payload.user_id));
        }
        return event.type === 'message' && departed.has(key(event.message.payload.target_user_id)) ? [] : effects;
      });
    },
  },
  {
    name: 'last-words',
    breaks: 'LEAVE-4',
    summary: 'The last message of a user without a target is sent once more when it has left.',
    decisions: () => {
      const last = new Map<string, Effect & { type: 'deliver' }>();
      return changeEffects((event, { effects }) => {
        const [effect] = effects;
        const isBroadcast = event.type === 'message' && typeof event.message.payload.target_user_id !== 'string';
        if (isBroadcast && effect?.type === 'deliver') last.set(event.connectionId, effect);
        const again = last.get(event.connectionId);
        if (event.type !== 'leave' || again === undefined || effect?.type !== 'deliver') return effects;
        return [...effects, { ...again, to: effect.to }];
      });
    },
  },
  {
    name: 'no-heartbeat',
    breaks: 'LEAVE-5',
    summary: 'A peer that stops answering is never dropped.',
    options: { heartbeatMs: 0 },
    profile: { features: new Set(['heartbeat']), heartbeatSeconds: 1 },
  },
  {
    name: 'leaves-late',
    breaks: 'LEAVE-6',
    summary: '`user_left` comes 2.2 seconds after the close.',
    decisions: writeLate(2200, (text) => /"reason":"left"/.test(text)),
    timeoutMs: 4000,
  },
  {
    name: 'leaves-for-reasons-of-its-own',
    breaks: 'LEAVE-1',
    summary: '`user_left` gives the reason `gone`, which is none of the reasons there are.',
    decisions: changeWrittenPayload(['user_left'], (payload) => ({ ...payload, reason: 'gone' })),
    also: [{ requirement: 'LEAVE-2', because: 'however somebody leaves, the reason is `gone`' }],
  },
  {
    name: 'hears-the-replaced',
    breaks: 'LEAVE-4',
    summary: 'What a connection sends that was replaced is delivered until it is gone.',
    decisions: () => {
      const users = new Map<string, string>();
      return {
        transition(room, event) {
          if (event.type === 'join') users.set(event.connectionId, event.user.userId);
          if (event.type !== 'message' || room.byConnection.has(event.connectionId)) return transition(room, event);
          const newest = room.byUser.get(users.get(event.connectionId) ?? '');
          return transition(room, newest ? { ...event, connectionId: newest.connectionId } : event);
        },
      };
    },
  },
];
