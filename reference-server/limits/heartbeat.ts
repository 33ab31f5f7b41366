import type { WebSocket } from 'ws';
import { cutSilent } from './abandoned.js';

const shortestTick = 50;

/** The part of a connection's socket that is looked at. */
interface Transport {
  /** Bytes that came so far. */
  readonly bytesRead: number;
}

/**
 * Pings each peer once in an interval and cuts it when nothing came since the ping before (LEAVE-5): a silent peer is gone
 * after one to two intervals. Whoever is not read from at the moment is not silent: its pongs may be behind what it said.
 * The pings also keep proxies from closing a quiet connection.
 */
export class Heartbeat {
  /** Those who are pinged together: pinging everybody at once would hold up what they say. */
  readonly #slots: Map<WebSocket, Transport>[];
  /** The bytes that had come from each when it was pinged, for those who have not answered. */
  readonly #unanswered = new Map<WebSocket, number>();
  readonly #heard: (this: WebSocket) => void;
  readonly #timer: NodeJS.Timeout;
  #joining = 0;
  #pinging = 0;

  /** `intervalMs` is in milliseconds. */
  constructor(intervalMs: number) {
    const ticks = Math.max(1, Math.min(20, Math.floor(intervalMs / shortestTick)));
    this.#slots = Array.from({ length: ticks }, () => new Map());
    const unanswered = this.#unanswered;
    this.#heard = function () {
      unanswered.delete(this);
    };
    this.#timer = setInterval(() => this.#ping(), intervalMs / ticks).unref();
  }

  /** Pings a peer from now on; `transport` is what its bytes come over. */
  watch(socket: WebSocket, transport: Transport): void {
    socket.on('pong', this.#heard);
    this.#joining = (this.#joining + 1) % this.#slots.length;
    this.#slots[this.#joining]?.set(socket, transport);
  }

  /** Forgets a peer that is gone. */
  forget(socket: WebSocket): void {
    for (const slot of this.#slots) slot.delete(socket);
    this.#unanswered.delete(socket);
  }

  /** Pings nobody any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #ping(): void {
    this.#pinging = (this.#pinging + 1) % this.#slots.length;
    for (const [socket, { bytesRead }] of this.#slots[this.#pinging] ?? []) {
      if (this.#unanswered.get(socket) === bytesRead && !socket.isPaused) cutSilent(socket);
      else {
        this.#unanswered.set(socket, bytesRead);
        socket.ping();
      }
    }
  }
}
