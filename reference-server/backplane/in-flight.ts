import type { ConnectionId } from '../core/room.js';

/** Bytes that are on their way to other instances, shared fairly: whoever sends much keeps nobody else from sending (ERROR-9). */
export class InFlight {
  readonly #limit: number;
  readonly #ofSender = new Map<ConnectionId, number>();
  #total = 0;

  /** Beyond `limit` bytes in all, each sender may have an equal part of it under way; nobody has more than twice that in all. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether a sender may have more under way. */
  takes(sender: ConnectionId): boolean {
    if (this.#total <= this.#limit) return true;
    const share = this.#limit / (this.#ofSender.size + 1);
    return this.#total <= 2 * this.#limit && (this.#ofSender.get(sender) ?? 0) < share;
  }

  /** Counts what a sender puts on its way. */
  add(sender: ConnectionId, bytes: number): void {
    this.#total += bytes;
    this.#ofSender.set(sender, (this.#ofSender.get(sender) ?? 0) + bytes);
  }

  /** Counts what arrived, or was lost. */
  remove(sender: ConnectionId, bytes: number): void {
    this.#total -= bytes;
    const left = (this.#ofSender.get(sender) ?? 0) - bytes;
    if (left > 0) this.#ofSender.set(sender, left);
    else this.#ofSender.delete(sender);
  }
}
