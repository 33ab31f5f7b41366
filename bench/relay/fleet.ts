import type { GroupRequest, Traffic } from './load/group.js';
import type { LoadCalls } from './load-process.js';
import type { Process, ServerOptions, Stage } from './process.js';
import type { ServerCalls, Usage } from './server-process.js';
import { type Contender, carried, type Work } from './work.js';

/** One server that takes part, of one process or more. */
export interface Entrant {
  contender: Contender;
  /** How to start its processes: one for each. */
  instances: ServerOptions[];
  /** What is spread over them; see {@link GroupRequest.spread}. */
  spread?: GroupRequest['spread'];
}

/** What one turn of one entrant came to. */
export interface Turn extends Traffic {
  /** Microseconds of CPU time of all its processes, for each copy that arrived. */
  cost: number;
  /** Share of the time in which its busiest process had something to do. */
  busy: number;
}

/** When and how fast to work. */
export interface Schedule {
  rounds: number;
  /** How long each turn takes. */
  milliseconds: number;
  /** Messages per second; absent, as many as can be. */
  pace?: number;
  /** Begins without warming up. */
  isWarm?: boolean;
}

/** What each entrant's turns came to, by work and entrant. */
export type Comparison = Map<Work, Record<string, Turn[]>>;

interface Task {
  name: string;
  work: Work;
  key: string;
}

interface Running {
  contender: Contender;
  processes: Process<ServerCalls>[];
  ports: number[];
  spread: GroupRequest['spread'];
}

const messagesToWarmUp = 20_000;

/** Servers side by side, of which one at a time is put to work by one load client. */
export class Fleet {
  readonly #client: Process<LoadCalls>;
  readonly #running: Map<string, Running>;
  #nextRoom = 0;

  private constructor(client: Process<LoadCalls>, running: Map<string, Running>) {
    this.#client = client;
    this.#running = running;
  }

  static async open(stage: Stage, entrants: Readonly<Record<string, Entrant>>): Promise<Fleet> {
    const started = Object.entries(entrants).map(async ([name, { contender, instances, spread }]) => {
      const servers = await Promise.all(instances.map((options) => stage.server(contender, options)));
      const [processes, ports] = [servers.map((each) => each.process), servers.map((each) => each.port)];
      return [name, { contender, processes, ports, spread }] as const;
    });
    const running = new Map<string, Running>(await Promise.all(started));
    return new Fleet(await stage.client(), running);
  }

  /**
   * Has each of these entrants do each of these works in each round, every round in a different order. What they do to warm up
   * does not count.
   * Where the machine is so busy that it takes twice the time it should, there are fewer rounds, but five at least if as many
   * were asked for. Throws if a message is lost.
   */
  async compare(
    names: readonly string[],
    works: readonly Work[],
    { rounds, milliseconds, pace, isWarm = false }: Schedule,
  ): Promise<Comparison> {
    const tasks = works.flatMap((work) => names.map((name) => ({ name, work, key: `${name} ${work.name}` })));
    const found: Comparison = new Map(works.map((work) => [work, Object.fromEntries(names.map((name) => [name, []]))]));
    for (const { name, work, key } of tasks) {
      const { contender, ports, spread } = this.#entrant(name);
      const firstRoom = this.#nextRoom;
      this.#nextRoom += work.rooms;
      const request = { contender, ports, ...(spread && { spread }), work, firstRoom, carried: carried(work.message) };
      await this.#client.call('open', [key, request]);
    }
    if (!isWarm) for (const task of tasks) await this.#warmUp(task, milliseconds);
    const deadline = performance.now() + 2 * rounds * tasks.length * milliseconds;
    for (let round = 0; round < rounds && (round < 5 || performance.now() < deadline); round++) {
      for (let place = 0; place < tasks.length; place++) {
        const task = tasks[(round + place) % tasks.length] as Task;
        found.get(task.work)?.[task.name]?.push(await this.#turn(task, milliseconds, pace));
      }
    }
    for (const { key } of tasks) await this.#client.call('close', [key]);
    return found;
  }

  /** Has an entrant work until its code is compiled: how long that takes depends on who else uses the machine. */
  async #warmUp(task: Task, milliseconds: number): Promise<void> {
    const deadline = performance.now() + 6 * milliseconds;
    for (let delivered = 0; delivered < messagesToWarmUp && performance.now() < deadline; ) {
      delivered += (await this.#turn(task, milliseconds)).delivered;
    }
  }

  async #turn({ name, work, key }: Task, milliseconds: number, pace?: number): Promise<Turn> {
    const { processes } = this.#entrant(name);
    const usage = () => Promise.all(processes.map((each) => each.call('usage', [])));
    const before = await usage();
    const traffic =
      pace === undefined
        ? await this.#client.call('saturate', [key, milliseconds])
        : await this.#client.call('pace', [key, milliseconds, pace]);
    const { delivered, expected } = traffic;
    if (delivered !== expected) throw new Error(`${name}, ${work.name}: ${delivered} of ${expected} messages arrived`);
    const after = await usage();
    const differences = after.map((usage, i) => difference(usage, before[i]));
    const cpu = differences.reduce((sum, each) => sum + each.cpu, 0);
    const busy = Math.max(...differences.map(({ active, idle }) => active / (active + idle)));
    return { ...traffic, cost: cpu / delivered, busy };
  }

  #entrant(name: string): Running {
    const found = this.#running.get(name);
    if (found === undefined) throw new Error(`no server ${name}`);
    return found;
  }

  /** Ends its processes, in order, so that profiles get written. */
  async close(): Promise<void> {
    const servers = Array.from(this.#running.values()).flatMap(({ processes }) => processes);
    await Promise.all([this.#client.stop(), ...servers.map((server) => server.stop(true))]);
  }
}

function difference(after: Usage, before: Usage | undefined): Usage {
  const fields = ['cpu', 'rss', 'active', 'idle'] as const;
  const entries = fields.map((field) => [field, after[field] - (before?.[field] ?? 0)]);
  return Object.fromEntries(entries) as Usage;
}
