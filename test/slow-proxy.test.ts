import { afterAll, beforeAll, expect, it } from 'vitest';
import { Secrets } from '../conformance/inputs/secrets.js';
import { parseTarget } from '../conformance/inputs/target.js';
import { mintTokens } from '../conformance/inputs/tokens.js';
import { type EmbeddedServer, startEmbedded } from '../conformance/run/embedded.js';
import { run } from '../conformance/run/runner.js';
import { type SlowProxy, startSlowProxy } from './slow-proxy.js';

let server: EmbeddedServer;
let proxy: SlowProxy;

beforeAll(async () => {
  server = await startEmbedded();
  proxy = await startSlowProxy(Number(new URL(server.url).port), { delayMs: 15 });
});

afterAll(async () => {
  await proxy.close();
  await server.close();
});

async function outcomes(url: string): Promise<string[]> {
  const secrets = new Secrets();
  const tokens = await mintTokens({ key: server.secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets);
  const report = await run({ targets: [parseTarget(url)], tokens, secrets });
  return report.results.map(
    ({ scenario, requirement, outcome, actual }) =>
      `${outcome} ${requirement} ${scenario} ${outcome === 'fail' ? actual : ''}`,
  );
}

it('judges a server the same over a long way that splits what is sent', { timeout: 120_000 }, async () => {
  expect(await outcomes(proxy.url)).toEqual(await outcomes(server.url));
});
