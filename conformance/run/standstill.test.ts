import { setTimeout as pass } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../reference-server/testing/test-instance.js';
import { killPrograms, startProgram } from '../../test/programs.js';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget } from '../inputs/target.js';
import { mintTokens } from '../inputs/tokens.js';
import { run } from './runner.js';

const secret = 'a secret of thirty-two bytes or more';

afterEach(killPrograms);

/** Runs the suite against a server of its own process, which stands still once for so many milliseconds. */
async function judge(standsStillMs: number) {
  const command = ['--import', 'tsx', 'bin/webrtc-room-signaling.ts', 'serve', '--port', '0', '--rate-limit', '0'];
  const urlOf = (output: string) => /^Listening on (\S+)/m.exec(output)?.[1];
  const server = startProgram(process.execPath, command, { JWT_SECRET: secret });
  await until(() => urlOf(server.output));
  const secrets = new Secrets();
  let still: Promise<void> | undefined;
  const report = await run({
    targets: [parseTarget(urlOf(server.output) ?? '')],
    tokens: await mintTokens({ key: secret, algorithm: 'HS256', origin: 'the test' }, secrets),
    secrets,
    timeoutMs: 1500,
    onProgress({ done }) {
      if (done < 30 || still) return;
      server.signal('SIGSTOP');
      still = pass(standsStillMs).then(() => server.signal('SIGCONT'));
    },
  });
  await still;
  return {
    causes: (report.causes ?? []).map(({ text }) => text),
    broken: report.coverage.requirements.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id),
    open: report.results.flatMap(({ outcome, scenario, actual }) =>
      outcome === 'inconclusive' ? [`${scenario}: ${actual}`] : [],
    ),
    exitCode: report.summary.exitCode,
  };
}

describe('a target that stands still', () => {
  it('is told so once, and no rule is blamed', async () => {
    const { causes, ...others } = await judge(3000);
    expect(causes).toEqual([expect.stringMatching(/^The target stood still: for [123]\.\d s, /)]);
    expect(others).toEqual({ broken: [], open: [], exitCode: 0 });
  });

  it('is not one that is late for a moment', async () => {
    expect(await judge(300)).toEqual({ causes: [], broken: [], open: [], exitCode: 0 });
  });
});
