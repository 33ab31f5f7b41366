import type { WebSocket } from 'ws';

const longestTimer = 2 ** 31 - 1; // setTimeout takes anything longer for 1 ms.

/** Calls `expire` when a connected user's token lapses; `expiresAt` is in milliseconds since 1970. */
export function whenExpired(socket: WebSocket, expiresAt: number, expire: () => void): void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = expiresAt - Date.now();
    timer = setTimeout(left > 0 ? wait : expire, Math.min(Math.max(left, 0), longestTimer));
  };
  wait();
  socket.once('close', () => clearTimeout(timer));
}
