import type { WebSocket } from 'ws';
import { cutSilent } from './abandoned.js';

const shortestTick = 50;

/**
 * Pings each peer once in an interval and cuts it when the ping before was not answered (LEAVE-5): a silent peer is gone after
 * one to two intervals. The pings also keep proxies from closing a quiet connection.
 */
export class Heartbeat {
  /** Those who are pinged together: pinging everybody at once would hold up what they say. */
  readonly #slots: Set<WebSocket>[];
  readonly #unanswered = new Set<WebSocket>();
  readonly #heard: (this: WebSocket) => void;
  readonly #timer: NodeJS.Timeout;
  #joining = 0;
  #pinging = 0;

  /** `intervalMs` is in milliseconds. */
  constructor(intervalMs: number) {
    const ticks = Math.max(1, Math.min(20, Math.floor(intervalMs / shortestTick)));
    this.#slots = Array.from({ length: ticks }, () => new Set());
    const unanswered = this.#unanswered;
    this.#heard = function () {
      unanswered.delete(this);
    };
    this.#timer = setInterval(() => this.#ping(), intervalMs / ticks).unref();
  }

  /** Pings a peer from now on. */
  watch(socket: WebSocket): void {
    socket.on('pong', this.#heard);
    this.#joining = (this.#joining + 1) % this.#slots.length;
    this.#slots[this.#joining]?.add(socket);
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
    for (const socket of this.#slots[this.#pinging] ?? []) {
      if (this.#unanswered.has(socket)) cutSilent(socket);
      else {
        this.#unanswered.add(socket);
        socket.ping();
      }
    }
  }
}
