import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { mintTokens, run, Secrets, Target } from '../../conformance/api.js';
import { makeCertificate } from '../testing/certificate.js';
import { TestClient, testSecret, tokenFor } from '../testing/test-client.js';
import { ask, start, stopAll } from '../testing/test-server.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-test-'));
let tls: { cert: string; key: string };

beforeAll(() => {
  const { cert, key } = makeCertificate(folder);
  tls = { cert, key };
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(stopAll);

describe('with a certificate', () => {
  it('everything is encrypted', async () => {
    const server = await start({ tls });
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
    expect(await ask(server, '/healthz', { ca: tls.cert })).toMatchObject({ status: 200 });
    const url = `wss://127.0.0.1:${server.port}/webrtc/ws/standup?token=${await tokenFor('alice')}`;
    const socket = new WebSocket(url, { ca: tls.cert });
    const alice = new TestClient(socket);
    await alice.next('room_state');
    await server.close();
    expect(await alice.closed).toMatchObject({ code: 1001 });
  });

  it('the suite passes', async () => {
    const server = await start({ tls });
    const secrets = new Secrets();
    const report = await run({
      targets: [new Target(new URL(server.url), Buffer.from(tls.cert))],
      tokens: await mintTokens({ key: testSecret, algorithm: 'HS256', origin: 'the test' }, secrets),
      secrets,
      profile: { features: new Set(), heartbeatSeconds: 60 },
    });
    expect(report.results.filter(({ outcome }) => !['pass', 'not_applicable'].includes(outcome))).toEqual([]);
    expect(report.summary).toMatchObject({ conformant: true, exitCode: 0 });
  });

  it('a client that never begins to encrypt is cut', async () => {
    const server = await start({ tls, handshakeTimeoutMs: 100 });
    const silent = connect(server.port, '127.0.0.1');
    silent.on('error', () => {});
    await once(silent.resume(), 'close');
  });

  it('that is none, the start fails', async () => {
    await expect(start({ tls: { cert: 'no certificate', key: tls.key } })).rejects.toThrow();
  });
});
