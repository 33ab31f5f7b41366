import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { closeCodes, type LeaveReason } from '../../generated/index.js';
import { progressOf } from './congestion.js';

const reasons = new WeakMap<WebSocket, LeaveReason>();

/** Cuts a connection whose peer does not answer any more; its room is told `timeout` (LEAVE-5). */
export function cutSilent(socket: WebSocket): void {
  reasons.set(socket, 'timeout');
  socket.terminate(); // Nobody is there to read a close frame.
}

/** Milliseconds for which a receiver may take nothing while more waits for it than may. */
const patienceMs = 2_000;

/** Times the limit that may wait for one that goes on reading. */
const mostTimes = 4;

const watched = new WeakSet<WebSocket>();

/**
 * Closes a connection for which more than `limit` bytes wait, and whose peer takes none of them for 2 s, or for which four times
 * as many wait; its room is told `timeout`. What others send it from now on costs nothing, and after the close timeout it is cut
 * with all that waits (RELAY-13).
 */
export function closeIfSlow(socket: WebSocket, transport: Duplex, limit: number): void {
  if (socket.bufferedAmount <= limit || socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > mostTimes * limit) giveUp(socket);
  if (socket.readyState !== socket.OPEN || watched.has(socket)) return;
  watched.add(socket);
  let progress = progressOf(transport);
  const watch = setInterval(() => {
    const now = progressOf(transport);
    const isOpen = socket.readyState === socket.OPEN;
    if (isOpen && socket.bufferedAmount > limit && now !== progress) {
      progress = now;
      return;
    }
    clearInterval(watch);
    watched.delete(socket);
    if (isOpen && socket.bufferedAmount > limit) giveUp(socket);
  }, patienceMs).unref();
}

function giveUp(socket: WebSocket): void {
  reasons.set(socket, 'timeout');
  socket.close(closeCodes.TRY_AGAIN_LATER.code, 'messages were not taken in time');
}

/** Why the server gave a connection up; undefined if it did not. */
export function reasonOfAbandoning(socket: WebSocket): LeaveReason | undefined {
  return reasons.get(socket);
}
