import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Caller, type Calls } from './calls.js';
import type { LoadCalls } from './load-process.js';
import type { ServerCalls } from './server-process.js';
import { type Contender, contenders } from './work.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const require = createRequire(import.meta.url);

/** Tells whether a package is installed. */
export function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The contenders that can run here. */
export function present(): Contender[] {
  const all = Object.keys(contenders) as Contender[];
  return all.filter((name) => name !== 'u-web-sockets' || isInstalled('uWebSockets.js'));
}

/** Cores that processes are pinned to, so that none takes another's time; undefined where that is not possible. */
export const cores: { server: number; client: number } | undefined = [0, 1].every(
  (core) => spawnSync('taskset', ['-c', String(core), 'true']).status === 0,
)
  ? { server: 0, client: 1 }
  : undefined;

/** Starts a program on one core, if it can be pinned to it. */
export function spawnOn(core: 'server' | 'client', command: string, args: string[], ipc = false): ChildProcess {
  const pin = cores === undefined ? [] : ['taskset', '-c', String(cores[core])];
  const [program = command, ...rest] = [...pin, command, ...args];
  return spawn(program, rest, { stdio: ipc ? ['ignore', 2, 2, 'ipc'] : 'ignore' });
}

/** A process of the benchmark, as its parent sees it. */
export class Process<Answers extends Calls> extends Caller<Answers> {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(child: ChildProcess) {
    super(child);
    this.#child = child;
    this.#exit = once(child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends the process, in order if it can be asked to. */
  async stop(isOrderly = false): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (isOrderly) await this.call('stop', [] as never).catch(() => {});
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), isOrderly ? 10_000 : 0);
    await this.#exit;
    clearTimeout(deadline);
  }
}

/** How to start a server. */
export interface ServerOptions {
  /** A Redis that it is to use, and what all its keys there begin with. */
  redis?: { url: string; prefix: string };
  /** Arguments for Node. */
  node?: string[];
}

/**
 * The programs of the benchmark as plain JavaScript, and the processes that run them. They are compiled ahead: what runs
 * TypeScript directly wraps every function that is made in a call, which a server at its limit would pay for.
 */
export class Stage {
  readonly #folder: string;
  readonly #processes = new Set<Process<Calls>>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Stage> {
    // Below node_modules, because the programs import packages.
    const cache = path.join(here, '../../node_modules/.cache');
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(path.join(cache, 'relay-bench-'));
    await build({
      entryPoints: ['server-process.ts', 'load-process.ts'].map((file) => path.join(here, file)),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'warning',
    });
    return new Stage(folder);
  }

  /** Starts a server; resolves when it listens. */
  async server(
    contender: Contender,
    { redis, node = [] }: ServerOptions = {},
  ): Promise<{ process: Process<ServerCalls>; port: number }> {
    const script = path.join(this.#folder, 'server-process.mjs');
    const args = [...node, script, contender, ...(redis === undefined ? [] : [redis.url, redis.prefix])];
    const process = await this.#start<ServerCalls>('server', args);
    return { process, port: await process.call('port', []) };
  }

  /** Starts a load client. */
  client(): Promise<Process<LoadCalls>> {
    return this.#start<LoadCalls>('client', [path.join(this.#folder, 'load-process.mjs')]);
  }

  async #start<Answers extends Calls>(core: 'server' | 'client', args: string[]): Promise<Process<Answers>> {
    const started = new Process<Answers>(spawnOn(core, process.execPath, args, true));
    this.#processes.add(started as unknown as Process<Calls>);
    await started.ready;
    return started;
  }

  /** Ends all processes that are left, and removes the programs. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#processes, (each) => each.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
