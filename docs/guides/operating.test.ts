import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { mintTokens, parseTarget, run, Secrets } from '../../conformance/api.js';
import { embeddedFeatures, embeddedProfile } from '../../conformance/run/embedded.js';
import { configPath, type WebrtcConfig } from '../../generated/index.js';
import { readConfiguration } from '../../reference-server/command/configuration.js';
import {
  redisBackplane,
  type SignalingServer,
  type SignalingServerOptions,
} from '../../reference-server/edge/server.js';
import { TestClient, testSecret, tokenFor } from '../../reference-server/testing/test-client.js';
import { lacksRedis, TestRedis } from '../../reference-server/testing/test-redis.js';
import { start, stopAll } from '../../reference-server/testing/test-server.js';
import { accepts, freePort } from '../../test/ports.js';
import { killPrograms, lacks, startProgram, startService } from '../../test/programs.js';

const lacksNginx = lacks('nginx', 'nginx');
const lacksCaddy = lacks('caddy', 'caddy');
const lacksCoturn = lacks('turnserver', 'coturn');

/** Where everything goes that a program writes. */
let folder: string;
const inFolder = (name: string) => path.join(folder, name);
const certificate = () => inFolder('cert.pem');
const certificateKey = () => inFolder('key.pem');

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'operating-'));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const files = ['-keyout', certificateKey(), '-out', certificate()];
  const options = ['-x509', '-nodes', '-days', '2', ...curve, ...subject, ...files];
  execFileSync('openssl', ['req', ...options], { stdio: 'ignore' });
});
afterEach(async () => {
  await killPrograms();
  await stopAll();
  await rm(folder, { recursive: true, force: true });
});

/** The code block in this language, under this heading of a page beside this file, with parts of it replaced. */
async function snippet(
  page: string,
  heading: string,
  language: string,
  replacements: Record<string, string>,
): Promise<string> {
  const text = await readFile(new URL(page, import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const blocks = Array.from(section.matchAll(/^```(\S+)\n(.*?)^```$/gms)).filter(([, name]) => name === language);
  if (blocks.length !== 1) throw new Error(`${page} has ${blocks.length} blocks of ${language} under "${heading}"`);
  return replaceAll(blocks[0]?.[2] ?? '', replacements);
}

/** Replaces parts of a text. Each has to be there: otherwise the page has changed, and this test with it. */
function replaceAll(text: string, replacements: Record<string, string>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`there is no "${from}" in\n${result}`);
    return result.replaceAll(from, to);
  }, text);
}

interface LoggingServer extends SignalingServer {
  /** What it has logged so far, line by line. */
  readonly logged: Record<string, unknown>[];
}

/** Starts the server as it is behind one proxy. */
async function startBehindProxy(options: Partial<SignalingServerOptions> = {}): Promise<LoggingServer> {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line) => logged.push(JSON.parse(line)) });
  return Object.assign(await start({ trustedProxies: 1, ...embeddedFeatures, ...options, log }), { logged });
}

/** What a server has logged of those who connected. */
function connected({ logged }: LoggingServer): { room: string; user: string; address: string }[] {
  return logged.filter(({ msg }) => msg === 'connected') as never;
}

/** A web server between the clients and the signaling server. */
interface Proxy {
  url: string;
  /** Stops it, and returns all that it ever logged. */
  log(): Promise<string>;
}

/** Runs the whole suite through a proxy, and returns the secrets that it used. */
async function expectConformant({ url }: Proxy): Promise<Secrets> {
  const secrets = new Secrets();
  const tokens = await mintTokens({ key: testSecret, algorithm: 'HS256', origin: 'the test' }, secrets);
  const targets = [parseTarget(url, certificate())];
  const { results, summary } = await run({ targets, tokens, secrets, profile: embeddedProfile });
  const bad = results.filter(({ outcome }) => ['fail', 'inconclusive', 'harness_error'].includes(outcome));
  const told = bad.map(({ requirement, scenario, actual }) => `${requirement} ${scenario}: ${actual}`);
  expect(told).toEqual([]);
  expect(summary).toMatchObject({ conformant: true, exitCode: 0 });
  return secrets;
}

/** Stops a proxy, and looks for tokens in what it logged, which it returns. */
async function expectNoTokenLogged(proxy: Proxy, secrets = new Secrets()): Promise<string> {
  const log = await proxy.log();
  const suspicious = /eyJhbGci|%65%79%4a%68|\btoken=(?!REDACTED\b)/i;
  expect(log.split('\n').filter((line) => suspicious.test(line) || secrets.occursIn(line))).toEqual([]);
  return log;
}

/** Gets a page from a proxy. The path is sent exactly as written. */
async function get({ url }: Proxy, target: string): Promise<{ status: number | undefined; body: string }> {
  const outgoing = request(url, { path: target, ca: await readFile(certificate()), agent: false });
  const [response] = await once(outgoing.end(), 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

/** Lets a user into a room through a proxy. */
async function joinThrough(
  { url }: Proxy,
  room: string,
  user: string,
  options: ClientOptions = {},
): Promise<TestClient> {
  const target = `/webrtc/ws/${room}?token=${await tokenFor(user)}`;
  const socket = new WebSocket(url.replace(/^http/, 'ws') + target, { ca: await readFile(certificate()), ...options });
  const client = new TestClient(socket);
  await client.next('room_state');
  return client;
}

/** What has to be so behind every proxy. */
function itIsAProxy(startProxy: (server: SignalingServer) => Promise<Proxy>): void {
  it('passes the whole conformance suite, and logs no token', async () => {
    const proxy = await startProxy(await startBehindProxy());
    const log = await expectNoTokenLogged(proxy, await expectConformant(proxy));
    expect(log).toMatch(/GET.*\/webrtc\/ws\/suite/);
  }, 60_000);

  it('logs no token of somebody who asks for a wrong path, or while the server is away', async () => {
    const server = await startBehindProxy();
    const proxy = await startProxy(server);
    const query = `?token=${await tokenFor('alice')}`;
    for (const wrong of ['/ws/standup', '/signaling/webrtc/ws/standup', '/webrtc/../ws/standup']) {
      expect(await get(proxy, wrong + query)).toMatchObject({ status: 404 });
    }
    expect(await get(proxy, `/webrtc/ws/standup%${query}`)).toMatchObject({ status: 400 });
    await server.close();
    expect(await get(proxy, `/webrtc/ws/standup${query}`)).toMatchObject({ status: 502 });
    expect(await expectNoTokenLogged(proxy)).toMatch(/GET.*\/webrtc\/ws\/standup.*502/);
  }, 30_000);

  // Only Linux takes connections from all of 127.0.0.0/8 without being told to.
  it.skipIf(process.platform !== 'linux')(
    'tells the server where clients are, whatever they claim',
    async () => {
      const server = await startBehindProxy();
      // Not the address of the proxy, which the server sees anyway.
      const options = { localAddress: '127.0.0.2', headers: { 'x-forwarded-for': '192.0.2.7' } };
      await joinThrough(await startProxy(server), 'standup', 'alice', options);
      expect(connected(server)).toMatchObject([{ room: 'standup', user: 'alice', address: '127.0.0.2' }]);
    },
    30_000,
  );

  it.each(['/healthz', '/readyz', '/metrics'])('keeps %s inside', async (inside) => {
    const server = await startBehindProxy({ metrics: true });
    expect((await fetch(server.url + inside)).status).toBe(200);
    expect(await get(await startProxy(server), inside)).toMatchObject({ status: 404 });
  });
}

/** The page's nginx in front of a server, with parts of the configuration replaced. */
async function startNginx(replacements: Record<string, string>): Promise<Proxy> {
  const port = await freePort();
  const configuration = await snippet('operating.md', 'Behind nginx', 'nginx', {
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    '/etc/ssl/signaling.pem': certificate(),
    '/etc/ssl/signaling.key': certificateKey(),
    '/var/log/nginx': folder,
    ...replacements,
  });
  // Logs beside those of the snippet, as Debian's own configuration has them: what the snippet leaves out lands there.
  // And one process, which leaves none behind and does not care which user it is.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  const frame = `daemon off; master_process off; pid nginx.pid; error_log error.log; events {}
    http { ${temporary.join(' ')} access_log access.log; ${configuration} }`;
  await writeFile(inFolder('nginx.conf'), frame);
  const nginx = await startService(() => accepts(port), 'nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']);
  return {
    url: `https://127.0.0.1:${port}`,
    async log() {
      await nginx.stop();
      const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
      const logs = await Promise.all(names.map((name) => readFile(inFolder(name), 'utf8')));
      return [...logs, nginx.output].join('\n');
    },
  };
}

/** The page's Caddy in front of a server. */
async function startCaddy(server: SignalingServer): Promise<Proxy> {
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const configuration = await snippet('operating.md', 'Behind Caddy', 'caddyfile', {
    '{\n\tlog {': '{\n\tadmin off\n\tauto_https disable_redirects\n\tlog {',
    'signaling.example.com {': `${url} {\n\tbind 127.0.0.1\n\ttls ${certificate()} ${certificateKey()}`,
    '127.0.0.1:8000': `127.0.0.1:${server.port}`,
  });
  await writeFile(inFolder('Caddyfile'), configuration);
  const how = ['run', '--config', inFolder('Caddyfile'), '--adapter', 'caddyfile'];
  const homes = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const caddy = await startService(() => accepts(port), 'caddy', how, homes);
  return {
    url,
    async log() {
      await caddy.stop();
      return caddy.output;
    },
  };
}

describe.skipIf(lacksNginx)('nginx', () => {
  itIsAProxy(({ port }) => startNginx({ '127.0.0.1:8000': `127.0.0.1:${port}` }));
});

describe.skipIf(lacksCaddy)('Caddy', () => {
  itIsAProxy(startCaddy);
});

describe.skipIf(lacksNginx || lacksRedis)('nginx in front of two instances', () => {
  let redis: TestRedis;
  let instances: [LoggingServer, LoggingServer];
  let proxy: Proxy;
  const rooms = Array.from({ length: 24 }, (_, index) => `room-${index}`);

  beforeEach(async () => {
    redis = await TestRedis.start();
    const backplane = redisBackplane({ url: redis.url });
    const options = { backplane, shutdownDelayMs: 1_000 };
    instances = await Promise.all([startBehindProxy(options), startBehindProxy(options)]);
    const upstream = await snippet('several-instances.md', 'Run them', 'nginx', {
      '127.0.0.1:8001': `127.0.0.1:${instances[0].port}`,
      '127.0.0.1:8002': `127.0.0.1:${instances[1].port}`,
    });
    proxy = await startNginx({ 'upstream signaling {\n  server 127.0.0.1:8000;\n}\n': upstream });
  });
  afterEach(async () => {
    await stopAll(); // Before the Redis that they would miss.
    await redis?.stop();
  });

  it('passes the whole conformance suite', async () => {
    await expectConformant(proxy);
  }, 60_000);

  it('sends everybody in a room to one instance, and rooms to both', async () => {
    for (const room of rooms) {
      await joinThrough(proxy, room, 'alice');
      await joinThrough(proxy, room.replace('r', '%72'), 'bob');
    }
    const [first, second] = instances.map((instance) => connected(instance).map(({ room }) => room));
    const twice = (list: string[] = []) => [...new Set(list)].flatMap((room) => [room, room]);
    expect(first).toEqual(twice(first));
    expect(second).toEqual(twice(second));
    expect(first?.length).toBeGreaterThan(0);
    expect(second?.length).toBeGreaterThan(0);
  }, 30_000);

  it.each(['has stopped', 'is shutting down'])(
    'sends the rooms of an instance that %s to the other',
    async (how) => {
      const closed = instances[0].close();
      if (how === 'has stopped') await closed;
      for (const room of rooms) await joinThrough(proxy, room, 'alice');
      expect(connected(instances[1]).map(({ room }) => room)).toEqual(rooms);
    },
    30_000,
  );
});

interface TurnServer {
  url: string;
  username: string;
  credential: string;
}

/** Whether a STUN server answers a binding request on this port. */
async function answersStun(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  socket.send(Buffer.from(`000100002112a442${randomBytes(12).toString('hex')}`, 'hex'), port, '127.0.0.1');
  try {
    await once(socket, 'message', { signal: AbortSignal.timeout(200) }); // It may have been lost, or too early.
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** Has coturn's own client send four messages from one relayed address to another, unless `peer` says to whom. */
async function callThrough(
  { url, username, credential }: TurnServer,
  peer = ['-y'],
): Promise<{ code: number | null; output: string }> {
  const [scheme, host = '', port = ''] = url.split(':');
  const encryption = scheme === 'turns' ? ['-t', '-S', '-E', certificate()] : [];
  const options = ['-c', '-n', '2', '-u', username, '-w', credential, '-p', port];
  const client = startProgram('turnutils_uclient', [...options, ...encryption, ...peer, host]);
  return { code: await client.exited, output: client.output };
}

describe.skipIf(lacksCoturn)('coturn', () => {
  const secret = 'which-both-of-them-have';
  let settings: Record<string, string>;

  beforeEach(async () => {
    const [port, tlsPort] = await Promise.all([freePort(), freePort()]);
    const configuration = await snippet('operating.md', 'TURN with coturn', 'ini', {
      'static-auth-secret=...': `static-auth-secret=${secret}`,
      '/etc/ssl/turn.pem': certificate(),
      '/etc/ssl/turn.key': certificateKey(),
      '=3478': `=${port}`,
      '=5349': `=${tlsPort}`,
    });
    const onLoopback = ['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', 'allow-loopback-peers'];
    const files = [`userdb=${inFolder('turndb')}`, `pidfile=${inFolder('turnserver.pid')}`, 'log-file=stdout'];
    await writeFile(inFolder('turnserver.conf'), [configuration, ...onLoopback, ...files, ''].join('\n'));
    const isUp = async () => (await answersStun(port)) && (await accepts(tlsPort));
    await startService(isUp, 'turnserver', ['-c', inFolder('turnserver.conf')]);

    const lines = await snippet('operating.md', 'TURN with coturn', 'sh', {
      'turn.example.com:3478': `127.0.0.1:${port}`,
      'turn.example.com:5349': `127.0.0.1:${tlsPort}`,
      'WEBRTC_TURN_SECRET=...': `WEBRTC_TURN_SECRET=${secret}`,
    });
    settings = Object.fromEntries(Array.from(lines.matchAll(/^(\w+)=(\S+)/gm), ([, ...pair]) => pair));
  });

  /** The TURN servers that the signaling server tells a user, with the user's credentials. */
  async function tell(user: string): Promise<[TurnServer, TurnServer]> {
    const { webrtcConfig, turn } = readConfiguration({}, settings).server;
    const server = await start({ ...(webrtcConfig && { webrtcConfig }), turn });
    const headers = { authorization: `Bearer ${await tokenFor(user)}` };
    const answer = (await (await fetch(server.url + configPath, { headers })).json()) as WebrtcConfig;
    const servers = answer.ice_servers.flatMap(({ urls, username, credential }) =>
      [urls].flat().map((url) => ({ url, username: username ?? '', credential: credential ?? '' })),
    );
    const [plain, encrypted] = ['turn:', 'turns:'].map((scheme) => servers.find(({ url }) => url.startsWith(scheme)));
    if (plain === undefined || encrypted === undefined) throw new Error(`it tells ${JSON.stringify(servers)}`);
    return [plain, encrypted];
  }

  it('relays for whoever has the credentials that the server answers, encrypted or not', async () => {
    const servers = await tell('alice');
    for (const { code, output } of await Promise.all(servers.map((server) => callThrough(server)))) {
      expect(output).toMatch(/tot_send_msgs=4, tot_recv_msgs=4\b/);
      expect(output).toContain('Total lost packets 0 ');
      expect(code).toBe(0);
    }
  }, 30_000);

  it('refuses credentials that are altered, or have lapsed', async () => {
    const [server] = await tell('alice');
    const passwordOf = (username: string) => createHmac('sha1', secret).update(username).digest('base64');
    expect(server).toMatchObject({ credential: passwordOf(server.username) });
    const lapsed = `${Math.floor(Date.now() / 1000) - 60}:alice`;
    for (const wrong of [
      { credential: server.credential.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) },
      { username: server.username.replace('alice', 'bob') },
      { username: server.username.replace(/^\d+/, (time) => String(Number(time) + 1)) },
      { username: lapsed, credential: passwordOf(lapsed) },
    ]) {
      const { code, output } = await callThrough({ ...server, ...wrong });
      expect(output).toContain('Cannot complete Allocation');
      expect(code).not.toBe(0);
    }
  }, 30_000);

  it.each(['10.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.0.1'])(
    'relays nothing to %s',
    async (peer) => {
      const [server] = await tell('alice');
      expect((await callThrough(server, ['-e', peer])).output).toContain('403 (Forbidden IP)');
    },
    30_000,
  );
});
