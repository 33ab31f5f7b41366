import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Remembered } from './remembered.js';
import { TokenBucket } from './token-bucket.js';

/** Requests of one connection that wait for their answers at once: those who pipeline more get none. */
const mostUnanswered = 8;

/** Bytes of answers that may wait for a client to read them. */
const mostUnread = 65_536;

/** Milliseconds for which an address that sent more is let in no more: to read what it sent takes its time. */
const penaltyMs = 5_000;

/** Connections of one address that are no WebSocket, or not yet. */
const mostPlain = 2_000;

/** Requests of one address that are answered: far more than a browser sends, and few enough to leave time for the others. */
const requestRate = { burst: 1_000, perSecond: 200 };

/** Bytes that the HTTP parser reads before one looks whether the connection is still wanted: 64 KiB have 1,500 requests. */
const pieceBytes = 2_048;

/** What to do when a connection is HTTP no more. */
const endings = new WeakMap<Socket, () => void>();

/** Puts itself between a connection and the HTTP parser of Node, which would read on for one that is cut already. */
function readInPieces(socket: Socket): void {
  const [parse] = socket.listeners('data') as ((this: Socket, chunk: Buffer) => void)[];
  if (parse === undefined) return;
  let isPlain = true;
  const take = (chunk: Buffer) => {
    for (let at = 0; at < chunk.length && !socket.destroyed; at += pieceBytes) {
      parse.call(socket, chunk.subarray(at, at + pieceBytes));
      if (isPlain || at + pieceBytes >= chunk.length) continue;
      // What follows a handshake is not HTTP.
      socket.unshift(chunk.subarray(at + pieceBytes));
      return;
    }
  };
  socket.off('data', parse);
  socket.on('data', take);
  endings.set(socket, () => {
    isPlain = false;
    socket.off('data', take);
  });
}

/** The time for which an address that went too far is let in no more. */
class Penalty {
  #until = 0;

  begin(): void {
    this.#until = performance.now() + penaltyMs;
  }

  /** Whether it is over. */
  isFull(): boolean {
    return performance.now() >= this.#until;
  }
}

/** What HTTP may cost, so that it holds up no WebSocket (ERROR-9). What is over is cut without a word. */
export class HttpBounds {
  /** How many plain connections each address has. */
  readonly #plain = new Map<string, number>();
  /** The address of each plain connection, which a closed one does not know any more. */
  readonly #addresses = new WeakMap<Socket, string>();
  readonly #closed: (this: Socket) => void;
  readonly #requests = new Remembered(() => new TokenBucket(requestRate));
  readonly #unanswered = new WeakMap<Socket, number>();
  readonly #penalties = new Remembered(() => new Penalty());
  readonly #byAddress: boolean;

  /** Behind a proxy all connections have its address, and only the proxy can tell clients apart. */
  constructor(options: { byAddress: boolean }) {
    this.#byAddress = options.byAddress;
    const forget = (socket: Socket) => this.#forget(socket);
    // One for all of them.
    this.#closed = function () {
      forget(this);
    };
  }

  /** Counts a connection until it is a WebSocket or closed, or cuts it; what it sends is read in pieces. */
  begin(socket: Socket): void {
    readInPieces(socket);
    if (!this.#byAddress) return;
    const { remoteAddress = '' } = socket;
    const plain = this.#plain.get(remoteAddress) ?? 0;
    if (plain >= mostPlain || this.#isPenalized(remoteAddress)) {
      socket.destroy();
      return;
    }
    this.#plain.set(remoteAddress, plain + 1);
    this.#addresses.set(socket, remoteAddress);
    socket.once('close', this.#closed);
  }

  /** Says that a connection is not plain any more: it has become a WebSocket, or is about to. */
  upgrade(socket: Socket): void {
    endings.get(socket)?.();
    // Thousands of WebSockets that say nothing shall hold nothing of what they were before.
    endings.delete(socket);
    socket.off('close', this.#closed);
    this.#forget(socket);
  }

  #forget(socket: Socket): void {
    const address = this.#addresses.get(socket);
    if (address === undefined) return;
    this.#addresses.delete(socket);
    const left = (this.#plain.get(address) ?? 0) - 1;
    if (left > 0) this.#plain.set(address, left);
    else this.#plain.delete(address);
  }

  /** Whether a request may be answered; where not, its connection is cut. */
  admit({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (socket.destroyed) return false;
    const unanswered = (this.#unanswered.get(socket) ?? 0) + 1;
    const isRude = unanswered > mostUnanswered || socket.writableLength > mostUnread;
    if (isRude) this.#penalize(socket);
    if (isRude || this.#isFlood(socket)) {
      socket.destroy();
      return false;
    }
    this.#unanswered.set(socket, unanswered);
    response.once('close', () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
    return true;
  }

  #penalize({ remoteAddress = '' }: Socket): void {
    if (!this.#byAddress) return;
    this.#penalties.hold(remoteAddress).begin();
    this.#penalties.release(remoteAddress);
  }

  #isPenalized(address: string): boolean {
    const isOver = this.#penalties.hold(address).isFull();
    this.#penalties.release(address);
    return !isOver;
  }

  #isFlood({ remoteAddress = '' }: Socket): boolean {
    if (!this.#byAddress) return false;
    const waitMs = this.#requests.hold(remoteAddress).take();
    this.#requests.release(remoteAddress);
    return waitMs > 0;
  }
}
