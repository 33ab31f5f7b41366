import type { RequirementId } from '../../generated/index.js';
import type { ConnectionNumber } from '../trace/trace-event.js';
import { type Message, stringOf } from './message.js';
import type { Connection, Room, User, Visitor } from './people.js';

/** A message that a client sent. */
export interface Sent {
  readonly from: Connection;
  readonly event: number;
  readonly message: Message;
  readonly target: string | undefined;
  /** The rule that forbids to relay it. */
  readonly forbiddenBy: RequirementId | undefined;
  /** When it was first seen to arrive, by instance. */
  readonly arrivedAt: Map<number, number>;
}

/** Messages of one user to one room that cannot be told apart by their payload, in the order sent. */
export interface Bucket {
  readonly room: Room;
  readonly visitor: Visitor;
  readonly sent: Sent[];
  /** The `timestamp` of each; undefined for one that has none. */
  readonly timestamps: Set<string | undefined>;
  /** The connection that all of them were sent on; undefined where there were several. */
  onlyFrom: Connection | undefined;
  /** How far each receiver is. */
  readonly cursors: Map<ConnectionNumber, Cursor>;
}

/** What a receiver has had of a bucket. */
export interface Cursor {
  /** The next message to look at. */
  next: number;
  /** Messages for it that were passed over because later ones came first. */
  passedOver: number;
  /** Why the latest message that is not for it is not. */
  misfit?: { rule: RequirementId; expected: string; sent: Sent };
}

/** All that was sent, found by what is relayed of it. */
export class SentIndex {
  readonly #byPayload = new Map<string, Map<Room, Map<User, Bucket>>>();
  readonly #byCore = new Map<string, Sent>();
  readonly #byVisitor = new Map<Visitor, Sent[]>();

  /** Buckets of this payload, by room and user. */
  find(key: string): ReadonlyMap<Room, ReadonlyMap<User, Bucket>> | undefined {
    return this.#byPayload.get(key);
  }

  /** The latest message of a user to a room that has this type and this SDP or candidate, whatever else it has. */
  findAltered(room: Room, user: User, { type, payload }: Message): Sent | undefined {
    return this.#byCore.get(coreKey(room, user, type, payload));
  }

  /** The latest messages of a user to a room. */
  latest(visitor: Visitor, count: number): readonly Sent[] {
    return this.#byVisitor.get(visitor)?.slice(-count) ?? [];
  }

  add(key: string, room: Room, visitor: Visitor, sent: Sent): void {
    const { type, payload, value } = sent.message;
    const rooms = getOrMake(this.#byPayload, key, () => new Map<Room, Map<User, Bucket>>());
    const users = getOrMake(rooms, room, () => new Map<User, Bucket>());
    const make = (): Bucket => ({
      room,
      visitor,
      sent: [],
      timestamps: new Set(),
      onlyFrom: sent.from,
      cursors: new Map(),
    });
    const bucket = getOrMake(users, visitor.user, make);
    bucket.sent.push(sent);
    if (bucket.onlyFrom !== sent.from) bucket.onlyFrom = undefined;
    bucket.timestamps.add(stringOf(value?.timestamp));
    getOrMake(this.#byVisitor, visitor, () => []).push(sent);
    this.#byCore.set(coreKey(room, visitor.user, type, payload), sent);
  }
}

function coreKey(room: Room, user: User, type: string, payload: Message['payload']): string {
  return JSON.stringify([room.id, user.name, type, payload.sdp ?? payload.candidate ?? null]);
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
