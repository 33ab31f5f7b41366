import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { UnsecuredJWT } from 'jose';
import { type Logger, pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { validateProblem, validateWebrtcConfig } from '../../generated/index.js';
import { TestClient, testSecret, tokenFor } from '../testing/test-client.js';
import { createSignalingServer, type SignalingServer, type SignalingServerOptions } from './server.js';

const offer = { type: 'offer', payload: { type: 'offer', sdp: 'v=0\r\ns=-\r\n' } };
const offerTo = (target: string) => ({ ...offer, payload: { ...offer.payload, target_user_id: target } });

const running: SignalingServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close({ graceMs: 500 })));
});

async function start(options: Partial<SignalingServerOptions> = {}): Promise<SignalingServer> {
  const server = await createSignalingServer({ admission: { secret: testSecret }, ...options });
  running.push(server);
  return server;
}

async function connectTo({ url }: SignalingServer, user: string, room = 'standup'): Promise<TestClient> {
  return TestClient.open(
    url,
    `${new URL(url).pathname.replace(/\/$/, '')}/webrtc/ws/${room}?token=${await tokenFor(user)}`,
  );
}

async function join(server: SignalingServer, user: string, room = 'standup'): Promise<TestClient> {
  const client = await connectTo(server, user, room);
  await client.next('room_state');
  return client;
}

/** Connects without a WebSocket library, for what none would do; `frame` goes out with the handshake. */
function connectRaw(server: SignalingServer, token: string, frame = Buffer.alloc(0)): Socket {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}); // Tests look at what the server does instead.
  const lines = [
    ...[`GET /webrtc/ws/standup?token=${token} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
  ];
  socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), frame]));
  return socket;
}

/** Starts a server with two participants in one room. */
async function startWithTwo(options: Partial<SignalingServerOptions> = {}) {
  const server = await start(options);
  const alice = await join(server, 'alice');
  const bob = await join(server, 'bob');
  await alice.next('user_joined');
  return { server, alice, bob };
}

/** Sends a raw HTTP request, as fetch would not. */
async function ask(server: SignalingServer, method: string, path: string, headers: Record<string, string> = {}) {
  const outgoing = request({ host: '127.0.0.1', port: server.port, method, path, headers, agent: false });
  outgoing.on('upgrade', () => outgoing.destroy(new Error('upgraded')));
  const [response] = await once(outgoing.end(), 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

describe('GET /webrtc/config', () => {
  it('with a good token answers a valid configuration that no cache keeps', async () => {
    const server = await start();
    const authorization = `Bearer ${await tokenFor('alice')}`;
    const response = await fetch(`${server.url}/webrtc/config`, { headers: { authorization } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const config = await response.json();
    expect(validateWebrtcConfig(config)).toBe(true);
    expect(config).toMatchObject({ ice_servers: [{ urls: ['stun:stun.l.google.com:19302'] }] });
  });

  it('takes the scheme in any case', async () => {
    const server = await start();
    const headers = { authorization: `bearer ${await tokenFor('alice')}` };
    expect(await ask(server, 'GET', '/webrtc/config', headers)).toMatchObject({ status: 200 });
  });

  it.each([
    ['no Authorization', undefined, 'Bearer'],
    ['another scheme', 'Basic YWxpY2U6', 'Bearer'],
    ['no token after the scheme', 'Bearer ', 'Bearer'],
    ['a malformed token', 'Bearer nonsense', 'Bearer error="invalid_token"'],
    ['two words for a token', 'Bearer not a token', 'Bearer error="invalid_token"'],
    ['an unsigned token', `Bearer ${new UnsecuredJWT({ sub: 'alice' }).encode()}`, 'Bearer error="invalid_token"'],
  ])('with %s answers 401 and a challenge', async (_, authorization, challenge) => {
    const server = await start();
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await ask(server, 'GET', '/webrtc/config', headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(challenge);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(validateProblem(JSON.parse(answer.body))).toBe(true);
  });

  it('with an expired or badly signed token answers 401 without repeating it', async () => {
    const server = await start();
    for (const token of [await tokenFor('alice', { exp: 1 }), await tokenFor('alice', {}, 'x'.repeat(32))]) {
      const answer = await ask(server, 'GET', '/webrtc/config', { authorization: `Bearer ${token}` });
      expect(answer.status).toBe(401);
      expect(JSON.stringify(answer)).not.toContain(token);
    }
  });

  it('while tokens cannot be judged answers 500', async () => {
    const server = await start({ admission: () => Promise.reject(new Error('no keys')) });
    const answer = await ask(server, 'GET', '/webrtc/config', { authorization: 'Bearer x' });
    expect(answer.status).toBe(500);
    expect(validateProblem(JSON.parse(answer.body))).toBe(true);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE'])('%s is answered 405 with Allow', async (method) => {
    const answer = await ask(await start(), method, '/webrtc/config');
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
    expect(validateProblem(JSON.parse(answer.body))).toBe(true);
  });

  it('HEAD is answered like GET, without the body', async () => {
    const server = await start();
    const headers = { authorization: `Bearer ${await tokenFor('alice')}` };
    expect(await ask(server, 'HEAD', '/webrtc/config', headers)).toMatchObject({ status: 200, body: '' });
    expect(await ask(server, 'HEAD', '/webrtc/config')).toMatchObject({ status: 401, body: '' });
  });

  it('OPTIONS is answered 204 with Allow', async () => {
    const answer = await ask(await start(), 'OPTIONS', '/webrtc/config');
    expect(answer).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } });
  });
});

describe('elsewhere', () => {
  it.each(['/', '/webrtc', '/webrtc/config/'])('GET %s is answered 404', async (path) => {
    const answer = await ask(await start(), 'GET', path);
    expect(answer.status).toBe(404);
    expect(validateProblem(JSON.parse(answer.body))).toBe(true);
  });

  it('GET for the path of a WebSocket is answered 426', async () => {
    const answer = await ask(await start(), 'GET', '/webrtc/ws/standup');
    expect(answer).toMatchObject({ status: 426, headers: { upgrade: 'websocket' } });
    expect(validateProblem(JSON.parse(answer.body))).toBe(true);
  });

  it('/healthz is well', async () => {
    expect(await ask(await start(), 'GET', '/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });

  it.each(['/', '/webrtc/ws', '/webrtc//ws/standup', '/x/../webrtc/ws/standup', '/%77ebrtc/ws/standup'])(
    'a WebSocket to %s is answered 404',
    async (path) => {
      const headers = {
        ...{ connection: 'Upgrade', upgrade: 'websocket' },
        ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
      };
      const answer = await ask(await start(), 'GET', `${path}?token=${await tokenFor('alice')}`, headers);
      expect(answer.status).toBe(404);
      expect(validateProblem(JSON.parse(answer.body))).toBe(true);
    },
  );
});

describe('a base path', () => {
  it('stands before everything but /healthz', async () => {
    const server = await start({ basePath: '/a/b' });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/a/b`);
    const headers = { authorization: `Bearer ${await tokenFor('alice')}` };
    expect(await ask(server, 'GET', '/a/b/webrtc/config', headers)).toMatchObject({ status: 200 });
    expect(await ask(server, 'GET', '/webrtc/config', headers)).toMatchObject({ status: 404 });
    expect(await ask(server, 'GET', '/healthz')).toMatchObject({ status: 200 });
    await join(server, 'alice');
  });
});

describe('admission', () => {
  it.each<[string, () => Promise<string>]>([
    ['no token', async () => ''],
    ['an empty token', async () => '?token='],
    ['a malformed token', async () => '?token=nonsense'],
    ['a badly signed token', async () => `?token=${await tokenFor('mallory', {}, 'x'.repeat(32))}`],
    ['an unsigned token', async () => `?token=${new UnsecuredJWT({ sub: 'mallory' }).encode()}`],
    ['an expired token', async () => `?token=${await tokenFor('mallory', { exp: 1 })}`],
    ['a token of tomorrow', async () => `?token=${await tokenFor('mallory', { nbf: Date.now() / 1000 + 86_400 })}`],
    ['two tokens', async () => `?token=${await tokenFor('mallory')}&token=${await tokenFor('mallory')}`],
  ])('is refused with %s, and the room learns nothing of it', async (_, query) => {
    const { server, alice, bob } = await startWithTwo();
    const mallory = await TestClient.open(server.url, `/webrtc/ws/standup${await query()}`);
    mallory.send(offer);
    const error = await mallory.next('error');
    expect(error).toMatchObject({ room_id: 'standup', payload: { code: 'UNAUTHORIZED' } });
    expect(await mallory.closed).toEqual({ code: 1008, reason: 'UNAUTHORIZED' });
    await Promise.all([alice.settled(), bob.settled()]);
    expect([mallory.unread, alice.unread, bob.unread]).toEqual([0, 0, 0]);
  });

  it('is refused with 1011 while tokens cannot be judged, so that clients come back', async () => {
    const server = await start({ admission: () => Promise.reject(new Error('no keys')) });
    const alice = await connectTo(server, 'alice');
    expect(await alice.next('error')).toMatchObject({ payload: { code: 'INTERNAL_ERROR' } });
    expect(await alice.closed).toMatchObject({ code: 1011 });
  });

  it('is not hurt by a client that resets while its token is judged', async () => {
    const gate = new EventEmitter();
    const asked = once(gate, 'asked');
    const judged = once(gate, 'judged');
    const server = await start({
      admission: async (token) => {
        if (token !== 'slow') return { ok: true, identity: { userId: token } };
        gate.emit('asked');
        await judged;
        return { ok: true, identity: { userId: 'mallory' } };
      },
    });
    const socket = connectRaw(server, 'slow');
    await asked;
    socket.resetAndDestroy();
    await once(socket, 'close');
    gate.emit('judged');
    const alice = await TestClient.open(server.url, '/webrtc/ws/standup?token=alice');
    await alice.next('room_state');
  });

  it('once refused is not hurt by a broken frame', async () => {
    const server = await start();
    const brokenFrame = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]); // text that is not UTF-8
    const mallory = connectRaw(server, 'nonsense', brokenFrame);
    await once(mallory.resume(), 'end');
    mallory.destroy();
    await join(server, 'alice');
  });
});

describe('a room id', () => {
  it.each(['a', 'Team_A-1', 'x'.repeat(100), '%73tandup'])('%s is good', async (room) => {
    const client = await connectTo(await start(), 'alice', room);
    expect((await client.next('room_state')).room_id).toBe(decodeURIComponent(room));
  });

  it.each<[string, string]>([
    ['', ''],
    ['x'.repeat(101), 'x'.repeat(100)],
    ['standup&token=secret', 'standup&...'],
    ['standup%3Ftoken%3Dsecret', 'standup?...'],
    ['standup/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', 'standup/...'],
    ['x/../standup', 'x/../standup'],
    ['x/%2E%2E/standup', 'x/../standup'],
    ['../ws/standup', '../ws/standup'],
    ['standup/', 'standup/'],
    ['standup%2F', 'standup/'],
    ['standup%0A', 'standup\n'],
    ['standup%00', 'standup\0'],
    ['st%20andup', 'st andup'],
    ['st%C3%A4ndup', 'ständup'],
    ['%', '%'],
    ['%C3', '%C3'],
    ['standup#x', 'standup#x'],
    ['.', '.'],
  ])('"%s" is refused, and nobody else hears of it', async (room, named) => {
    const server = await start();
    const alice = await join(server, 'alice');
    const bob = await connectTo(server, 'bob', room);
    expect(await bob.next('error')).toMatchObject({ room_id: named, payload: { code: 'INVALID_ROOM_ID' } });
    expect(await bob.closed).toMatchObject({ code: 1008 });
    await alice.settled();
    expect(alice.unread).toBe(0);
  });

  it('in another case is another room', async () => {
    const server = await start();
    await join(server, 'alice', 'standup');
    const bob = await connectTo(server, 'bob', 'Standup');
    expect((await bob.next('room_state')).payload.participants).toMatchObject([{ user_id: 'bob' }]);
  });
});

describe('joining', () => {
  it('finds who is there, and is announced', async () => {
    const server = await start();
    const alice = await join(server, 'alice');
    const bob = await connectTo(server, 'bob');
    const { payload } = await bob.next('room_state');
    expect(payload).toMatchObject({ participants: [{ user_id: 'alice' }, { user_id: 'bob' }], participant_count: 2 });
    expect(await alice.next('user_joined')).toMatchObject({ room_id: 'standup', payload: { user_id: 'bob' } });
  });

  it('again replaces the older connection', async () => {
    const { server, alice, bob } = await startWithTwo();
    const newer = await connectTo(server, 'alice');
    expect(await alice.closed).toMatchObject({ code: 4001 });
    expect((await newer.next('room_state')).payload.participant_count).toBe(2);
    expect(await bob.next('user_left')).toMatchObject({ payload: { user_id: 'alice', reason: 'replaced' } });
    expect(await bob.next('user_joined')).toMatchObject({ payload: { user_id: 'alice' } });
    bob.send(offerTo('alice'));
    await newer.next('offer');
    await bob.settled();
    expect(bob.unread).toBe(0);
  });

  it('a full room is refused', async () => {
    const server = await start({ roomCapacity: 1 });
    const alice = await join(server, 'alice');
    const bob = await connectTo(server, 'bob');
    expect(await bob.next('error')).toMatchObject({ payload: { code: 'ROOM_FULL' } });
    expect(await bob.closed).toMatchObject({ code: 1008 });
    alice.socket.close(1000);
    await alice.closed;
    await join(server, 'bob');
  });

  it('by 50 users at once leaves each pair with one who found and one who was told', async () => {
    const server = await start();
    const names = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    const clients = await Promise.all(names.map((name) => connectTo(server, name)));
    const found = await Promise.all(
      clients.map(async (client) => (await client.next('room_state')).payload.participants.length - 1),
    );
    await Promise.all(clients.map((client) => client.settled()));
    expect(found.toSorted((a, b) => a - b)).toEqual(names.map((_, index) => index));
    const told = clients.map((client) => client.unread);
    expect(found.map((count, index) => count + (told[index] ?? 0))).toEqual(names.map(() => 49));
  });
});

describe('relaying', () => {
  it('stamps the sender and changes nothing else', async () => {
    const { alice, bob } = await startWithTwo();
    const payload = {
      ...{ candidate: '', sdp_mid: null, target_user_id: 'bob', sender_id: 'carol' },
      extra: { text: '\u0000ä€😀\r\n\u2028', numbers: [0.1, 1e21, -5, 2 ** 53 - 1], nothing: null },
    };
    const timestamp = '2026-03-01T09:30:00.123456+01:00';
    alice.send({ type: 'ice_candidate', payload, sender_id: 'carol', timestamp, trace: 'kept' });
    expect(await bob.next('ice_candidate')).toEqual({
      type: 'ice_candidate',
      payload: { ...payload, sender_id: 'alice' },
      room_id: 'standup',
      sender_id: 'alice',
      timestamp,
      trace: 'kept',
    });
  });

  it('writes over a sender that is given twice', async () => {
    const { alice, bob } = await startWithTwo();
    alice.send(
      '{"sender_id":"x","sender_id":"bob","type":"offer","payload":{"sender_id":"x","type":"offer","sdp":"s","sender_id":"bob"}}',
    );
    const frame = once(bob.socket, 'message');
    const message = await bob.next('offer');
    expect(message).toMatchObject({ sender_id: 'alice', payload: { sender_id: 'alice' } });
    expect(String((await frame)[0]).match(/sender_id/g)).toHaveLength(2);
  });

  it('without a target reaches everybody else', async () => {
    const { server, alice, bob } = await startWithTwo();
    const carol = await join(server, 'carol');
    carol.send(offer);
    await alice.next('user_joined');
    await bob.next('user_joined');
    expect(await alice.next('offer')).toMatchObject({ sender_id: 'carol' });
    expect(await bob.next('offer')).toMatchObject({ sender_id: 'carol' });
    await carol.settled();
    expect(carol.unread).toBe(0);
  });

  it('takes messages of 64 KiB and answers larger ones', async () => {
    const { alice, bob } = await startWithTwo();
    const sized = (bytes: number) => {
      const frame = JSON.stringify(offerTo('bob'));
      return frame.replace('v=0', `ä${'x'.repeat(bytes - frame.length + 1)}`);
    };
    expect(Buffer.byteLength(sized(65_536))).toBe(65_536);
    alice.send(sized(65_536));
    await bob.next('offer');
    alice.send(sized(65_537));
    expect(await alice.next('error')).toMatchObject({ room_id: 'standup', payload: { code: 'MESSAGE_TOO_LARGE' } });
    alice.send(offerTo('bob'));
    await bob.next('offer');
  });

  it('takes a message in fragments with pings between for one', async () => {
    const { alice, bob } = await startWithTwo();
    for (const part of ['{"type":"offer","payload":{"ty', 'pe":"offer","sdp":"', 's"']) {
      alice.socket.send(part, { fin: false });
      alice.socket.ping();
    }
    alice.socket.send('}}', { fin: true });
    expect(await bob.next('offer')).toMatchObject({ payload: { sdp: 's' } });
  });

  it('keeps the order of a burst', async () => {
    const { alice, bob } = await startWithTwo();
    const candidates = Array.from({ length: 100 }, (_, index) => `candidate:${index}`);
    for (const candidate of candidates) alice.send({ type: 'ice_candidate', payload: { candidate } });
    for (const candidate of candidates) expect((await bob.next('ice_candidate')).payload.candidate).toBe(candidate);
  });
});

describe('a fault', () => {
  it.each([
    ['no JSON', '{', 'INVALID_MESSAGE'],
    ['no object', '[]', 'INVALID_MESSAGE'],
    ['no envelope', '{"type":"offer"}', 'INVALID_MESSAGE'],
    ['an unknown type', '{"type":"ice-candidate","payload":{}}', 'INVALID_MESSAGE_TYPE'],
    ['a type for servers', '{"type":"user_left","payload":{"user_id":"bob"}}', 'INVALID_MESSAGE_TYPE'],
    ['a wrong payload', '{"type":"offer","payload":{"type":"offer"}}', 'INVALID_PAYLOAD'],
    ['another room', JSON.stringify({ ...offer, room_id: 'retro' }), 'ROOM_MISMATCH'],
    ['nobody for target', JSON.stringify(offerTo('nobody')), 'TARGET_NOT_FOUND'],
    ['oneself for target', JSON.stringify(offerTo('alice')), 'TARGET_NOT_FOUND'],
    ['faults in type and room', '{"type":"x","payload":{},"room_id":"retro"}', 'INVALID_MESSAGE_TYPE'],
    ['faults in room and payload', '{"type":"offer","payload":{},"room_id":"retro"}', 'ROOM_MISMATCH'],
    ['faults in payload and target', '{"type":"offer","payload":{"target_user_id":"x"}}', 'INVALID_PAYLOAD'],
  ])('of %s is answered to the offender alone, who stays', async (_, text, code) => {
    const { alice, bob } = await startWithTwo();
    alice.send(text);
    expect(await alice.next('error')).toMatchObject({ room_id: 'standup', payload: { code } });
    alice.send(offer);
    await bob.next('offer');
    await alice.settled();
    expect(alice.unread).toBe(0);
  });

  it('in the payload is named', async () => {
    const { alice } = await startWithTwo();
    alice.send({ type: 'offer', payload: { type: 'offer', sdp: '' } });
    const { payload } = await alice.next('error');
    expect(payload.details?.errors).toMatchObject([{ path: '/payload/sdp' }]);
  });

  it('of a binary frame is answered, and the connection stays', async () => {
    const { alice, bob } = await startWithTwo();
    alice.socket.send(Buffer.from(JSON.stringify(offer)));
    expect(await alice.next('error')).toMatchObject({ payload: { code: 'INVALID_MESSAGE' } });
    alice.send(offer);
    await bob.next('offer');
  });

  it('of invalid UTF-8 is closed 1007', async () => {
    const { alice, bob } = await startWithTwo();
    alice.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect(await alice.closed).toMatchObject({ code: 1007 });
    expect(await bob.next('user_left')).toMatchObject({ payload: { reason: 'disconnected' } });
  });

  it('of a huge message is closed 1009', async () => {
    const { alice, bob } = await startWithTwo({ hardMessageLimit: 100_000 });
    alice.send('x'.repeat(100_001));
    expect(await alice.closed).toMatchObject({ code: 1009 });
    await bob.next('user_left');
  });

  it.each([
    [
      '10,000 nested arrays',
      `{"type":"offer","payload":{"type":"offer","sdp":"s","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`,
    ],
    ['10,000 nested arrays as the message', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['unclosed arrays', '['.repeat(60_000)],
    [
      '__proto__',
      '{"__proto__":{"a":1},"type":"offer","payload":{"__proto__":{"admin":true},"type":"offer","sdp":"s"}}',
    ],
    ['__proto__ for type', '{"type":"__proto__","payload":{}}'],
    ['toString for type', '{"type":"toString","payload":{}}'],
    ['duplicate keys', '{"type":"answer","type":"offer","payload":{},"payload":{"type":"offer","sdp":"s","sdp":"t"}}'],
    ['1e400', '{"type":"offer","payload":{"type":"offer","sdp":"s","x":1e400}}'],
    ['1e400 for a number', '{"type":"ice_candidate","payload":{"candidate":"","sdp_m_line_index":1e400}}'],
    ['lone surrogates', '{"type":"offer","payload":{"type":"offer","sdp":"\\ud800","\\udfff":"\\udfff"}}'],
  ])('of %s is relayed or answered, and the others go on', async (_, text) => {
    const { server, alice, bob } = await startWithTwo();
    const carol = await join(server, 'carol');
    await alice.next('user_joined');
    await bob.next('user_joined');
    alice.send(text);
    await alice.settled();
    await bob.settled();
    if (alice.unread > 0) await alice.next('error');
    else await bob.next('offer');
    expect([alice.unread, bob.unread]).toEqual([0, 0]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    carol.send({ type: 'answer', payload: { type: 'answer', sdp: 's', target_user_id: 'bob' } });
    await bob.next('answer');
  });

  it('of our own is answered INTERNAL_ERROR, and the others go on', async () => {
    const parse = () => {
      throw new TypeError('a bug');
    };
    const { alice, bob } = await startWithTwo({ decisions: { parse } });
    alice.send(offer);
    expect(await alice.next('error')).toMatchObject({ payload: { code: 'INTERNAL_ERROR' } });
    await bob.settled();
  });
});

describe('leaving', () => {
  it.each([
    [1000, 'left'],
    [1001, 'left'],
    [3000, 'disconnected'],
  ])('with %i is announced as %s', async (code, reason) => {
    const { alice, bob } = await startWithTwo();
    bob.socket.close(code);
    expect(await alice.next('user_left')).toMatchObject({ payload: { user_id: 'bob', reason } });
    alice.send(offerTo('bob'));
    expect(await alice.next('error')).toMatchObject({ payload: { code: 'TARGET_NOT_FOUND' } });
  });

  it('without a close frame is announced as disconnected', async () => {
    const { alice, bob } = await startWithTwo();
    bob.socket.terminate();
    expect(await alice.next('user_left')).toMatchObject({ payload: { user_id: 'bob', reason: 'disconnected' } });
  });

  it('is announced within 2 seconds even if the client holds on to its TCP connection', async () => {
    const { server, alice } = await startWithTwo();
    const carol = connectRaw(server, await tokenFor('carol'));
    carol.resume();
    await alice.next('user_joined');
    const start = performance.now();
    carol.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])); // a close frame with 1000, and then silence
    await alice.next('user_left');
    expect(performance.now() - start).toBeLessThan(2_000);
    carol.destroy();
  });

  it('leaves the next to join alone', async () => {
    const server = await start();
    const alice = await join(server, 'alice');
    alice.socket.close(1000);
    await alice.closed;
    const bob = await connectTo(server, 'bob');
    expect((await bob.next('room_state')).payload.participant_count).toBe(1);
  });
});

describe('closing', () => {
  it('closes each client 1001 and stops listening', async () => {
    const { server, alice, bob } = await startWithTwo();
    await server.close();
    expect(await Promise.all([alice.closed, bob.closed])).toMatchObject([{ code: 1001 }, { code: 1001 }]);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    await server.close();
  });

  it('takes another code if told', async () => {
    const { server, alice } = await startWithTwo();
    await server.close({ code: 1012 });
    expect(await alice.closed).toMatchObject({ code: 1012 });
  });

  it('cuts whoever does not go', async () => {
    const server = await start();
    const idle = connect(server.port, '127.0.0.1');
    idle.on('error', () => {});
    idle.write('GET /healthz HTTP/1.1\r\n');
    await once(idle, 'connect');
    const alice = await join(server, 'alice');
    alice.socket.pause();
    await server.close({ graceMs: 50 });
    idle.destroy();
    alice.socket.terminate();
  });
});

describe('the log', () => {
  function collect(): { log: Logger; lines: string[] } {
    const lines: string[] = [];
    return { lines, log: pino({ level: 'trace' }, { write: (line) => void lines.push(line) }) };
  }

  it('says who came and went, and never a token', async () => {
    const { lines, log } = collect();
    const server = await start({ log });
    const alice = await join(server, 'alice');
    alice.socket.close(1000);
    await alice.closed;
    const bad = await TestClient.open(server.url, `/webrtc/ws/standup?token=${await tokenFor('mallory', { exp: 1 })}`);
    await bad.closed;
    await server.close();
    const messages = lines.map((line) => JSON.parse(line).msg);
    expect(messages).toEqual(['listening', 'connected', 'disconnected', 'refused', 'stopped']);
    expect(lines.join('')).not.toContain('eyJ');
  });
});

describe('a replaced decision', () => {
  it('makes a server that is wrong in one way', async () => {
    const { alice, bob } = await startWithTwo({ decisions: { leaveReason: () => 'timeout' } });
    bob.socket.close(1000);
    expect(await alice.next('user_left')).toMatchObject({ payload: { reason: 'timeout' } });
  });

  it('reaches into WebSocket itself', async () => {
    const { alice } = await startWithTwo({ decisions: { webSocketOptions: { autoPong: false } } });
    let pongs = 0;
    alice.socket.on('pong', () => pongs++);
    alice.socket.ping();
    alice.send('{');
    await alice.next('error');
    expect(pongs).toBe(0);
    expect(alice.socket.readyState).toBe(WebSocket.OPEN);
  });
});

it('a port that is taken rejects the start', async () => {
  const { port } = await start();
  await expect(createSignalingServer({ admission: { secret: testSecret }, port })).rejects.toThrow('EADDRINUSE');
});
