import type { Effect } from '../../run/embedded.js';
import {
  changeEffects,
  changeReceived,
  changeWritten,
  changeWrittenPayload,
  delivers,
  others,
  transition,
  writeLate,
} from '../alter.js';
import type { Mutant } from '../mutant.js';

interface Listed {
  user_id: string;
}

export const joinMutants: readonly Mutant[] = [
  {
    name: 'kebab-case-types',
    breaks: 'JOIN-1',
    summary: 'Types are written with hyphens: `room-state`, `user-joined`, `ice-candidate`.',
    decisions: changeWritten(['room_state', 'user_joined', 'user_left', 'ice_candidate'], (message) => ({
      ...message,
      type: message.type.replaceAll('_', '-'),
    })),
  },
  {
    name: 'greeting-first',
    breaks: 'JOIN-1',
    also: [{ requirement: 'JOIN-10', because: 'who comes back is greeted first too' }],
    summary: 'A joiner is sent `connected` before its `room_state`.',
    decisions: changeEffects((event, { room, effects }) => {
      if (event.type !== 'join') return effects;
      const greeting = { type: 'connected', room_id: room.id, timestamp: event.at, payload: {} } as never;
      return [{ type: 'deliver', to: [event.connectionId], message: greeting }, ...effects];
    }),
  },
  {
    name: 'bare-user-ids-in-room-state',
    breaks: 'JOIN-1',
    summary: '`room_state` lists participants as strings.',
    decisions: changeWrittenPayload(['room_state'], (payload) => ({
      ...payload,
      participants: (payload.participants as Listed[]).map(({ user_id }) => user_id),
    })),
    also: [
      { requirement: 'JOIN-7', because: 'nobody can be found in such a list' },
      { requirement: 'JOIN-8', because: 'nobody can be found in such a list' },
      { requirement: 'AUTH-9', because: 'nobody can be found in such a list' },
      { requirement: 'ROOM-1', because: 'nobody can be found in such a list' },
      { requirement: 'JOIN-13', because: 'nobody can be found in such a list' },
      { requirement: 'JOIN-10', because: 'nobody can be found in such a list' },
    ],
  },
  {
    name: 'room-state-of-the-others',
    breaks: 'JOIN-2',
    summary: '`room_state` lists the others and leaves out the joiner.',
    also: [
      { requirement: 'AUTH-9', because: 'who is looked for in the list is the joiner' },
      { requirement: 'JOIN-8', because: 'who is looked for in the list is the joiner' },
    ],
    decisions: changeWrittenPayload(['room_state'], (payload) => {
      const participants = (payload.participants as Listed[]).slice(0, -1);
      return { ...payload, participants, participant_count: participants.length };
    }),
  },
  {
    name: 'room-state-lists-the-first-twice',
    breaks: 'JOIN-2',
    summary: '`room_state` lists whoever came first a second time when others have come.',
    also: [
      { requirement: 'AUTH-9', because: 'the list has more members than there are users' },
      { requirement: 'JOIN-13', because: 'the list has more members than there are users' },
    ],
    decisions: changeWrittenPayload(['room_state'], (payload) => {
      const list = payload.participants as Listed[];
      const participants = list.length > 1 ? [list[0], ...list] : list;
      return { ...payload, participants, participant_count: participants.length };
    }),
  },
  {
    name: 'count-without-the-joiner',
    breaks: 'JOIN-3',
    summary: '`participant_count` counts the others only.',
    decisions: changeWrittenPayload(['room_state'], (payload) => ({
      ...payload,
      participant_count: (payload.participants as Listed[]).length - 1,
    })),
  },
  {
    name: 'tells-nobody-who-it-is',
    breaks: 'JOIN-12',
    summary: '`room_state` does not say who its receiver is.',
    decisions: changeWrittenPayload(['room_state'], ({ your_user_id, ...payload }) => payload),
  },
  {
    name: 'tells-everybody-it-is-the-first',
    breaks: 'JOIN-12',
    summary: '`your_user_id` is the first participant listed.',
    decisions: changeWrittenPayload(['room_state'], (payload) => ({
      ...payload,
      your_user_id: (payload.participants as { user_id: string }[])[0]?.user_id,
    })),
  },
  {
    name: 'announces-twice',
    breaks: 'JOIN-4',
    summary: '`user_joined` is sent twice.',
    decisions: changeEffects((_event, { effects }) =>
      effects.flatMap((effect): Effect[] => (delivers(effect, 'user_joined') ? [effect, effect] : [effect])),
    ),
  },
  {
    name: 'announces-in-camel-case',
    breaks: 'JOIN-4',
    summary: '`user_joined` names the joiner as `userId`.',
    decisions: changeWrittenPayload(['user_joined'], ({ user_id: userId, ...payload }) => ({ userId, ...payload })),
    also: [
      { requirement: 'JOIN-7', because: 'nobody is told who joined' },
      { requirement: 'JOIN-8', because: 'nobody is told who joined' },
      { requirement: 'JOIN-9', because: 'others never learn of the joiner' },
      { requirement: 'JOIN-11', because: 'others never learn of the joiner' },
    ],
  },
  {
    name: 'announces-to-the-joiner',
    breaks: 'JOIN-5',
    summary: '`user_joined` is sent to the joiner as well.',
    decisions: changeEffects((event, { room, effects }) => {
      if (event.type !== 'join' || room.byUser.get(event.user.userId)?.connectionId !== event.connectionId)
        return effects;
      const payload = { user_id: event.user.userId };
      const message = { type: 'user_joined', room_id: room.id, timestamp: event.at, payload } as const;
      return [...effects, { type: 'deliver', to: [event.connectionId], message }];
    }),
  },
  {
    name: 'room-state-for-everybody',
    breaks: 'JOIN-6',
    summary: '`room_state` is sent to everybody again on each join.',
    decisions: changeEffects((event, outcome) =>
      outcome.effects.flatMap((effect): Effect[] =>
        event.type === 'join' && delivers(effect, 'room_state')
          ? [effect, { ...effect, to: others(outcome, event.connectionId) }]
          : [effect],
      ),
    ),
  },
  {
    name: 'announces-late',
    breaks: 'JOIN-7',
    summary: 'Whoever joined in the last 20 ms is announced to the next joiner, which has it in its `room_state`.',
    decisions: () => {
      const joinedAt = new Map<string, number>();
      return changeEffects((event, { room, effects }) => {
        if (event.type !== 'join') return effects;
        joinedAt.set(event.connectionId, performance.now());
        const late = [...room.byConnection.values()].filter(({ connectionId }) => {
          const age = performance.now() - (joinedAt.get(connectionId) ?? 0);
          return connectionId !== event.connectionId && age < 20;
        });
        return [
          ...effects,
          ...late.map(({ participant: { user_id } }) => ({
            type: 'deliver' as const,
            to: [event.connectionId],
            message: { type: 'user_joined' as const, room_id: room.id, timestamp: event.at, payload: { user_id } },
          })),
        ];
      });
    },
  },
  {
    name: 'crowds-overlook-each-other',
    breaks: 'JOIN-7',
    summary: '`room_state` leaves out whoever joined right before, when a fourth or later participant joins.',
    decisions: changeWrittenPayload(['room_state'], (payload) => {
      const list = payload.participants as Listed[];
      const participants = list.length > 4 ? list.filter((_, index) => index !== list.length - 2) : list;
      return { ...payload, participants, participant_count: participants.length };
    }),
  },
  {
    name: 'replaced-closed-normally',
    breaks: 'JOIN-8',
    summary: 'A connection that is replaced is closed 1000, as if the user had left.',
    decisions: changeEffects((_event, { effects }) =>
      effects.map((effect) => (effect.type === 'close' && effect.code === 4001 ? { ...effect, code: 1000 } : effect)),
    ),
  },
  {
    name: 'replaced-in-silence',
    breaks: 'JOIN-8',
    summary: 'Others are told nothing when a newer connection replaces an older one.',
    decisions: changeEffects((event, { effects }) => {
      if (event.type !== 'join' || !effects.some(({ type }) => type === 'close')) return effects;
      return effects.filter((effect) => !delivers(effect, 'user_left') && !delivers(effect, 'user_joined'));
    }),
  },
  {
    name: 'replaced-leaves-late',
    breaks: 'JOIN-8',
    summary: 'The end of a replaced connection is announced after the newer one has joined.',
    decisions: () => {
      const replaced = new Map<string, string>();
      return changeEffects((event, outcome) => {
        const { room, effects } = outcome;
        for (const effect of effects) {
          if (effect.type === 'close' && effect.code === 4001 && event.type === 'join') {
            replaced.set(effect.connectionId, event.user.userId);
          }
        }
        const user_id = replaced.get(event.connectionId);
        if (event.type !== 'leave' || user_id === undefined) return effects;
        const payload = { user_id, reason: 'replaced' } as const;
        const message = { type: 'user_left', room_id: room.id, timestamp: event.at, payload } as const;
        const to = others(outcome, room.byUser.get(user_id)?.connectionId ?? '');
        return [{ type: 'deliver', to, message }];
      });
    },
  },
  {
    name: 'deaf-at-first',
    breaks: 'JOIN-9',
    summary: 'What is sent to a joiner in its first 100 ms is lost.',
    also: [
      { requirement: 'JOIN-13', because: 'the first message of a joiner is lost where the other joined just before' },
      { requirement: 'JOIN-8', because: 'the newest connection of a user is a joiner too' },
    ],
    decisions: () => {
      const joinedAt = new Map<string, number>();
      return changeEffects((event, { effects }) => {
        if (event.type === 'join') joinedAt.set(event.connectionId, performance.now());
        if (event.type !== 'message') return effects;
        const isDeaf = (id: string) => id !== event.connectionId && performance.now() - (joinedAt.get(id) ?? 0) < 100;
        return effects.flatMap((effect): Effect[] => {
          if (effect.type !== 'deliver') return [effect];
          const to = effect.to.filter((id) => !isDeaf(id));
          return to.length === 0 ? [] : [{ ...effect, to }];
        });
      });
    },
  },
  ...[20, 100].map(
    (ms): Mutant => ({
      name: `deaf-to-joiners-for-${ms}-ms`,
      breaks: 'JOIN-13',
      summary: `What a joiner sends in its first ${ms} ms is lost.`,
      decisions: () => {
        const joinedAt = new Map<string, number>();
        const heard = changeReceived(({ connectionId, message }) =>
          performance.now() - (joinedAt.get(connectionId) ?? 0) < ms ? undefined : message,
        );
        return {
          transition(room, event) {
            if (event.type === 'join') joinedAt.set(event.connectionId, performance.now());
            return heard.transition?.(room, event) ?? transition(room, event);
          },
        };
      },
      also: [
        { requirement: 'JOIN-9', because: 'the first message to a joiner is lost where the other joined just before' },
        { requirement: 'JOIN-8', because: 'who connects again is not heard at once either' },
      ],
    }),
  ),
  {
    name: 'announces-50-ms-late',
    breaks: 'JOIN-11',
    summary: '`user_joined` comes 50 ms late, after the first messages of the joiner.',
    decisions: writeLate(50, (text) => text.includes('"type":"user_joined"')),
    also: [
      { requirement: 'JOIN-8', because: 'of a user who connects again, the two announcements come in the wrong order' },
      { requirement: 'JOIN-4', because: 'an announcement that is still under way is missing' },
    ],
  },
  {
    name: 'third-gets-no-room-state',
    breaks: 'JOIN-1',
    summary: 'Whoever is the third in a room is sent no `room_state`.',
    also: [{ requirement: 'JOIN-7', because: 'of those who join at the same moment one is the third' }],
    decisions: changeEffects((event, { room, effects }) =>
      event.type === 'join' && room.byUser.size === 3 ? effects.filter((one) => !delivers(one, 'room_state')) : effects,
    ),
  },
  {
    name: 'crowds-get-no-room-state',
    breaks: 'JOIN-7',
    summary: 'Whoever joins a room as the tenth within 100 ms is sent no `room_state`.',
    decisions: () => {
      const joins = new Map<string, number[]>();
      return changeEffects((event, { room, effects }) => {
        if (event.type !== 'join') return effects;
        const recent = [...(joins.get(room.id) ?? []), performance.now()].filter((at) => performance.now() - at < 100);
        joins.set(room.id, recent);
        return recent.length === 10 ? effects.filter((one) => !delivers(one, 'room_state')) : effects;
      });
    },
  },
  {
    name: 'newer-finds-the-older',
    breaks: 'JOIN-8',
    summary: 'Who takes the place of its older connection is listed twice in its own `room_state`.',
    decisions: changeEffects((event, { effects }) => {
      const replaces = event.type === 'join' && effects.some(({ type }) => type === 'close');
      if (!replaces) return effects;
      return effects.map((effect): Effect => {
        if (!delivers(effect, 'room_state') || effect.message.type !== 'room_state') return effect;
        const older = effect.message.payload.participants.filter(({ user_id }) => user_id === event.user.userId);
        const participants = [...older, ...effect.message.payload.participants];
        const payload = { ...effect.message.payload, participants, participant_count: participants.length };
        return { ...effect, message: { ...effect.message, payload } };
      });
    }),
    also: [{ requirement: 'AUTH-9', because: 'the list has more members than there are users' }],
  },
  {
    name: 'newer-is-announced-first',
    breaks: 'JOIN-8',
    summary: 'Where a user connects again, `user_joined` comes before `user_left`.',
    decisions: changeEffects((event, { effects }) => {
      if (event.type !== 'join' || !effects.some(({ type }) => type === 'close')) return effects;
      const isLeft = (effect: Effect) => delivers(effect, 'user_left');
      return [...effects.filter((effect) => !isLeft(effect)), ...effects.filter(isLeft)];
    }),
  },
  {
    name: 'newer-gets-no-room-state',
    breaks: 'JOIN-8',
    summary: 'Who takes the place of its older connection is sent no `room_state`.',
    decisions: changeEffects((event, { effects }) =>
      event.type === 'join' && effects.some(({ type }) => type === 'close')
        ? effects.filter((one) => !delivers(one, 'room_state'))
        : effects,
    ),
    also: [
      { requirement: 'JOIN-1', because: 'who connects again joins as well' },
      { requirement: 'AUTH-9', because: 'nobody can be found in a list that does not come' },
      { requirement: 'JOIN-10', because: 'who connects again comes back' },
    ],
  },
  {
    name: 'room-state-comes-late',
    breaks: 'JOIN-9',
    summary: '`room_state` is sent 20 ms after the others have learned of the joiner, who hears them already.',
    decisions: writeLate(20, (text) => text.includes('"type":"room_state"')),
    also: [
      { requirement: 'JOIN-1', because: 'whatever others say comes first' },
      { requirement: 'JOIN-10', because: 'whatever others say comes first' },
      { requirement: 'JOIN-7', because: 'announcements come before the list' },
    ],
  },
  {
    name: 'announces-names-as-numbers',
    breaks: 'JOIN-4',
    summary: '`user_joined` has a number where the name is to be.',
    decisions: changeWrittenPayload(['user_joined'], (payload) => ({ ...payload, username: 7 })),
  },
  {
    name: 'rooms-are-swept',
    breaks: 'JOIN-7',
    summary: 'A room is forgotten 200 ms after the last one left, with whoever has come meanwhile.',
    decisions: () => {
      const emptiedAt = new Map<string, number>();
      const orphans = new Set<string>();
      return changeEffects((event, { room, effects }) => {
        if (event.type === 'leave' && room.byUser.size === 0) emptiedAt.set(room.id, performance.now());
        if (event.type !== 'join') return effects;
        const since = performance.now() - (emptiedAt.get(room.id) ?? Number.NEGATIVE_INFINITY);
        if (since < 200) {
          orphans.add(event.connectionId);
          return effects;
        }
        const lost = [...room.byConnection].filter(([id]) => orphans.has(id));
        return effects.flatMap((effect): Effect[] => {
          if (effect.type !== 'deliver') return [effect];
          const to = effect.to.filter((id) => !orphans.has(id));
          if (effect.message.type !== 'room_state') return to.length === 0 ? [] : [{ ...effect, to }];
          const isLost = (userId: string) => lost.some(([, { participant }]) => participant.user_id === userId);
          const participants = effect.message.payload.participants.filter(({ user_id }) => !isLost(user_id));
          const payload = { ...effect.message.payload, participants, participant_count: participants.length };
          return [{ ...effect, message: { ...effect.message, payload } }];
        });
      });
    },
    also: [{ requirement: 'ROOM-5', because: 'who has left a room looks into it at once' }],
  },
  {
    name: 'announces-each-user-once',
    breaks: 'JOIN-4',
    summary: 'A user who was in the room before is not announced again.',
    decisions: () => {
      const known = new Set<string>();
      return changeEffects((event, { room, effects }) => {
        if (event.type !== 'join' || effects.some(({ type }) => type === 'close')) return effects;
        const key = `${room.id} ${event.user.userId}`;
        const isKnown = known.has(key);
        known.add(key);
        return isKnown ? effects.filter((effect) => !delivers(effect, 'user_joined')) : effects;
      });
    },
    also: [
      { requirement: 'JOIN-9', because: 'others do not learn of who joins for the second time' },
      { requirement: 'JOIN-11', because: 'who comes back is told of by its user_left alone' },
    ],
  },
];
