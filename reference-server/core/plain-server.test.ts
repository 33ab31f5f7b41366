import { SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type PlainServer, startPlainServer } from './plain-server.js';

const secret = 'the-secret-of-the-plain-server-0123456789';
let server: PlainServer | undefined;
afterEach(() => server?.close());

async function start(): Promise<PlainServer> {
  server = await startPlainServer({ secret, host: '127.0.0.1', port: 0 });
  return server;
}

const tokenFor = (user: string) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setExpirationTime('1h')
    .sign(Buffer.from(secret));

/** A connection with everything that it received, and how it ended. */
async function open(url: string, protocols: string[] = []) {
  const socket = new WebSocket(url.replace('http', 'ws'), protocols, { maxPayload: 64 * 1024 * 1024 });
  const texts: string[] = [];
  socket.on('message', (data) => texts.push(String(data)));
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  return { socket, texts, closed };
}

describe('the plain server', () => {
  it('lets two talk and tells the one that the other left', async () => {
    const { url } = await start();
    const alice = await open(`${url}/webrtc/ws/standup?token=${await tokenFor('alice')}`);
    await expect.poll(() => alice.texts.length).toBe(1);
    const bob = await open(`${url}/webrtc/ws/standup?token=${await tokenFor('bob')}`);
    await expect.poll(() => alice.texts.length).toBe(2);
    bob.socket.send(JSON.stringify({ type: 'offer', payload: { type: 'offer', sdp: 'v=0', target_user_id: 'alice' } }));
    bob.socket.close();
    await expect
      .poll(() => alice.texts.map((text) => JSON.parse(text).type))
      .toEqual(['room_state', 'user_joined', 'offer', 'user_left']);
  });

  it('looks at the token before the room', async () => {
    const { url } = await start();
    const nobody = await open(`${url}/webrtc/ws/no.room?token=bad`);
    expect(await nobody.closed).toBe(1008);
    expect(JSON.parse(nobody.texts[0] ?? '').payload.code).toBe('UNAUTHORIZED');
  });

  it('closes 1013 whoever does not read, and nobody else waits for it', async () => {
    const { url } = await start();
    const room = `${url}/webrtc/ws/standup?token=`;
    const [alice, bob, carol] = await Promise.all(
      ['alice', 'bob', 'carol'].map(async (user) => open(room + (await tokenFor(user)))),
    );
    await expect.poll(() => carol?.texts.length).toBeGreaterThan(0);
    bob?.socket.pause();
    const sdp = 'x'.repeat(60_000);
    const offer = (to: string) =>
      JSON.stringify({ type: 'offer', payload: { type: 'offer', sdp, target_user_id: to } });
    for (let count = 0; count < 300; count++) alice?.socket.send(offer('bob'));
    alice?.socket.send(offer('carol'));
    await expect.poll(() => carol?.texts.some((text) => text.includes('"offer"'))).toBe(true);
    bob?.socket.resume();
    expect(await bob?.closed).toBe(1013);
  });

  it('answers 426 to a request for the path of a WebSocket, and 404 elsewhere', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/webrtc/ws/standup`)).status).toBe(426);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  it('closes its clients 1001 when it stops', async () => {
    const { url, close } = await start();
    const alice = await open(`${url}/webrtc/ws/standup?token=${await tokenFor('alice')}`);
    await expect.poll(() => alice.texts.length).toBe(1);
    await close();
    expect(await alice.closed).toBe(1001);
  });
});
