import { describe, expect, it } from 'vitest';
import type { ClientMessage } from '../../generated/index.js';
import { messageOf } from '../../reference-server/core/delivery.js';
import { emptyRoom, type Room, type RoomEvent, transition } from '../../reference-server/core/room.js';
import type { TraceEvent } from '../trace/trace-event.js';
import { judgeTrace } from './monitor.js';

const users = ['alice', 'bob', 'carol'] as const;
type User = (typeof users)[number];

/** A user may connect, again too; end its connection in either way; and say something to one user or to all. */
type Action = { by: User } & ({ do: 'connect' | 'close' | 'cut' } | { do: 'say'; to: User | undefined });

/** All things that can happen next. Users come in this order: with others it would be the same under other names. */
function nextActions(history: readonly Action[]): Action[] {
  const known = users.slice(0, new Set(history.map(({ by }) => by)).size + 1);
  return known.flatMap((by): Action[] => {
    const last = history.filter((action) => action.by === by && action.do !== 'say').at(-1);
    if (last?.do !== 'connect') return [{ by, do: 'connect' }];
    const targets = [undefined, ...users.filter((user) => user !== by)];
    const ways = ['connect', 'close', 'cut'] as const;
    return [...ways.map((way) => ({ by, do: way })), ...targets.map((to) => ({ by, do: 'say' as const, to }))];
  });
}

/** Every history of so many actions. */
function* histories(depth: number, history: readonly Action[] = []): Generator<readonly Action[]> {
  if (history.length === depth) yield history;
  else for (const action of nextActions(history)) yield* histories(depth, [...history, action]);
}

/** What the clients see of a history. With `isLate` nothing arrives until all is done, else everything at once. */
function traceOf(history: readonly Action[], isLate: boolean): TraceEvent[] {
  const events: TraceEvent[] = users.map((user) => ({ at: 0, kind: 'identity', participant: user, userId: user }));
  const latest = new Map<User, number>();
  const owners: User[] = [];
  const waiting: TraceEvent[][] = [];
  const closed = new Set<number>();
  let room: Room = emptyRoom('room');
  const at = '2026-03-01T09:30:00.000Z';

  const seen = (connection: number, event: object) =>
    ({ at: events.length, participant: owners[connection], connection, ...event }) as TraceEvent;
  const arrive = (connection: number, event: object) => {
    if (!closed.has(connection)) (isLate ? (waiting[connection] ?? []) : events).push(seen(connection, event));
  };
  const end = (connection: number, code: number) => {
    arrive(connection, { kind: 'closed', code, reason: '' });
    closed.add(connection);
  };
  const happen = (event: RoomEvent) => {
    const outcome = transition(room, event);
    room = outcome.room;
    for (const effect of outcome.effects) {
      if (effect.type === 'close') end(Number(effect.connectionId), effect.code);
      else for (const to of effect.to) arrive(Number(to), { kind: 'receive', text: JSON.stringify(messageOf(effect)) });
    }
  };

  for (const [index, action] of history.entries()) {
    const connection = action.do === 'connect' ? owners.push(action.by) - 1 : (latest.get(action.by) ?? 0);
    const connectionId = String(connection);
    if (action.do === 'connect') {
      latest.set(action.by, connection);
      waiting.push([]);
      const requestTarget = '/webrtc/ws/room';
      events.push(seen(connection, { kind: 'connect', requestTarget, room: 'room', credential: 'valid', instance: 0 }));
      happen({ type: 'join', connectionId, user: { userId: action.by }, at });
    } else if (action.do === 'say') {
      const target = action.to === undefined ? {} : { target_user_id: action.to };
      const message: ClientMessage = { type: 'offer', payload: { type: 'offer', sdp: `v=0 ${index}`, ...target } };
      events.push(seen(connection, { kind: 'send', text: JSON.stringify(message) }));
      happen({ type: 'message', connectionId, message, at });
    } else {
      const isCut = action.do === 'cut';
      events.push(seen(connection, isCut ? { kind: 'cut', reset: false } : { kind: 'close', code: 1000 }));
      happen({ type: 'leave', connectionId, reason: isCut ? 'disconnected' : 'left', at });
      end(connection, isCut ? 1006 : 1000);
    }
  }
  return [...events, ...waiting.flat()];
}

describe('the reference server, by every history of three users in a room', () => {
  // A history that is shorter is the beginning of one of these.
  it.each([
    { depth: 6, count: 36_932, isLate: false, when: 'at once' },
    { depth: 5, count: 3_456, isLate: true, when: 'when all is done' },
  ])(
    'keeps every rule in $count histories of $depth actions whose messages arrive $when',
    ({ depth, count, isLate }) => {
      let judged = 0;
      for (const history of histories(depth)) {
        judged += 1;
        const { findings } = judgeTrace(traceOf(history, isLate), { closedWorld: true });
        if (findings.length > 0) expect({ history, findings }).toEqual({ history, findings: [] });
      }
      expect(judged).toBe(count);
    },
  );
});
