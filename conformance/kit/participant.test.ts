import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseTarget } from '../inputs/target.js';
import { Participant } from './participant.js';
import { Random } from './random.js';

const tooLarge = Buffer.from([0x88, 0x02, 0x03, 0xf1]);
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that reads no more of a message than the beginning of its first frame, and then does what it is told to. */
async function refuseTheFirstMessage(refuse: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (request) => {
      const key = /sec-websocket-key: (\S+)/i.exec(String(request))?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.once('data', () => {
        socket.pause();
        refuse(socket);
      });
    });
    closers.push(() => socket.destroy());
  });
  closers.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function connect(url: string): Promise<Participant> {
  const participant = new Participant(
    {
      name: 'alice',
      roomId: 'room',
      target: parseTarget(url),
      address: { room: 'room', token: 'token' },
      connection: { number: 0, credential: 'valid', instance: 0 },
      handshakeTimeoutMs: 1000,
    },
    { random: new Random('seed'), now: () => performance.now(), record: () => 0 },
  );
  await participant.untilHandshake(1000);
  return participant;
}

describe('a message that the server refuses while it is still being written', () => {
  for (const [how, refuse] of [
    ['and resets the connection', (socket: Socket) => socket.write(tooLarge, () => socket.resetAndDestroy())],
    [
      'and drops the connection with what it did not read',
      (socket: Socket) => socket.write(tooLarge, () => socket.destroy()),
    ],
    ['and ends its half of the connection', (socket: Socket) => socket.end(tooLarge)],
    ['and waits, reading nothing more', (socket: Socket) => socket.write(tooLarge)],
  ] as const) {
    it(`is closed 1009, where the server says so ${how}`, async () => {
      const alice = await connect(await refuseTheFirstMessage(refuse));
      await alice.sendText('x'.repeat(32 * 1024 * 1024));
      expect((await alice.untilClosed(2000))?.code).toBe(1009);
    });
  }
});
