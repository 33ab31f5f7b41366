import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../test/ports.js';
import { lacks } from '../../test/programs.js';

/** Whether tests with Redis cannot run here. On CI they have to. */
export const lacksRedis = lacks('redis-server', 'redis-server');

/** A Redis of a test's own, which keeps nothing. */
export class TestRedis {
  readonly port: number;
  readonly #directory: string;
  #process: ChildProcess;

  private constructor(port: number, directory: string, process: ChildProcess) {
    this.port = port;
    this.#directory = directory;
    this.#process = process;
  }

  /** Starts one on a free port, with more options of its own: `sentinel` makes it one. */
  static async start(options: Record<string, string> = {}): Promise<TestRedis> {
    const port = await freePort();
    const directory = await mkdtemp(path.join(tmpdir(), 'redis-'));
    return new TestRedis(port, directory, await spawnRedis(port, directory, options));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Ends it at once, with all that it knew. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  /** Starts it again, empty, on the same port. */
  async startAgain(): Promise<void> {
    this.#process = await spawnRedis(this.port, this.#directory);
  }

  /** Makes it take connections and commands, and answer none. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Makes it go on where it froze. */
  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function spawnRedis(
  port: number,
  directory: string,
  { sentinel, ...more }: Record<string, string> = {},
): Promise<ChildProcess> {
  const options = { bind: '127.0.0.1', save: '', appendonly: 'no', dir: directory, port: String(port), ...more };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  // A sentinel wants a file, which it writes to.
  const file = path.join(directory, 'sentinel.conf');
  if (sentinel !== undefined) await writeFile(file, `bind 127.0.0.1\nport ${port}\n`);
  const child = spawn('redis-server', sentinel === undefined ? args : [file, '--sentinel'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const exited = once(child, 'exit').then(() => Promise.reject(new Error(`redis-server ended: ${output}`)));
  exited.catch(() => {}); // It ends some day.
  while (!/Ready to accept connections|Sentinel ID is/.test(output)) {
    const [chunk] = await Promise.race([once(child.stdout, 'data'), exited]);
    output += chunk;
  }
  child.stdout.resume();
  return child;
}

/** What stands between one instance and Redis, and can be cut. */
export class TestProxy {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;

  private constructor(target: number) {
    this.#server = createServer((near) => {
      this.#sockets.add(near);
      near.on('error', () => {});
      if (this.#isCut) return; // Neither taken nor refused, as if packets were lost.
      const far = connect(target, '127.0.0.1');
      this.#sockets.add(far);
      far.on('error', () => near.destroy());
      far.on('close', () => near.destroy());
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    });
  }

  /** Starts one in front of a port of this machine. */
  static async start(target: number): Promise<TestProxy> {
    const proxy = new TestProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Passes nothing on any more, without a word to either side. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Passes on again, for those who connect anew. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.mend();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
