import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintTokens, type Profile, run, Secrets, scenarios, Target } from '../../conformance/api.js';
import { TestClient, testSecret, tokenFor } from '../testing/test-client.js';
import { until } from '../testing/test-instance.js';
import { lacksRedis, TestProxy, TestRedis } from '../testing/test-redis.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const presence = 3;
let redis: TestRedis;
const instances: Instance[] = [];

beforeEach(async () => {
  if (!lacksRedis) redis = await TestRedis.start();
});
afterEach(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.kill()));
  await redis?.stop();
});

/** A server in a process of its own. */
interface Instance {
  url: string;
  pid: number | undefined;
  /** What it has logged so far. */
  readonly log: string;
  /** Lets a user connect to the room, whatever becomes of it. */
  connect(user: string): Promise<TestClient>;
  /** Lets a user into the room. */
  join(user: string): Promise<TestClient>;
  /** Ends the process as `kill -9` does. */
  kill(): Promise<void>;
  /** Sends the process a signal. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  isReady(): Promise<boolean>;
}

async function serve(env: Record<string, string> = {}): Promise<Instance> {
  const command = ['--import', 'tsx', 'bin/webrtc-room-signaling.ts', 'serve', '--port', '0'];
  const settings = { JWT_SECRET: testSecret, REDIS_URL: redis.url, PRESENCE_SECONDS: String(presence), ...env };
  const child = spawn(process.execPath, command, { cwd: root, env: { PATH: process.env.PATH, ...settings } });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const url = await listening(child, () => log);
  const connect = async (user: string) => TestClient.open(url, `/webrtc/ws/standup?token=${await tokenFor(user)}`);
  const instance: Instance = {
    url,
    pid: child.pid,
    get log() {
      return log;
    },
    connect,
    async join(user) {
      const client = await connect(user);
      await client.next('room_state');
      return client;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    signal: (name) => child.kill(name),
    isReady: async () => (await fetch(`${url}/readyz`)).ok,
  };
  instances.push(instance);
  return instance;
}

async function listening(child: ChildProcess, log: () => string): Promise<string> {
  const exited = once(child, 'exit').then(() => Promise.reject(new Error(`it ended: ${log()}`)));
  exited.catch(() => {}); // It ends some day.
  const [chunk] = await Promise.race([once(child.stdout ?? child, 'data'), exited]);
  return /^Listening on (\S+)/.exec(String(chunk))?.[1] ?? '';
}

/** What a client received, in short. */
function told({ received }: TestClient): string[] {
  return received.map(({ type, payload }) => {
    if (type === 'room_state') return `room_state ${payload.participants.map(({ user_id }) => user_id).join(',')}`;
    if (type === 'user_left') return `user_left ${payload.user_id} ${payload.reason}`;
    if (type === 'user_joined') return `user_joined ${payload.user_id}`;
    if (type === 'error') return `error ${payload.code}`;
    return type === 'ice_candidate' ? `${payload.candidate} of ${payload.sender_id}` : type;
  });
}

/** Returns when what each of them says reaches all others, and with it all that came before (RELAY-6). */
async function untilAllHear(clients: Record<string, TestClient>, word: string): Promise<void> {
  const entries = Object.entries(clients);
  for (const [, client] of entries) client.send({ type: 'ice_candidate', payload: { candidate: word } });
  await until(() =>
    entries.every(([name, client]) =>
      entries.every(([other]) => other === name || told(client).includes(`${word} of ${other}`)),
    ),
  );
}

describe.skipIf(lacksRedis)('two instances', () => {
  const repeats = 5;

  it(`pass the conformance suite, ${repeats} times`, async () => {
    const env = { ROOM_CAPACITY: '24', RATE_LIMIT: '0' };
    const [a, b] = await Promise.all([serve(env), serve(env)]);
    const secrets = new Secrets();
    const tokens = await mintTokens({ key: testSecret, algorithm: 'HS256', origin: 'the test' }, secrets);
    const profile: Profile = { features: new Set(['capacity']), capacity: 24, heartbeatSeconds: 60 };
    const targets = [a, b].map(({ url }) => new Target(new URL(url)));
    for (let repeat = 0; repeat < repeats; repeat++) {
      const { results, summary } = await run({ targets, tokens, secrets, profile });
      const bad = results.filter(({ outcome }) => ['fail', 'inconclusive', 'harness_error'].includes(outcome));
      expect(bad).toEqual([]);
      expect(summary).toMatchObject({ conformant: true, exitCode: 0 });
    }
  }, 300_000);
});

describe.skipIf(lacksRedis)('when an instance is killed', () => {
  /** Runs the scenario about it, where `stop` is what the profile says of instance b. */
  async function judgeKilled(stop: (b: Instance) => string, presenceSeconds: number) {
    const [a, b] = await Promise.all([serve(), serve()]);
    const folder = await mkdtemp(path.join(tmpdir(), 'instances-'));
    const pidFile = path.join(folder, 'pid');
    const settings = `JWT_SECRET='${testSecret}' REDIS_URL=${redis.url} PRESENCE_SECONDS=${presence}`;
    const again = `${process.execPath} --import tsx bin/webrtc-room-signaling.ts serve --port ${new URL(b.url).port}`;
    const secrets = new Secrets();
    try {
      const { results } = await run({
        targets: [a, b].map(({ url }) => new Target(new URL(url))),
        tokens: await mintTokens({ key: testSecret, algorithm: 'HS256', origin: 'the test' }, secrets),
        secrets,
        profile: {
          features: new Set(),
          heartbeatSeconds: 60,
          presenceSeconds,
          instances: [
            {
              url: b.url,
              stop: stop(b),
              start: `while kill -0 ${b.pid}; do sleep 0.1; done; ${settings} ${again} & echo $! > ${pidFile}`,
            },
          ],
        },
        scenarios: scenarios.filter((scenario) => scenario.instances),
        timeoutMs: 1_000,
      });
      return results.map(({ requirement, outcome, actual }) => ({ requirement, outcome, actual }));
    } finally {
      const pid = await readFile(pidFile, 'utf8').catch(() => undefined);
      if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
      await rm(folder, { recursive: true });
    }
  }

  it('the suite finds that the others are told, and the room goes on', async () => {
    const results = await judgeKilled((b) => `kill -9 ${b.pid}`, presence);
    expect(results).toEqual([
      expect.objectContaining({ requirement: 'LEAVE-1', outcome: 'pass' }),
      expect.objectContaining({ requirement: 'RELAY-2', outcome: 'pass' }),
    ]);
  });

  it('the suite says who was not told', async () => {
    // Stopped, it keeps its connections and its silence for longer than is claimed.
    const results = await judgeKilled((b) => `kill -STOP ${b.pid}; (sleep 2; kill -9 ${b.pid}) &`, 0.2);
    const [leave] = results.filter(({ requirement }) => requirement === 'LEAVE-1');
    expect(leave).toMatchObject({ outcome: 'fail', actual: expect.stringMatching(/^4 of 4 cases: alice about bob/) });
  });

  it('a stop command that fails leaves the rule open, with the reason', async () => {
    const results = await judgeKilled(() => 'exit 3', presence);
    expect(results.map(({ outcome, actual }) => `${outcome}: ${actual}`)).toContain(
      "inconclusive: the profile's instances[].stop ended with exit code 3",
    );
  });

  it('whoever remains announces its participants, once and within the presence time', async () => {
    const [a, b, c] = await Promise.all([serve(), serve(), serve()]);
    const alice = await a.join('alice');
    const bob = await b.join('bob');
    const carol = await c.join('carol');
    await until(() => told(alice).includes('user_joined carol') && told(bob).includes('user_joined carol'));
    const began = performance.now();
    await a.kill();
    await until(() => [bob, carol].every((client) => told(client).includes('user_left alice disconnected')));
    expect(performance.now() - began).toBeLessThan(presence * 1000);
    await untilAllHear({ bob, carol }, 'after');
    for (const client of [bob, carol]) expect(told(client).filter((line) => line.includes('left'))).toHaveLength(1);
    const dave = await b.join('dave');
    expect(told(dave)).toEqual(['room_state bob,carol,dave']); // LEAVE-3
  }, 60_000);

  it('and nobody remains, whoever comes next is told', async () => {
    const a = await serve();
    await a.join('alice');
    await a.kill();
    const b = await serve();
    const bob = await b.join('bob');
    await until(() => told(bob).includes('user_left alice disconnected'));
    expect(told(bob)).toEqual(['room_state alice,bob', 'user_left alice disconnected']);
  }, 60_000);
});

describe.skipIf(lacksRedis)('when Redis is stopped and started again', () => {
  it('connections stay, and the rooms are what they were, but for those who went', async () => {
    const env = { PRESENCE_SECONDS: '8' }; // Redis is back before.
    const [a, b, c] = await Promise.all([serve(env), serve(env), serve(env)]);
    const alice = await a.join('alice');
    const bob = await b.join('bob');
    const carol = await b.join('carol');
    const dave = await c.join('dave');
    await until(() => [alice, bob, carol].every((client) => told(client).includes('user_joined dave')));
    const before = new Map([alice, bob].map((client) => [client, client.received.length]));

    await redis.kill();
    await until(() => [a, b].every(({ log }) => log.includes('redis is out of reach')));
    carol.socket.close(1000);
    await carol.closed;
    await c.kill(); // with dave
    await redis.startAgain();

    const since = (client: TestClient) => told(client).slice(before.get(client));
    await until(() => [alice, bob].every((client) => since(client).length === 2));
    await untilAllHear({ alice, bob }, 'after');
    const gone = ['user_left carol disconnected', 'user_left dave disconnected'];
    expect([...since(alice)].sort()).toEqual(['after of bob', ...gone]);
    expect([...since(bob)].sort()).toEqual(['after of alice', ...gone]);

    const erin = await a.join('erin');
    expect(told(erin)).toEqual(['room_state alice,bob,erin']);
    expect(dave.socket.readyState).toBe(dave.socket.CLOSED);
  }, 60_000);
});

describe.skipIf(lacksRedis)('when Redis is slow', () => {
  it('nobody is announced as left, and what was said in the meantime arrives or its sender is told', async () => {
    const env = { PRESENCE_SECONDS: '8' };
    const [a, b] = await Promise.all([serve(env), serve(env)]);
    const alice = await a.join('alice');
    const bob = await b.join('bob');
    await until(() => told(alice).includes('user_joined bob'));
    redis.freeze();
    alice.send({ type: 'ice_candidate', payload: { candidate: 'slow' } });
    // Longer than Redis takes for an answer, shorter than the presence time.
    await until(() => [a, b].every(({ log }) => log.includes('it does not answer')));
    redis.thaw();
    await until(() => [a, b].every(({ log }) => log.split('redis is there').length === 3));
    await untilAllHear({ alice, bob }, 'after');
    const news = [...told(alice).slice(1), ...told(bob).slice(1)].filter((line) => !line.startsWith('slow'));
    expect(news.sort()).toEqual(['after of alice', 'after of bob', 'error INTERNAL_ERROR', 'user_joined bob']);
  }, 60_000);
});

describe.skipIf(lacksRedis)('an instance that cannot reach Redis', () => {
  it('stops claiming to be ready and tells its clients, whom the others announce as left', async () => {
    const proxy = await TestProxy.start(redis.port);
    const [a, b] = await Promise.all([serve({ REDIS_URL: proxy.url }), serve()]);
    const alice = await a.join('alice');
    const bob = await b.join('bob');
    const carol = await b.join('carol');
    await until(() => told(alice).includes('user_joined carol'));
    expect(await a.isReady()).toBe(true);

    proxy.cut();
    const began = performance.now();
    expect(await alice.closed).toMatchObject({ code: 1012 });
    expect(performance.now() - began).toBeLessThan((presence + 2) * 1000);
    expect(told(alice).at(-1)).toBe('error INTERNAL_ERROR');
    expect([await a.isReady(), await b.isReady()]).toEqual([false, true]);
    await until(() => [bob, carol].every((client) => told(client).includes('user_left alice disconnected')));
    const late = await a.connect('alice');
    expect(await late.closed).toMatchObject({ code: 1011 });

    // She comes back elsewhere, and later to where she was.
    const again = await b.join('alice');
    expect(told(again)).toEqual(['room_state bob,carol,alice']);
    proxy.mend();
    await until(() => a.isReady());
    const dave = await a.join('dave');
    expect(told(dave)).toEqual(['room_state bob,carol,alice,dave']);
    await untilAllHear({ bob, carol, alice: again, dave }, 'after');
    for (const client of [bob, carol]) {
      expect(told(client).filter((line) => line.startsWith('user_left'))).toEqual(['user_left alice disconnected']);
    }
    await proxy.stop();
  }, 60_000);

  it('or was not running for a while, tells clients that others took for gone to come back', async () => {
    const [a, b] = await Promise.all([serve(), serve()]);
    const alice = await a.join('alice');
    const bob = await b.join('bob');
    await until(() => told(alice).includes('user_joined bob'));
    a.signal('SIGSTOP');
    await until(() => told(bob).includes('user_left alice disconnected'));
    a.signal('SIGCONT');
    expect(await alice.closed).toMatchObject({ code: 1012 });
    await until(() => a.isReady());
    const again = await a.join('alice');
    await untilAllHear({ alice: again, bob }, 'after');
    expect(told(again).filter((line) => !line.startsWith('after'))).toEqual(['room_state bob,alice']);
    expect(told(bob).slice(1, 3)).toEqual(['user_left alice disconnected', 'user_joined alice']);
  }, 60_000);

  it('does not start without it', async () => {
    await expect(serve({ REDIS_URL: 'redis://127.0.0.1:1' })).rejects.toThrow(/Cannot start: Redis: .*ECONNREFUSED/);
  }, 60_000);
});
