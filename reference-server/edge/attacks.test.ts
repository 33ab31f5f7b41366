import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attackNames, type Order } from '../testing/test-attacker.js';
import { tokenFor } from '../testing/test-client.js';
import { Peer } from '../testing/test-peer.js';
import { ServerProcess } from '../testing/test-server-process.js';

/** Milliseconds that an attack lasts. */
const attackMs = 3_000;

/** Delays below this are those of the machine. */
const leastMs = 3;

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
  it.each(attackNames)(
    'disturbs nobody else: %s',
    async (name) => {
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
    },
    60_000,
  );
});
