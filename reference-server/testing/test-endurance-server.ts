import { once } from 'node:events';
import { Session } from 'node:inspector/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { redisBackplane } from '../backplane/redis.js';
import { createSignalingServer, type SignalingServerOptions } from '../edge/server.js';
import { testSecret } from './test-client.js';

/** How the server of a process is to be: what can be said as JSON. */
export type EnduranceOptions = Pick<
  SignalingServerOptions,
  | 'rateLimit'
  | 'heartbeatMs'
  | 'backlogLimit'
  | 'handshakeTimeoutMs'
  | 'roomCapacity'
  | 'connectionsPerUser'
  | 'connectionsPerAddress'
  | 'tokenExpiry'
> & { redis?: { url: string; presenceMs?: number } };

/** What a process tells of itself. */
export interface Answers {
  memory: Memory;
  census: Census;
  /** The server has stopped. */
  close: true;
}

/** What cannot be collected. */
export interface Memory {
  /** On the heap and beside it. Code that is compiled along the way counts as well, and makes some noise. */
  bytes: number;
  /** Objects of any kind, functions and buffers included. */
  objects: number;
  /** Entries of all maps and sets together. */
  entries: number;
}

/** What there is in a process. */
export interface Census {
  /** TCP connections of any kind. */
  sockets: number;
  /** Timers that keep the process running. */
  timers: number;
  /** Entries of all maps and sets together. */
  entries: number;
}

const { redis, ...options } = JSON.parse(process.argv[2] ?? '{}') as EnduranceOptions;
const server = await createSignalingServer({
  ...options,
  admission: { secret: testSecret },
  metrics: true,
  backplane: redis && redisBackplane(redis),
});

const answers: { [Question in keyof Answers]: () => Promise<Answers[Question]> } = {
  async memory() {
    // What waits for a finalizer or is held by a promise of this turn is gone only after the next.
    for (let round = 0; round < 5; round++) {
      globalThis.gc?.();
      await turn();
    }
    const { heapUsed, external } = process.memoryUsage(); // `external` has the buffers in it.
    const objects = await sumOver('Object', 'function () { return this.length; }');
    return { bytes: heapUsed + external, objects, entries: await entries() };
  },
  async census() {
    const kinds = process.getActiveResourcesInfo();
    const count = (kind: string) => kinds.filter((each) => each === kind).length;
    return { sockets: count('TCPSocketWrap'), timers: count('Timeout'), entries: await entries() };
  },
  async close() {
    await server.close();
    return true;
  },
};

// The prototype of a subclass is found as well, and has no size.
const sizes = `function () {
  return this.filter((each) => !Object.hasOwn(each, 'constructor')).reduce((sum, { size }) => sum + size, 0);
}`;

async function entries(): Promise<number> {
  return (await sumOver('Map', sizes)) + (await sumOver('Set', sizes));
}

/** Lets a function sum up all objects of a kind that there are. The inspector finds them wherever they are, private ones as well. */
async function sumOver(kind: 'Object' | 'Map' | 'Set', sum: string): Promise<number> {
  const session = new Session();
  session.connect();
  const { result: prototype } = await session.post('Runtime.evaluate', { expression: `${kind}.prototype` });
  const { objects } = await session.post('Runtime.queryObjects', { prototypeObjectId: prototype.objectId ?? '' });
  const { result } = await session.post('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    functionDeclaration: sum,
    returnByValue: true,
  });
  session.disconnect();
  return result.value;
}

process.on('message', async (question: keyof Answers) => {
  process.send?.(await answers[question]());
});
process.send?.({ url: server.url, port: server.port });
await once(process, 'disconnect'); // Whoever started this is gone.
process.exit();
