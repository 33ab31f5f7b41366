import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** The least that a relay on `ws` can do: everything goes unread to everybody else in the room, which is the path. */
export async function start(): Promise<number> {
  const rooms = new Map<string, Set<WebSocket>>();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket, { url = '' }) => {
    const room = rooms.get(url) ?? new Set();
    rooms.set(url, room.add(socket));
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => {
      for (const other of room) {
        if (other !== socket) other.send(data, { binary: isBinary });
      }
    });
    socket.on('close', () => {
      room.delete(socket);
      if (room.size === 0) rooms.delete(url);
    });
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
