import type { Credential, TraceEvent } from '../../trace/trace-event.js';

/** Any event, without its time. */
export type Untimed = TraceEvent extends infer Event ? (Event extends TraceEvent ? Omit<Event, 'at'> : never) : never;

/** What a client does on its connection, on its way to the server. */
type Upward = { kind: 'join' } | { kind: 'text'; text: string } | { kind: 'end' };

/** What the server does to a connection, on its way to the client. */
type Downward = { kind: 'text'; text: string } | { kind: 'close'; code: number; reason: string };

/** A connection of the simulation, from both ends. */
export interface Seat {
  number: number;
  name: string;
  room: string;
  up: Upward[];
  down: Downward[];
  /** The client may still send, and hears what comes. */
  isOpen: boolean;
  /** The server has done with it. */
  isOver: boolean;
}

const timestamp = '2026-03-01T09:30:00.000Z';

/** A message from the server. */
export interface Frame {
  type: string;
  payload: Record<string, unknown>;
  room_id: string;
  timestamp: string;
  sender_id?: string;
}

/** What a server that breaks a rule says to a connection in place of a message. */
export type Rewrite = (frame: Frame, to: Seat, simulator: Simulator) => readonly object[];

/** The `user_id` of a participant in a simulation. */
export function idOf(name: string): string {
  return `id-${name}`;
}

/**
 * A server that keeps every rule, clients, and the line between them, in one place. What is sent waits until it is taken,
 * on each connection in order and between them in any order. It writes down what the clients' ends see.
 */
export class Simulator {
  readonly events: TraceEvent[] = [];
  readonly seats: Seat[] = [];
  /** How the next attempt to enter ends, where not by entering. */
  refusal: string | undefined;
  readonly #rooms = new Map<string, Map<string, Seat>>();
  readonly #rewrite: Rewrite;
  #nonce = 0;

  constructor(names: readonly string[] = [], rewrite: Rewrite = (frame) => [frame]) {
    this.#rewrite = rewrite;
    for (const name of names) this.record({ kind: 'identity', participant: name, userId: idOf(name) });
  }

  /** Writes down an event. */
  record(event: Untimed): number {
    return this.events.push({ at: this.events.length, ...event } as TraceEvent) - 1;
  }

  connect(name: string, room = 'room', credential: Credential = 'valid'): Seat {
    const seat: Seat = { number: this.seats.length, name, room, up: [], down: [], isOpen: true, isOver: false };
    this.seats.push(seat);
    const requestTarget = `/webrtc/ws/${room}`;
    this.#record(seat, { kind: 'connect', requestTarget, room, credential, instance: 0 });
    this.#record(seat, { kind: 'open' });
    seat.up.push({ kind: 'join' });
    return seat;
  }

  /** Sends an offer, an answer or a candidate; `to` is a participant's name. */
  send(seat: Seat, type: 'offer' | 'answer' | 'ice_candidate' = 'offer', to?: string | null): void {
    this.#nonce += 1;
    const body =
      type === 'ice_candidate'
        ? { candidate: this.#nonce % 4 === 0 ? '' : `candidate:${this.#nonce}`, sdp_mid: '0', sdp_m_line_index: 0 }
        : { type, sdp: `v=0\r\ns=${this.#nonce}\r\n` };
    const target = to === undefined ? {} : { target_user_id: to === null ? null : idOf(to) };
    const message = {
      type,
      payload: { ...body, ...target, x_extra: [this.#nonce % 3] },
      room_id: seat.room,
      timestamp,
    };
    this.sendText(seat, JSON.stringify(message));
  }

  sendText(seat: Seat, text: string): void {
    this.#record(seat, { kind: 'send', text });
    seat.up.push({ kind: 'text', text });
  }

  /** Ends the connection from the client's side. */
  end(seat: Seat, how: 'close' | 'cut'): void {
    this.#record(seat, how === 'close' ? { kind: 'close', code: 1000 } : { kind: 'cut', reset: false });
    seat.isOpen = false;
    seat.up.push({ kind: 'end' });
    if (how === 'cut') {
      this.#record(seat, { kind: 'closed', code: 1006, reason: '' });
      seat.down = [];
      seat.isOver = true;
    }
  }

  /** The server takes the next thing that a connection has for it. */
  serve(seat: Seat): void {
    const next = seat.up.shift();
    if (next === undefined) return;
    const room = this.#rooms.get(seat.room) ?? new Map<string, Seat>();
    this.#rooms.set(seat.room, room);
    if (next.kind === 'join' && this.refusal !== undefined) this.#refuse(seat, this.refusal);
    else if (next.kind === 'join') this.#join(seat, room);
    else if (next.kind === 'end') this.#leave(seat, room, 'left', { code: 1000, reason: '' });
    else if (room.get(seat.name) === seat) this.#relay(seat, room, next.text);
  }

  /** A client takes the next thing that came for it. */
  hear(seat: Seat): void {
    const next = seat.down.shift();
    if (next === undefined) return;
    if (next.kind === 'text') {
      this.#record(seat, { kind: 'receive', text: next.text });
      return;
    }
    this.#record(seat, { kind: 'closed', code: next.code, reason: next.reason });
    seat.isOpen = false;
  }

  /** Lets everything that is on its way arrive. */
  settle(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const seat of this.seats) {
        isBusy ||= seat.up.length + seat.down.length > 0;
        this.serve(seat);
        this.hear(seat);
      }
    }
  }

  #refuse(seat: Seat, code: string): void {
    this.#say([seat], seat.room, 'error', { code, message: 'refused' });
    seat.down.push({ kind: 'close', code: 1008, reason: code });
    seat.isOver = true;
    this.refusal = undefined;
  }

  #join(seat: Seat, room: Map<string, Seat>): void {
    const older = room.get(seat.name);
    if (older !== undefined) this.#leave(older, room, 'replaced', { code: 4001, reason: 'replaced' });
    room.set(seat.name, seat);
    const participants = [...room.keys()].map((name) => ({ user_id: idOf(name) }));
    const payload = { room_id: seat.room, participants, participant_count: participants.length };
    this.#say([seat], seat.room, 'room_state', payload);
    const others = [...room.values()].filter((other) => other !== seat);
    this.#say(others, seat.room, 'user_joined', { user_id: idOf(seat.name) });
  }

  #leave(seat: Seat, room: Map<string, Seat>, reason: string, close: { code: number; reason: string }): void {
    if (!seat.isOver) seat.down.push({ kind: 'close', ...close });
    seat.isOver = true;
    if (room.get(seat.name) !== seat) return;
    room.delete(seat.name);
    this.#say([...room.values()], seat.room, 'user_left', { user_id: idOf(seat.name), reason });
  }

  #relay(seat: Seat, room: Map<string, Seat>, text: string): void {
    const fault = (code: string) => this.#say([seat], seat.room, 'error', { code, message: 'refused' });
    let message: { type?: unknown; payload?: Record<string, unknown> };
    try {
      message = JSON.parse(text);
    } catch {
      fault('INVALID_MESSAGE');
      return;
    }
    if (!['offer', 'answer', 'ice_candidate'].includes(String(message.type))) {
      fault('INVALID_MESSAGE_TYPE');
      return;
    }
    const { target_user_id: target } = message.payload ?? {};
    const others = [...room.values()].filter((other) => other !== seat);
    const to = others.filter(({ name }) => target == null || idOf(name) === target);
    if (target != null && to.length === 0) {
      fault('TARGET_NOT_FOUND');
      return;
    }
    const sender_id = idOf(seat.name);
    const payload = { ...message.payload, sender_id };
    for (const other of to) this.#write(other, { timestamp, ...message, room_id: seat.room, sender_id, payload });
  }

  #say(to: readonly Seat[], room_id: string, type: string, payload: object): void {
    for (const seat of to) this.#write(seat, { type, payload, room_id, timestamp });
  }

  #write(seat: Seat, message: object): void {
    for (const frame of this.#rewrite(message as Frame, seat, this)) this.push(seat, frame);
  }

  /** Lets the server say something to a connection, whatever the rules. */
  push(seat: Seat, message: object): void {
    if (!seat.isOver) seat.down.push({ kind: 'text', text: JSON.stringify(message) });
  }

  #record(seat: Seat, event: object): void {
    this.record({ participant: seat.name, connection: seat.number, ...event } as Untimed);
  }
}
