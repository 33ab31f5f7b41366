import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { startPlainServer } from '../core/plain-server.js';
import { TestClient, testSecret, tokenFor } from '../testing/test-client.js';
import { start, stopAll } from '../testing/test-server.js';

const cleanUp: (() => Promise<void>)[] = [stopAll];
afterEach(async () => {
  for (const step of cleanUp) await step();
  cleanUp.length = 1;
});

/** Both servers. */
const servers: [string, () => Promise<{ url: string }>][] = [
  ['the reference server', start],
  [
    'the plain server',
    async () => {
      const plain = await startPlainServer({ secret: testSecret, host: '127.0.0.1', port: 0 });
      cleanUp.push(() => plain.close());
      return plain;
    },
  ],
];

/** The whole answer to a request, which ends with its connection. */
async function answerTo(url: string, requestLine: string, headers: string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write([`${requestLine} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n'));
  const answer = await text(socket);
  // What differs by chance.
  return answer.replace(/^(date|connection|keep-alive): .*\r\n/gim, '');
}

const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'];

describe.each(servers)('%s', (_name, startServer) => {
  it('answers a request that offers another protocol as it answers any other', async () => {
    const { url } = await startServer();
    const bearer = [`Authorization: Bearer ${await tokenFor('alice')}`];
    const requests: [string, string[]][] = [
      ['GET /webrtc/config', bearer],
      ['GET /webrtc/config', []],
      ['HEAD /webrtc/config', bearer],
      ['POST /webrtc/config', [...bearer, 'Content-Length: 2']],
      ['DELETE /webrtc/config', bearer],
      ['GET /webrtc/ws/standup', []],
      ['GET /nothing', []],
      ['GET /healthz', []],
    ];
    for (const [line, headers] of requests) {
      const plain = await answerTo(url, line, [...headers, 'Connection: close']);
      expect(plain).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
      expect(await answerTo(url, line, [...headers, ...h2c])).toBe(plain);
      expect(await answerTo(url, line, [...headers, 'Connection: upgrade', 'Upgrade: TLS/1.2'])).toBe(plain);
    }
  });

  it('says of the path of its WebSocket what is to be asked for there', async () => {
    const { url } = await startServer();
    const answer = await answerTo(url, 'GET /webrtc/ws/standup', ['Connection: close']);
    expect(answer).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    expect(answer.toLowerCase()).toContain('\r\nupgrade: websocket\r\n');
  });

  it('takes a whole URL for a target, for WebSockets too', async () => {
    const { url } = await startServer();
    const answer = await answerTo(url, `GET ${url}/webrtc/config?a=b`, [
      `Authorization: Bearer ${await tokenFor('alice')}`,
      'Connection: close',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    const target = `${url}/webrtc/ws/standup?token=${await tokenFor('alice')}`;
    const lines = ['Host: x', 'Connection: Upgrade', 'Upgrade: WebSocket', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    socket.write([`GET ${target} HTTP/1.1`, ...lines, key, '', ''].join('\r\n'));
    const [begin] = await once(socket, 'data');
    expect(String(begin)).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    const bob = await TestClient.open(url, `/webrtc/ws/standup?token=${await tokenFor('bob')}`);
    const { payload } = await bob.next('room_state');
    expect(payload.participants.map(({ user_id }) => user_id)).toContain('alice');
    socket.destroy();
    bob.socket.terminate();
  });
});
