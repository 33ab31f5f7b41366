import { performance } from 'node:perf_hooks';
import { Secrets } from '../conformance/inputs/secrets.js';
import { parseTarget } from '../conformance/inputs/target.js';
import { mintTokens } from '../conformance/inputs/tokens.js';
import { startEmbedded } from '../conformance/run/embedded.js';
import { run } from '../conformance/run/runner.js';
import type { BenchOptions, Table } from './bench.js';
import { spread } from './interleave.js';

const workersTried = [1, 4, 32];

/** Wall time of the whole suite against the reference server in this process, by how many scenarios run at once. */
export async function benchSuite({ rounds = 7 }: BenchOptions): Promise<Table[]> {
  const times = new Map<number, number[]>(workersTried.map((workers) => [workers, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const workers of workersTried) {
      const seconds = await timeOneRun(workers);
      if (round > 0) times.get(workers)?.push(seconds);
    }
  }
  const table: Table = {
    title: `Seconds for the whole suite against the reference server in the same process (${rounds} rounds)`,
    columns: ['workers', 'min', 'median', 'max'],
    rows: Array.from(times, ([workers, seconds]) => ({ workers: String(workers), ...spread(seconds) })),
  };
  return [table];
}

async function timeOneRun(workers: number): Promise<number> {
  const server = await startEmbedded();
  const secrets = new Secrets();
  const tokens = await mintTokens({ key: server.secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets);
  const began = performance.now();
  const report = await run({ targets: [parseTarget(server.url)], tokens, secrets, workers });
  const seconds = (performance.now() - began) / 1000;
  await server.close();
  if (report.summary.exitCode !== 0) throw new Error(`the suite ended with exit code ${report.summary.exitCode}`);
  return seconds;
}
