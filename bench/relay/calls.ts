import type { ChildProcess } from 'node:child_process';

/** What one process answers to the one that started it. */
// biome-ignore lint/suspicious/noExplicitAny: arguments of any kind that a message between processes can carry
export type Calls = Record<string, (...args: any[]) => unknown>;

interface Call {
  id: number;
  name: string;
  args: unknown[];
}

type Reply = { id: number; value: unknown } | { id: number; error: string };

/** Answers the calls of the parent process, and says that it is ready to. Without a parent the process ends. */
export function answer(calls: Calls): void {
  process.on('message', async ({ id, name, args }: Call) => {
    try {
      process.send?.({ id, value: await calls[name]?.(...args) } satisfies Reply);
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ id: 0, value: 'ready' } satisfies Reply);
}

/** Calls a child process that answers with {@link answer}. */
export class Caller<Answers extends Calls> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  /** Resolves when the child is ready. */
  readonly ready: Promise<void>;
  #id = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ready = this.#reply(0, 'start', 30_000).then(() => undefined);
    child.on('message', (reply: Reply) => {
      const call = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('error' in reply) call?.reject(new Error(reply.error));
      else call?.resolve(reply.value);
    });
    child.on('error', (error) => this.#fail(error));
    child.on('exit', (code, signal) => this.#fail(new Error(`the process ended with ${signal ?? code}`)));
  }

  /** Has the child do something, and rejects when it fails, ends, or takes longer than `timeoutMs`. */
  call<Name extends keyof Answers & string>(
    name: Name,
    args: Parameters<Answers[Name]>,
    timeoutMs = 60_000,
  ): Promise<Awaited<ReturnType<Answers[Name]>>> {
    const id = ++this.#id;
    const reply = this.#reply(id, name, timeoutMs);
    this.#child.send({ id, name, args } satisfies Call, (error) => {
      if (error !== null) this.#fail(error);
    });
    return reply as Promise<Awaited<ReturnType<Answers[Name]>>>;
  }

  #reply(id: number, name: string, timeoutMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout;
    const reply = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      timer = setTimeout(() => reject(new Error(`no answer to ${name} within ${timeoutMs} ms`)), timeoutMs);
    });
    return reply.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
