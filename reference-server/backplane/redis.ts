import type { Logger } from 'pino';
import {
  closeCodes,
  type LeaveReason,
  type Participant,
  type ProtocolError,
  type RoomId,
  type UserId,
} from '../../generated/index.js';
import { errorMessage } from '../core/messages.js';
import { type ConnectionId, type Effect, emptyRoom, type Member, type Room, type RoomEvent } from '../core/room.js';
import type { Backplane, BackplaneContext, CreateBackplane, Edge } from './backplane.js';
import { InFlight } from './in-flight.js';
import { RedisLink } from './redis-link.js';
import { type Relay, RelayBatch, relaysIn } from './relay-batch.js';

/** What instances on a Redis do where nothing else is said. Times are in milliseconds. */
export const redisDefaults = { prefix: 'webrtc:', presenceMs: 30_000, joinTimeoutMs: 5_000 } as const;

/** How instances work together; only `url` is required, what is left out is as in {@link redisDefaults}. */
export interface RedisBackplaneOptions {
  /** The Redis that all instances share, such as `redis://127.0.0.1:6379`: version 6 or later, and one primary, not a cluster. */
  url: string;
  /**
   * What every key and channel begins with, so that several services can share a Redis. The number of a database other than 0
   * follows it: databases have keys of their own, and one set of channels.
   */
  prefix?: string;
  /** Milliseconds after which an instance that is not heard of counts as gone, with all its participants. */
  presenceMs?: number;
  /** Milliseconds that a join may take, after which it is refused. */
  joinTimeoutMs?: number;
}

/** Makes a backplane that shares its rooms with all others on the same Redis. Needs `@redis/client` to be installed. */
export function redisBackplane(options: RedisBackplaneOptions): CreateBackplane {
  return (context) => new RedisBackplane(options, context);
}

/** A connection of this instance: its join not asked for yet, asked for, done, or to be undone. */
interface Local {
  state: 'waiting' | 'asked' | 'joined' | 'leaving';
  readonly join: RoomEvent & { type: 'join' };
  /** Says that the join is over, one way or the other. */
  settle(): void;
}

/** What this instance knows of a room that somebody here is in, or about to be. */
interface Replica {
  readonly id: string;
  readonly locals: Map<ConnectionId, Local>;
  /** The instance of each connection in the room. */
  readonly owners: Map<ConnectionId, string>;
  /** The room after the event number `seq`; undefined until Redis has said who is in it. */
  room: Room | undefined;
  seq: number;
  /** What came while it is not known yet which event is the next; undefined when it is. */
  backlog: (() => void)[] | undefined;
}

const unreachable: ProtocolError = { code: 'INTERNAL_ERROR', message: 'The room cannot be reached at the moment.' };
const undelivered: ProtocolError = { code: 'INTERNAL_ERROR', message: 'The message may not have reached everybody.' };
const inFlightLimit = 16 * 1024 * 1024;
const spareBatchLimit = 1024 * 1024;

/**
 * Keeps the rooms of several instances in one order of events. Redis decides what happens to a room and numbers it; every
 * instance with somebody in the room lets the same events happen to its replica, and tells those who are connected to it.
 */
class RedisBackplane implements Backplane {
  readonly #context: BackplaneContext;
  readonly #edge: Edge;
  readonly #log: Logger;
  readonly #link: RedisLink;
  readonly #joinTimeoutMs: number;
  readonly #replicas = new Map<string, Replica>();
  /** What goes to each instance at the end of this turn. */
  readonly #outbox = new Map<string, RelayBatch>();
  readonly #spareBatches: RelayBatch[] = [];
  #isFlushing = false;
  readonly #inFlight = new InFlight(inFlightLimit);

  constructor(options: RedisBackplaneOptions, context: BackplaneContext) {
    const { url } = options;
    const prefix = prefixOf(url, options.prefix ?? redisDefaults.prefix);
    const { presenceMs = redisDefaults.presenceMs, joinTimeoutMs = redisDefaults.joinTimeoutMs } = options;
    this.#context = context;
    this.#edge = context.edge;
    this.#log = context.log;
    this.#joinTimeoutMs = joinTimeoutMs;
    this.#link = new RedisLink(
      { url, prefix, presenceMs, log: context.log },
      {
        onBack: (fresh) => this.#comeBack(fresh),
        onDown: () => this.#goDown(),
        onIsolated: () => this.#tellIsolated(),
        onDead: (instances) => this.#reap(instances),
        onMessage: (channel, data) => this.#hear(channel, data),
      },
    );
  }

  get rooms(): number {
    return this.#replicas.size;
  }

  start(): Promise<void> {
    return this.#link.start();
  }

  healthy(): boolean {
    return !this.#link.isIsolated;
  }

  happen(roomId: string, event: RoomEvent): Promise<void> | undefined {
    switch (event.type) {
      case 'join':
        return this.#join(roomId, event);
      case 'leave':
        this.#leave(roomId, event.connectionId, event.reason, event.at);
        return undefined;
      case 'message':
        this.#relay(roomId, event);
        return undefined;
    }
  }

  async close(): Promise<void> {
    if (this.#link.canCommand) {
      // Whoever has not been seen to leave by now is taken out as well, after those who are on their way out.
      const rest = Array.from(this.#replicas.keys(), (id) => this.#sync(id, [], false));
      await Promise.all([...rest, this.#link.run('goodbye', this.#link.instance)]).catch(() => {}); // Others notice in time.
    }
    this.#link.close();
  }

  #join(roomId: string, event: RoomEvent & { type: 'join' }): Promise<void> {
    const { connectionId } = event;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#giveUp(replica, connectionId), this.#joinTimeoutMs);
      const settle = () => {
        clearTimeout(timer);
        resolve();
      };
      const local: Local = { state: 'waiting', join: event, settle };
      const replica = this.#replicas.get(roomId) ?? this.#open(roomId);
      replica.locals.set(connectionId, local);
      if (this.#link.isIsolated) this.#giveUp(replica, connectionId);
      else void this.#ask(replica, local);
    });
  }

  /** Begins to listen to a room before it is asked about, so that nothing is missed in between (JOIN-9). */
  #open(id: string): Replica {
    const replica: Replica = { id, locals: new Map(), owners: new Map(), room: undefined, seq: 0, backlog: [] };
    this.#replicas.set(id, replica);
    if (this.#link.canCommand) this.#link.subscribe(channelOf(id)).catch(() => {}); // Whoever comes back subscribes again.
    return replica;
  }

  async #ask(replica: Replica, local: Local): Promise<void> {
    const { connectionId, user } = local.join;
    const { capacity = -1 } = this.#context;
    while (local.state === 'waiting') {
      if (!this.#link.isUp) {
        await this.#link.whenUp();
        continue;
      }
      local.state = 'asked';
      this.#flush();
      const { instance, generation } = this.#link;
      const wantsMembers = replica.room === undefined ? '1' : '0';
      const member = [fieldOf(user.userId), connectionId, JSON.stringify(participantOf(local.join))];
      const args = [replica.id, instance, generation, ...member, String(capacity), wantsMembers];
      try {
        const answer = await this.#link.run('join', ...args);
        this.#answered(replica, local, answer as ['joined', string, string[]] | ['full'] | ['stale']);
      } catch (error) {
        this.#log.warn({ room: replica.id, reason: (error as Error).message }, 'join failed');
        this.#giveUp(replica, connectionId);
      }
    }
  }

  #answered(replica: Replica, local: Local, answer: ['joined', string, string[]] | ['full'] | ['stale']): void {
    const { connectionId } = local.join;
    if (answer[0] === 'joined') {
      if (replica.room === undefined && this.#replicas.get(replica.id) === replica) {
        this.#base(replica, answer[2].map(parseMember), Number(answer[1]) - 1);
      }
    } else if (answer[0] === 'full') {
      replica.locals.delete(connectionId);
      // ROOM-6: what a room without a place says to whoever comes.
      if (local.state === 'asked')
        this.#carryOut(this.#context.transition(emptyRoom(replica.id, 0), local.join).effects);
      local.settle();
      this.#drop(replica);
    } else {
      if (local.state === 'asked') local.state = 'waiting';
      this.#link.reset('this instance was taken for dead');
    }
  }

  /** Refuses a join that Redis has not answered, and undoes it in case Redis still does it. */
  #giveUp(replica: Replica, connectionId: ConnectionId): void {
    const local = replica.locals.get(connectionId);
    if (local === undefined || local.state === 'joined') return;
    const wasAsked = local.state !== 'waiting';
    this.#turnAway(replica.id, connectionId, closeCodes.INTERNAL_ERROR.code);
    this.#remove(replica, connectionId, local, wasAsked, 'disconnected', new Date().toISOString());
  }

  #leave(roomId: string, connectionId: ConnectionId, reason: LeaveReason, at: string): void {
    const replica = this.#replicas.get(roomId);
    const local = replica?.locals.get(connectionId);
    // LEAVE-1: whoever was replaced or never let in has left already.
    if (replica === undefined || local === undefined || local.state === 'leaving') return;
    this.#remove(replica, connectionId, local, local.state !== 'waiting', reason, at);
  }

  #remove(
    replica: Replica,
    connectionId: ConnectionId,
    local: Local,
    mayBeIn: boolean,
    reason: LeaveReason,
    at: string,
  ): void {
    local.state = 'leaving';
    local.settle();
    const forget = () => {
      replica.locals.delete(connectionId);
      this.#drop(replica);
    };
    if (!mayBeIn) {
      forget();
    } else if (this.#link.canCommand) {
      this.#flush(); // LEAVE-4: what it said goes before.
      const args = [replica.id, fieldOf(local.join.user.userId), connectionId, reason, at];
      this.#link.run('leave', ...args).then(forget, (error: Error) => this.#link.reset(error.message));
    } // Else Redis is told when it is back.
  }

  #relay(roomId: string, event: RoomEvent & { type: 'message' }): void {
    const { connectionId: from, message } = event;
    const replica = this.#replicas.get(roomId);
    // LEAVE-4: what a connection said last may still come in after it left.
    if (replica?.room === undefined || replica.locals.get(from)?.state !== 'joined') return;

    const isTargeted = typeof message.payload.target_user_id === 'string';
    for (const effect of this.#context.transition(replica.room, event).effects) {
      if (effect.type === 'close') continue;
      const here: ConnectionId[] = [];
      const there = new Set<string>();
      for (const id of effect.to) {
        const owner = replica.owners.get(id) ?? this.#link.instance;
        if (owner === this.#link.instance) here.push(id);
        else there.add(owner);
      }
      const frame = this.#edge.encode(effect);
      // RELAY-6: a receiver who is here has every message of this sender at once, any other has them all by way of Redis.
      if (here.length > 0) this.#edge.send(here, frame);
      // RELAY-2: without a target, whoever is there when it arrives.
      const relay: Relay = { room: roomId, from, ...(isTargeted && { to: effect.to }), frame };
      for (const owner of there) this.#post(owner, relay);
    }
  }

  #post(instance: string, relay: Relay): void {
    if (!this.#link.canCommand || !this.#inFlight.takes(relay.from)) {
      this.#answer(relay, undelivered);
      return;
    }
    let batch = this.#outbox.get(instance);
    if (batch === undefined) {
      batch = this.#spareBatches.pop() ?? new RelayBatch();
      this.#outbox.set(instance, batch);
    }
    batch.add(relay);
    this.#inFlight.add(relay.from, relay.frame.length);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // One PUBLISH for all that comes in within one turn of the event loop.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushing = false;
    for (const [instance, batch] of this.#outbox) void this.#publish(instance, batch);
    this.#outbox.clear();
  }

  async #publish(instance: string, batch: RelayBatch): Promise<void> {
    const { bytes, senders } = batch;
    const listeners = await this.#link.publish(inboxOf(instance), bytes).catch(() => undefined);
    for (const sender of senders) this.#inFlight.remove(sender.from, sender.bytes);
    if (listeners === undefined || listeners === 0) for (const sender of senders) this.#answer(sender, undelivered);
    // Without an answer from Redis, its memory may still be on its way out.
    if (listeners === undefined || bytes.length > spareBatchLimit || this.#spareBatches.length > 8) return;
    batch.clear();
    this.#spareBatches.push(batch);
  }

  #hear(channel: string, data: Buffer): void {
    if (channel === inboxOf(this.#link.instance)) {
      for (const relay of relaysIn(data)) {
        const replica = this.#replicas.get(relay.room);
        if (replica !== undefined) this.#inOrder(replica, () => this.#forward(replica, relay));
      }
      return;
    }
    const replica = this.#replicas.get(roomOf(channel));
    if (replica === undefined) return; // Somebody left the room a moment ago.
    const announcement = data.toString();
    this.#inOrder(replica, () => this.#apply(replica, announcement));
  }

  #inOrder(replica: Replica, step: () => void): void {
    if (replica.backlog === undefined) step();
    else replica.backlog.push(step);
  }

  #forward(replica: Replica, { from, to, frame }: Relay): void {
    if (!replica.room?.byConnection.has(from)) return; // LEAVE-4
    const present: ConnectionId[] = [];
    for (const id of to ?? replica.locals.keys()) if (isIn(replica.locals.get(id))) present.push(id);
    if (present.length > 0) this.#edge.send(present, frame);
  }

  #apply(replica: Replica, announcement: string): void {
    const [, number, sign, rest = ''] = /^(\d+) ([+-]) (.*)$/s.exec(announcement) ?? [];
    const seq = Number(number);
    if (replica.room === undefined || seq <= replica.seq) return; // It is in what Redis said of the room.
    // A room that its last participant left is gone; what comes then is the first event of the next (ROOM-5).
    if (seq !== replica.seq + 1 && replica.room.byUser.size > 0) {
      this.#link.reset('it skipped an event');
      return;
    }

    replica.seq = seq;
    if (sign === '+') {
      const [owner = '', connectionId = ''] = rest.split(' ', 2);
      const participant = JSON.parse(rest.slice(owner.length + connectionId.length + 2)) as Participant;
      this.#happen(replica, joinOf(connectionId, participant), owner);
    } else {
      const [connectionId = '', reason, at = ''] = rest.split(' ');
      this.#happen(replica, { type: 'leave', connectionId, reason: reason as LeaveReason, at });
    }
  }

  /** Lets an event of Redis's happen to the replica, and does about it what concerns this instance. */
  #happen(replica: Replica, event: RoomEvent & { type: 'join' | 'leave' }, owner = ''): void {
    const { connectionId } = event;
    const before = replica.room as Room;
    const { room, effects } = this.#context.transition(before, event);
    replica.room = room;
    if (event.type === 'join') replica.owners.set(connectionId, owner);
    this.#carryOut(effects, replica);

    const gone = event.type === 'leave' ? connectionId : before.byUser.get(event.user.userId)?.connectionId;
    if (gone !== undefined) {
      // Others have taken this instance for dead; a connection that comes back finds everybody, and is found.
      const wasReaped = event.type === 'leave' && replica.locals.get(gone)?.state === 'joined';
      if (wasReaped) this.#turnAway(replica.id, gone, closeCodes.RESTARTING.code);
      replica.owners.delete(gone);
      replica.locals.get(gone)?.settle();
      replica.locals.delete(gone);
    }
    const local = event.type === 'join' ? replica.locals.get(connectionId) : undefined;
    if (local?.state === 'asked') {
      local.state = 'joined';
      local.settle();
    }
    this.#drop(replica);
  }

  #carryOut(effects: readonly Effect[], replica?: Replica): void {
    for (const effect of effects) {
      if (effect.type === 'close') {
        this.#edge.close(effect.connectionId, effect.code, effect.reason);
        continue;
      }
      const { to } = effect;
      const here = replica === undefined ? to : to.filter((id) => isListening(replica.locals.get(id)));
      if (here.length > 0) this.#edge.send(here, this.#edge.encode(effect));
    }
  }

  /** Makes the replica of what Redis says is in the room after event number `seq`, and lets happen what came since. */
  #base(replica: Replica, members: Listed[], seq: number): void {
    const sorted = members.sort((a, b) => a.seq - b.seq);
    if (replica.room === undefined) {
      replica.room = roomWith(replica.id, sorted);
      for (const { connectionId, owner } of sorted) replica.owners.set(connectionId, owner);
    } else {
      this.#catchUp(replica, sorted);
    }
    replica.seq = seq;
    const backlog = replica.backlog ?? [];
    replica.backlog = undefined;
    for (const step of backlog) step();
  }

  /** Lets happen what must have happened while nothing was heard. */
  #catchUp(replica: Replica, members: Listed[]): void {
    const users = new Set(members.map(({ participant }) => participant.user_id));
    const at = new Date().toISOString();
    for (const { connectionId, participant } of replica.room?.byConnection.values() ?? []) {
      if (users.has(participant.user_id)) continue;
      this.#happen(replica, { type: 'leave', connectionId, reason: 'disconnected', at });
    }
    for (const { connectionId, participant, owner } of members) {
      if (!replica.room?.byConnection.has(connectionId)) {
        this.#happen(replica, joinOf(connectionId, participant), owner);
      }
    }
  }

  async #comeBack(fresh: boolean): Promise<void> {
    const { instance } = this.#link;
    const replicas = Array.from(this.#replicas.values());
    await this.#link.subscribe(inboxOf(instance), ...replicas.map(({ id }) => channelOf(id)));
    await Promise.all(
      replicas.map(async (replica) => {
        if (replica.room === undefined) return this.#forgetLeavers(replica); // Nobody here is in.
        const members = Array.from(replica.room.byConnection.values())
          .map((member) => ({ ...member, owner: replica.owners.get(member.connectionId) ?? instance }))
          .filter(({ connectionId, owner }) => owner !== instance || isIn(replica.locals.get(connectionId)));
        const { seq, listed } = await this.#sync(replica.id, members, fresh);
        if (this.#replicas.get(replica.id) !== replica) return;
        this.#base(replica, listed, seq);
        this.#forgetLeavers(replica);
      }),
    );
    // What is still listed of this instance and not here, such as what others put back in the meantime, is removed.
    const rooms = (await this.#link.run('settle', instance)) as string[];
    await Promise.all(
      rooms.map((id) => {
        const locals = Array.from(this.#replicas.get(id)?.locals.values() ?? []).filter(isIn);
        const own = locals.map(({ join }) => ({
          ...{ connectionId: join.connectionId, owner: instance, participant: participantOf(join) },
        }));
        return this.#sync(id, own, false);
      }),
    );
  }

  /** Forgets whoever left while Redis was out of reach, once it is told. */
  #forgetLeavers(replica: Replica): void {
    for (const [id, { state }] of replica.locals) {
      if (state === 'leaving' && !replica.room?.byConnection.has(id)) replica.locals.delete(id);
    }
    this.#drop(replica);
  }

  async #sync(
    id: string,
    members: readonly Omit<Listed, 'seq'>[],
    fresh: boolean,
  ): Promise<{ seq: number; listed: Listed[] }> {
    const { instance, generation, leaseMs } = this.#link;
    const now = new Date().toISOString();
    const args = members.flatMap(({ connectionId, owner, participant }) => [
      ...[fieldOf(participant.user_id), owner, connectionId, JSON.stringify(participant)],
    ]);
    const answer = await this.#link.run(
      'sync',
      id,
      instance,
      generation,
      String(leaseMs),
      now,
      fresh ? '1' : '0',
      ...args,
    );
    const [outcome, seq, values] = answer as [string, string, string[]];
    if (outcome === 'stale') throw new Error('this instance was taken for dead');
    return { seq: Number(seq), listed: values.map(parseMember) };
  }

  #goDown(): void {
    this.#flush(); // tells the senders
    for (const replica of this.#replicas.values()) {
      replica.backlog = [];
      // Whether they are in nobody knows; they are told to try again, and removed if they are.
      for (const [id, local] of replica.locals) if (local.state === 'asked') this.#giveUp(replica, id);
    }
  }

  #tellIsolated(): void {
    for (const replica of Array.from(this.#replicas.values())) {
      this.#replicas.delete(replica.id);
      for (const [id, local] of replica.locals) {
        if (local.state !== 'leaving') this.#turnAway(replica.id, id, closeCodes.RESTARTING.code);
        local.state = 'leaving';
        local.settle();
      }
      replica.locals.clear();
    }
  }

  #reap(instances: string[]): void {
    for (const dead of instances) {
      this.#log.warn({ instance: dead }, 'instance is gone');
      this.#reapOne(dead).catch((error: Error) => this.#link.reset(error.message));
    }
  }

  async #reapOne(dead: string): Promise<void> {
    const at = new Date().toISOString();
    const rooms = await this.#link.roomsOf(dead);
    await Promise.all(rooms.map((id) => this.#link.run('reap', id, dead, at)));
    await this.#link.run('bury', dead);
  }

  #turnAway(roomId: string, connectionId: ConnectionId, code: number): void {
    this.#answer({ room: roomId, from: connectionId }, unreachable);
    this.#edge.close(connectionId, code, unreachable.code);
  }

  #answer({ room, from }: Pick<Relay, 'room' | 'from'>, error: ProtocolError): void {
    const message = errorMessage(room, error, new Date().toISOString());
    this.#edge.send([from], this.#edge.encode({ type: 'deliver', to: [from], message }));
  }

  /** Forgets a room that nobody here is in any more, and stops to listen to it. */
  #drop(replica: Replica): void {
    if (replica.locals.size > 0 || this.#replicas.get(replica.id) !== replica) return;
    this.#replicas.delete(replica.id);
    if (this.#link.canCommand) this.#link.unsubscribe(channelOf(replica.id)).catch(() => {});
  }
}

/** A member as Redis lists it. */
interface Listed {
  connectionId: ConnectionId;
  owner: string;
  seq: number;
  participant: Participant;
}

function parseMember(value: string): Listed {
  const [owner = '', connectionId = '', seq = ''] = value.split(' ', 3);
  const participant = JSON.parse(value.slice(owner.length + connectionId.length + seq.length + 3)) as Participant;
  return { connectionId, owner, seq: Number(seq), participant };
}

function participantOf({ user: { userId, username }, at }: RoomEvent & { type: 'join' }): Participant {
  return { user_id: userId, ...(username !== undefined && { username }), joined_at: at };
}

function joinOf(connectionId: ConnectionId, participant: Participant): RoomEvent & { type: 'join' } {
  const { user_id: userId, username, joined_at: at } = participant;
  return { type: 'join', connectionId, user: { userId, ...(username !== undefined && { username }) }, at: at ?? '' };
}

/** With the number of the database, which `PUBLISH` takes no notice of. */
function prefixOf(url: string, prefix: string): string {
  const database = Number(new URL(url).pathname.slice(1));
  return database > 0 ? `${prefix}db${database}:` : prefix;
}

const channelOf = (roomId: string) => `room:{${roomId}}`;
const roomOf = (channel: string) => channel.slice('room:{'.length, -1);
const inboxOf = (instance: string) => `inbox:${instance}`;
// As JSON, for two user ids that are not well-formed Unicode would be one in UTF-8.
const fieldOf = (userId: string) => JSON.stringify(userId);
const isIn = (local: Local | undefined) => local?.state === 'joined';
const isListening = (local: Local | undefined) => local?.state === 'joined' || local?.state === 'asked';

/** Makes a room with these members in it, who stand in order of joining and are of different users. */
function roomWith(id: RoomId, members: Iterable<Member>): Room {
  const [byUser, byConnection] = [new Map<UserId, Member>(), new Map<ConnectionId, Member>()];
  for (const member of members) {
    byUser.set(member.participant.user_id, member);
    byConnection.set(member.connectionId, member);
  }
  return { ...emptyRoom(id), byUser, byConnection };
}
