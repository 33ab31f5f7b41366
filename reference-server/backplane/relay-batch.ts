import type { ConnectionId } from '../room.js';

/** A relayed message on its way to another instance. */
export interface Relay {
  room: string;
  from: ConnectionId;
  /** Whom it is for; absent, everybody there but the sender. */
  to?: ConnectionId[];
  /** The text frame that each of them receives as it is. */
  frame: Buffer;
}

/** Writes a relay as bytes that can follow one another. */
export function encodeRelay({ frame, ...head }: Relay): Buffer[] {
  const header = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.allocUnsafe(8);
  lengths.writeUInt32BE(header.length, 0);
  lengths.writeUInt32BE(frame.length, 4);
  return [lengths, header, frame];
}

/** Reads relays that follow one another. Frames are views of `batch`. */
export function* decodeRelays(batch: Buffer): Generator<Relay> {
  for (let at = 0; at < batch.length; ) {
    const header = at + 8;
    const frame = header + batch.readUInt32BE(at);
    const end = frame + batch.readUInt32BE(at + 4);
    const head = JSON.parse(batch.toString('utf8', header, frame)) as Omit<Relay, 'frame'>;
    yield { ...head, frame: batch.subarray(frame, end) };
    at = end;
  }
}
