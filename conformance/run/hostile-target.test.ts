import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

const script = fileURLToPath(new URL('../testing/measured-run.ts', import.meta.url));
const config = JSON.stringify({ ice_servers: [{ urls: 'stun:stun.example.com' }] });
let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** How a target does harm. All of them let everybody in. */
interface Harm {
  /** To whoever is in a room. */
  toMember?(socket: WebSocket, roomId: string): void;
  /** In the body of the configuration. */
  body?(write: (text: string) => boolean, onDrain: (next: () => void) => void): void;
}

/** Starts such a target and gives its base URL. */
async function start({ toMember, body }: Harm): Promise<string> {
  server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    if (body === undefined) response.end(config);
    else
      body(
        (text) => response.write(text),
        (next) => response.once('drain', next),
      );
  });
  const sockets = new WebSocketServer({ server, maxPayload: 64 << 20 });
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => {});
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://target');
    const roomId = pathname.split('/').at(-1) ?? '';
    const claims = searchParams.get('token')?.split('.')[1] ?? '';
    const user_id = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}').sub ?? 'somebody';
    socket.send(envelope(roomId, 'room_state', { participants: [{ user_id }], participant_count: 1 }));
    toMember?.(socket, roomId);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function envelope(roomId: string, type: string, payload: object): string {
  return JSON.stringify({ type, payload, room_id: roomId, timestamp: new Date().toISOString() });
}

/** Sends a text again and again, as fast as it is taken. */
function flood(socket: WebSocket, text: string): void {
  const send = (): void => {
    if (socket.readyState !== socket.OPEN) return;
    let left = 50;
    while (left > 0 && socket.bufferedAmount < 1 << 20) {
      socket.send(text);
      left -= 1;
    }
    setImmediate(send);
  };
  send();
}

/** Runs the suite as a user does, and gives what it printed, how it ended, and what it took. */
async function judge(url: string, selection: string[]) {
  const argv = [
    '--target',
    url,
    '--jwt-secret-env',
    'SECRET',
    '--timeout',
    '1000',
    '--wait-for-target',
    '2',
    ...selection,
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...argv], {
    env: { ...process.env, SECRET: 'a secret that nobody checks' },
  });
  const began = performance.now();
  let text = '';
  for (const stream of [child.stderr, child.stdout]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  }
  await once(child, 'close');
  const seconds = (performance.now() - began) / 1000;
  return {
    text,
    seconds,
    ...(JSON.parse(text.trim().split('\n').at(-1) ?? '') as { exitCode: number; megabytes: number }),
  };
}

const noise = (bytes: number) => JSON.stringify({ type: 'noise', payload: {}, filling: 'x'.repeat(bytes) });
const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

describe('a target that does harm is told of, and costs no more than 300 MB and two minutes', () => {
  it.each<[string, Harm, RegExp]>([
    ['floods with small messages', { toMember: (socket) => flood(socket, noise(0)) }, /The target floods its clients/],
    [
      'floods with messages of 1 MiB',
      { toMember: (socket) => flood(socket, noise(1 << 20)) },
      /The target floods its clients/,
    ],
    [
      'sends a message of 60 MiB to each joiner',
      { toMember: (socket) => socket.send(noise(60 << 20)) },
      /JOIN-1|closed 1006|1009/,
    ],
    [
      'sends JSON that is 20,000 levels deep',
      {
        toMember: (socket, roomId) => {
          const deep = envelope(roomId, 'user_joined', { user_id: 'deep' }).replace('"deep"', nested);
          for (let count = 0; count < 20; count++) socket.send(deep);
        },
      },
      /The target floods its clients/,
    ],
    [
      'answers with a configuration that never ends',
      {
        body(write, onDrain) {
          const more = (): void => {
            while (write('x'.repeat(65_536)));
            onDrain(more);
          };
          more();
        },
      },
      /larger than 1 MiB/,
    ],
    [
      'pings without end',
      { toMember: (socket) => setInterval(() => socket.ping(), 0).unref() },
      /Not conformant|No verdict/,
    ],
  ])(
    '%s',
    async (name, harm, told) => {
      // Where each connection is harmed alike, those who join stand for all.
      const selection = /ping|60 MiB/.test(name) ? ['--only', 'JOIN'] : [];
      const { text, seconds, megabytes, exitCode } = await judge(await start(harm), selection);
      expect(text).toMatch(told);
      expect([1, 3, 4]).toContain(exitCode);
      expect(megabytes).toBeLessThan(300);
      expect(seconds).toBeLessThan(120);
    },
    180_000,
  );
});
