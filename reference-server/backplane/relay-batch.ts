import type { ConnectionId } from '../core/room.js';

/** A relayed message on its way to another instance. */
export interface Relay {
  room: string;
  from: ConnectionId;
  /** Whom it is for; absent, everybody there but the sender. */
  to?: readonly ConnectionId[];
  /** The text frame that each of them receives as it is. */
  frame: Buffer;
}

/** Relays that travel together, as bytes. It can be used again: new memory for each of them would keep the garbage collector busy. */
export class RelayBatch {
  /** Who sent how many bytes, and is to be told if they do not arrive. */
  readonly senders: (Pick<Relay, 'room' | 'from'> & { bytes: number })[] = [];
  #memory = Buffer.allocUnsafeSlow(128 * 1024);
  #length = 0;

  /** What there is to send, until something is added. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  add({ room, from, to = [], frame }: Relay): void {
    const head = [room, from, ...to].join(' '); // All of them are ASCII, and none has a space.
    const headAt = this.#reserve(8 + head.length + frame.length) + 8;
    this.#memory.writeUInt32BE(head.length, headAt - 8);
    this.#memory.writeUInt32BE(frame.length, headAt - 4);
    this.#memory.write(head, headAt, 'latin1');
    frame.copy(this.#memory, headAt + head.length);
    this.senders.push({ room, from, bytes: frame.length });
  }

  /** Forgets all that was added. */
  clear(): void {
    this.senders.length = 0;
    this.#length = 0;
  }

  /** Makes room for so many bytes more, and returns where they begin. */
  #reserve(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(this.#length)));
      this.#memory.copy(larger, 0, 0, at);
      this.#memory = larger;
    }
    return at;
  }
}

/** Reads the relays of a batch. Frames are views of it. */
export function* relaysIn(batch: Buffer): Generator<Relay> {
  for (let at = 0; at < batch.length; ) {
    const frameAt = at + 8 + batch.readUInt32BE(at);
    const end = frameAt + batch.readUInt32BE(at + 4);
    const [room = '', from = '', ...to] = batch.toString('latin1', at + 8, frameAt).split(' ');
    yield { room, from, ...(to.length > 0 && { to }), frame: batch.subarray(frameAt, end) };
    at = end;
  }
}
