import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Remembered } from './remembered.js';
import { TokenBucket } from './token-bucket.js';

/** Requests of one connection that wait for their answers at once: those who pipeline more get none. */
const mostUnanswered = 8;

/** Bytes of answers that may wait for a client to read them. */
const mostUnread = 65_536;

/** Connections of one address that are no WebSocket, or not yet. */
const mostPlain = 2_000;

/** Requests of one address that are answered: far more than a browser sends, and few enough to leave time for the others. */
const requestRate = { burst: 1_000, perSecond: 200 };

/** What HTTP may cost, so that it holds up no WebSocket (ERROR-9). What is over is cut without a word. */
export class HttpBounds {
  readonly #plain = new Map<string, Set<string>>();
  readonly #requests = new Remembered(() => new TokenBucket(requestRate));
  readonly #unanswered = new WeakMap<Socket, number>();
  readonly #byAddress: boolean;

  /** Behind a proxy all connections have its address, and only the proxy can tell clients apart. */
  constructor(options: { byAddress: boolean }) {
    this.#byAddress = options.byAddress;
  }

  /** Counts a connection until it is a WebSocket or closed, or cuts it. */
  begin(socket: Socket): void {
    if (!this.#byAddress) return;
    const { remoteAddress = '', remotePort } = socket;
    const ports = this.#plain.get(remoteAddress) ?? new Set();
    if (ports.size >= mostPlain) {
      socket.destroy();
      return;
    }
    ports.add(String(remotePort));
    this.#plain.set(remoteAddress, ports);
    socket.once('close', () => this.#forget(remoteAddress, remotePort));
  }

  /** Says that a connection is not plain any more. */
  upgrade({ remoteAddress = '', remotePort }: Socket): void {
    this.#forget(remoteAddress, remotePort);
  }

  #forget(address: string, port: number | undefined): void {
    const ports = this.#plain.get(address);
    ports?.delete(String(port));
    if (ports?.size === 0) this.#plain.delete(address);
  }

  /** Whether a request may be answered; where not, its connection is cut. */
  admit({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (socket.destroyed) return false;
    const unanswered = (this.#unanswered.get(socket) ?? 0) + 1;
    if (unanswered > mostUnanswered || socket.writableLength > mostUnread || this.#isFlood(socket)) {
      socket.destroy();
      return false;
    }
    this.#unanswered.set(socket, unanswered);
    response.once('close', () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
    return true;
  }

  #isFlood({ remoteAddress = '' }: Socket): boolean {
    if (!this.#byAddress) return false;
    const waitMs = this.#requests.hold(remoteAddress).take();
    this.#requests.release(remoteAddress);
    return waitMs > 0;
  }
}
