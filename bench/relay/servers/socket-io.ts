import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

/** The relay that socket.io's manual leads to: a room of everybody, a room for each user, and the sender's name put in. */
export async function start(): Promise<number> {
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false, perMessageDeflate: false });
  io.on('connection', (socket) => {
    const { room, user } = socket.handshake.query as { room: string; user: string };
    socket.join([room, user]);
    socket.on('signal', (message: { payload: { target_user_id?: string } }) => {
      const to = message.payload.target_user_id ?? room;
      socket.to(to).emit('signal', { ...message, sender_id: user });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return (http.address() as AddressInfo).port;
}
