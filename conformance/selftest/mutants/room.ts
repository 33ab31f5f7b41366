import { roomIdPattern } from '../../../generated/index.js';
import { defaultDecisions, type ServerDecisions } from '../../run/embedded.js';
import { changeEffects, delivers, errorOf, others, transition, WiresOfRooms } from '../alter.js';
import type { Mutant } from '../mutant.js';

/** Decisions under which a room id is read in another way; a fault is found only in what comes out. */
function changeRoomId(change: (roomId: string) => string): Partial<ServerDecisions> {
  return {
    locate(target, basePath) {
      const place = defaultDecisions.locate(target, basePath);
      if (place === undefined) return undefined;
      const roomId = change(askedFor(target) ?? place.roomId);
      if (!roomIdPattern.test(roomId)) return place;
      return { roomId, tokens: place.tokens };
    },
  };
}

/** The id in a request target, however long; undefined where it is not percent-encoded well. */
function askedFor(target: string): string | undefined {
  try {
    return decodeURIComponent(target.split('?')[0]?.split('/webrtc/ws/').slice(1).join('/webrtc/ws/') ?? '');
  } catch {
    return undefined;
  }
}

/** Decisions under which some room ids of the pattern are refused. */
function refuseRooms(isRefused: (roomId: string) => boolean): Partial<ServerDecisions> {
  return {
    locate(target, basePath) {
      const place = defaultDecisions.locate(target, basePath);
      if (place === undefined || !isRefused(place.roomId)) return place;
      return { ...place, fault: { code: 'INVALID_ROOM_ID', message: 'This is no room id.' } };
    },
  };
}

const capacity = { options: { roomCapacity: 5 }, profile: { features: new Set(['capacity'] as const), capacity: 5 } };

export const roomMutants: readonly Mutant[] = [
  {
    name: 'room-ids-of-64-characters',
    breaks: 'ROOM-1',
    summary: 'Room ids of more than 64 characters are refused.',
    decisions: refuseRooms((roomId) => roomId.length > 64),
  },
  {
    name: 'room-ids-begin-with-a-letter',
    breaks: 'ROOM-1',
    summary: 'Room ids that begin with a hyphen, an underscore or a digit are refused.',
    decisions: refuseRooms((roomId) => !/^[A-Za-z]/.test(roomId)),
  },
  {
    name: 'sanitized-room-ids',
    breaks: 'ROOM-2',
    summary: 'Characters outside the pattern are stripped from a room id.',
    decisions: changeRoomId((roomId) => roomId.replace(/[^A-Za-z0-9_-]/g, '')),
  },
  {
    name: 'trimmed-room-ids',
    breaks: 'ROOM-2',
    summary: 'White space around a room id is trimmed.',
    decisions: changeRoomId((roomId) => roomId.trim()),
  },
  {
    name: 'room-ids-cut-to-length',
    breaks: 'ROOM-2',
    summary: 'A room id of more than 100 characters is cut.',
    decisions: changeRoomId((roomId) => roomId.slice(0, 100)),
  },
  {
    name: 'room-ids-as-paths',
    breaks: 'ROOM-2',
    summary: 'The last segment of a path is the room id, dots and slashes resolved.',
    decisions: changeRoomId((roomId) => roomId.split('/').at(-1) ?? ''),
  },
  {
    name: 'room-ids-decoded-twice',
    breaks: 'ROOM-2',
    summary: 'A room id is percent-decoded twice.',
    decisions: changeRoomId((roomId) =>
      roomId.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    ),
  },
  {
    name: 'room-ids-in-lower-case',
    breaks: 'ROOM-3',
    summary: 'Room ids are folded to lower case.',
    decisions: changeRoomId((roomId) => roomId.toLowerCase()),
    also: [{ requirement: 'RELAY-8', because: 'the room names itself by another id' }],
  },
  {
    name: 'broadcast-to-all-rooms',
    breaks: 'ROOM-4',
    summary: 'A message without a target reaches every room of the server.',
    decisions: () => {
      const everywhere = new Set<string>();
      return changeEffects((event, { effects }) => {
        if (event.type === 'join') everywhere.add(event.connectionId);
        if (event.type === 'leave') everywhere.delete(event.connectionId);
        const isBroadcast = event.type === 'message' && typeof event.message.payload.target_user_id !== 'string';
        if (!isBroadcast) return effects;
        const to = [...everywhere].filter((id) => id !== event.connectionId);
        return effects.map((effect) => (effect.type === 'deliver' ? { ...effect, to } : effect));
      });
    },
    also: [{ requirement: 'RELAY-8', because: 'what comes from another room names that room' }],
  },
  {
    name: 'target-in-any-room',
    breaks: 'ROOM-4',
    summary: 'A target that is in another room is found there.',
    decisions: () => {
      const connections = new Map<string, string>();
      return {
        transition(room, event) {
          const outcome = transition(room, event);
          if (event.type === 'join') connections.set(event.connectionId, event.user.userId);
          if (event.type === 'leave') connections.delete(event.connectionId);
          const [missed] = outcome.effects;
          if (event.type !== 'message' || missed === undefined || !delivers(missed, 'error')) return outcome;
          const target = event.message.payload.target_user_id;
          const to = [...connections].flatMap(([id, user]) =>
            user === target && id !== event.connectionId ? [id] : [],
          );
          const sender = room.byConnection.get(event.connectionId)?.participant.user_id ?? '';
          if (to.length === 0 || target === sender) return outcome;
          const payload = { ...event.message.payload, sender_id: sender };
          const message = { ...event.message, room_id: room.id, timestamp: event.at, sender_id: sender, payload };
          return { room, effects: [{ type: 'deliver', to, message: message as never }] };
        },
      };
    },
    also: [{ requirement: 'LEAVE-3', because: 'a user who left one room is found in another' }],
  },
  {
    name: 'haunted-rooms',
    breaks: 'ROOM-5',
    summary: 'The last participant of a room is never taken off its list.',
    decisions: {
      transition(room, event) {
        if (event.type === 'leave' && room.byUser.size === 1) return { room, effects: [] };
        return transition(room, event);
      },
    },
  },
  {
    name: 'no-capacity',
    breaks: 'ROOM-6',
    summary: 'A room takes more participants than the profile says.',
    profile: capacity.profile,
  },
  {
    name: 'full-room-announces-the-refused',
    breaks: 'ROOM-6',
    summary: 'A full room tells its participants of a join that it refuses.',
    ...capacity,
    decisions: changeEffects((event, outcome) => {
      if (event.type !== 'join' || !outcome.effects.some((effect) => delivers(effect, 'error'))) return outcome.effects;
      const payload = { user_id: event.user.userId };
      const message = { type: 'user_joined', room_id: outcome.room.id, timestamp: event.at, payload } as const;
      return [...outcome.effects, { type: 'deliver', to: others(outcome, event.connectionId), message }];
    }),
  },
  {
    name: 'places-are-never-freed',
    breaks: 'ROOM-6',
    summary: 'A room that was full once refuses everybody from then on.',
    ...capacity,
    decisions: () => {
      const full = new Set<string>();
      return {
        transition(room, event) {
          if (event.type === 'join' && room.byUser.size >= room.capacity) full.add(room.id);
          return transition(full.has(room.id) ? { ...room, capacity: 0 } : room, event);
        },
      };
    },
  },
  {
    name: 'full-room-says-unauthorized',
    breaks: 'ROOM-6',
    summary: 'A join beyond capacity is refused with UNAUTHORIZED.',
    ...capacity,
    decisions: changeEffects((event, { effects }) =>
      effects.map((effect) =>
        event.type === 'join' && effect.type === 'deliver' && effect.message.type === 'error'
          ? { ...effect, message: { ...effect.message, payload: { ...effect.message.payload, code: 'UNAUTHORIZED' } } }
          : effect,
      ),
    ),
  },
  {
    name: 'refused-rooms-are-told',
    breaks: 'ROOM-2',
    summary: 'Who asks for a room whose id is not possible is refused, and announced in the room that it resembles.',
    decisions: () => {
      const wires = new WiresOfRooms();
      return {
        write: wires.write,
        locate(target, basePath) {
          const place = defaultDecisions.locate(target, basePath);
          if (place?.fault === undefined) return place;
          const roomId = place.roomId.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 100);
          const payload = { user_id: 'nobody', username: 'Nobody' };
          const news = { type: 'user_joined', room_id: roomId, timestamp: new Date().toISOString(), payload };
          for (const { socket } of wires.of(roomId)) socket.send(JSON.stringify(news));
          return place;
        },
      };
    },
    also: [{ requirement: 'AUTH-6', because: 'whoever is refused is announced' }],
  },
  {
    name: 'last-place-for-two',
    breaks: 'ROOM-6',
    summary: 'Of two who want the last place within 20 ms both get in.',
    ...capacity,
    decisions: () => {
      const filledAt = new Map<string, number>();
      return {
        transition(room, event) {
          const isFull = room.byUser.size >= room.capacity;
          const wasJustFilled = performance.now() - (filledAt.get(room.id) ?? Number.NEGATIVE_INFINITY) < 20;
          const roomy = event.type === 'join' && isFull && wasJustFilled;
          const outcome = transition(roomy ? { ...room, capacity: room.capacity + 1 } : room, event);
          if (event.type === 'join' && outcome.room.byUser.size === room.capacity && !isFull)
            filledAt.set(room.id, performance.now());
          return { ...outcome, room: { ...outcome.room, capacity: room.capacity } };
        },
      };
    },
  },
  {
    name: 'full-room-refuses-its-own',
    breaks: 'ROOM-6',
    summary: 'A member of a full room who connects again is refused.',
    ...capacity,
    decisions: {
      transition(room, event) {
        if (event.type !== 'join' || room.byUser.size < room.capacity || !room.byUser.has(event.user.userId))
          return transition(room, event);
        const { connectionId, at } = event;
        const refusal = errorOf(room.id, at, 'ROOM_FULL', 'The room is full.');
        return {
          room,
          effects: [
            { type: 'deliver', to: [connectionId], message: refusal },
            { type: 'close', connectionId, code: 1008, reason: 'ROOM_FULL' },
          ],
        };
      },
    },
  },
  {
    name: 'return-makes-room',
    breaks: 'ROOM-6',
    summary: 'Whenever a member of a room connects again, there is one place more.',
    ...capacity,
    decisions: {
      transition(room, event) {
        const replaces = event.type === 'join' && room.byUser.has(event.user.userId);
        return transition(replaces ? { ...room, capacity: room.capacity + 1 } : room, event);
      },
    },
  },
  {
    name: 'the-cut-off-keep-their-place',
    breaks: 'ROOM-6',
    summary: 'The place of a participant that was cut off cannot be taken.',
    ...capacity,
    decisions: {
      transition(room, event) {
        const outcome = transition(room, event);
        const isCut =
          event.type === 'leave' && event.reason === 'disconnected' && room.byConnection.has(event.connectionId);
        return isCut ? { ...outcome, room: { ...outcome.room, capacity: outcome.room.capacity - 1 } } : outcome;
      },
    },
  },
  {
    name: 'one-kind-of-dash',
    breaks: 'ROOM-4',
    summary: 'Room ids that differ in - and _ only are one room.',
    decisions: changeRoomId((roomId) => roomId.replaceAll('_', '-')),
    also: [
      { requirement: 'RELAY-8', because: 'the room names itself by another id' },
      { requirement: 'JOIN-1', because: 'the room names itself by another id' },
    ],
  },
  {
    name: 'follows-the-room-it-names',
    breaks: 'RELAY-8',
    summary: 'A message that names another room is answered ROOM_MISMATCH, and relayed there all the same.',
    decisions: () => {
      const wires = new WiresOfRooms();
      return {
        write: wires.write,
        parse(text, roomId) {
          const parsed = defaultDecisions.parse(text, roomId);
          if (parsed.ok || parsed.error.code !== 'ROOM_MISMATCH') return parsed;
          for (const { socket } of wires.of(JSON.parse(text).room_id)) socket.send(text);
          return parsed;
        },
      };
    },
    also: [{ requirement: 'ROOM-4', because: 'what is said in one room reaches another' }],
  },
];
