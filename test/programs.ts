import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { until } from '../reference-server/testing/test-instance.js';

// Debian keeps nginx in a folder that only root's PATH names.
const searchPath = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'].join(path.delimiter);

/** Whether tests with this program, of this package of Debian, cannot run here. On CI they have to. */
export function lacks(program: string, packageName: string): boolean {
  const isInstalled = searchPath.split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
  const isLacking = !isInstalled && process.env.CI !== 'true';
  if (isLacking)
    console.warn(`SKIPPED: tests that need ${program}, which is not installed (apt-get install ${packageName})`);
  return isLacking;
}

/** A program that runs, or ran. */
export interface Program {
  /** What it has printed so far. */
  readonly output: string;
  /** Ends once it has ended by itself, with its exit code. */
  readonly exited: Promise<number | null>;
  /** Has it stand still, or go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Has it end in order, and returns when it has: what it writes is complete then. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Starts a program that is gone after {@link killPrograms}. It prints nothing that is not kept. */
export function startProgram(name: string, args: string[], env: Record<string, string> = {}): Program {
  const child = spawn(name, args, { env: { PATH: searchPath, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const exited = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  exited.catch(() => running.delete(child)); // There is no such program; whoever waits for it is told.
  return {
    get output() {
      return output;
    },
    exited,
    signal: (name) => child.kill(name),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Starts a program that goes on until it is stopped; returns when it is up, and rejects if it ends before. */
export async function startService(
  isUp: () => Promise<boolean>,
  ...how: Parameters<typeof startProgram>
): Promise<Program> {
  const program = startProgram(...how);
  const ended = program.exited.then((code) =>
    Promise.reject(new Error(`${how[0]} ended (${code}): ${program.output}`)),
  );
  ended.catch(() => {}); // It ends some day.
  await Promise.race([until(isUp), ended]);
  return program;
}

/** Ends what is still running, at once; for `afterEach`. */
export async function killPrograms(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }),
  );
}
