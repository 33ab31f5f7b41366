import { spawnSync } from 'node:child_process';
import type { BenchOptions, Table } from './bench.js';
import { spread } from './interleave.js';
import { type Comparison, Fleet, type Turn } from './relay/fleet.js';
import { type GoalRow, goalRow, paired } from './relay/goals.js';
import { measureJoins } from './relay/joins.js';
import { measureMemory } from './relay/memory.js';
import { cores, isInstalled, present, Stage } from './relay/process.js';
import { type Contender, comparedWork, contenders, fanOut, roomSizes, type Work } from './relay/work.js';

/** The parts of the relay benchmark that can be run alone. */
export const relayParts: readonly string[] = [
  ...comparedWork.map(({ name }) => name),
  ...['sizes', 'latency', 'memory', 'joins'],
];

/** The reference server beside other relays, each on the same work: CPU time for each message delivered, and what goals say. */
export async function benchRelay(options: BenchOptions): Promise<Table[]> {
  const { quick, only } = options;
  const { rounds = quick ? 3 : 9, milliseconds = quick ? 100 : 250, connections = quick ? 500 : 10_000 } = options;
  const isBounded = options.rounds === undefined && options.milliseconds === undefined;
  const deadline = performance.now() + (isBounded ? (quick ? 45_000 : 240_000) : Number.POSITIVE_INFINITY);
  const leftOut: string[] = [];
  const wants = (part: string) => {
    if (only.length > 0 && !only.includes(part)) return false;
    if (performance.now() < deadline) return true;
    leftOut.push(part);
    return false;
  };
  const names = present();
  const goals: GoalRow[] = [];
  const tables: Table[] = [];
  const stage = await Stage.open();
  try {
    const node = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
    const entrant = (contender: Contender) => ({ contender, instances: [contender === 'ours' ? { node } : {}] });
    const fleet = await Fleet.open(stage, Object.fromEntries(names.map((name) => [name, entrant(name)])));
    const length = { rounds, milliseconds };
    const costs: Comparison = new Map();
    for (const work of comparedWork) {
      if (!wants(work.name)) continue;
      progress(work.title);
      const able = names.filter((name) => contenders[name].broadcasts || work.isTargeted);
      for (const [, turns] of await fleet.compare(able, [work], length)) {
        costs.set(work, turns);
        goals.push(...costGoals(work, turns));
      }
    }
    if (costs.size > 0) tables.push(costTable(costs, `up to ${rounds} rounds of ${milliseconds} ms`));

    if (wants('sizes')) {
      progress('rooms of growing size');
      const sizes = await fleet.compare(['raw-ws', 'ours'], roomSizes, length);
      tables.push(costTable(sizes, 'rooms of growing size'));
      goals.push(...sizeGoals(sizes));
    }
    if (wants('latency')) {
      const works = comparedWork.filter(({ name }) => !quick || name === 'U3' || name === 'B03');
      tables.push(await latency(fleet, works, { rounds, milliseconds: 2 * milliseconds }, goals));
    }
    await fleet.close();

    if (wants('memory')) {
      const many = Math.min(connections, openFilesLimit() - 500);
      progress(`${many} idle connections`);
      const bytes = await measureMemory(stage, names, { rounds: quick ? 1 : 3, connections: many });
      tables.push({
        title: `Memory of each of ${many.toLocaleString('en-US')} idle connections, in KB of resident set`,
        columns: ['server', 'median', 'min', 'max'],
        rows: names.map((name) => ({
          server: contenders[name].label,
          ...spread((bytes[name] ?? []).map((size) => size / 1_000)),
        })),
      });
      goals.push(
        goalRow('memory of a connection, ours / raw ws', paired(bytes.ours, bytes['raw-ws']), { atMost: 1.3 }),
      );
    }
    if (wants('joins')) tables.push(await joins(stage, { rounds, quick }, goals));
  } finally {
    await stage.close();
  }
  tables.push({
    title: 'Ratios of the same round, and the goals',
    columns: ['ratio', 'min', 'median', 'max', 'goal', 'result'],
    rows: goals,
    notes: [
      ...surroundings(),
      ...(leftOut.length > 0 ? [`The machine is too busy to do all in time; left out: ${leftOut.join(', ')}.`] : []),
    ],
  });
  return tables;
}

/** What the benchmark found or missed around it. */
export function surroundings(): string[] {
  const notes = [
    `bufferutil is ${isInstalled('bufferutil') ? 'installed, and used by raw ws and ours; the others do not bring it, and run as they come' : 'not installed'}.`,
    cores === undefined
      ? 'taskset cannot pin to cores 0 and 1 here, so servers and load client were not pinned and take time from each other.'
      : `Servers were pinned to core ${cores.server}, the load client to core ${cores.client}.`,
  ];
  if (!isInstalled('uWebSockets.js')) notes.push('uWebSockets.js is not on the registry and not installed; left out.');
  return notes;
}

/** Tells how far a benchmark is, where it does not get into what it prints. */
export function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${what}\n`);
}

/** A table of what each server took for each message delivered. */
export function costTable(costs: Comparison, about: string, labels: Record<string, string> = {}): Table {
  const rows = Array.from(costs, ([work, byServer]) =>
    Object.entries(byServer).map(([name, turns]) => ({
      work: work.name,
      server: labels[name] ?? contenders[name as Contender].label,
      µs: median(turns, ({ cost }) => cost),
      min: spread(turns.map(({ cost }) => cost)).min,
      max: spread(turns.map(({ cost }) => cost)).max,
      'delivered/s': Math.round(median(turns, ({ delivered, seconds }) => delivered / seconds)),
      'p50 ms': median(turns, ({ p50 }) => p50),
      'p99 ms': median(turns, ({ p99 }) => p99),
      'busy %': Math.round(median(turns, ({ busy }) => busy * 100)),
    })),
  );
  return {
    title: `Server CPU µs for each message delivered, as fast as it can (${about})`,
    columns: ['work', 'server', 'µs', 'min', 'max', 'delivered/s', 'p50 ms', 'p99 ms', 'busy %'],
    rows: rows.flat(),
    notes: Array.from(costs.keys(), ({ name, title, inFlight }) => `${name}: ${title}, ${inFlight} under way in each.`),
  };
}

const cost = (turns: Turn[] | undefined) => (turns ?? []).map((turn) => turn.cost);

function costGoals(work: Work, turns: Record<string, Turn[]>): GoalRow[] {
  const broadcast = { 'raw-ws': { atLeast: 2 }, 'socket-io': { atLeast: 3 } };
  const offers = { 'raw-ws': { atLeast: 0.6 }, 'socket-io': { atLeast: 1.8 }, 'peer-server': { atLeast: 1.8 } };
  const wanted = work.isTargeted ? (work.message === 'offer' ? offers : {}) : broadcast;
  const p99 = (name: Contender) => (turns[name] ?? []).map((turn) => turn.p99);
  const costs = Object.keys(turns)
    .filter((name) => name !== 'ours')
    .map((name) =>
      goalRow(
        `${work.name}: cost, ${contenders[name as Contender].label} / ours`,
        paired(cost(turns[name]), cost(turns.ours)),
        wanted[name as keyof typeof wanted],
      ),
    );
  const fullLoad = paired(p99('ours'), p99('raw-ws'));
  return [...costs, goalRow(`${work.name}: p99 at full load, ours / raw ws`, fullLoad, { atMost: 1 })];
}

function sizeGoals(sizes: Comparison): GoalRow[] {
  const steps = Array.from(sizes.entries());
  return steps.slice(1).map(([work, turns], i) => {
    const [smaller, before] = steps[i] as [Work, Record<string, Turn[]>];
    const ratio = paired(cost(turns.ours), cost(before.ours));
    return goalRow(`cost in a room of ${work.size} / of ${smaller.size}, ours`, ratio, { atMost: 1 });
  });
}

async function latency(
  fleet: Fleet,
  works: readonly Work[],
  length: { rounds: number; milliseconds: number },
  goals: GoalRow[],
): Promise<Table> {
  const names = ['raw-ws', 'ours'] as const;
  const rows = [];
  for (const work of works) {
    progress(`${work.title}, half busy`);
    const pace = await halfBusyPace(fleet, names, work, length);
    const turns = (await fleet.compare(names, [work], { ...length, pace, isWarm: true })).get(work) ?? {};
    for (const name of names) {
      const figures = (read: (turn: Turn) => number) => median(turns[name], read);
      rows.push({
        work: work.name,
        server: contenders[name].label,
        'delivered/s': pace * fanOut(work),
        'p50 ms': figures(({ p50 }) => p50),
        'p99 ms': figures(({ p99 }) => p99),
        'busy %': Math.round(figures(({ busy }) => busy * 100)),
      });
    }
    const p99 = (name: (typeof names)[number]) => (turns[name] ?? []).map((turn) => turn.p99);
    goals.push(
      goalRow(`${work.name}: p99 when half busy, ours / raw ws`, paired(p99('ours'), p99('raw-ws')), { atMost: 1 }),
    );
  }
  return {
    title: 'Latency at the load that keeps the busier of the two busy for half of the time',
    columns: ['work', 'server', 'delivered/s', 'p50 ms', 'p99 ms', 'busy %'],
    rows,
  };
}

/** Messages per second that keep the busier of these servers busy for half of the time. */
async function halfBusyPace(
  fleet: Fleet,
  names: readonly Contender[],
  work: Work,
  length: { rounds: number; milliseconds: number },
): Promise<number> {
  const full = (await fleet.compare(names, [work], { ...length, rounds: 3 })).get(work);
  let pace = Math.min(...names.map((name) => median(full?.[name], ({ sent, seconds }) => sent / seconds))) / 2;
  // Alone in a turn of the event loop a message costs more than among many, so half of the most is more than half busy.
  for (let step = 0; step < 2; step++) {
    const turns = (await fleet.compare(names, [work], { ...length, rounds: 3, pace, isWarm: true })).get(work);
    pace *= 0.5 / Math.max(...names.map((name) => median(turns?.[name], ({ busy }) => busy)));
  }
  return Math.round(pace);
}

function median(turns: readonly Turn[] | undefined, read: (turn: Turn) => number): number {
  return spread((turns ?? []).map(read)).median;
}

async function joins(
  stage: Stage,
  { rounds, quick }: { rounds: number; quick: boolean },
  goals: GoalRow[],
): Promise<Table> {
  const few = 10;
  const many = Math.min(quick ? 2_000 : 10_000, openFilesLimit() - 500);
  progress(`joins in servers of ${few} and of ${many} rooms`);
  const costs = await measureJoins(stage, { rounds, rooms: [few, many], joins: quick ? 100 : 400 });
  goals.push(
    goalRow(`cost of a join with ${many} rooms / with ${few}`, paired(costs.get(many), costs.get(few)), {
      atMost: 1.1,
    }),
  );
  return {
    title: 'Server CPU µs for a join and the leave after it, ours',
    columns: ['rooms', 'median', 'min', 'max'],
    rows: Array.from(costs, ([rooms, series]) => ({ rooms, ...spread(series) })),
  };
}

function openFilesLimit(): number {
  const answer = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout?.trim();
  return Number(answer) || Number.POSITIVE_INFINITY;
}
