import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { createSignalingServer, type SignalingServer, type SignalingServerOptions } from '../edge/server.js';
import { TestClient, testSecret, tokenFor } from './test-client.js';

const running: SignalingServer[] = [];

/** Starts a server that is gone after {@link stopAll}. */
export async function start(options: Partial<SignalingServerOptions> = {}): Promise<SignalingServer> {
  const server = await createSignalingServer({ admission: { secret: testSecret }, ...options });
  running.push(server);
  return server;
}

/** Stops what {@link start} started; for `afterEach`. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.close({ graceMs: 500 })));
}

/** Opens a connection, whatever becomes of it; `query` goes behind the token. */
export async function connectTo({ url }: SignalingServer, user: string, room = 'standup'): Promise<TestClient> {
  return TestClient.open(url, `/webrtc/ws/${room}?token=${await tokenFor(user)}`);
}

/** Enters a room. */
export async function join(server: SignalingServer, user: string, room = 'standup'): Promise<TestClient> {
  const client = await connectTo(server, user, room);
  await client.next('room_state');
  return client;
}

/** Enters a room with two users; neither has a message left to read. */
export async function joinTwo(server: SignalingServer): Promise<{ alice: TestClient; bob: TestClient }> {
  const alice = await join(server, 'alice');
  const bob = await join(server, 'bob');
  await alice.next('user_joined');
  return { alice, bob };
}

/** An offer of `bytes` bytes of SDP to one user. */
export function offerTo(target: string, bytes = 10): unknown {
  return { type: 'offer', payload: { type: 'offer', sdp: 'x'.repeat(bytes), target_user_id: target } };
}

/** Connects without a WebSocket library, and so without anybody who answers pings. */
export async function connectRaw(server: SignalingServer, user: string): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  socket.on('error', () => {}); // Tests look at what the server does instead.
  const lines = [
    `GET /webrtc/ws/standup?token=${await tokenFor(user)} HTTP/1.1`,
    ...['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
  ];
  socket.write(lines.join('\r\n'));
  return socket;
}

/** Sends a request as no browser would. A handshake that is granted ends with status 101. */
export async function ask(
  server: SignalingServer,
  path: string,
  { method = 'GET', headers = {}, ca }: { method?: string; headers?: Record<string, string>; ca?: string } = {},
) {
  const request = ca === undefined ? httpRequest : httpsRequest;
  const outgoing = request({ host: '127.0.0.1', port: server.port, method, path, headers, ca, agent: false });
  const [response] = await Promise.race([once(outgoing.end(), 'response'), once(outgoing, 'upgrade')]);
  if (response.statusCode === 101) response.socket.destroy();
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

/** The headers of a WebSocket handshake. */
export const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
