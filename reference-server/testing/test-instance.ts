import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { vi } from 'vitest';
import type { ClientMessage, ServerMessage } from '../../generated/index.js';
import type { Backplane } from '../backplane/backplane.js';
import { type RedisBackplaneOptions, redisBackplane } from '../backplane/redis.js';
import { encode, messageOf } from '../core/delivery.js';
import { type ConnectionId, type Delivery, transition } from '../core/room.js';

/** Returns when something is so, which has to happen within `timeoutMs`. */
export async function until(holds: () => unknown, timeoutMs = 20_000): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await holds())) throw new Error(`not so within ${timeoutMs} ms: ${holds}`);
    },
    { timeout: timeoutMs, interval: 5 },
  );
}

let moments = 0;

/** One connection of a {@link TestInstance}, without a socket. */
export class TestMember {
  readonly id: ConnectionId = randomUUID();
  readonly received: ServerMessage[] = [];
  /** When it joined, in a time of its own: no two members have the same. */
  readonly at = new Date(Date.UTC(2026, 0, 1) + moments++).toISOString();
  closed: number | undefined;
  hasLeft = false;
  readonly joined: Promise<void>;
  #isSettled = false;

  constructor(
    readonly backplane: Backplane,
    members: Map<ConnectionId, TestMember>,
    readonly room: string,
    readonly userId: string,
  ) {
    members.set(this.id, this);
    const join = { type: 'join', connectionId: this.id, user: { userId }, at: this.at } as const;
    this.joined = (backplane.happen(room, join) ?? Promise.resolve()).then(() => {
      this.#isSettled = true;
    });
  }

  /** Whether the join is over, one way or the other. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether it is in the room, for all it knows. */
  get isIn(): boolean {
    return this.#isSettled && this.closed === undefined && !this.hasLeft;
  }

  /** Sends a candidate; without a target, to everybody. */
  say(candidate: string, target?: string): void {
    const payload = { candidate, ...(target !== undefined && { target_user_id: target }) };
    const message: ClientMessage = { type: 'ice_candidate', payload };
    this.backplane.happen(this.room, { type: 'message', connectionId: this.id, message, at: this.at });
  }

  /** Closes the connection. */
  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.backplane.happen(this.room, { type: 'leave', connectionId: this.id, reason: 'left', at: this.at });
  }

  /** What it received, in short. */
  get log(): string[] {
    return this.received.map(({ type, payload }) => {
      if (type === 'room_state') return `room_state ${payload.participants.map(({ user_id }) => user_id).join(',')}`;
      if (type === 'user_left') return `user_left ${payload.user_id} ${payload.reason}`;
      if (type === 'user_joined') return `user_joined ${payload.user_id}`;
      if (type === 'error') return `error ${payload.code}`;
      return type === 'ice_candidate' ? `${payload.candidate} of ${payload.sender_id}` : type;
    });
  }
}

/** A backplane on Redis with connections that only remember what they are sent. */
export class TestInstance {
  readonly backplane: Backplane;
  readonly #members = new Map<ConnectionId, TestMember>();

  private constructor(options: RedisBackplaneOptions, capacity?: number) {
    const edge = {
      encode: (delivery: Delivery) => encode(messageOf(delivery)),
      send: (to: readonly ConnectionId[], frame: Buffer) => {
        const message = JSON.parse(frame.toString()) as ServerMessage;
        for (const id of to) {
          const member = this.#members.get(id);
          if (member !== undefined && member.closed === undefined && !member.hasLeft) member.received.push(message);
        }
      },
      close: (id: ConnectionId, code: number) => {
        const member = this.#members.get(id);
        if (member === undefined || member.closed !== undefined) return;
        member.closed = code;
        setImmediate(() => member.leave()); // The socket closes a moment later.
      },
    };
    const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
    this.backplane = redisBackplane(options)({ transition, capacity, edge, log });
  }

  /** Starts one. */
  static async start(options: RedisBackplaneOptions, capacity?: number): Promise<TestInstance> {
    const instance = new TestInstance(options, capacity);
    await instance.backplane.start();
    return instance;
  }

  /** Lets a user connect to a room, and does not wait for what comes of it. */
  connect(userId: string, room: string): TestMember {
    return new TestMember(this.backplane, this.#members, room, userId);
  }

  /** Lets a user into a room. */
  async join(userId: string, room: string): Promise<TestMember> {
    const member = this.connect(userId, room);
    await member.joined;
    return member;
  }
}
