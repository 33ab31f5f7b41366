import { setTimeout as wait } from 'node:timers/promises';
import { type Contender, fanOut, type Work } from '../work.js';
import { Connection } from './connection.js';
import { dialects } from './dialects.js';
import { maskedFrame, opcodes } from './frames.js';

/** Which connections to make, and what they are to say. */
export interface GroupRequest {
  contender: Contender;
  /** Ports of the server's instances. */
  ports: number[];
  /** What is spread over them, the participants of each room or whole rooms; by default participants. */
  spread?: 'participants' | 'rooms';
  work: Work;
  /** Number of the first room; rooms of different groups on one server must not have the same. */
  firstRoom?: number;
  /** What each message carries. */
  carried: string;
}

/** What was sent and what arrived; times in milliseconds. */
export interface Traffic {
  sent: number;
  /** Copies that had to arrive. */
  expected: number;
  delivered: number;
  seconds: number;
  p50: number;
  p99: number;
}

interface Member {
  readonly connection: Connection;
  readonly plain: Buffer;
  /** The same message, longer by what tells it apart. */
  readonly marked: Buffer;
  isCorked: boolean;
}

interface Room {
  readonly members: Member[];
  /** Whose turn it is to send. */
  turn: number;
  /** Copies that arrived and have not been made up for by a new message. */
  credit: number;
  /** Copies of the marked message that are still under way. */
  marksLeft: number;
  markedAt: number;
}

type Mode = 'idle' | 'saturate' | 'paced' | 'drain';

const marker = '0123456789abcdef';
const connecting = 64;
const secondsToDrain = 10;

// Names are of one length, so that all messages are.
const userName = (room: number, place: number) => `user-${room + 10_000}-${place + 100}`;

/** The name of a group's room. */
export const roomName = (room: number) => `room-${room + 10_000}`;

/** Rooms full of connections to one server, and the traffic in them. */
export class Group {
  readonly #rooms: Room[] = [];
  readonly #touched: Member[] = [];
  readonly #inFlight: number;
  readonly #fanOut: number;
  readonly #shortest: number;
  readonly #latencies: number[] = [];
  #dirty: Room[] = [];
  #mode: Mode = 'idle';
  #failure: Error | undefined;
  #sent = 0;
  #delivered = 0;
  #heard = 0;
  /** Length from which on a frame is a marked one; the first messages tell. */
  #markedFrom = Number.POSITIVE_INFINITY;
  #longest = 0;

  private constructor(request: GroupRequest) {
    const { work, carried } = request;
    this.#inFlight = work.inFlight;
    this.#fanOut = fanOut(work);
    this.#shortest = this.#encode(request, 0, carried).length;
  }

  /** Connects everybody, and has each room pass one message on. */
  static async open(request: GroupRequest): Promise<Group> {
    const { work, ports, spread = 'participants' } = request;
    const portOf = (index: number) =>
      ports[(spread === 'rooms' ? Math.floor(index / work.size) : index) % ports.length] ?? 0;
    const group = new Group(request);
    const total = work.rooms * work.size;
    const members: Member[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: Math.min(connecting, total) }, async () => {
        while (next < total) {
          const index = next++;
          members[index] = await group.#connect(request, index, portOf(index));
        }
      }),
    );
    for (let first = 0; first < total; first += work.size) {
      const room = { members: members.slice(first, first + work.size), turn: 0, credit: 0, marksLeft: 0, markedAt: 0 };
      group.#rooms.push(room);
      for (const { connection } of room.members) connection.onMessage = (length) => group.#receive(room, length);
    }
    await group.#settle();
    if (group.#fanOut > 0) {
      for (const room of group.#rooms) group.#send(room, false);
      group.#uncork();
      await group.#drain();
      if (group.#delivered === 0) throw new Error('the server passes nothing on');
      group.#markedFrom = group.#longest + marker.length;
    }
    return group;
  }

  async #connect(request: GroupRequest, index: number, port: number): Promise<Member> {
    const { contender, work, firstRoom = 0, carried } = request;
    const dialect = dialects[contender];
    const room = firstRoom + Math.floor(index / work.size);
    const frame = (text: string) => maskedFrame(opcodes.text, this.#encode(request, index, text));
    const target = dialect.target(roomName(room), userName(room, index % work.size));
    const connection = await Connection.open(port, target, dialect);
    connection.onChunk = () => this.#flush();
    connection.onMessage = () => this.#heard++;
    connection.onLost = (error) => {
      this.#failure = error;
    };
    return { connection, plain: frame(carried), marked: frame(carried + marker), isCorked: false };
  }

  #encode({ contender, work, firstRoom = 0 }: GroupRequest, index: number, text: string): string {
    const neighbour = userName(firstRoom + Math.floor(index / work.size), (index + 1) % work.size);
    return dialects[contender].encode(work.message, text, work.isTargeted ? neighbour : undefined);
  }

  /** Waits until all that joining brought about has arrived. */
  async #settle(): Promise<void> {
    let heard = -1;
    while (heard !== this.#heard) {
      heard = this.#heard;
      await Promise.all(this.#rooms.flatMap(({ members }) => members).map(({ connection }) => connection.settled()));
      await wait(20);
    }
    this.#check();
  }

  /** Keeps a fixed number of messages under way in each room for so long, then waits for all of them to arrive. */
  async saturate(milliseconds: number): Promise<Traffic> {
    return this.#measure('saturate', milliseconds, () => {});
  }

  /** Sends so many messages per second for so long, whatever becomes of them; latency counts from when each was due. */
  async pace(milliseconds: number, perSecond: number): Promise<Traffic> {
    const interval = 1_000 / perSecond;
    let due = performance.now();
    let turn = 0;
    return this.#measure('paced', milliseconds, (now) => {
      for (; due <= now; due += interval) {
        const room = this.#rooms[turn++ % this.#rooms.length];
        if (room !== undefined) this.#send(room, room.marksLeft === 0, due);
      }
      this.#uncork();
    });
  }

  async #measure(mode: Mode, milliseconds: number, onTurn: (now: number) => void): Promise<Traffic> {
    this.#sent = 0;
    this.#delivered = 0;
    this.#latencies.length = 0;
    this.#mode = mode;
    const began = performance.now();
    if (mode === 'saturate') {
      for (const room of this.#rooms) {
        room.credit = 0;
        for (let i = 0; i < this.#inFlight; i++) this.#send(room, i === 0);
      }
      this.#uncork();
    }
    // A client that sleeps has to be woken, which the server pays for: it looks for data without a pause.
    for (let now = began; now < began + milliseconds; now = performance.now()) {
      onTurn(now);
      this.#check();
      await new Promise(setImmediate);
    }
    this.#mode = 'drain';
    await this.#drain();
    const seconds = (performance.now() - began) / 1_000;
    this.#mode = 'idle';
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return {
      sent: this.#sent,
      expected: this.#sent * this.#fanOut,
      delivered: this.#delivered,
      seconds,
      p50: at(0.5),
      p99: at(0.99),
    };
  }

  async #drain(): Promise<void> {
    const deadline = performance.now() + secondsToDrain * 1_000;
    while (this.#delivered < this.#sent * this.#fanOut && performance.now() < deadline) {
      this.#check();
      await new Promise(setImmediate);
    }
    if (this.#delivered === this.#sent * this.#fanOut) await this.#settle(); // Nothing may come twice.
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #receive(room: Room, length: number): void {
    if (length < this.#shortest) {
      // Somebody joined or left, or the server complains; only the former may happen, and before traffic begins.
      if (this.#mode !== 'idle') this.#failure = new Error(`the server sent ${length} bytes that were no message`);
      this.#heard++;
      return;
    }
    this.#delivered++;
    if (length > this.#longest) this.#longest = length;
    if (length >= this.#markedFrom && room.marksLeft > 0) {
      room.marksLeft--;
      this.#latencies.push(performance.now() - room.markedAt);
    }
    if (this.#mode !== 'saturate') return;
    if (++room.credit === this.#fanOut) this.#dirty.push(room);
  }

  #flush(): void {
    if (this.#dirty.length === 0) return;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const room of dirty) {
      for (; room.credit >= this.#fanOut; room.credit -= this.#fanOut) this.#send(room, room.marksLeft === 0);
    }
    this.#uncork();
  }

  #send(room: Room, isMarked: boolean, at?: number): void {
    const member = room.members[room.turn];
    if (member === undefined) return;
    room.turn = (room.turn + 1) % room.members.length;
    if (isMarked) {
      room.marksLeft = this.#fanOut;
      room.markedAt = at ?? performance.now();
    }
    if (!member.isCorked) {
      member.isCorked = true;
      member.connection.cork();
      this.#touched.push(member);
    }
    member.connection.write(isMarked ? member.marked : member.plain);
    this.#sent++;
  }

  #uncork(): void {
    for (const member of this.#touched.splice(0)) {
      member.isCorked = false;
      member.connection.uncork();
    }
  }

  /** Ends all connections. */
  close(): void {
    for (const { members } of this.#rooms) for (const { connection } of members) connection.abandon();
  }
}
