import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlainServer, startPlainServer } from '../../reference-server/core/plain-server.js';
import { mintTokens, parseTarget, plainProfile, run, Secrets } from '../api.js';
import { type EmbeddedServer, embeddedFeatures, embeddedProfile, startEmbedded } from './embedded.js';

const secret = 'the-secret-of-the-plain-server-0123456789';
let plain: PlainServer;
let edge: EmbeddedServer;

beforeAll(async () => {
  plain = await startPlainServer({ secret, host: '127.0.0.1', port: 0 });
  edge = await startEmbedded({}, embeddedFeatures);
});
afterAll(() => Promise.all([plain.close(), edge.close()]));

describe('the whole suite', { timeout: 120_000 }, () => {
  it.each(['core', 'edge'] as const)('passes on the server of %s', async (which) => {
    const [url, key, profile] =
      which === 'core' ? [plain.url, secret, plainProfile] : [edge.url, edge.secret, embeddedProfile];
    const secrets = new Secrets();
    const tokens = await mintTokens({ key, algorithm: 'HS256', origin: 'its own tokens' }, secrets);
    const report = await run({ targets: [parseTarget(url)], tokens, secrets, profile, level: 'should' });
    const bad = report.results.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'not_applicable');
    expect(bad.map(({ requirement, scenario, actual }) => `${requirement} in "${scenario}": ${actual}`)).toEqual([]);
    expect(report.summary).toMatchObject({ conformant: true, exitCode: 0 });
  });

  it('passes on a server with rooms for two, and leaves out what needs a third', async () => {
    const small = await startEmbedded({}, { roomCapacity: 2 });
    try {
      const secrets = new Secrets();
      const tokens = await mintTokens({ key: small.secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets);
      const profile = { ...plainProfile, features: new Set(['capacity'] as const), capacity: 2 };
      const report = await run({ targets: [parseTarget(small.url)], tokens, secrets, profile, level: 'should' });
      const bad = report.results.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'not_applicable');
      expect(bad.map(({ requirement, scenario, actual }) => `${requirement} in "${scenario}": ${actual}`)).toEqual([]);
      expect(report.summary.exitCode).toBe(0);
    } finally {
      await small.close();
    }
  });
});
