import { performance } from 'node:perf_hooks';
import { answer } from './calls.js';
import { type Contender, contenders } from './work.js';

/** What a server has used since it was started. */
export interface Usage {
  /** Microseconds of CPU time, of all threads, in user and system mode. */
  cpu: number;
  /** Bytes of memory. */
  rss: number;
  /** Milliseconds in which it had something to do, and in which it waited. */
  active: number;
  idle: number;
}

const servers: Record<Contender, () => Promise<{ start(redis?: { url: string; prefix: string }): Promise<number> }>> = {
  'raw-ws': () => import('./servers/raw-ws.js'),
  ours: () => import('./servers/ours.js'),
  'socket-io': () => import('./servers/socket-io.js'),
  'peer-server': () => import('./servers/peer-server.js'),
  'u-web-sockets': () => import('./servers/u-web-sockets.js'),
};

const [name, url, prefix = ''] = process.argv.slice(2);
// To be set before `ws` is loaded. Without it a package that does not bring bufferutil would find ours.
if (!contenders[name as Contender].bringsBufferutil) process.env.WS_NO_BUFFER_UTIL = '1';
const { start } = await servers[name as Contender]();
const port = await start(url === undefined ? undefined : { url, prefix });

const calls = {
  port: () => port,
  usage(): Usage {
    const { user, system } = process.cpuUsage();
    const { active, idle } = performance.eventLoopUtilization();
    return { cpu: user + system, rss: process.memoryUsage.rss(), active, idle };
  },
  /** Frees what is garbage first; the process has to run with `--expose-gc`. */
  async usageWithoutGarbage(): Promise<Usage> {
    for (let turn = 0; turn < 4; turn++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return calls.usage();
  },
  /** Ends the process in order, so that a profile gets written. */
  stop() {
    setImmediate(() => process.exit(0));
  },
};

/** What a server's process answers. */
export type ServerCalls = typeof calls;

answer(calls);
