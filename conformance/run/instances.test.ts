import { afterEach, describe, expect, it } from 'vitest';
import { type PlainServer, startPlainServer } from '../../reference-server/core/plain-server.js';
import { mintTokens, parseTarget, run, Secrets } from '../api.js';
import { sequenceLines } from '../reporters/sequence.js';

const secret = 'the-secret-of-the-plain-server-0123456789';
const started: PlainServer[] = [];
afterEach(() => Promise.all(started.splice(0).map((server) => server.close())));

async function start(): Promise<string> {
  const server = await startPlainServer({ secret, host: '127.0.0.1', port: 0 });
  started.push(server);
  return server.url;
}

async function judge(urls: readonly string[]) {
  const secrets = new Secrets();
  const report = await run({
    targets: urls.map((url) => parseTarget(url)),
    tokens: await mintTokens({ key: secret, algorithm: 'HS256', origin: 'the test' }, secrets),
    secrets,
    trace: 'all',
  });
  const broken = report.coverage.requirements.flatMap(({ id, outcome }) => (outcome === 'fail' ? [id] : []));
  return { report, broken, causes: (report.causes ?? []).map(({ text }) => text), exitCode: report.summary.exitCode };
}

describe('several targets', { timeout: 60_000 }, () => {
  it('that share no rooms are told so in one line, and each is judged for itself', async () => {
    const urls = [await start(), await start()];
    const { broken, causes, report } = await judge(urls);
    expect(causes).toEqual([expect.stringMatching(/^The targets share no rooms: alice joins on \S+ and bob/)]);
    for (const url of urls) expect(causes[0]).toContain(url);
    expect(broken).toEqual(['JOIN-7']);
    expect(report.results.filter(({ outcome }) => outcome === 'inconclusive')).toEqual([]);
  });

  it('that share them are numbered in the sequences', async () => {
    const url = await start();
    const { broken, causes, exitCode, report } = await judge([url, url.replace('127.0.0.1', 'localhost')]);
    expect({ broken, causes, exitCode }).toEqual({ broken: [], causes: [], exitCode: 0 });
    const lines = report.results.flatMap((result) => sequenceLines(result, 400, 0));
    for (const number of [1, 2]) {
      expect(lines.some((line) => line.includes(`(instance ${number})`) && line.includes('connects to /'))).toBe(true);
      expect(lines.some((line) => line.includes(`GET /webrtc/config (instance ${number})`))).toBe(true);
    }
  });
});
