import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SignalingServer } from '../edge/server.js';
import type { Answers, EnduranceOptions } from './test-endurance-server.js';
import { ask } from './test-server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const running = new Set<ChildProcess>();

/** Ends all processes that were started; for `afterEach`. */
export async function killServers(): Promise<void> {
  await Promise.all([...running].map(kill));
  running.clear();
}

/** A server in a process of its own, whose memory is nobody else's. */
export class ServerProcess implements SignalingServer {
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { url, port }: Pick<SignalingServer, 'url' | 'port'>) {
    this.#child = child;
    this.url = url;
    this.port = port;
  }

  static async start(options: EnduranceOptions = {}): Promise<ServerProcess> {
    const file = fileURLToPath(new URL('./test-endurance-server.ts', import.meta.url));
    const execArgv = ['--expose-gc', '--import', 'tsx'];
    const child = fork(file, [JSON.stringify(options)], { cwd: root, env: { PATH: process.env.PATH }, execArgv });
    running.add(child);
    return new ServerProcess(child, await told(child));
  }

  /** Asks the process something; one question at a time. */
  ask<Question extends keyof Answers>(question: Question): Promise<Answers[Question]> {
    this.#child.send(question);
    return told(this.#child);
  }

  /** How many TCP connections it has. */
  async sockets(): Promise<number> {
    return (await this.ask('census')).sockets;
  }

  /** The rooms and participants that its metrics tell of. */
  async counts(): Promise<{ rooms: number; participants: number }> {
    const { body } = await ask(this, '/metrics');
    const gauge = (name: string) => Number(new RegExp(`^signaling_${name} (\\d+)$`, 'm').exec(body)?.[1]);
    return { rooms: gauge('rooms'), participants: gauge('participants') };
  }

  async close(): Promise<void> {
    await this.ask('close');
  }

  /** Ends the process as `kill -9` does. */
  kill(): Promise<void> {
    return kill(this.#child);
  }
}

async function told<Answer>(child: ChildProcess): Promise<Answer> {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const ended = once(child, 'exit', { signal }).then(([code]) =>
    Promise.reject(new Error(`the server ended: ${code}`)),
  );
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal }), ended]);
    return answer;
  } finally {
    giveUp.abort();
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
