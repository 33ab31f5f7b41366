import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Profile, plainProfile } from '../../conformance/inputs/profile.js';
import { Secrets } from '../../conformance/inputs/secrets.js';
import { parseTarget } from '../../conformance/inputs/target.js';
import { mintTokens } from '../../conformance/inputs/tokens.js';
import { startEmbedded } from '../../conformance/run/embedded.js';
import type { Report } from '../../conformance/run/report.js';
import { run } from '../../conformance/run/runner.js';
import type { Feature } from '../../generated/index.js';
import { readConfiguration } from '../command/configuration.js';

/** Runs those scenarios of the suite that need one of the profile's features, or all of them. */
async function runSuite(
  url: string,
  secret: string,
  claims: Omit<Profile, 'features'>,
  features: Feature[],
  all = false,
) {
  const secrets = new Secrets();
  return run({
    targets: [parseTarget(url)],
    tokens: await mintTokens({ key: secret, algorithm: 'HS256', origin: 'tokens of this test' }, secrets),
    secrets,
    profile: { ...claims, features: new Set(features) },
    selects: (scenario) => all || (scenario.feature !== undefined && features.includes(scenario.feature)),
    level: 'should',
  });
}

function outcomes({ coverage }: Report, ...ids: string[]) {
  return Object.fromEntries(
    coverage.requirements.filter(({ id }) => ids.includes(id)).map(({ id, outcome }) => [id, outcome]),
  );
}

describe('the conformance suite', () => {
  it('finds capacity, rate limit, heartbeat and CORS as they are claimed', async () => {
    const corsOrigin = 'https://app.example.com';
    const server = await startEmbedded(
      {},
      {
        ...{ roomCapacity: 3, heartbeatMs: 400, allowedOrigins: [corsOrigin] },
        rateLimit: { burst: 60, perSecond: 30 },
      },
    );
    const claims = { capacity: 3, rateLimit: { burst: 60, perSecond: 30 }, heartbeatSeconds: 1, corsOrigin };
    try {
      const report = await runSuite(server.url, server.secret, claims, ['capacity', 'rate-limit', 'heartbeat', 'cors']);
      expect(outcomes(report, 'ROOM-6', 'LIMIT-1', 'LEAVE-5', 'CONFIG-10')).toEqual({
        ...{ 'ROOM-6': 'pass', 'LIMIT-1': 'pass', 'LEAVE-5': 'pass', 'CONFIG-10': 'pass' },
      });
    } finally {
      await server.close();
    }
  });

  it('finds nothing with the limits that `serve` has unless told otherwise, counted and open to one origin', async () => {
    const env = { PORT: '0', METRICS: 'on', ALLOWED_ORIGINS: 'https://app.example.com' };
    const { server: options } = readConfiguration({}, env);
    const server = await startEmbedded({}, options);
    try {
      const claims = { ...plainProfile, origins: ['https://app.example.com'] };
      const report = await runSuite(server.url, server.secret, claims, [], true);
      expect(report.results.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'not_applicable')).toEqual([]);
      expect(report.summary).toMatchObject({ conformant: true, exitCode: 0 });
    } finally {
      await server.close();
    }
  });

  it.each(['TERM', 'HUP'])('is told by a process that ends by SIG%s', async (signal) => {
    const bin = fileURLToPath(new URL('../../bin/webrtc-room-signaling.ts', import.meta.url));
    const secret = 'a secret for this process, long enough';
    const child = spawn(process.execPath, ['--import', 'tsx', bin, 'serve', '--port', '0', '--log-level', 'silent'], {
      env: { PATH: process.env.PATH, JWT_SECRET: secret },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      const [greeting] = await once(child.stdout, 'data');
      const url = /^Listening on (\S+)/.exec(String(greeting))?.[1] ?? '';
      const claims = { heartbeatSeconds: 60, shutdownCommand: `kill -${signal} ${child.pid}` };
      expect(outcomes(await runSuite(url, secret, claims, ['shutdown']), 'LIVE-3')).toEqual({ 'LIVE-3': 'pass' });
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
