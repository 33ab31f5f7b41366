import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientMessage, LeaveReason, ServerMessage } from '../../generated/index.js';
import { messageOf } from './delivery.js';
import {
  type ConnectionId,
  type Delivery,
  type Effect,
  emptyRoom,
  type Room,
  type RoomEvent,
  transition,
} from './room.js';
import { Rooms } from './rooms.js';

const at = '2026-03-01T09:30:00.000Z';

function offer(target?: string | null): ClientMessage {
  const payload = { type: 'offer', sdp: 'v=0\r\n', ...(target !== undefined && { target_user_id: target }) } as const;
  return { type: 'offer', payload };
}

function joins(userId: string, connectionId = userId): RoomEvent {
  return { type: 'join', connectionId, user: { userId }, at };
}

function leaves(connectionId: string, reason: LeaveReason = 'left'): RoomEvent {
  return { type: 'leave', connectionId, reason, at };
}

function says(connectionId: string, message: ClientMessage): RoomEvent {
  return { type: 'message', connectionId, message, at };
}

function roomAfter(...events: RoomEvent[]): Room {
  return events.reduce((room, event) => transition(room, event).room, emptyRoom('standup'));
}

function summary(effects: Effect[]): string[] {
  return effects.map((effect) => {
    if (effect.type === 'close') return `close ${effect.connectionId} ${effect.code}`;
    const message = messageOf(effect);
    const about = 'user_id' in message.payload ? ` ${message.payload.user_id}` : '';
    return `${message.type}${about} to ${effect.to.join(',')}`;
  });
}

describe('joining', () => {
  it('tells the joiner who is there, then the others who came', () => {
    const { effects } = transition(roomAfter(joins('alice'), joins('bob')), joins('carol'));
    expect(summary(effects)).toEqual(['room_state to carol', 'user_joined carol to alice,bob']);
  });

  it('lists the joiner among the participants, with name and time', () => {
    const user = { userId: 'bob', username: 'Bob' };
    const { effects } = transition(roomAfter(joins('alice')), { type: 'join', connectionId: 'b', user, at });
    expect(effects[0]).toMatchObject({
      message: {
        room_id: 'standup',
        timestamp: at,
        payload: {
          room_id: 'standup',
          participants: [
            { user_id: 'alice', joined_at: at },
            { user_id: 'bob', username: 'Bob', joined_at: at },
          ],
          participant_count: 2,
        },
      },
    });
    expect(effects[1]).toMatchObject({ message: { payload: { user_id: 'bob', username: 'Bob' } } });
  });

  it('announces nothing to nobody', () => {
    expect(summary(transition(emptyRoom('standup'), joins('alice')).effects)).toEqual(['room_state to alice']);
  });

  it('replaces the older connection of the same user', () => {
    const { room, effects } = transition(roomAfter(joins('alice', 'a1'), joins('bob')), joins('alice', 'a2'));
    expect(summary(effects)).toEqual([
      'close a1 4001',
      'user_left alice to bob',
      'room_state to a2',
      'user_joined alice to bob',
    ]);
    expect(effects[1]).toMatchObject({ message: { payload: { reason: 'replaced' } } });
    expect(Array.from(room.byUser.keys())).toEqual(['bob', 'alice']);
  });

  it('refuses whoever comes beyond capacity, and tells nobody else', () => {
    const full = transition(emptyRoom('standup', 1), joins('alice')).room;
    const { room, effects } = transition(full, joins('bob'));
    expect(summary(effects)).toEqual(['error to bob', 'close bob 1008']);
    expect(effects[0]).toMatchObject({ message: { payload: { code: 'ROOM_FULL' } } });
    expect(room).toBe(full);
  });

  it('lets a user of a full room replace their own connection, and others take a place that is freed', () => {
    const full = transition(emptyRoom('standup', 1), joins('alice', 'a1')).room;
    expect(summary(transition(full, joins('alice', 'a2')).effects)).toEqual(['close a1 4001', 'room_state to a2']);
    const freed = transition(full, leaves('a1')).room;
    expect(summary(transition(freed, joins('bob')).effects)).toEqual(['room_state to bob']);
  });

  it('takes any string for a user id, such as __proto__', () => {
    const room = roomAfter(joins('__proto__', 'p'), joins('constructor', 'c'));
    expect(summary(transition(room, says('c', offer('__proto__'))).effects)).toEqual(['offer to p']);
  });
});

describe('leaving', () => {
  it('tells everybody who remains why', () => {
    const { effects } = transition(roomAfter(joins('alice'), joins('bob'), joins('carol')), leaves('bob', 'timeout'));
    expect(summary(effects)).toEqual(['user_left bob to alice,carol']);
    expect(effects[0]).toMatchObject({ message: { payload: { reason: 'timeout' } } });
  });

  it('happens once', () => {
    const room = roomAfter(joins('alice'), joins('bob'), leaves('bob'));
    expect(transition(room, leaves('bob'))).toEqual({ room, effects: [] });
  });

  it('of a replaced connection leaves the newer one alone', () => {
    const room = roomAfter(joins('alice', 'a1'), joins('bob'), joins('alice', 'a2'));
    expect(transition(room, leaves('a1'))).toEqual({ room, effects: [] });
  });
});

describe('relaying', () => {
  const room = roomAfter(joins('alice'), joins('bob'), joins('carol'));

  it('reaches the target alone', () => {
    expect(summary(transition(room, says('alice', offer('bob'))).effects)).toEqual(['offer to bob']);
  });

  it.each([undefined, null])('reaches everybody else with target %s', (target) => {
    expect(summary(transition(room, says('bob', offer(target))).effects)).toEqual(['offer to alice,carol']);
  });

  it.each(['nobody', 'alice', ''])('answers TARGET_NOT_FOUND for alice writing to "%s"', (target) => {
    const { effects } = transition(room, says('alice', offer(target)));
    expect(summary(effects)).toEqual(['error to alice']);
    expect(effects[0]).toMatchObject({ message: { room_id: 'standup', payload: { code: 'TARGET_NOT_FOUND' } } });
  });

  it('stamps sender, room and time', () => {
    const forged: ClientMessage = { ...offer('bob'), sender_id: 'carol', room_id: null, timestamp: null };
    (forged.payload as { sender_id?: string }).sender_id = 'carol';
    const [effect] = transition(room, says('alice', forged)).effects;
    expect(messageOf(effect as Delivery)).toMatchObject({
      ...{ sender_id: 'alice', room_id: 'standup', timestamp: at, payload: { sender_id: 'alice' } },
    });
  });

  it('keeps the time that the sender gave', () => {
    const timestamp = '2026-01-01T00:00:00.123456+02:00';
    const [effect] = transition(room, says('alice', { ...offer('bob'), timestamp })).effects;
    expect(messageOf(effect as Delivery)).toMatchObject({ timestamp });
  });

  it('ignores a connection that is not in the room', () => {
    expect(transition(room, says('mallory', offer()))).toEqual({ room, effects: [] });
  });

  it('alone in the room does nothing', () => {
    expect(transition(roomAfter(joins('alice')), says('alice', offer())).effects).toEqual([]);
  });
});

describe('rooms', () => {
  it('keep apart, and vanish with their last participant', () => {
    const rooms = new Rooms();
    rooms.apply('one', joins('alice', 'a1'));
    rooms.apply('One', joins('alice', 'a2'));
    expect(rooms.size).toBe(2);
    expect(rooms.apply('one', says('a1', offer()))).toEqual([]);
    rooms.apply('one', leaves('a1'));
    expect(rooms.size).toBe(1);
    expect(summary(rooms.apply('one', joins('bob')))).toEqual(['room_state to bob']);
  });
});

type Step =
  | { do: 'join'; user: string }
  | { do: 'leave'; which: number; reason: LeaveReason }
  | { do: 'say'; which: number; target: string | null };

const users = ['alice', 'bob', 'carol', 'dave'];
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('join' as const), user: fc.constantFrom(...users) }),
    fc.record({
      do: fc.constant('leave' as const),
      which: fc.nat(30),
      reason: fc.constantFrom<LeaveReason>('left', 'disconnected', 'timeout'),
    }),
    fc.record({
      do: fc.constant('say' as const),
      which: fc.nat(30),
      target: fc.constantFrom(...users, 'nobody', null),
    }),
  ),
  { maxLength: 60 },
);

interface Observer {
  user: string;
  open: boolean;
  /** Who this connection believes to be there besides itself, and whether it was told or found them. */
  view: Map<string, 'found' | 'told'>;
  received: ServerMessage[];
}

/** Plays steps against a room of this capacity, and gives every message to the observer it is for. */
function play(script: Step[], capacity?: number) {
  let room = emptyRoom('standup', capacity);
  const observers = new Map<ConnectionId, Observer>();
  for (const step of script) {
    const event = eventOf(step, observers);
    if (event === undefined) continue;
    const before = { byUser: new Map(room.byUser), byConnection: new Map(room.byConnection) };
    const outcome = transition(room, event);
    expect(new Map(room.byUser)).toEqual(before.byUser);
    expect(new Map(room.byConnection)).toEqual(before.byConnection);
    for (const effect of outcome.effects) observe(effect, observers);
    room = outcome.room;
    expect(room.byUser.size).toBe(room.byConnection.size);
    expect(room.byUser.size).toBeLessThanOrEqual(room.capacity);
  }
  return { room, observers };
}

function eventOf(step: Step, observers: Map<ConnectionId, Observer>): RoomEvent | undefined {
  if (step.do === 'join') {
    const connectionId = `c${observers.size}`;
    observers.set(connectionId, { user: step.user, open: true, view: new Map(), received: [] });
    return joins(step.user, connectionId);
  }
  const connectionId = `c${step.which}`;
  if (step.do === 'say') return says(connectionId, offer(step.target));
  const leaver = observers.get(connectionId);
  if (leaver !== undefined) leaver.open = false;
  return leaves(connectionId, step.reason);
}

function observe(effect: Effect, observers: Map<ConnectionId, Observer>): void {
  if (effect.type === 'close') {
    (observers.get(effect.connectionId) as Observer).open = false;
    return;
  }
  expect(new Set(effect.to).size).toBe(effect.to.length);
  expect(effect.to).not.toEqual([]);
  for (const connectionId of effect.to) {
    const observer = observers.get(connectionId) as Observer;
    expect(observer.open).toBe(true);
    read(observer, messageOf(effect));
    observer.received.push(messageOf(effect));
  }
}

function read({ user, view, received }: Observer, message: ServerMessage): void {
  switch (message.type) {
    case 'room_state': {
      expect(received).toEqual([]); // JOIN-1, JOIN-6
      const ids = message.payload.participants.map((participant) => participant.user_id);
      expect(new Set(ids).size).toBe(ids.length); // JOIN-2
      expect(ids).toContain(user);
      expect(message.payload.participant_count).toBe(ids.length); // JOIN-3
      for (const id of ids) if (id !== user) view.set(id, 'found');
      return;
    }
    case 'user_joined':
      expect(message.payload.user_id).not.toBe(user); // JOIN-5
      expect(view.has(message.payload.user_id)).toBe(false); // JOIN-4
      view.set(message.payload.user_id, 'told');
      return;
    case 'user_left':
      expect(view.delete(message.payload.user_id)).toBe(true); // LEAVE-1
      return;
    case 'error':
      return;
    default:
      expect(message.sender_id).not.toBe(user); // RELAY-3
      expect(view.has(message.sender_id)).toBe(true); // JOIN-9, LEAVE-4
      if (message.payload.target_user_id) expect(message.payload.target_user_id).toBe(user); // RELAY-1
  }
}

describe('whatever the order of joins, leaves, replacements and messages', () => {
  it('everybody knows exactly who is there', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { room, observers } = play(script);
        for (const { connectionId, participant } of room.byUser.values()) {
          const others = Array.from(room.byUser.keys()).filter((id) => id !== participant.user_id);
          expect(Array.from((observers.get(connectionId) as Observer).view.keys()).sort()).toEqual(others.sort());
        }
      }),
    );
  });

  it('of any two participants one found the other and the other was told', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { room, observers } = play(script);
        const present = Array.from(room.byUser.values(), (member) => observers.get(member.connectionId) as Observer);
        for (const one of present) {
          for (const other of present) {
            if (one === other) continue;
            expect([one.view.get(other.user), other.view.get(one.user)].sort()).toEqual(['found', 'told']); // JOIN-7
          }
        }
      }),
    );
  });

  it('a room never holds more than fit in', () => {
    fc.assert(fc.property(steps, fc.integer({ min: 1, max: 3 }), (script, capacity) => void play(script, capacity)));
  });
});
