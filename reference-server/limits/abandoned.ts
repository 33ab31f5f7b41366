import type { WebSocket } from 'ws';
import { closeCodes, type LeaveReason } from '../../generated/index.js';

const reasons = new WeakMap<WebSocket, LeaveReason>();

/** Cuts a connection whose peer does not answer any more; its room is told `timeout` (LEAVE-5). */
export function cutSilent(socket: WebSocket): void {
  reasons.set(socket, 'timeout');
  socket.terminate(); // Nobody is there to read a close frame.
}

/**
 * Closes a connection that has more than `limit` bytes waiting for its peer to take them; its room is told `timeout`.
 * What others send it from now on costs nothing, and after the close timeout it is cut with all that waits (RELAY-13).
 */
export function closeIfSlow(socket: WebSocket, limit: number): void {
  if (socket.bufferedAmount <= limit || socket.readyState !== socket.OPEN) return;
  reasons.set(socket, 'timeout');
  socket.close(closeCodes.TRY_AGAIN_LATER.code, 'messages were not taken in time');
}

/** Why the server gave a connection up; undefined if it did not. */
export function reasonOfAbandoning(socket: WebSocket): LeaveReason | undefined {
  return reasons.get(socket);
}
