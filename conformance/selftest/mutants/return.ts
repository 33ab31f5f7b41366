import type { Effect, RoomEvent } from '../../run/embedded.js';
import { changeEffects, delivers } from '../alter.js';
import type { Mutant } from '../mutant.js';

/** Decisions under which somebody who was in the room before is told something after its `room_state`. */
function tellWhoReturns(tell: (connectionId: string, said: Effect[], state: Effect[]) => Effect[]) {
  return () => {
    const said = new Map<string, Effect[]>();
    const seen = new Set<string>();
    return changeEffects((event, { room, effects }) => {
      const old = said.get(room.id) ?? [];
      if (event.type === 'message') said.set(room.id, [...old, ...effects].slice(-50));
      if (event.type !== 'join') return effects;
      const key = `${room.id} ${event.user.userId}`;
      const isBack = seen.has(key);
      seen.add(key);
      if (!isBack) return effects;
      const own = effects.filter((effect) => effect.type === 'deliver' && effect.to.includes(event.connectionId));
      return [...effects, ...tell(event.connectionId, old, own)];
    });
  };
}

const toOnly = (connectionId: string, effects: readonly Effect[]): Effect[] =>
  effects.flatMap((effect) => (effect.type === 'deliver' ? [{ ...effect, to: [connectionId] }] : []));

/** Which connections each user has, in whatever rooms. */
function roomsOfUsers() {
  const byUser = new Map<string, Set<string>>();
  const userOf = new Map<string, string>();
  return {
    /** Takes in what happens, and gives the other connections of the user to whom it happens. */
    note(event: RoomEvent): string[] {
      if (event.type === 'join') userOf.set(event.connectionId, event.user.userId);
      const user = userOf.get(event.connectionId) ?? '';
      const connections = byUser.get(user) ?? new Set();
      byUser.set(user, connections);
      if (event.type === 'join') connections.add(event.connectionId);
      if (event.type === 'leave') connections.delete(event.connectionId);
      return [...connections].filter((id) => id !== event.connectionId);
    },
  };
}

export const returnMutants: readonly Mutant[] = [
  {
    name: 'replays-to-who-returns',
    breaks: 'JOIN-10',
    summary: 'Who leaves and comes back is sent what was said in the room before.',
    decisions: tellWhoReturns((connectionId, said) => toOnly(connectionId, said)),
  },
  {
    name: 'replays-the-last-message',
    breaks: 'JOIN-10',
    summary: 'Who leaves and comes back is sent the last message that was said in the room.',
    decisions: tellWhoReturns((connectionId, said) => toOnly(connectionId, said.slice(-1))),
  },
  {
    name: 'greets-who-returns-twice',
    breaks: 'JOIN-10',
    summary: 'Who leaves and comes back is sent `room_state` twice.',
    decisions: tellWhoReturns((connectionId, _, state) => toOnly(connectionId, state)),
    also: [{ requirement: 'JOIN-6', because: 'the second one of who came back is a second one' }],
  },
  {
    name: 'one-room-a-user',
    breaks: 'ROOM-7',
    summary: 'Who enters a second room is thrown out of the first.',
    decisions: () => {
      const at = new Map<string, string>();
      return changeEffects((event, { effects }) => {
        if (event.type === 'leave')
          for (const [user, connection] of at) if (connection === event.connectionId) at.delete(user);
        if (event.type !== 'join') return effects;
        const older = at.get(event.user.userId);
        at.set(event.user.userId, event.connectionId);
        if (older === undefined) return effects;
        return [{ type: 'close', connectionId: older, code: 4001, reason: 'in another room' }, ...effects];
      });
    },
    also: [
      { requirement: 'AUTH-9', because: 'a user cannot be seen in two rooms at once' },
      { requirement: 'JOIN-8', because: 'the close of an older connection comes from another room' },
      { requirement: 'JOIN-2', because: 'who is thrown out meanwhile is missing in the list' },
      { requirement: 'LEAVE-1', because: 'who is in another room meanwhile is thrown out' },
      { requirement: 'LEAVE-2', because: 'who is in another room meanwhile is thrown out' },
      { requirement: 'ROOM-4', because: 'who is thrown out hears nothing' },
      { requirement: 'JOIN-7', because: 'who is in another room meanwhile is thrown out' },
    ],
  },
  {
    name: 'second-room-is-deaf',
    breaks: 'ROOM-7',
    summary: 'What is sent to a user who is in two rooms arrives in the last of them only.',
    also: [
      { requirement: 'RELAY-1', because: 'whoever waits in a room is in others meanwhile' },
      { requirement: 'RELAY-2', because: 'whoever waits in a room is in others meanwhile' },
    ],
    decisions: () => {
      const latest = new Map<string, string>();
      const userOf = new Map<string, string>();
      return changeEffects((event, { effects }) => {
        if (event.type === 'join') {
          latest.set(event.user.userId, event.connectionId);
          userOf.set(event.connectionId, event.user.userId);
        }
        if (event.type === 'leave') {
          const user = userOf.get(event.connectionId) ?? '';
          if (latest.get(user) === event.connectionId) latest.delete(user);
        }
        if (event.type !== 'message') return effects;
        const isDeaf = (id: string) => (latest.get(userOf.get(id) ?? '') ?? id) !== id;
        return effects.flatMap((effect): Effect[] => {
          if (effect.type !== 'deliver') return [effect];
          const to = effect.to.filter((id) => !isDeaf(id));
          return to.length === 0 ? [] : [{ ...effect, to }];
        });
      });
    },
  },
  {
    name: 'second-room-is-announced-in-the-first',
    breaks: 'ROOM-7',
    summary: 'Who enters a second room is announced in the first as well.',
    also: [
      { requirement: 'ROOM-4', because: 'announcements reach another room' },
      { requirement: 'JOIN-5', because: 'whoever joins another room is told of itself' },
    ],
    decisions: () => {
      const rooms = roomsOfUsers();
      return changeEffects((event, { effects }) => {
        const elsewhere = rooms.note(event);
        if (event.type !== 'join') return effects;
        return effects.map((effect): Effect => {
          const isNews = delivers(effect, 'user_joined');
          return isNews ? { ...effect, to: [...new Set([...effect.to, ...elsewhere])] } : effect;
        });
      });
    },
  },
  {
    name: 'returning-see-themselves-only',
    breaks: 'JOIN-10',
    summary: 'Who leaves and comes back is sent a `room_state` with nobody else in it.',
    decisions: () => {
      const seen = new Set<string>();
      return changeEffects((event, { room, effects }) => {
        if (event.type !== 'join') return effects;
        const key = `${room.id} ${event.user.userId}`;
        const isBack = seen.has(key);
        seen.add(key);
        return effects.map((effect): Effect => {
          if (!isBack || effect.type !== 'deliver' || effect.message.type !== 'room_state') return effect;
          const participants = effect.message.payload.participants.filter(
            ({ user_id }) => user_id === event.user.userId,
          );
          const payload = { ...effect.message.payload, participants, participant_count: participants.length };
          return { ...effect, message: { ...effect.message, payload } };
        });
      });
    },
    also: [{ requirement: 'AUTH-9', because: 'who connects again finds nobody else' }],
  },
  {
    name: 'echoes-to-who-returns',
    breaks: 'RELAY-3',
    summary: 'Who leaves and comes back receives what it sends to everybody.',
    decisions: () => {
      const seen = new Set<string>();
      const back = new Set<string>();
      return changeEffects((event, { room, effects }) => {
        if (event.type === 'join') {
          const key = `${room.id} ${event.user.userId}`;
          if (seen.has(key)) back.add(event.connectionId);
          seen.add(key);
        }
        if (event.type !== 'message' || !back.has(event.connectionId)) return effects;
        if (typeof event.message.payload.target_user_id === 'string') return effects;
        return effects.map((effect) =>
          effect.type === 'deliver' ? { ...effect, to: [...effect.to, event.connectionId] } : effect,
        );
      });
    },
  },
];
