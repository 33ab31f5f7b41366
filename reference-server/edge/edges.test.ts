import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TestClient, tokenFor } from '../testing/test-client.js';
import {
  ask,
  connectRaw,
  connectTo,
  handshake,
  join,
  joinTwo,
  offerTo,
  start,
  stopAll,
} from '../testing/test-server.js';

afterEach(stopAll);

/** Admits whoever says a name, as `alice` or `alice.<seconds since 1970>` with a time at which that lapses. */
const sayYourName = async (token: string) => {
  const [userId = '', expiresAt] = token.split(/\.(.*)/);
  return { ok: true as const, identity: { userId, ...(expiresAt && { expiresAt: Number(expiresAt) }) } };
};

describe('the rate limit', () => {
  it('lets a burst of 200 candidates pass, answers what is beyond, and goes on after the time it names', async () => {
    const { alice, bob } = await joinTwo(await start({ rateLimit: { burst: 200, perSecond: 4 } }));
    for (let index = 0; index < 200; index++) {
      alice.send({ type: 'ice_candidate', payload: { candidate: `candidate:${index}` } });
    }
    for (let index = 0; index < 200; index++) await bob.next('ice_candidate');
    let sent = 0;
    for (; alice.unread === 0; sent++) {
      alice.send(offerTo('bob'));
      await alice.settled();
    }
    const { payload } = await alice.next('error');
    expect(payload.code).toBe('RATE_LIMIT_EXCEEDED');
    const wait = payload.details?.retry_after_ms ?? 0;
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(250);
    await new Promise((resolve) => setTimeout(resolve, wait));
    alice.send(offerTo('bob'));
    await alice.settled();
    await bob.settled();
    expect(bob.unread).toBe(sent); // all but the one that was answered, and the one after
  });

  it('counts whatever comes, and each connection on its own', async () => {
    const { alice, bob } = await joinTwo(await start({ rateLimit: { burst: 2, perSecond: 0.001 } }));
    alice.send('{');
    alice.socket.send(Buffer.from([1]));
    alice.send(offerTo('bob'));
    const codes = [await alice.next('error'), await alice.next('error'), await alice.next('error')];
    expect(codes.map(({ payload }) => payload.code)).toEqual([
      'INVALID_MESSAGE',
      'INVALID_MESSAGE',
      'RATE_LIMIT_EXCEEDED',
    ]);
    bob.send(offerTo('alice'));
    await alice.next('offer');
  });
});

describe('the heartbeat', () => {
  it('drops a peer that answers no ping, and tells its room why', async () => {
    const server = await start({ heartbeatMs: 150 });
    const alice = await join(server, 'alice');
    const carol = await connectRaw(server, 'carol');
    carol.resume();
    await alice.next('user_joined');
    expect(await alice.next('user_left')).toMatchObject({ payload: { user_id: 'carol', reason: 'timeout' } });
    expect(alice.socket.readyState).toBe(WebSocket.OPEN);
    carol.destroy();
  });

  it('leaves those who answer alone', async () => {
    const server = await start({ heartbeatMs: 100 });
    const alice = await join(server, 'alice');
    for (let beat = 0; beat < 5; beat++) await once(alice.socket, 'ping');
    await alice.settled();
  });
});

describe('a receiver that takes nothing', () => {
  it('is dropped with a reason when too much waits for it, and the room goes on', async () => {
    const server = await start({ backlogLimit: 100_000 });
    const { alice, bob } = await joinTwo(server);
    const carol = await join(server, 'carol');
    await Promise.all([alice.next('user_joined'), bob.next('user_joined')]);
    alice.socket.pause();
    while (carol.unread === 0) {
      for (let index = 0; index < 20; index++) bob.send(offerTo('alice', 60_000));
      await carol.settled();
    }
    expect(await carol.next('user_left')).toMatchObject({ payload: { user_id: 'alice', reason: 'timeout' } });
    carol.send(offerTo('bob'));
    while (!bob.received.some(({ type }) => type === 'offer')) await once(bob.socket, 'message');
    alice.socket.terminate();
  });

  it('is dropped as well when it is the pongs to its own pings', async () => {
    const server = await start();
    const alice = await join(server, 'alice');
    const carol = await connectRaw(server, 'carol');
    await alice.next('user_joined');
    const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
    const flood = Buffer.concat(Array<Buffer>(1000).fill(ping));
    const writing = setInterval(() => carol.writableNeedDrain || carol.write(flood), 1);
    expect(await alice.next('user_left')).toMatchObject({ payload: { user_id: 'carol' } });
    clearInterval(writing);
    carol.destroy();
  });
});

describe('a user who is in as many rooms as one may', () => {
  it('is refused another in words, and may come back to one of them', async () => {
    const server = await start({ connectionsPerUser: 2 });
    await join(server, 'alice', 'one');
    const two = await join(server, 'alice', 'two');
    const three = await connectTo(server, 'alice', 'three');
    expect(await three.next('error')).toMatchObject({ room_id: 'three', payload: { code: 'RATE_LIMIT_EXCEEDED' } });
    expect(await three.closed).toMatchObject({ code: 1008 });
    await join(server, 'bob', 'three');
    const again = await join(server, 'alice', 'two');
    expect(await two.closed).toMatchObject({ code: 4001 });
    again.socket.close(1000);
    await again.closed;
    await expect
      .poll(() =>
        join(server, 'alice', 'three').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });
});

describe('an address with as many connections as one may have', () => {
  it('is answered 429 before its token is looked at, and let in when one is gone', async () => {
    const server = await start({ connectionsPerAddress: 2 });
    const { alice } = await joinTwo(server);
    const answer = await ask(server, '/webrtc/ws/standup?token=x', { headers: handshake });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
    alice.socket.close(1000);
    await alice.closed;
    await expect
      .poll(() =>
        join(server, 'alice').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  it('is the client behind a proxy that is trusted', async () => {
    const server = await start({ connectionsPerAddress: 1, trustedProxies: 1 });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': `1.1.1.1, ${address}` } });
    const url = `${server.url.replace('http', 'ws')}/webrtc/ws/standup?token=${await tokenFor('alice')}`;
    const first = new WebSocket(url, from('198.51.100.7'));
    await once(first, 'open');
    const second = new WebSocket(url, from('198.51.100.7'));
    const [, response] = await once(second, 'unexpected-response');
    expect(response.statusCode).toBe(429);
    const third = new WebSocket(url, from('198.51.100.8'));
    await once(third, 'open');
  });
});

describe('a request that does not come to an end', () => {
  it.each([
    ['a handshake sent in part', 'GET /webrtc/ws/standup?token=x HTTP/1.1\r\nUpgrade: websocket\r\n'],
    ['a request line sent in part', 'GET /web'],
    ['nothing at all', ''],
  ])('such as %s is cut', async (_, part) => {
    const server = await start({ handshakeTimeoutMs: 100 });
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(part);
    await once(socket.resume(), 'close');
    await join(server, 'alice');
  });
});

describe('a request with a long token', () => {
  const longToken = (bytes: number) => tokenFor('alice', { filling: 'x'.repeat(bytes) });

  it('is taken up to the size of headers that is set, and answered 431 beyond', async () => {
    const server = await start({ maxHeaderSize: 32_768 });
    for (const [bytes, status] of [
      [12_000, 200],
      [20_000, 200],
      [40_000, 431],
    ] as const) {
      const authorization = `Bearer ${await longToken(bytes)}`;
      expect((await ask(server, '/webrtc/config', { headers: { authorization } })).status).toBe(status);
    }
    const token = await longToken(20_000);
    expect((await ask(server, `/webrtc/ws/standup?token=${token}`, { headers: handshake })).status).toBe(101);
  });
});

describe('an HTTP connection', () => {
  it('stays open between requests for as long as is set, and says so', async () => {
    const server = await start({ keepAliveTimeoutMs: 3_000 });
    const socket = connect(server.port, '127.0.0.1');
    const request = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    socket.write(request);
    expect(String(await once(socket, 'data'))).toMatch(/\r\nKeep-Alive: timeout=3\r\n/i);
    socket.write(request);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 OK/);
    socket.destroy();
  });
});

describe('a token that lapses', () => {
  const inMs = (ms: number) => (Date.now() + ms) / 1000;
  const open = (url: string, user: string, expiresAt: number) =>
    TestClient.open(url, `/webrtc/ws/standup?token=${user}.${expiresAt}`);

  it('closes its connection 1008 after saying so', async () => {
    const { url } = await start({ admission: sayYourName, tokenExpiry: 'close' });
    const bob = await open(url, 'bob', inMs(1e11));
    const alice = await open(url, 'alice', inMs(50));
    await bob.next('room_state');
    await alice.next('room_state');
    expect(await alice.next('error')).toMatchObject({ payload: { code: 'UNAUTHORIZED' } });
    expect(await alice.closed).toEqual({ code: 1008, reason: 'UNAUTHORIZED' });
    await bob.next('user_joined');
    expect(await bob.next('user_left')).toMatchObject({ payload: { user_id: 'alice' } });
    await bob.settled();
  });

  it('is ignored by default', async () => {
    const { url } = await start({ admission: sayYourName });
    const alice = await open(url, 'alice', inMs(-1000));
    await alice.next('room_state');
    await alice.settled();
    expect(alice.unread).toBe(0);
  });
});

describe('origins', () => {
  const allowedOrigins = ['https://app.example.com'];
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });
  const openFrom = async (url: string, origin: string | undefined) => {
    const options = origin === undefined ? {} : { origin };
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}/webrtc/ws/standup?token=${await tokenFor('alice')}`,
      options,
    );
    const client = new TestClient(socket);
    await once(socket, 'open');
    return client;
  };

  it('that are allowed may read the configuration', async () => {
    const server = await start({ allowedOrigins });
    const granted = await ask(server, '/webrtc/config', preflight('https://app.example.com'));
    expect(granted.status).toBe(204);
    expect(granted.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-headers': expect.stringMatching(/^authorization,content-type,.*traceparent,.*baggage/),
    });
    const headers = { origin: 'https://app.example.com', authorization: `Bearer ${await tokenFor('alice')}` };
    for (const sent of [headers, { ...headers, authorization: 'Bearer nonsense' }]) {
      const answer = await ask(server, '/webrtc/config', { headers: sent });
      expect(answer.headers['access-control-allow-origin']).toBe('https://app.example.com');
      expect(answer.headers.vary).toContain('Origin');
    }
  });

  it('that are not allowed may not', async () => {
    const server = await start({ allowedOrigins });
    const { headers } = await ask(server, '/webrtc/config', preflight('https://evil.example.com'));
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const refused = await openFrom(server.url, 'https://evil.example.com');
    const message = 'Pages of the origin "https://evil.example.com" may not connect.';
    expect(await refused.next('error')).toMatchObject({ payload: { code: 'UNAUTHORIZED', message } });
    expect(await refused.closed).toMatchObject({ code: 1008 });
  });

  it('that a wildcard has may read the configuration as well', async () => {
    const server = await start({ allowedOrigins: ['https://*.example.com', 'capacitor://localhost'] });
    for (const origin of ['https://a.b.example.com', 'capacitor://localhost'])
      expect((await ask(server, '/webrtc/config', preflight(origin))).headers).toMatchObject({
        'access-control-allow-origin': origin,
      });
    const { headers } = await ask(server, '/webrtc/config', preflight('https://example.com'));
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('of the server itself let a client connect', async () => {
    const { url } = await start({ allowedOrigins });
    const client = await openFrom(url, url);
    await client.next('room_state');
  });

  it.each([
    ['an allowed page', allowedOrigins, 'https://app.example.com'],
    ['what is no browser', allowedOrigins, undefined],
    ['any page, where all are allowed', ['*'], 'https://evil.example.com'],
    ['any page, where there is no list', undefined, 'https://evil.example.com'],
  ])('let %s connect', async (_, allowed, origin) => {
    const client = await openFrom((await start({ allowedOrigins: allowed })).url, origin);
    await client.next('room_state');
  });

  it('all of them, where all are allowed', async () => {
    const { headers } = await ask(await start({ allowedOrigins: ['*'] }), '/webrtc/config', preflight('null'));
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*' });
  });

  it('none of them, where there is no list', async () => {
    const { headers } = await ask(await start(), '/webrtc/config', preflight('https://app.example.com'));
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('the configuration', () => {
  it('has TURN credentials of the user who asks', async () => {
    const server = await start({
      webrtcConfig: { ice_servers: [{ urls: ['turn:turn.example.com'] }] },
      turn: { secret: 'north', lifetime: 600 },
    });
    const before = Math.floor(Date.now() / 1000);
    const headers = { authorization: `Bearer ${await tokenFor('alice')}` };
    const { body } = await ask(server, '/webrtc/config', { headers });
    const { ice_servers: servers, ttl } = JSON.parse(body);
    const [expiry, user] = servers[0].username.split(':');
    expect([user, ttl]).toEqual(['alice', 600]);
    expect(Number(expiry) - before - 600).toBeLessThanOrEqual(5);
    expect(servers[0].credential).toMatch(/^[\w+/]{27}=$/);
  });
});

describe('shutting down', () => {
  it('is told by /readyz, refuses newcomers, and lets those inside go on until the delay is over', async () => {
    const server = await start({ shutdownDelayMs: 1_500 });
    const { alice, bob } = await joinTwo(server);
    expect(await ask(server, '/readyz')).toMatchObject({ status: 200 });
    const closed = server.close({ code: 1012 });
    expect(await ask(server, '/readyz')).toMatchObject({ status: 503 });
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200 });
    const answer = await ask(server, `/webrtc/ws/standup?token=${await tokenFor('carol')}`, { headers: handshake });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    alice.send(offerTo('bob'));
    await bob.next('offer');
    await closed;
    expect(await Promise.all([alice.closed, bob.closed])).toMatchObject([{ code: 1012 }, { code: 1012 }]);
  });

  it('takes no longer than the grace, whoever does not answer', async () => {
    const server = await start({ shutdownGraceMs: 200 });
    const mute = await connectRaw(server, 'alice');
    await once(mute, 'data');
    const idle = connect(server.port, '127.0.0.1');
    idle.on('error', () => {});
    await once(idle, 'connect');
    const began = performance.now();
    await server.close();
    expect(performance.now() - began).toBeLessThan(5_000); // A request that does not come has 10 s.
    mute.destroy();
    idle.destroy();
  });
});

describe('the log', () => {
  it('names the client behind a trusted proxy', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
    const server = await start({ log, trustedProxies: 1 });
    const headers = { 'x-forwarded-for': '198.51.100.7' };
    for (const token of [await tokenFor('alice'), 'nonsense']) {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/webrtc/ws/standup?token=${token}`, { headers });
      await once(socket, 'message');
      socket.close();
      await once(socket, 'close');
    }
    const told = lines.map((line) => JSON.parse(line)).filter(({ address }) => address === '198.51.100.7');
    expect(told.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['connected', 'refused']));
  });
});

it('whose token has lapsed says nothing more, though it does not read that it is to go', async () => {
  let logged = '';
  const log = pino({ level: 'info' }, { write: (line) => (logged += line) });
  const server = await start({ tokenExpiry: 'close', admission: sayYourName, log });
  const address = (token: string) => `/webrtc/ws/standup?token=${token}`;
  const bob = await TestClient.open(server.url, address('bob'));
  await bob.next('room_state');
  const alice = await TestClient.open(server.url, address(`alice.${Date.now() / 1000 + 0.3}`));
  await alice.next('room_state');
  await bob.next('user_joined');
  alice.socket.pause();
  await expect.poll(() => logged).toContain('"msg":"expelled"');
  alice.send({ type: 'ice_candidate', payload: { candidate: 'late' } });
  // It is cut when it has not answered the close for a while.
  expect((await bob.next('user_left')).payload.user_id).toBe('alice');
  expect(bob.unread).toBe(0);
});

describe('what a client chooses', () => {
  it.each(['lobby&token=', 'lobby/', 'lobby%3Ftoken=', 'lobby%3Ftoken%3D', 'token=', ''])(
    'is neither logged nor told beyond a room id: a token after "%s"',
    async (before) => {
      let logged = '';
      const log = pino({ level: 'trace' }, { write: (line) => (logged += line) });
      const server = await start({ log });
      const token = await tokenFor('alice');
      const client = await TestClient.open(server.url, `/webrtc/ws/${before}${token}${'x'.repeat(500)}`);
      const { room_id: named } = await client.next('error');
      await client.closed;
      await expect.poll(() => logged).toContain('"msg":"refused"');
      for (const part of token.split('.').slice(1)) expect(named + logged).not.toContain(part.slice(0, 12));
      expect(named.length).toBeLessThanOrEqual(100);
      expect(logged).not.toContain('x'.repeat(101));
    },
  );

  it('is a name of 256 characters at most, so that everybody can be told of everybody', async () => {
    const server = await start();
    const token = await tokenFor('alice', { name: 'n'.repeat(9_000) });
    const alice = await TestClient.open(server.url, `/webrtc/ws/standup?token=${token}`);
    const { participants } = (await alice.next('room_state')).payload;
    expect(participants[0]?.username).toBe('n'.repeat(256));
  });

  it('is a user id of 1,024 characters at most', async () => {
    const server = await start();
    const [fits, doesNot] = await Promise.all([1_024, 1_025].map((length) => tokenFor('u'.repeat(length))));
    const path = (token = '') => `/webrtc/ws/standup?token=${token}`;
    await (await TestClient.open(server.url, path(fits))).next('room_state');
    expect((await (await TestClient.open(server.url, path(doesNot))).next('error')).payload.code).toBe('UNAUTHORIZED');
  });
});

it.each(['GET /healthz HTTP/1.0', 'GET /readyz HTTP/1.0', 'HEAD /healthz HTTP/1.0'])(
  'a balancer that asks %s without Host is answered 200',
  async (line) => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.end(`${line}\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  },
);
