import type { Socket } from 'node:net';
import type { Inbox } from './inbox.js';

/** Bytes that are read in one go where frames are small: hundreds of the smallest. */
const pieceBytes = 2_048;

/** Payloads up to this many bytes are small. */
const smallBytes = 32;

/**
 * Hands what arrives to `ws` in pieces where it is a heap of small frames, of which 64 KiB have ten thousand: they would all be
 * read before anybody else has a turn.
 */
export class Feed {
  readonly #transport: Socket;
  readonly #inbox: Inbox;
  readonly #read: ((this: Socket, chunk: Buffer) => void) | undefined;
  /** What was not read yet. */
  #rest: Buffer | undefined;

  /** To be made when `ws` has begun to listen, and nothing has arrived yet. */
  constructor(transport: Socket, inbox: Inbox) {
    this.#transport = transport;
    this.#inbox = inbox;
    const [read] = transport.listeners('data') as ((this: Socket, chunk: Buffer) => void)[];
    this.#read = read;
    if (read === undefined) return;
    transport.off('data', read);
    transport.on('data', this.#take);
  }

  /** Goes on with what was not read yet. */
  goOn(): void {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined && !this.#transport.destroyed) this.#take(rest);
  }

  readonly #take = (chunk: Buffer): void => {
    if (this.#rest !== undefined) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return;
    }
    this.#inbox.begin();
    const isOnePiece = chunk.length <= pieceBytes || ((chunk[1] ?? 0) & 0x7f) > smallBytes;
    const step = isOnePiece ? chunk.length : pieceBytes;
    for (let at = 0; at < chunk.length; at += step) {
      if (at > 0 && this.#inbox.isBusy) {
        this.#rest = chunk.subarray(at);
        return;
      }
      this.#read?.call(this.#transport, chunk.subarray(at, at + step));
    }
  };
}
