import { createHash, randomUUID } from 'node:crypto';
import type { RedisArgument } from '@redis/client';
import type { Logger } from 'pino';
import { type ScriptName, scripts } from './redis-scripts.js';

/** How to reach Redis, and how long an instance may be out of its reach. */
export interface RedisLinkOptions {
  /** Such as `redis://127.0.0.1:6379`. */
  url: string;
  /** What every key and channel begins with. */
  prefix: string;
  /** Milliseconds after which whoever is out of reach counts as gone, on either side. */
  presenceMs: number;
  log: Logger;
}

/** What happens to a link. */
export interface RedisLinkEvents {
  /** Redis answers again, and commands work. `fresh`: it has lost what it knew. The link is up when this resolves. */
  onBack(fresh: boolean): Promise<void>;
  /** Commands that were under way have failed, and what is announced from now on is missed. */
  onDown(): void;
  /** Redis has been out of reach for the presence time: others take this instance for dead. */
  onIsolated(): void;
  /** Instances that are there no more. */
  onDead(instances: string[]): void;
  /** Something came on a channel; names are without the prefix. */
  onMessage(channel: string, data: Buffer): void;
}

type Client = ReturnType<typeof import('@redis/client')['createClient']>;

const hashes = Object.fromEntries(
  Object.entries(scripts).map(([name, script]) => [name, createHash('sha1').update(script).digest('hex')]),
) as Record<ScriptName, string>;

/**
 * The one connection of an instance to Redis, for commands and subscriptions alike. After any trouble it is made anew, so
 * that there is one way to begin, and what was under way on the one before has no effect any more: it was of another generation.
 */
export class RedisLink {
  /** Names this instance in Redis; a process that starts again is another one. */
  readonly instance = randomUUID();
  readonly #options: RedisLinkOptions;
  readonly #events: RedisLinkEvents;
  readonly #beatMs: number;
  readonly #stallMs: number;
  /** Milliseconds that this instance counts as there without a sign of it. */
  readonly leaseMs: number;
  #create: (() => Client) | undefined;
  #client: Client | undefined;
  #canCommand = false;
  #isUp = false;
  #isIsolated = false;
  #isClosed = false;
  #generation = 0;
  #epoch: string | undefined;
  #failures = 0;
  #lastHeard = 0;
  #askedAt: number | undefined;
  #missing: ReadonlySet<string> = new Set();
  #waiting: (() => void)[] = [];
  #clock: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RedisLinkOptions, events: RedisLinkEvents) {
    this.#options = options;
    this.#events = events;
    // Found dead by two beats in a row once its lease has ended, an instance is gone within 5/6 of the presence time.
    this.#beatMs = options.presenceMs / 6;
    this.#stallMs = options.presenceMs / 3;
    this.leaseMs = Math.ceil(options.presenceMs / 2);
  }

  /** Tells this generation of the instance from those before. */
  get generation(): string {
    return String(this.#generation);
  }

  /** Whether commands can be sent; what they find may not be in line yet with what is known here. */
  get canCommand(): boolean {
    return this.#canCommand;
  }

  /** Whether rooms here are in line with Redis. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether Redis has been out of reach for the presence time. */
  get isIsolated(): boolean {
    return this.#isIsolated;
  }

  /** Connects for the first time; rejects if that fails. */
  async start(): Promise<void> {
    const { createClient } = await import('@redis/client');
    const socket = { reconnectStrategy: false, connectTimeout: Math.ceil(this.#stallMs) } as const;
    this.#create = () =>
      createClient({ url: this.#options.url, RESP: 3, disableOfflineQueue: true, socket }) as unknown as Client;
    this.#lastHeard = performance.now();
    try {
      await this.#connect();
    } catch (error) {
      this.close();
      throw new Error(`Redis: ${(error as Error).message || 'it does not answer'}`);
    }
    this.#clock = setInterval(() => this.#tick(), this.#beatMs);
  }

  /** Resolves when the link is up, which may be now. */
  async whenUp(): Promise<void> {
    while (!this.#isUp) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Runs a script; rejects if Redis cannot, or if the link is lost meanwhile, when it may have run or not. */
  async run(script: ScriptName, ...args: string[]): Promise<unknown> {
    return this.#command('EVALSHA', hashes[script], '0', this.#options.prefix, ...args);
  }

  /** The rooms that have members of an instance, as Redis lists them. */
  async roomsOf(instance: string): Promise<string[]> {
    return (await this.#command('SMEMBERS', `${this.#options.prefix}rooms:${instance}`)) as string[];
  }

  /** Publishes on a channel; returns how many are listening. */
  async publish(channel: string, data: Buffer): Promise<number> {
    return (await this.#command('PUBLISH', this.#options.prefix + channel, data)) as number;
  }

  /** Listens to channels from now on, until the link is lost. */
  async subscribe(...channels: string[]): Promise<void> {
    const { prefix } = this.#options;
    const names = channels.map((channel) => prefix + channel);
    await this.#client?.subscribe(names, this.#listener, true);
  }

  /** Listens to a channel no more. */
  async unsubscribe(channel: string): Promise<void> {
    await this.#client?.unsubscribe(this.#options.prefix + channel, this.#listener, true);
  }

  /** Gives this connection up and makes another one, as nothing more can be relied on. */
  reset(reason: string): void {
    if (this.#client !== undefined) this.#lose(this.#client, reason);
  }

  /** Ends the link for good. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#clock);
    clearTimeout(this.#retry);
    this.#client?.destroy();
    this.#client = undefined;
    this.#canCommand = false;
    this.#isUp = false;
  }

  readonly #listener = (data: Buffer, channel: Buffer): void => {
    this.#events.onMessage(channel.toString().slice(this.#options.prefix.length), data);
  };

  async #command(...args: RedisArgument[]): Promise<unknown> {
    const client = this.#client;
    if (client === undefined) throw new Error('Redis is out of reach.');
    try {
      return await client.sendCommand(args);
    } catch (error) {
      // Another Redis answers now, or one that is not what it was.
      if (/^(NOSCRIPT|READONLY|LOADING|MASTERDOWN)/.test((error as Error).message)) {
        this.#lose(client, (error as Error).message);
      }
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const { log } = this.#options;
    this.#generation += 1;
    const client = this.#create?.() as Client;
    this.#client = client;
    client.on('error', (error: Error) => this.#lose(client, error.message));
    try {
      const epoch = await this.#greet(client);
      this.#heard();
      this.#canCommand = true;
      await this.#events.onBack(this.#epoch !== undefined && this.#epoch !== epoch);
      this.#epoch = epoch;
    } catch (error) {
      this.#lose(client, (error as Error).message);
      throw error;
    }
    if (this.#client !== client) throw new Error('lost while coming back');

    this.#failures = 0;
    this.#isUp = true;
    this.#isIsolated = false;
    log.info({ instance: this.instance, generation: this.#generation }, 'redis is there');
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Begins a generation; returns the epoch. */
  #greet(client: Client): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('it does not answer')), this.#stallMs);
      const greeted = client.connect().then(async () => {
        // Who may not ask is taken at its word.
        refuseUnfit(String(await this.#command('INFO', 'server').catch(() => '')));
        await Promise.all(Object.values(scripts).map((script) => this.#command('SCRIPT', 'LOAD', script)));
        return this.run('hello', this.instance, this.generation, String(this.leaseMs), randomUUID());
      });
      greeted.then((epoch) => resolve(epoch as string), reject).finally(() => clearTimeout(deadline));
    });
  }

  #lose(client: Client, reason: string): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#canCommand = false;
    this.#isUp = false;
    this.#askedAt = undefined;
    this.#missing = new Set();
    client.destroy();
    this.#options.log.warn({ instance: this.instance, reason }, 'redis is out of reach');
    this.#events.onDown();
    if (this.#clock === undefined || this.#isClosed) return; // It has not even started.

    // Jitter, so that not all instances come back in the same moment.
    const delay = Math.min(20 * 2 ** this.#failures, 1_000, this.#beatMs) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#connect().catch(() => {}), delay); // #lose has told and tries again.
  }

  #heard(): void {
    this.#lastHeard = performance.now();
    this.#askedAt = undefined;
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#lastHeard > this.#options.presenceMs && !this.#isIsolated) {
      this.#isIsolated = true;
      this.#options.log.error({ instance: this.instance }, 'isolated from redis');
      this.#events.onIsolated();
    }
    if (!this.#canCommand) return;
    if (this.#askedAt === undefined) this.#beat(now);
    else if (now - this.#askedAt > this.#stallMs) this.reset('it does not answer');
  }

  #beat(now: number): void {
    const { generation } = this;
    this.#askedAt = now;
    const answer = this.run('beat', this.instance, generation, String(this.leaseMs)) as Promise<string[]>;
    answer.then(
      ([epoch, ...missing]) => {
        if (generation !== this.generation || !this.#canCommand) return;
        if (epoch === 'stale') return this.reset('this instance was taken for dead');
        this.#heard();
        if (this.#isUp && epoch !== this.#epoch) return this.reset('it has lost what it knew');
        // Once is not enough: after Redis was slow, the others may not have had their turn yet.
        const dead = missing.filter((instance) => this.#missing.has(instance));
        this.#missing = new Set(missing);
        if (this.#isUp && dead.length > 0) this.#events.onDead(dead);
      },
      (error: Error) => this.reset(error.message),
    );
  }
}

/** Throws for what speaks like Redis and cannot keep rooms: scripts and channels need one primary. */
function refuseUnfit(info: string): void {
  const mode = /redis_mode:(\w+)/.exec(info)?.[1] ?? 'standalone';
  const advice = 'give the address of one primary with its replicas';
  if (mode === 'cluster') throw new Error(`it is a cluster, whose scripts cannot reach all of its keys; ${advice}`);
  if (mode === 'sentinel') throw new Error(`it is a sentinel, which keeps nothing itself; ${advice}`);
}
