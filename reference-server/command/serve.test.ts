import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { TestClient, testSecret, tokenFor } from '../testing/test-client.js';
import { runServe } from './serve.js';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts `serve` as a process of its own; returns when it listens. */
async function serve(env: Record<string, string>) {
  const main = fileURLToPath(new URL('./serve.ts', import.meta.url));
  const script = `import { runServe } from ${JSON.stringify(main)};
    process.exitCode = await runServe(process.argv.slice(1), process);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, '--', '--port', '0'], {
    env: { PATH: process.env.PATH, ...env },
  });
  started.push(child);
  const output = { stdout: '', stderr: '' };
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const exited = once(child, 'exit');
  while (!output.stdout.endsWith('\n')) {
    const [chunk] = await Promise.race([once(child.stdout, 'data'), exited.then(() => Promise.reject(output.stderr))]);
    output.stdout += chunk;
  }
  const url = /^Listening on (\S+)/.exec(output.stdout)?.[1] ?? '';
  return { child, output, url, exited };
}

/** Runs `serve` in this process, for what ends by itself. */
async function run(argv: string[], env: Record<string, string> = {}) {
  const output = { stdout: '', stderr: '' };
  const code = await runServe(argv, {
    stdout: { write: (text) => (output.stdout += text) },
    stderr: { write: (text) => (output.stderr += text) },
    env,
  });
  return { code, ...output };
}

describe('serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s closes its clients 1001 and exits 0',
    async (signal) => {
      const { child, url, exited, output } = await serve({ JWT_SECRET: testSecret });
      const token = await tokenFor('alice');
      const alice = await TestClient.open(url, `/webrtc/ws/standup?token=${token}`);
      await alice.next('room_state');
      child.kill(signal);
      expect(await alice.closed).toMatchObject({ code: 1001 });
      expect(await exited).toEqual([0, null]);
      expect(output.stdout).toBe(`Listening on ${url}\n`);
      expect(output.stderr).toContain('"msg":"connected"');
      expect(output.stderr).not.toContain(token);
    },
    20_000,
  );

  it('on SIGHUP closes its clients 1012, to be started again', async () => {
    const { child, url, exited } = await serve({ JWT_SECRET: testSecret });
    const alice = await TestClient.open(url, `/webrtc/ws/standup?token=${await tokenFor('alice')}`);
    await alice.next('room_state');
    child.kill('SIGHUP');
    expect(await alice.closed).toMatchObject({ code: 1012 });
    expect(await exited).toEqual([0, null]);
  }, 20_000);

  it('without a key offers tokens that work, on stdout alone', async () => {
    const { url, output } = await serve({});
    for (const user of ['alice', 'bob', 'carol']) {
      const token = new RegExp(`^${user} +(\\S+)$`, 'm').exec(output.stdout)?.[1] ?? '';
      const client = await TestClient.open(url, `/webrtc/ws/${user}?token=${token}`);
      const { participants } = (await client.next('room_state')).payload;
      expect(participants[0]?.user_id).toBe(user);
      expect(output.stderr).not.toContain(token);
      client.socket.close(1000);
    }
    expect(output.stdout).toContain(`new WebSocket('${url.replace('http', 'ws')}/webrtc/ws/lobby?token=`);
  }, 20_000);

  it('on all addresses is where clients find it, which is never 0.0.0.0', async () => {
    const { output } = await serve({ JWT_SECRET: testSecret, HOST: '0.0.0.0' });
    expect(output.stdout).toMatch(/^Listening on http:\/\/localhost:\d+( and http:\/\/\d+(\.\d+){3}:\d+)*\n$/);
    expect(output.stdout).not.toContain('0.0.0.0');
  }, 20_000);

  it('without a key does not start in production, and names what was meant to be one', async () => {
    const env = { NODE_ENV: 'production', JWT_SECERT: testSecret };
    expect(await run(['--port', '0'], env)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'NODE_ENV=production wants a key to check tokens with: JWT_SECRET, JWT_PUBLIC_KEY, JWKS_URL (set, and of no use here: JWT_SECERT).\n',
    });
  });

  it('ends in time though nobody reads its log any more, and goes on though its reader is gone', async () => {
    const { child, url, exited } = await serve({ JWT_SECRET: testSecret, LOG_LEVEL: 'trace' });
    child.stderr.pause();
    const token = await tokenFor('alice');
    const path = `/webrtc/ws/standup?token=${token}`;
    // A pipe takes 64 KiB.
    for (let count = 0; count < 25; count++) {
      const client = await TestClient.open(url, path);
      for (let number = 0; number < 40; number++) client.send('['.repeat(5_000));
      client.socket.terminate();
    }
    child.stderr.destroy();
    const alice = await TestClient.open(url, path);
    await alice.next('room_state');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }, 20_000);

  it('explains every setting with --help', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const part of ['--port <number>', 'PORT, default 8000', 'JWT_SECRET', 'WEBRTC_TURN_CREDENTIAL']) {
      expect(stdout).toContain(part);
    }
  });

  it('stops at bad configuration with one sentence and 2', async () => {
    expect(await run(['--port', 'http'])).toEqual({
      code: 2,
      stdout: '',
      stderr: '--port wants a whole number from 0 to 65535, not "http".\n',
    });
  });

  it.each([
    [['--jwt-secret', 'hunter2'], '--jwt-secret wants JWT_SECRET'],
    [['--jwt-secret=hunter2'], '--jwt-secret wants JWT_SECRET'],
    [['--turn-secret', 'hunter2'], '--turn-secret wants WEBRTC_TURN_SECRET'],
    [['--turn-credential', 'hunter2'], '--turn-credential wants WEBRTC_TURN_CREDENTIAL'],
  ])('says for %j where secrets go, and does not repeat it', async (argv, said) => {
    expect(await run(argv)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${said} in the environment instead: everybody on the machine can see arguments.\n`,
    });
  });

  it.each([[['--no-such-flag', 'hunter2']], [['stray']]])('stops at unknown usage %j with 2', async (argv) => {
    const { code, stderr } = await run(argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toContain('hunter2');
  });

  it('stops at an address it cannot have with 1', async () => {
    const { code, stderr } = await run(['--host', '192.0.2.1', '--log-level', 'silent'], { JWT_SECRET: testSecret });
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Cannot start: 192.0.2.1 is no address of this machine; choose one with --host (0.0.0.0 for all).\n',
    );
  });

  it('says of a port that is taken what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await run(['--port', String(port), '--log-level', 'silent'], { JWT_SECRET: testSecret });
    taken.close();
    expect([code, stderr]).toEqual([
      1,
      `Cannot start: something listens at port ${port} of 127.0.0.1 already; stop it, or choose another with --port (0 takes a free one).\n`,
    ]);
  });
});
