import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { channelPath } from '../../generated/index.js';
import { attackNames, type Order } from '../testing/test-attacker.js';
import { tokenFor } from '../testing/test-client.js';
import { Peer } from '../testing/test-peer.js';
import { ask, handshake } from '../testing/test-server.js';
import { ServerProcess } from '../testing/test-server-process.js';

/** Milliseconds that an attack lasts. */
const attackMs = 3_000;

/** Delays below this are those of the machine. */
const leastMs = 8;

let attacker: ChildProcess;
let server: ServerProcess;
beforeAll(() => {
  const file = fileURLToPath(new URL('../testing/test-attacker.ts', import.meta.url));
  attacker = fork(file, { execArgv: ['--import', 'tsx'], env: { PATH: process.env.PATH } });
});
afterAll(() => {
  attacker.kill('SIGKILL');
});
afterEach(() => server.kill());

async function attack(order: Order): Promise<void> {
  const done = once(attacker, 'message');
  attacker.send(order);
  await done;
}

/** Two who write to each other a hundred times a second, and what that takes. */
class Probe {
  readonly #alice: Peer;
  readonly #bob: Peer;

  private constructor(alice: Peer, bob: Peer) {
    this.#alice = alice;
    this.#bob = bob;
  }

  static async begin(at: ServerProcess): Promise<Probe> {
    const alice = await Peer.join(at, 'alice', 'standup');
    return new Probe(alice, await Peer.join(at, 'bob', 'standup'));
  }

  /** The delay that one message in a hundred exceeds, in milliseconds, and how many were lost, while something goes on. */
  async during(work: Promise<unknown>): Promise<{ p99: number; lost: number }> {
    const sentAt: number[] = [];
    const delays: number[] = [];
    const began = this.#bob.of('alice').length;
    const hear = () => {
      const number = this.#bob.of('alice').length - began - 1;
      delays[number] ??= performance.now() - (sentAt[number] ?? 0);
    };
    this.#bob.socket.on('message', hear);
    const talking = setInterval(() => {
      sentAt.push(performance.now());
      this.#alice.say(`${sentAt.length}`, 'bob');
    }, 10);
    await work;
    clearInterval(talking);
    await expect.poll(() => this.#bob.of('alice').length - began, { timeout: 20_000 }).toBe(sentAt.length);
    this.#bob.socket.off('message', hear);
    const sorted = delays.filter((delay) => delay !== undefined).sort((a, b) => a - b);
    return { p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0, lost: sentAt.length - sorted.length };
  }
}

describe('whoever sends as much as it can', () => {
  // Once more where something else kept the machine busy.
  it.each(attackNames)('disturbs nobody else: %s', { retry: 2, timeout: 60_000 }, async (name) => {
    server = await ServerProcess.start({ rateLimit: { burst: 1_000, perSecond: 100 } });
    const tokens = await Promise.all(Array.from({ length: 100 }, (_, number) => tokenFor(`mallory-${number}`)));
    const probe = await Probe.begin(server);
    // The same traffic to somebody else is what the machine has to bear in any case.
    const quiet = await probe.during(attack({ attack: name, tokens, ms: attackMs }));
    const attacked = await probe.during(attack({ attack: name, tokens, ms: attackMs, port: server.port }));
    const ratio = attacked.p99 / Math.max(quiet.p99, leastMs);
    process.env.ATTACK_FIGURES &&
      console.log(`${name}: ${quiet.p99.toFixed(1)} ms, attacked ${attacked.p99.toFixed(1)} ms`);
    expect(attacked.lost).toBe(0);
    expect(ratio, `${quiet.p99} ms became ${attacked.p99} ms`).toBeLessThan(10);
  });
});

describe('whoever receives', () => {
  it('slowly is not thrown out for what somebody else sends', async () => {
    server = await ServerProcess.start();
    const bob = await Peer.join(server, 'bob', 'standup');
    const alice = await Peer.join(server, 'alice', 'standup');
    // One message at a time, and much less than what is sent at once.
    bob.socket.on('message', () => bob.socket.pause());
    const reading = setInterval(() => bob.socket.resume(), 30);
    const sdp = 'x'.repeat(65_000);
    for (let number = 0; number < 200; number++)
      alice.send({ type: 'offer', payload: { type: 'offer', sdp: `${number} ${sdp}`, target_user_id: 'bob' } });
    await expect.poll(() => bob.of('alice').length, { timeout: 30_000 }).toBe(200);
    clearInterval(reading);
    expect(bob.of('alice').map((line) => Number(line.split(' ')[1]))).toEqual(
      Array.from({ length: 200 }, (_, at) => at),
    );
  }, 60_000);
});

describe('whoever comes again', () => {
  it('has no more left to say than before', async () => {
    server = await ServerProcess.start({ rateLimit: { burst: 50, perSecond: 1 } });
    const bob = await Peer.join(server, 'bob', 'standup');
    for (let round = 0; round < 5; round++) {
      const mallory = await Peer.join(server, 'mallory', 'standup');
      for (let number = 0; number < 50; number++) mallory.say('again', 'bob');
      await bob.settled();
      mallory.reset();
    }
    await bob.settled();
    expect(bob.of('mallory').length).toBeLessThan(60);
  }, 20_000);

  it('is told to go where it sends more than is taken for long, and is gone for the others', async () => {
    server = await ServerProcess.start({ rateLimit: { burst: 10, perSecond: 1 } });
    const bob = await Peer.join(server, 'bob', 'standup');
    const mallory = await Peer.join(server, 'mallory', 'standup');
    for (let number = 0; number < 200; number++) mallory.say('flood', 'bob');
    expect(await mallory.closed).toMatchObject({ code: 1008 });
    await expect.poll(() => bob.times('user_left mallory disconnected'), { timeout: 5_000 }).toBe(1);
  }, 30_000);

  it('too often is answered 429 until it may', async () => {
    server = await ServerProcess.start();
    const token = await tokenFor('mallory');
    const path = `${channelPath('standup')}?token=${token}`;
    const statuses: unknown[] = [];
    for (let round = 0; round < 33; round++) statuses.push((await ask(server, path, { headers: handshake })).status);
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(101));
    const late = await ask(server, path, { headers: handshake });
    expect(late).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    const elsewhere = `${channelPath('elsewhere')}?token=${token}`;
    expect((await ask(server, elsewhere, { headers: handshake })).status).toBe(101);
  }, 20_000);
});
