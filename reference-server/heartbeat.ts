import type { WebSocket } from 'ws';
import { cutSilent } from './abandoned.js';

/**
 * Pings a peer every `intervalMs` milliseconds and cuts it when the one before was not answered (LEAVE-5):
 * a silent peer is gone after one to two intervals. The pings also keep proxies from closing a quiet connection.
 */
export function keepAlive(socket: WebSocket, intervalMs: number): void {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered) {
      cutSilent(socket);
      return;
    }
    answered = false;
    socket.ping();
  }, intervalMs);
  socket.on('pong', () => {
    answered = true;
  });
  socket.once('close', () => clearInterval(timer));
}
