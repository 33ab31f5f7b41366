import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedServer, startEmbedded } from '../run/embedded.js';
import { transition } from '../selftest/alter.js';
import { conformance } from '../testing/test-command.js';

let folder: string;
let server: EmbeddedServer;
const echo = 'a sender never receives its own message';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'conformance-commands-'));
  server = await startEmbedded();
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const target = (wrong: EmbeddedServer = server) => ['--target', wrong.url, '--jwt-secret-env', 'SECRET'];
const env = (wrong: EmbeddedServer = server) => ({ SECRET: wrong.secret });

/** A server that says of everybody who leaves that they have gone. */
const startWrong = () => startEmbedded({ leaveReason: () => 'gone' as 'left' });

test('a baseline turns a known failure into exit code 0, and never into conformance', async () => {
  const wrong = await startWrong();
  const file = path.join(folder, 'expected.yaml');
  const report = path.join(folder, 'report.json');
  const entries = ['LEAVE-1', 'LEAVE-2'].map((check) => `  - {check: ${check}, reason: the reason is misspelt}\n`);
  await writeFile(file, `version: 1\nentries:\n${entries.join('')}`);
  const argv = [...target(wrong), '--only', 'LEAVE-*', '--expected-failures', file, '--reporter', `json=${report}`];
  const { exitCode } = await conformance(argv, env(wrong));
  await wrong.close();
  const { summary } = JSON.parse(await readFile(report, 'utf8'));
  expect(summary.conformant).toBe(false);
  expect(exitCode).toBe(0);
});

test('a baseline entry that passes is stale and fails the run', async () => {
  const file = path.join(folder, 'stale.yaml');
  await writeFile(file, 'version: 1\nentries:\n  - {check: RELAY-3, reason: mended since}\n');
  const { exitCode, stdout } = await conformance(
    [...target(), '--only', 'RELAY-3', '--expected-failures', file],
    env(),
  );
  expect(stdout).toMatch(/✗ expected failure RELAY-3 passes now; remove the entry/);
  expect(exitCode).toBe(1);
});

test('repeated runs say whether their outcomes were identical', async () => {
  const { exitCode, stdout } = await conformance([...target(), '--only', 'OFFER-*', '--repeat', '3'], env());
  expect(stdout).toMatch(/3 runs with identical outcomes/);
  expect(exitCode).toBe(0);
});

test('options may stand in the profile, and the command line prevails', async () => {
  const file = path.join(folder, 'profile.yaml');
  await writeFile(
    file,
    `version: 1\noptions:\n  target: [${server.url}]\n  jwt-secret-env: SECRET\n  only: [OFFER-1]\n`,
  );
  const fromProfile = await conformance(['--profile', file], env());
  const overridden = await conformance(['--profile', file, '--only', 'ICE-2'], env());
  expect(fromProfile.stdout).toMatch(/OFFER +✓1/);
  expect(overridden.stdout).toMatch(/ICE +–1 ✓2/);
  await writeFile(file, 'version: 1\noptions: {allow-unjudged: true, only: LIMIT-1, seed: s1}\n');
  expect((await conformance(['--profile', file])).stderr).toBe('');
  await writeFile(file, 'version: 1\noptions: {allow-unjudged: maybe}\n');
  expect((await conformance(['--profile', file])).stderr).toMatch(/option allow-unjudged wants true or false/);
  await writeFile(file, 'version: 1\noptions: {tagret: x}\n');
  expect((await conformance(['--profile', file])).stderr).toMatch(/unknown member tagret; did you mean target\?/);
});

test('a transcript is replayed with the same answers, and a server that answers otherwise is told apart', async () => {
  const file = path.join(folder, 'transcript.json');
  const only = ['--only', echo, '--only', 'a user who connects again*'];
  await conformance([...target(), ...only, '--trace', 'all', '--reporter', `json=${file}`], env());
  const same = await conformance(['replay', file, ...target()], env());
  expect(same.stdout).toMatch(new RegExp(`✓ ${echo}`));
  expect(same.exitCode).toBe(0);
  const silent = await startEmbedded({
    encode: (message) =>
      Buffer.from(JSON.stringify(message.type === 'offer' ? { ...message, type: 'hello' } : message)),
  });
  const other = await conformance(['replay', file, ...target(silent), '--timeout', '500'], env(silent));
  await silent.close();
  expect(other.stdout).toMatch(/✗ .*\n +bob did not receive offer/);
  expect(other.exitCode).toBe(1);
});

test('a load counts every delivery and finds none lost, doubled or out of order', async () => {
  const argv = ['load', ...target(), '--rooms', '3', '--peers', '4', '--rate', '20', '--duration', '0.5', '--json'];
  const { exitCode, stdout } = await conformance([...argv, '--mode', 'broadcast'], env());
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    participants: 12,
    sent: 120,
    expected: 360,
    received: 360,
    lost: 0,
    strayed: 0,
    outOfOrder: 0,
  });
  expect(report.relayMs.p50).toBeGreaterThan(0);
  expect(exitCode).toBe(0);
});

test('a load on a server that echoes is seen as such', async () => {
  const wrong = await startEmbedded({
    transition: (room, event) => {
      const outcome = transition(room, event);
      if (event.type !== 'message') return outcome;
      const everybody = [...outcome.room.byConnection.keys()];
      const effects = outcome.effects.map((effect) =>
        effect.type === 'deliver' ? { ...effect, to: everybody } : effect,
      );
      return { ...outcome, effects };
    },
  });
  const argv = [
    'load',
    ...target(wrong),
    '--rooms',
    '1',
    '--peers',
    '2',
    '--rate',
    '20',
    '--duration',
    '0.5',
    '--json',
  ];
  const { exitCode, stdout } = await conformance(argv, env(wrong));
  await wrong.close();
  expect(JSON.parse(stdout).strayed).toBeGreaterThan(0);
  expect(exitCode).toBe(1);
});

test('every command has help that a person can read', async () => {
  for (const argv of [['--help'], ['load', '--help'], ['replay', '--help']]) {
    const { exitCode, stdout } = await conformance(argv);
    expect(stdout).toMatch(/^Usage: conformance/);
    expect(exitCode).toBe(0);
  }
});
