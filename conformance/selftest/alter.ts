import { Buffer } from 'node:buffer';
import { type RawData, WebSocket } from 'ws';
import {
  type ClientMessage,
  checkClientSchema,
  type ErrorMessage,
  type ServerMessage,
  type UserId,
} from '../../generated/index.js';
import {
  defaultDecisions,
  type Effect,
  messageOf,
  type RoomEvent,
  type ServerDecisions,
  type Transition,
  type Wire,
} from '../run/embedded.js';

/** Any JSON object. */
export type Json = Record<string, unknown>;

/** A message without the types that a mutant is there to break. */
export type Loose = Json & { type: string; payload: Json };

/** What was a relay, by the message it was written out as. */
const relays = new WeakMap<ServerMessage, Effect & { type: 'relay' }>();

/** What a conforming server does, with what it passes on written out, so that a mutant can change it like all else. */
export function transition(...[room, event]: Parameters<ServerDecisions['transition']>): Transition {
  const outcome = defaultDecisions.transition(room, event);
  const effects = outcome.effects.map((effect): Effect => {
    if (effect.type !== 'relay') return effect;
    const message = messageOf(effect);
    relays.set(message, effect);
    return { type: 'deliver', to: effect.to, message };
  });
  return { ...outcome, effects };
}

/** What a mutant did not change goes out as on the server that people run, which splices it (`fast-path/splice.ts`). */
function relayedAgain(effects: readonly Effect[]): Effect[] {
  return effects.map((effect) => {
    if (effect.type !== 'deliver') return effect;
    const relay = relays.get(effect.message);
    return relay === undefined ? effect : { ...relay, to: effect.to };
  });
}

/** Decisions under which every message of the given types is changed before it is written. */
export function changeWritten(types: readonly string[], change: (message: Loose) => Json): Partial<ServerDecisions> {
  return {
    encode(message) {
      const loose = message as unknown as Loose;
      return Buffer.from(JSON.stringify(types.includes(loose.type) ? change(loose) : loose));
    },
  };
}

/** {@link changeWritten} of the payload alone. */
export function changeWrittenPayload(
  types: readonly string[],
  change: (payload: Json) => Json,
): Partial<ServerDecisions> {
  return changeWritten(types, (message) => ({ ...message, payload: change(message.payload) }));
}

/** Decisions under which the effects of what happens in a room are changed; the room itself changes as it should. */
export function changeEffects(change: (event: RoomEvent, outcome: Transition) => Effect[]): Partial<ServerDecisions> {
  return {
    transition(room, event) {
      const outcome = transition(room, event);
      return { ...outcome, effects: relayedAgain(change(event, outcome)) };
    },
  };
}

/** Decisions under which a signaling message is changed, or lost with undefined, before the room sees it. */
export function changeReceived(
  change: (event: RoomEvent & { type: 'message' }, outcome: Transition) => ClientMessage | undefined,
): Partial<ServerDecisions> {
  return {
    transition(room, event) {
      if (event.type !== 'message') return transition(room, event);
      const message = change(event, { room, effects: [] });
      if (message === undefined) return { room, effects: [] };
      if (message === event.message) return defaultDecisions.transition(room, event);
      return transition(room, { ...event, message });
    },
  };
}

/** Decisions under which tokens refused for a reason are admitted after all. */
export function admitDespite(reason: RegExp): Partial<ServerDecisions> {
  return {
    async admit(tokens, verify) {
      const admission = await defaultDecisions.admit(tokens, verify);
      if (admission.ok || !reason.test(admission.reason)) return admission;
      return { ok: true, identity: { userId: subjectOf(tokens[0] ?? '') } };
    },
  };
}

/** The `sub` of a token, with nothing checked; for what is no token, a made-up user. */
export function subjectOf(token: string): UserId {
  try {
    return String(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub);
  } catch {
    return 'anonymous';
  }
}

/** Whoever is in the room beside one connection. */
export function others({ room }: Transition, connectionId: string): string[] {
  return [...room.byConnection.keys()].filter((id) => id !== connectionId);
}

/** True for an effect that delivers a message of the type. */
export function delivers(effect: Effect, type: ServerMessage['type']): effect is Effect & { type: 'deliver' } {
  return effect.type === 'deliver' && effect.message.type === type;
}

/** An `error` as the server would write it. */
export function errorOf(
  roomId: string,
  at: string,
  code: ErrorMessage['payload']['code'],
  message: string,
): ErrorMessage {
  return { type: 'error', room_id: roomId, timestamp: at, payload: { code, message } };
}

/** Decisions under which every connection of the server is of the class. */
export function useWebSocket(connection: typeof WebSocket): Partial<ServerDecisions> {
  return { webSocketOptions: { ...defaultDecisions.webSocketOptions, WebSocket: connection } };
}

/** Decisions under which some texts go out some milliseconds late. */
export function writeLate(delayMs: number, isLate: (text: string) => boolean): Partial<ServerDecisions> {
  return {
    write(wire, frame) {
      if (isLate(String(frame))) setTimeout(() => defaultDecisions.write(wire, frame), delayMs);
      else defaultDecisions.write(wire, frame);
    },
  };
}

/** A connection that sees each text before the server does; with false it keeps it from the server. */
export function interceptTexts(hear: (text: string, connection: WebSocket) => boolean): Partial<ServerDecisions> {
  return useWebSocket(
    class extends WebSocket {
      override emit(event: string | symbol, ...details: unknown[]): boolean {
        const [data, isBinary] = details as [RawData, boolean];
        if (event === 'message' && !isBinary && !hear(String(data), this)) return true;
        return super.emit(event, ...details);
      }
    },
  );
}

/** The payload of a whole unmasked frame. */
export function payloadOf(frame: Buffer): Buffer {
  const short = (frame[1] ?? 0) & 0x7f;
  return frame.subarray(short < 126 ? 2 : short === 126 ? 4 : 10);
}

/** Decisions under which `ws` writes messages, compressed where the client offered it. */
export const compressed = {
  webSocketOptions: { ...defaultDecisions.webSocketOptions, perMessageDeflate: { threshold: 0 } },
  write: ({ socket }: Wire, frame: Buffer) => socket.send(payloadOf(frame), { binary: false }),
} satisfies Partial<ServerDecisions>;

/** Who is connected to which room, learned from what is written: the first that anybody is sent names the room. */
export class WiresOfRooms {
  readonly #rooms = new WeakMap<Wire['transport'], Set<Wire>>();
  readonly #byId = new Map<string, Set<Wire>>();

  /** Writes as the reference server does, and learns. */
  readonly write: ServerDecisions['write'] = (wire, frame) => {
    this.learn(wire, frame);
    defaultDecisions.write(wire, frame);
  };

  /** Learns from a frame that is about to be written. Returns all that are in the room. */
  learn(wire: Wire, frame: Buffer): ReadonlySet<Wire> {
    const wires = this.#rooms.get(wire.transport) ?? this.of(/"room_id":"([^"]*)"/.exec(String(frame))?.[1] ?? '');
    this.#rooms.set(wire.transport, wires);
    return wires.add(wire);
  }

  of(roomId: string): Set<Wire> {
    const wires = this.#byId.get(roomId) ?? new Set();
    this.#byId.set(roomId, wires);
    return wires;
  }
}

/** Reads a message as a server that passes on names in another letter case (ERROR-14). */
export function parseInAnyCase(text: string, roomId: string): ReturnType<ServerDecisions['parse']> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return defaultDecisions.parse(text, roomId);
  }
  return checkClientSchema(value, roomId);
}
