import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { runConformance } from './cli.js';
import { startEmbedded } from './embedded.js';
import {
  findClosedPort,
  type HopelessServer,
  startClosing,
  startEcho,
  startHtml,
  startMute,
  startSilent,
} from './mutants/hopeless.js';

/** Runs the command against a server; the port in what it prints becomes PORT. */
async function runAgainst(url: string): Promise<{ exitCode: number; stdout: string; stderr: string; seconds: number }> {
  const printed = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    ({
      write(text: string) {
        printed[name] += text;
        return true;
      },
    }) as NodeJS.WriteStream;
  const env = { SECRET: randomBytes(32).toString('base64url') };
  const began = performance.now();
  const argv = ['--target', url, '--jwt-secret-env', 'SECRET'];
  const exitCode = await runConformance(argv, { stdout: stream('stdout'), stderr: stream('stderr'), env });
  const seconds = (performance.now() - began) / 1000;
  const plain = (text: string) => text.replaceAll(new URL(url).port, 'PORT');
  return { exitCode, stdout: plain(printed.stdout), stderr: plain(printed.stderr), seconds };
}

async function judge(start: () => Promise<HopelessServer>): ReturnType<typeof runAgainst> {
  const server = await start();
  try {
    return await runAgainst(server.url);
  } finally {
    await server.close();
  }
}

/** The report tells of one fault and of nothing that follows from it. */
function expectOneFault(stdout: string, ...lines: string[]): void {
  for (const line of lines) expect(stdout).toContain(line);
  expect(stdout.match(/✗ JOIN-1/g)).toHaveLength(1);
  expect(stdout).not.toMatch(/^✗ (?!JOIN-1|CONFIG)/m);
}
