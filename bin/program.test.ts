import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { root, run, temporaryFolder } from '../test/checkout.js';
import { runProgram } from './program.js';
import { versionText } from './version.js';

/** Runs the program in this process. */
async function program(...argv: string[]) {
  const printed = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk, _encoding, done) {
        printed[name] += chunk;
        done();
      },
    });
  const code = await runProgram(argv, { stdout: sink('stdout'), stderr: sink('stderr'), env: {} });
  return { code, ...printed };
}

/** Runs the program as a process of its own; returns the files of this checkout that it loaded. */
async function filesLoadedBy(...argv: string[]): Promise<string[]> {
  await using folder = await temporaryFolder();
  const script = path.join(root, 'bin/webrtc-room-signaling.ts');
  const ending = await run(process.execPath, ['--import', 'tsx', script, ...argv], root, {
    NODE_V8_COVERAGE: folder.path,
  });
  expect(ending).toMatchObject({ code: 0, stderr: '' });
  const texts = (await readdir(folder.path)).map((file) => readFile(path.join(folder.path, file), 'utf8'));
  const urls = (await Promise.all(texts)).flatMap((text) => text.match(/(?<="url":"file:\/\/)[^"?]+/g) ?? []);
  return urls.map((url) => path.relative(root, url)).filter((file) => !file.startsWith('node_modules'));
}

describe('webrtc-room-signaling', () => {
  it('has help with its commands', async () => {
    const help = await program('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(
      /^Usage: webrtc-room-signaling <command> \[options\]\n[\s\S]*\n {2}conformance .*\n {2}serve /,
    );
    expect(await program()).toEqual({ code: 2, stdout: '', stderr: help.stdout });
  });

  it.each([[['--version']], [['serve', '--version']], [['conformance', '--version']], [['conformance', 'load', '-V']]])(
    '%j tells the versions of package and protocol',
    async (argv) => {
      expect(await program(...argv)).toEqual({ code: 0, stdout: `${versionText}\n`, stderr: '' });
      expect(versionText).toMatch(/^webrtc-room-signaling \d+\.\d+\.\d+, protocol \d+\.\d+\.\d+$/);
    },
  );

  it('hands on --help to the command, and has another way to ask for it', async () => {
    for (const argv of [['serve'], ['conformance'], ['conformance', 'load']]) {
      const help = await program(...argv, '--help');
      expect(help.stdout).toMatch(new RegExp(`^Usage: .*${argv.join(' ')} `));
      expect(await program('help', ...argv)).toEqual(help);
    }
  });

  it.each([
    [['conformence'], 'There is no command "conformence"; did you mean conformance?\n'],
    [['srve'], 'There is no command "srve"; did you mean serve?\n'],
    [['list'], 'There is no command "list"; did you mean conformance list?\n'],
    [['explain', 'RELAY-4'], 'There is no command "explain"; did you mean conformance explain?\n'],
    [['load', '--rooms', '5'], 'There is no command "load"; did you mean conformance load?\n'],
    [['replay'], 'There is no command "replay"; did you mean conformance replay?\n'],
    [['selftest'], 'There is no command "selftest"; did you mean conformance selftest?\n'],
    [['test'], 'There is no command "test"; did you mean conformance test?\n'],
    [['slftest'], 'There is no command "slftest"; did you mean conformance selftest?\n'],
    [['xylophone'], 'There is no command "xylophone"; --help tells them all\n'],
    [['--target', 'http://localhost'], "error: unknown option '--target'; did you mean conformance --target?\n"],
    [['--jwt-secret=hunter2'], "error: unknown option '--jwt-secret'; --help tells them all\n"],
    [['conformance', 'lst'], 'There is no command "lst"; did you mean list?\n'],
    [['serve', '--prot', '5'], "error: unknown option '--prot'; did you mean --port?\n"],
  ])('%j is bad usage', async (argv, stderr) => {
    expect(await program(...argv)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('loads of server and suite what the command needs', async () => {
    const serve = await filesLoadedBy('serve', '--help');
    expect(serve).toContain('reference-server/command/serve.ts');
    expect(serve.filter((file) => file.startsWith('conformance/'))).toEqual([]);
    const conformance = await filesLoadedBy('conformance', 'explain', 'RELAY-4');
    expect(conformance).toContain('conformance/commands/cli.ts');
    expect(conformance.filter((file) => file.startsWith('reference-server/command/'))).toEqual([]);
    const neither = (await filesLoadedBy('--help')).filter((file) => !file.startsWith('bin/'));
    expect(neither.filter((file) => !file.startsWith('generated/'))).toEqual([]);
  });
});
