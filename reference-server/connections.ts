import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { ProtocolError, RoomId, ServerMessage, UserId } from '../generated/index.js';
import type { Identity } from './admission.js';
import type { Decisions } from './decisions.js';
import { type ConnectionId, type Effect, type RoomEvent, Rooms } from './room.js';

/** What {@link Connections} needs besides sockets. */
export interface ConnectionsOptions {
  decisions: Decisions;
  /** Bytes of the largest message taken (ERROR-8). */
  messageLimit: number;
  /** Users that fit in each room; absent, any number (ROOM-6). */
  roomCapacity?: number | undefined;
  log: Logger;
}

interface Connection {
  readonly id: ConnectionId;
  readonly roomId: RoomId;
  readonly user: UserId;
  readonly socket: WebSocket;
}

/** The WebSockets of all rooms: turns frames into room events, and the effects of those into frames. */
export class Connections {
  readonly #sockets = new Map<ConnectionId, WebSocket>();
  readonly #rooms: Rooms;
  readonly #decisions: Decisions;
  readonly #messageLimit: number;
  readonly #log: Logger;

  constructor({ decisions, messageLimit, roomCapacity, log }: ConnectionsOptions) {
    this.#rooms = new Rooms(decisions.transition, roomCapacity);
    this.#decisions = decisions;
    this.#messageLimit = messageLimit;
    this.#log = log;
  }

  /** Lets a user into a room over a socket that is open and has delivered nothing yet. */
  enter(socket: WebSocket, roomId: RoomId, user: Identity): void {
    const connection = { id: randomUUID(), roomId, user: user.userId, socket };
    const { id: connectionId } = connection;
    this.#sockets.set(connectionId, socket);

    // Without a listener, a broken frame or a reset would end the process (ERROR-9).
    socket.on('error', (error) => this.#log.debug({ ...trace(connection), reason: error.message }, 'broke'));
    socket.on('message', (data, isBinary) => this.#receive(connection, data, isBinary));
    socket.on('close', (code) => {
      this.#sockets.delete(connectionId);
      const reason = this.#decisions.leaveReason(code);
      this.#log.info({ ...trace(connection), code, reason }, 'disconnected');
      this.#happen(roomId, { type: 'leave', connectionId, reason, at: now() });
    });
    this.#log.info(trace(connection), 'connected');
    this.#happen(roomId, { type: 'join', connectionId, user, at: now() });
  }

  /** Turns a socket away. It never comes near a room, and nothing it sends is listened to (AUTH-6). */
  refuse(socket: WebSocket, roomId: string, error: ProtocolError): void {
    socket.on('error', (failure) => this.#log.debug({ room: roomId, reason: failure.message }, 'broke'));
    const { message, close } = this.#decisions.refuse(error, roomId, now());
    this.#send([socket], message);
    socket.close(close.code, close.reason);
    this.#log.info({ room: roomId, code: error.code, reason: error.message }, 'refused');
  }

  #receive(connection: Connection, data: RawData, isBinary: boolean): void {
    const { roomId, socket } = connection;
    // A server's socket hands out one Buffer per message, whatever fragments it came in (RELAY-11).
    const error = this.#handle(connection, data as Buffer, isBinary);
    if (error !== undefined) this.#send([socket], this.#decisions.report(roomId, error, now())); // ERROR-5
  }

  #handle(connection: Connection, data: Buffer, isBinary: boolean): ProtocolError | undefined {
    const { id: connectionId, roomId } = connection;
    try {
      const frame = this.#decisions.readFrame(data, isBinary, this.#messageLimit);
      if (!frame.ok) return frame.error;
      const parsed = this.#decisions.parse(frame.text, roomId);
      if (!parsed.ok) return parsed.error;
      this.#happen(roomId, { type: 'message', connectionId, message: parsed.message, at: now() });
      return undefined;
    } catch (failure) {
      // ERROR-9, ERROR-11: one message's failure is one sender's affair.
      this.#log.warn({ ...trace(connection), err: failure }, 'message not handled');
      return this.#decisions.recover(failure);
    }
  }

  #happen(roomId: RoomId, event: RoomEvent): void {
    for (const effect of this.#rooms.apply(roomId, event)) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'deliver':
        this.#send(
          effect.to.map((id) => this.#sockets.get(id)),
          effect.message,
        );
        break;
      case 'close':
        this.#sockets.get(effect.connectionId)?.close(effect.code, effect.reason);
        break;
    }
  }

  #send(sockets: readonly (WebSocket | undefined)[], message: ServerMessage): void {
    const frame = this.#decisions.encode(message); // once for all receivers
    for (const socket of sockets) socket?.send(frame, { binary: false });
  }
}

function trace({ id, roomId, user }: Connection): object {
  return { connection: id, room: roomId, user };
}

function now(): string {
  return new Date().toISOString();
}
