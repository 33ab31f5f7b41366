import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeFrame, opcodes } from '../../conformance/kit/frames.js';
import { channelPath } from '../../generated/index.js';

/** What is asked of the process: an attack on a port, or the same traffic to one who takes it and does nothing. */
export interface Order {
  attack: keyof typeof attacks;
  /** Port of the server; absent, of a sink in this process. */
  port?: number;
  tokens: string[];
  ms: number;
}

const open = (port: number): Socket => {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  socket.on('error', () => {}); // To be cut is what the attacked does best.
  return socket;
};

const handshake = (room: string, token: string) =>
  [
    `GET ${channelPath(room)}?token=${token} HTTP/1.1`,
    ...['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
  ].join('\r\n');

/** Connects with a token, and reads all that comes. */
async function enter(port: number, token: string): Promise<Socket> {
  const socket = open(port);
  socket.resume();
  socket.write(handshake('den', token));
  await once(socket, 'connect').catch(() => {});
  return socket;
}

/** Writes the same again and again, as fast as it is taken, until the time is over. */
async function flood(socket: Socket, bytes: Buffer, isOver: () => boolean): Promise<void> {
  while (!isOver() && !socket.destroyed) {
    if (socket.write(bytes)) await turn();
    else await once(socket, 'drain', { signal: AbortSignal.timeout(50) }).catch(() => {});
  }
}

const frames = (opcode: number, payload: string, count: number) =>
  Buffer.concat(Array<Buffer>(count).fill(encodeFrame(opcode, Buffer.from(payload))));

type Attack = (port: number, tokens: readonly string[], isOver: () => boolean) => Promise<Socket[]>;

/** Floods over one connection that reads what it is answered. */
const over =
  (bytes: () => Buffer): Attack =>
  async (port, [token = ''], isOver) => {
    const socket = await enter(port, token);
    await flood(socket, bytes(), isOver);
    return [socket];
  };

const request = 'GET /webrtc/config HTTP/1.1\r\nHost: x\r\n\r\n';

const attacks = {
  async 'a message byte by byte'(port, tokens, isOver) {
    const sockets = await Promise.all(tokens.slice(0, 4).map((token) => enter(port, token)));
    const message = encodeFrame(opcodes.text, Buffer.alloc(200_000, 'x'));
    for (let at = 0; at < message.length && !isOver(); at++) {
      for (const socket of sockets) if (!socket.destroyed) socket.write(message.subarray(at, at + 1));
      await turn();
    }
    return sockets;
  },
  async 'requests in a pipeline'(port, _, isOver) {
    const sockets: Socket[] = [];
    const bytes = Buffer.from(request.repeat(2_000));
    while (!isOver()) {
      const socket = open(port);
      socket.resume();
      sockets.push(socket);
      await flood(socket, bytes, isOver);
    }
    return sockets;
  },
  async 'requests whose answers nobody reads'(port, _, isOver) {
    const sockets = Array.from({ length: 20 }, () => open(port));
    await Promise.all(sockets.map((socket) => flood(socket, Buffer.from(request.repeat(200)), isOver)));
    return sockets;
  },
  'empty frames': over(() => frames(opcodes.text, '', 5_000)),
  'messages that are none': over(() => frames(opcodes.text, 'nonsense', 5_000)),
  'messages to nobody': over(() =>
    frames(opcodes.text, '{"type":"offer","payload":{"type":"offer","sdp":"x","target_user_id":"nobody"}}', 1_000),
  ),
  pings: over(() => frames(opcodes.ping, '', 5_000)),
  'pongs that nobody asked for': over(() => frames(opcodes.pong, '', 5_000)),
  async 'one who comes and goes'(port, tokens, isOver) {
    // The others make the room that is told of it each time.
    const sockets = await Promise.all(tokens.slice(1).map((token) => enter(port, token)));
    while (!isOver()) {
      const socket = await enter(port, tokens[0] ?? '');
      await once(socket, 'data', { signal: AbortSignal.timeout(50) }).catch(() => {});
      socket.destroy();
    }
    return sockets;
  },
} satisfies Record<string, Attack>;

/** The names of all attacks. */
export const attackNames = Object.keys(attacks) as (keyof typeof attacks)[];

async function obey({ attack, port, tokens, ms }: Order): Promise<void> {
  const sink = createServer((socket) => socket.on('error', () => {}).resume());
  if (port === undefined) await once(sink.listen(0, '127.0.0.1'), 'listening');
  const end = performance.now() + ms;
  const to = port ?? (sink.address() as AddressInfo).port;
  const sockets = await attacks[attack](to, tokens, () => performance.now() > end);
  for (const socket of sockets) socket.destroy();
  sink.close();
}

// Whoever only wants the names is no attacker.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', async (order: Order) => {
    await obey(order);
    process.send?.('done');
  });
  process.on('disconnect', () => process.exit());
}
