import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { accepts, freePort } from '../test/ports.js';
import type { BenchOptions, Table } from './bench.js';
import { type Comparison, Fleet } from './relay/fleet.js';
import { type GoalRow, goalRow, paired } from './relay/goals.js';
import { Stage, spawnOn } from './relay/process.js';
import { comparedWork } from './relay/work.js';
import { costTable, progress, surroundings } from './relay.js';

const labels = { memory: 'in memory', one: 'one on Redis', split: 'two, rooms split', whole: 'two, rooms whole' };

/** Instances of the reference server over Redis beside one that keeps its rooms in memory. */
export async function benchRedis({ quick, ...options }: BenchOptions): Promise<Table[]> {
  const { rounds = quick ? 3 : 9, milliseconds = quick ? 100 : 250 } = options;
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    const notes = ['redis-server is not installed; left out.'];
    return [{ title: 'Instances over Redis', columns: [], rows: [], notes }];
  }
  const stage = await Stage.open();
  const redis = await Redis.start();
  try {
    const contender = 'ours';
    const on = (prefix: string) => ({ redis: { url: redis.url, prefix } });
    const fleet = await Fleet.open(stage, {
      memory: { contender, instances: [{}] },
      one: { contender, instances: [on('one:')] },
      split: { contender, instances: [on('split:'), on('split:')] },
      whole: { contender, instances: [on('whole:'), on('whole:')], spread: 'rooms' },
    });
    const costs: Comparison = new Map();
    const goals: GoalRow[] = [];
    for (const work of comparedWork) {
      progress(`${work.title}, over Redis`);
      const found = await fleet.compare(Object.keys(labels), [work], { rounds, milliseconds });
      const turns = found.get(work) ?? {};
      const cost = (name: keyof typeof labels) => (turns[name] ?? []).map((turn) => turn.cost);
      costs.set(work, turns);
      goals.push(
        goalRow(`${work.name}: each, rooms split / in memory`, paired(cost('memory'), cost('split')), {
          atLeast: 0.35,
        }),
        goalRow(`${work.name}: both, rooms split / one`, paired(cost('one'), cost('split')).map(double), {
          atLeast: 1,
        }),
        goalRow(`${work.name}: both, rooms whole / one`, paired(cost('one'), cost('whole')).map(double), {
          atLeast: 1,
        }),
      );
    }
    await fleet.close();
    return [
      costTable(costs, 'the sum of all instances', labels),
      {
        title: 'What an instance can deliver with a core of its own, in ratios of the same round, and the goals',
        columns: ['ratio', 'min', 'median', 'max', 'goal', 'result'],
        rows: goals,
        notes: [
          'Rooms split: the participants of every room are spread over both instances. Rooms whole: a balancer sends each room to one.',
          'Redis shared a core with the load client; its CPU time is not counted.',
          ...surroundings().slice(0, 2),
        ],
      },
    ];
  } finally {
    await stage.close();
    await redis.stop();
  }
}

const double = (value: number) => 2 * value;

/** A Redis that keeps nothing. */
class Redis {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.url = `redis://127.0.0.1:${port}`;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(): Promise<Redis> {
    const port = await freePort();
    const folder = await mkdtemp(path.join(tmpdir(), 'bench-redis-'));
    const options = { bind: '127.0.0.1', port, save: '', appendonly: 'no', dir: folder, loglevel: 'warning' };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const redis = new Redis(port, spawnOn('client', 'redis-server', args), folder);
    const deadline = performance.now() + 10_000;
    while (!(await accepts(port))) {
      if (performance.now() > deadline) {
        await redis.stop();
        throw new Error('redis-server does not listen');
      }
      await wait(20);
    }
    return redis;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
