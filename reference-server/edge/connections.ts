import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import {
  closeCodes,
  type ProtocolError,
  type RoomId,
  type ServerMessage,
  type UserId,
  withMessageIdOf,
} from '../../generated/index.js';
import type { Backplane, CreateBackplane } from '../backplane/backplane.js';
import type { Identity } from '../core/admission.js';
import { messageOf } from '../core/delivery.js';
import type { ConnectionId, Delivery } from '../core/room.js';
import { Corks } from '../fast-path/corks.js';
import { detached, textFrame } from '../fast-path/text-frame.js';
import { closeIfSlow, reasonOfAbandoning } from '../limits/abandoned.js';
import { Allowance, type AllowanceLimits } from '../limits/allowance.js';
import { Congestion } from '../limits/congestion.js';
import { ControlFrames } from '../limits/control-frames.js';
import { Feed } from '../limits/feed.js';
import { Heartbeat } from '../limits/heartbeat.js';
import { Inbox } from '../limits/inbox.js';
import { Remembered } from '../limits/remembered.js';
import type { Decisions, Wire } from './decisions.js';

/** What {@link Connections} needs besides sockets. */
export interface ConnectionsOptions extends AllowanceLimits {
  decisions: Decisions;
  /** Makes what keeps the rooms. */
  backplane: CreateBackplane;
  /** Bytes of the largest message taken (ERROR-8). */
  messageLimit: number;
  /** Users that fit in each room; absent, any number (ROOM-6). */
  roomCapacity?: number | undefined;
  /** Bytes that may wait for a receiver to take them (ERROR-9). */
  backlogLimit: number;
  /** Milliseconds between pings; 0 for none (LEAVE-5). */
  heartbeatMs: number;
  log: Logger;
}

interface Connection extends Wire {
  readonly id: ConnectionId;
  readonly roomId: RoomId;
  readonly user: UserId;
  readonly address: string | undefined;
  /** What it may say; made when it says something. */
  allowance: Allowance | undefined;
  /** Bytes that were sent on of the message that is being handled. */
  sentOn: number;
  readonly inbox: Inbox;
  /** Those who are behind with what this one sent; undefined where that never happened. */
  congestion: Congestion | undefined;
  /** Set when the other side has ended it: what it sent before is still said. */
  isOver: boolean;
}

/** Milliseconds for which one who sends too much is read slowly; then it is told to go, or its leaving would be noticed too late. */
const longestPacedMs = 10_000;

/** The WebSockets of this instance: turns frames into room events, and the effects of those into frames. */
export class Connections {
  readonly #connections = new Map<ConnectionId, Connection>();
  readonly #idPrefix = randomBytes(12).toString('base64url');
  #idCount = 0;
  readonly #corks = new Corks();
  readonly #heartbeat: Heartbeat | undefined;
  readonly #backplane: Backplane;
  readonly #decisions: Decisions;
  readonly #messageLimit: number;
  readonly #allowances: Remembered<Allowance>;
  readonly #backlogLimit: number;
  /** Who sent what is being passed on, where it is connected here. */
  #speaker: Connection | undefined;
  readonly #log: Logger;

  constructor({ decisions, backplane, roomCapacity: capacity, log, ...limits }: ConnectionsOptions) {
    const { messageLimit, rateLimit, byteRate, backlogLimit, heartbeatMs } = limits;
    const edge = {
      encode: (delivery: Delivery) => this.#encode(delivery),
      send: (to: readonly ConnectionId[], frame: Buffer) => {
        for (const id of to) {
          const connection = this.#connections.get(id);
          if (connection !== undefined) this.#write(connection, frame, to.length > 1);
        }
      },
      // The room does not listen to it any more.
      close: (id: ConnectionId, code: number, reason: string) => this.#connections.get(id)?.socket.close(code, reason),
    };
    this.#heartbeat = heartbeatMs > 0 ? new Heartbeat(heartbeatMs) : undefined;
    this.#backplane = backplane({ transition: decisions.transition, capacity, edge, log });
    this.#decisions = decisions;
    this.#messageLimit = messageLimit;
    this.#allowances = new Remembered(() => new Allowance({ rateLimit, byteRate }));
    this.#backlogLimit = backlogLimit;
    this.#log = log;
  }

  /** Gets ready for connections. Rejects if what keeps the rooms is out of reach. */
  start(): Promise<void> {
    return this.#backplane.start();
  }

  /** Tells whether rooms can be entered, and are what they seem. */
  get isHealthy(): boolean {
    return this.#backplane.healthy();
  }

  /** How many rooms have somebody of this instance in them. */
  get rooms(): number {
    return this.#backplane.rooms;
  }

  /** How many connections have entered a room here. */
  get size(): number {
    return this.#connections.size;
  }

  /** Ends this instance's part in all rooms; every socket has to be closed before. */
  close(): Promise<void> {
    this.#heartbeat?.stop();
    return this.#backplane.close();
  }

  /** Lets a user into a room over a socket that is open and has delivered nothing yet. Returns what to {@link expel} it by. */
  enter({ socket, transport }: Wire, roomId: RoomId, user: Identity, address?: string): ConnectionId {
    const inbox = new Inbox(
      socket,
      (data, isBinary) => this.#receive(connection, data as Buffer, isBinary),
      () => feed.goOn(),
    );
    const feed = new Feed(transport as Socket, inbox);
    const connection: Connection = {
      ...{ id: this.#newId(), roomId, user: user.userId, socket, transport, address, inbox },
      ...{ allowance: undefined, sentOn: 0, congestion: undefined, isOver: false },
    };
    const { id: connectionId } = connection;
    this.#connections.set(connectionId, connection);
    this.#heartbeat?.watch(socket, transport as Socket);

    // Without a listener, a broken frame or a reset would end the process (ERROR-9).
    socket.on('error', (error) => this.#log.debug({ ...trace(connection), reason: error.message }, 'broke'));
    socket.on('message', (data, isBinary) => inbox.take(data, isBinary));
    const controls = new ControlFrames();
    const control = () => {
      if (inbox.isMuted) return;
      this.#corks.hold(transport, false);
      // The answers to pings wait as well for one that does not read.
      closeIfSlow(socket, transport, this.#backlogLimit);
      if (!controls.areTooMany()) return;
      end(connection, closeCodes.REFUSED.code, 'too many pings or pongs');
      socket.pause(); // What else comes is not even read.
    };
    socket.on('ping', control);
    socket.on('pong', control);
    socket.on('close', (code) => {
      connection.isOver = true;
      inbox.whenEmpty(() => this.#leave(connection, code));
      this.#heartbeat?.forget(socket);
      if (connection.allowance !== undefined) this.#allowances.release(allowanceKey(connection));
    });
    this.#log.info(trace(connection), 'connected');
    const joining = this.#backplane.happen(roomId, { type: 'join', connectionId, user, at: now() });
    if (joining !== undefined) inbox.holdUntil(joining);
    return connectionId;
  }

  #leave(connection: Connection, code: number): void {
    const { id: connectionId, roomId, socket } = connection;
    this.#connections.delete(connectionId);
    const reason = reasonOfAbandoning(socket) ?? this.#decisions.leaveReason(code);
    this.#log.info({ ...trace(connection), code, reason }, 'disconnected');
    this.#backplane.happen(roomId, { type: 'leave', connectionId, reason, at: now() });
  }

  /** Refuses a user who is in a room, such as one whose token has lapsed. */
  expel(id: ConnectionId, error: ProtocolError): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    const { message, close } = this.#decisions.refuse(error, connection.roomId, now());
    this.#send(connection, message);
    end(connection, close.code, close.reason);
    this.#log.info({ ...trace(connection), code: error.code, reason: error.message }, 'expelled');
  }

  /** Unique among all instances, and a tenth of the memory of a UUID made for each. */
  #newId(): ConnectionId {
    this.#idCount += 1;
    return `${this.#idPrefix}-${this.#idCount}`;
  }

  /** Turns a socket away. It never comes near a room, and nothing it sends is listened to (AUTH-6). */
  refuse(wire: Wire, roomId: string, error: ProtocolError, address?: string): void {
    const { socket } = wire;
    socket.on('error', (failure) => this.#log.debug({ room: roomId, reason: failure.message }, 'broke'));
    const { message, close } = this.#decisions.refuse(error, roomId, now());
    this.#send(wire, message);
    socket.close(close.code, close.reason);
    this.#log.info({ room: roomId, address, code: error.code, reason: error.message }, 'refused');
  }

  /** Handles a frame, or returns the milliseconds after which it may be tried again. */
  #receive(connection: Connection, data: Buffer, isBinary: boolean): number {
    const { roomId, congestion, isOver, inbox } = connection;
    if (inbox.isMuted) return 0;
    connection.allowance ??= this.#allowances.hold(allowanceKey(connection));
    const { allowance } = connection;
    const at = performance.now();
    const pace = allowance.delay(at);
    if (pace > 0 && inbox.busyMs > longestPacedMs)
      end(connection, closeCodes.REFUSED.code, 'more messages than are taken');
    const delay = Math.max(pace, congestion?.wait() ?? 0);
    // Of one who is gone, what keeps to the limits is said at once, and the rest is nobody's to be told of.
    if (delay > 0) return isOver ? 0 : delay;
    connection.sentOn = 0;
    const error = this.#handle(connection, allowance.take(at), data, isBinary);
    allowance.spend(data.length + connection.sentOn, at);
    if (error !== undefined) this.#send(connection, this.#decisions.report(roomId, error, now())); // ERROR-5
    return 0;
  }

  /** Handles a frame that comes `wait` milliseconds too early. */
  #handle(connection: Connection, wait: number, data: Buffer, isBinary: boolean): ProtocolError | undefined {
    const { id: connectionId, roomId } = connection;
    try {
      const tooMuch = wait > 0 ? this.#decisions.throttle(wait) : undefined;
      const frame = this.#decisions.readFrame(data, isBinary, this.#messageLimit);
      if (tooMuch !== undefined) return frame.ok ? withMessageIdOf(tooMuch, frame.text) : tooMuch;
      if (!frame.ok) return frame.error;
      const parsed = this.#decisions.parse(frame.text, roomId);
      if (!parsed.ok) return parsed.error;
      const source = { data, text: frame.text };
      this.#speaker = connection;
      this.#backplane.happen(roomId, { type: 'message', connectionId, message: parsed.message, at: now(), source });
      return undefined;
    } catch (failure) {
      // ERROR-9, ERROR-11: one message's failure is one sender's affair.
      this.#log.warn({ ...trace(connection), err: failure }, 'message not handled');
      return this.#decisions.recover(failure);
    } finally {
      this.#speaker = undefined;
    }
  }

  /** A message passed on is written by way of the text it came as, where that is sound (RELAY-4). */
  #encode(delivery: Delivery): Buffer {
    if (delivery.type === 'relay' && delivery.source !== undefined) {
      const spliced = this.#decisions.splice(delivery.source, delivery.message, delivery.stamp);
      if (spliced !== undefined) return spliced;
    }
    return textFrame(this.#decisions.encode(messageOf(delivery)));
  }

  #send(wire: Wire, message: ServerMessage): void {
    this.#write(wire, textFrame(this.#decisions.encode(message)), false);
  }

  #write(wire: Wire, frame: Buffer, isBroadcast: boolean): void {
    const { socket, transport } = wire;
    if (socket.readyState !== socket.OPEN) return;
    this.#corks.hold(transport, isBroadcast);
    const waiting = transport.writableLength;
    // ERROR-9: what may wait for long is not to keep the memory of what others sent meanwhile.
    this.#decisions.write(wire, waiting > 65_536 ? detached(frame) : frame);
    if (this.#speaker !== undefined) {
      this.#speaker.sentOn += frame.length;
      if (waiting > this.#backlogLimit / 4) this.#slowDown(this.#speaker, transport, frame.length);
    }
    closeIfSlow(socket, transport, this.#backlogLimit);
  }

  /** Has a sender wait for a receiver that is behind. */
  #slowDown(speaker: Connection, transport: Duplex, bytes: number): void {
    speaker.congestion ??= new Congestion(this.#backlogLimit);
    speaker.congestion.note(transport, bytes);
  }
}

const allowanceKey = ({ roomId, user }: Connection) => `${roomId}\n${user}`;

/** Ends a connection from this side; what it still sends has no effect, and is not read. */
function end(connection: Connection, code: number, reason: string): void {
  connection.inbox.isMuted = true;
  connection.socket.close(code, reason);
}

function trace({ id, roomId, user, address }: Connection): object {
  return { connection: id, room: roomId, user, address };
}

let latest = { ms: 0, text: '' };

/** The time as RFC 3339; written once a millisecond, for it costs as much as a search through a whole offer. */
function now(): string {
  const ms = Date.now();
  if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
}
