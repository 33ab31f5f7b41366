import type { ServerMessage } from '../../../generated/index.js';
import { defaultDecisions, type Effect, type RoomEvent, type ServerDecisions } from '../../run/embedded.js';
import {
  changeEffects,
  changeReceived,
  changeWritten,
  delivers,
  errorOf,
  interceptTexts,
  type Loose,
} from '../alter.js';
import type { Mutant } from '../mutant.js';

type MessageEvent = RoomEvent & { type: 'message' };

const isBroadcast = ({ payload }: Loose) => typeof payload.target_user_id !== 'string';

/** The members of a JSON object; none for any other text. */
function readObject(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

/** Decisions under which what follows from one type of message is changed. */
function changeEffectsOf(
  type: string,
  change: (effects: Effect[], event: MessageEvent) => Effect[],
): Partial<ServerDecisions> {
  return changeEffects((event, { effects }) =>
    event.type === 'message' && event.message.type === type ? change(effects, event) : effects,
  );
}

/** Decisions under which each so-many-th message of a room is lost, of those that count. */
function loseOneIn(many: number, counts: (message: Loose) => boolean): Partial<ServerDecisions> {
  const seen = new Map<string, number>();
  return changeReceived(({ message }, { room }) => {
    if (!counts(message as unknown as Loose) || JSON.stringify(message).length > 10_000) return message;
    const count = (seen.get(room.id) ?? 0) + 1;
    seen.set(room.id, count);
    return count % many === 0 ? undefined : message;
  });
}

/** Rules about messages, each broken for one type or one way to address it only. */
export const relayByTypeMutants: readonly Mutant[] = [
  {
    name: 'targeted-answers-for-everybody',
    breaks: 'RELAY-1',
    summary: 'An answer with a target goes to everybody else.',
    decisions: changeEffects((event, { room, effects }) =>
      effects.map((effect) =>
        event.type === 'message' && delivers(effect, 'answer')
          ? { ...effect, to: [...room.byConnection.keys()].filter((id) => id !== event.connectionId) }
          : effect,
      ),
    ),
  },
  {
    name: 'loses-one-in-300',
    breaks: 'RELAY-1',
    summary: 'Each 300th message with a target in a room is lost.',
    decisions: () => loseOneIn(300, (message) => !isBroadcast(message)),
  },
  {
    name: 'loses-a-broadcast-in-150',
    breaks: 'RELAY-2',
    summary: 'Each 150th message without a target in a room is lost.',
    decisions: () => loseOneIn(150, isBroadcast),
  },
  {
    name: 'broadcast-to-twelve',
    breaks: 'RELAY-2',
    summary: 'A message without a target reaches twelve others at most.',
    decisions: changeEffects((event, { effects }) =>
      effects.map((effect) =>
        event.type === 'message' && effect.type === 'deliver' ? { ...effect, to: effect.to.slice(0, 12) } : effect,
      ),
    ),
  },
  {
    name: 'echoes-broadcast-answers',
    breaks: 'RELAY-3',
    summary: 'An answer without a target comes back to its sender as well.',
    decisions: changeEffectsOf('answer', (effects, { connectionId, message }) =>
      effects.map((effect) =>
        delivers(effect, 'answer') && isBroadcast(message as unknown as Loose)
          ? { ...effect, to: [...effect.to, connectionId] }
          : effect,
      ),
    ),
  },
  {
    name: 'broadcast-answers-of-somebody-else',
    breaks: 'RELAY-4',
    summary: 'An answer without a target carries the `sender_id` of whoever joined first.',
    decisions: changeEffects((event, { room, effects }) =>
      effects.map((effect) => {
        if (event.type !== 'message' || !delivers(effect, 'answer')) return effect;
        const message = effect.message as unknown as Loose;
        const [first] = [...room.byUser.keys()].reverse();
        if (!isBroadcast(message) || first === undefined) return effect;
        const payload = { ...message.payload, sender_id: first };
        return { ...effect, message: { ...message, sender_id: first, payload } as unknown as ServerMessage };
      }),
    ),
  },
  {
    name: 'large-messages-late',
    breaks: 'RELAY-6',
    summary: 'Messages of 50 kB and more are overtaken by what is sent after them.',
    decisions: {
      write(wire, frame) {
        if (frame.length < 50_000) defaultDecisions.write(wire, frame);
        else setTimeout(() => defaultDecisions.write(wire, frame), 30);
      },
    },
  },
  {
    name: 'candidates-to-nobody-in-silence',
    breaks: 'RELAY-7',
    summary: 'A candidate to nobody is dropped without an answer.',
    decisions: changeEffectsOf('ice_candidate', (effects) => effects.filter((effect) => !delivers(effect, 'error'))),
  },
  {
    name: 'candidates-of-any-room',
    breaks: 'RELAY-8',
    summary: 'A candidate that names another room is relayed in this one.',
    decisions: {
      parse(text, roomId) {
        const parsed = defaultDecisions.parse(text, roomId);
        if (parsed.ok || parsed.error.code !== 'ROOM_MISMATCH') return parsed;
        const message = JSON.parse(text) as Loose;
        if (message.type !== 'ice_candidate') return parsed;
        return defaultDecisions.parse(JSON.stringify({ ...message, room_id: roomId }), roomId);
      },
    },
  },
  {
    name: 'empty-room-is-this-room',
    breaks: 'RELAY-8',
    summary: 'A message that names the room "" is relayed as one that names none.',
    decisions: {
      parse(text, roomId) {
        const parsed = defaultDecisions.parse(text, roomId);
        if (parsed.ok || parsed.error.code !== 'ROOM_MISMATCH') return parsed;
        const message = JSON.parse(text) as Loose;
        if (message.room_id !== '') return parsed;
        return defaultDecisions.parse(JSON.stringify({ ...message, room_id: roomId }), roomId);
      },
    },
  },
  {
    name: 'answers-without-a-room',
    breaks: 'RELAY-8',
    summary: 'An answer is delivered with the room "".',
    decisions: changeWritten(['answer'], (message) => ({ ...message, room_id: '' })),
  },
  {
    name: 'answers-without-a-time',
    breaks: 'RELAY-9',
    summary: 'An answer is delivered without `timestamp`.',
    decisions: changeWritten(['answer'], ({ timestamp: _, ...message }) => message),
  },
  {
    name: 'complains-of-unknown-members',
    breaks: 'RELAY-12',
    summary: 'A message with an unknown envelope member is relayed, and answered INVALID_MESSAGE as well.',
    decisions: interceptTexts((text, connection) => {
      const { room_id: roomId, x_version: unknown } = readObject(text);
      if (unknown === undefined) return true;
      const error = errorOf(String(roomId), new Date().toISOString(), 'INVALID_MESSAGE', 'A member is not known.');
      connection.send(JSON.stringify(error));
      return true;
    }),
  },
  {
    name: 'says-answers-again',
    breaks: 'LEAVE-4',
    summary: 'The last answer of a user is delivered again after its `user_left`.',
    decisions: () => {
      const last = new Map<string, Effect>();
      return changeEffects((event, { room, effects }) => {
        if (event.type === 'message')
          for (const effect of effects) if (delivers(effect, 'answer')) last.set(event.connectionId, effect);
        const again = event.type === 'leave' ? last.get(event.connectionId) : undefined;
        if (again?.type !== 'deliver') return effects;
        const to = again.to.filter((id) => room.byConnection.has(id));
        return to.length === 0 ? effects : [...effects, { ...again, to }];
      });
    },
  },
];
