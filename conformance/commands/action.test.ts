import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Ending, root, run, temporaryFolder } from '../../test/checkout.js';

interface Action {
  inputs: Record<string, unknown>;
  outputs: Record<string, { value: string }>;
  runs: { steps: { id: string; env: Record<string, string>; run: string }[] };
}

const action = parse(await readFile(path.join(root, 'action.yml'), 'utf8')) as Action;

/** What a workflow gets to see of a step: its output, and what it wrote to the files of GitHub. */
interface Job extends Ending {
  outputs: Record<string, string>;
  summary: string;
  /** How npm and the suite were called, and with which secret in the environment. */
  calls: { program: string; argv: string[]; secret?: string }[];
}

/** Runs the steps as the runner of GitHub Actions does, with an npm that installs `suite`, a shell script. */
async function runAction(inputs: Record<string, string>, suite: string): Promise<Job> {
  await using folder = await temporaryFolder();
  const file = (name: string) => path.join(folder.path, name);
  const record = (program: string) =>
    `node -e 'require("fs").appendFileSync(process.env.CALLS, JSON.stringify({ program: "${program}", argv: process.argv.slice(1), secret: process.env.SIGNALING_JWT_SECRET }) + "\\n")' -- "$@"`;
  const executable = async (name: string, text: string) => {
    await writeFile(file(name), `#!/bin/bash\n${text}\n`);
    await chmod(file(name), 0o755);
  };
  await mkdir(file('bin'));
  await mkdir(file('temp'));
  for (const name of ['summary', 'calls']) await writeFile(file(name), '');
  await executable('suite', `${record('suite')}\n${suite}`);
  await executable(
    'bin/npm',
    `${record('npm')}\nmkdir -p "$3/node_modules/.bin"\ncp "$SUITE" "$3/node_modules/.bin/webrtc-room-signaling"`,
  );

  const contexts = new Map(Object.keys(action.inputs).map((name) => [`inputs.${name}`, inputs[name] ?? '']));
  contexts.set('github.action_path', root);
  let ending: Ending = { code: 0, stdout: '', stderr: '' };
  for (const { id, env, run: script } of action.runs.steps) {
    const values = Object.entries(env).map(([name, text]) => [
      name,
      text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => contexts.get(expression) ?? ''),
    ]);
    await writeFile(file(`${id}.sh`), script);
    await writeFile(file('output'), '');
    const next = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file(`${id}.sh`)], folder.path, {
      ...Object.fromEntries(values),
      PATH: `${file('bin')}${path.delimiter}${process.env.PATH}`,
      RUNNER_TEMP: file('temp'),
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      CALLS: file('calls'),
      SUITE: file('suite'),
    });
    ending = { code: next.code, stdout: ending.stdout + next.stdout, stderr: ending.stderr + next.stderr };
    for (const line of (await readFile(file('output'), 'utf8')).split('\n')) {
      const [name = '', ...value] = line.split('=');
      if (name !== '') contexts.set(`steps.${id}.outputs.${name}`, value.join('='));
    }
    if (next.code !== 0) break;
  }
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => [
    name,
    contexts.get(value.slice(4, -3)) ?? '',
  ]);
  const calls = (await readFile(file('calls'), 'utf8')).trim().split('\n');
  return {
    ...ending,
    outputs: Object.fromEntries(outputs),
    summary: await readFile(file('summary'), 'utf8'),
    calls: calls.map((line) => JSON.parse(line)),
  };
}

/** A suite that prints a text, writes every report it is asked for, and ends with an exit code. */
const reporting = (code: number) => `
echo '::error::chosen by the server'
for word in "$@"; do
  case $word in github=*) echo '::error title=RELAY-3::broken' >"\${word#*=}" ;; *=*) echo report >"\${word#*=}" ;; esac
done
exit ${code}`;

describe.skipIf(process.platform === 'win32')('action.yml', () => {
  it('hands its inputs to the suite, the secret in the environment alone', async () => {
    const job = await runAction(
      {
        target: 'http://one:8000\nhttp://two:8000',
        'jwt-secret': 'a secret, with * and "quotes"',
        profile: 'my profile.yaml',
        args: `--level should --only 'RELAY-*' --jwt-claims '{"aud":"calls"}'`,
      },
      reporting(0),
    );
    expect(job.code).toBe(0);
    const [npm, suite] = job.calls;
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    expect(npm?.argv.at(-1)).toBe(`webrtc-room-signaling@${version}`);
    expect(npm?.secret).toBeUndefined();
    expect(suite?.argv.filter((word) => !/^(?:--reporter|(?:github|json|junit|html)=.*)$/.test(word))).toEqual([
      'conformance',
      'pretty',
      ...['--target', 'http://one:8000', '--target', 'http://two:8000'],
      ...['--jwt-secret-env', 'SIGNALING_JWT_SECRET'],
      ...['--profile', 'my profile.yaml'],
      ...['--level', 'should', '--only', 'RELAY-*', '--jwt-claims', '{"aud":"calls"}'],
    ]);
    expect(suite?.secret).toBe('a secret, with * and "quotes"');
    expect(JSON.stringify(job.calls.map(({ argv }) => argv))).not.toContain('a secret');
    expect(job.stdout.split('\n')[0]).toBe('::add-mask::a secret, with * and "quotes"');
  });

  it('tests the reference server when no target is given', async () => {
    const { calls } = await runAction({}, reporting(0));
    expect(calls[1]?.argv.join(' ')).not.toMatch(/--target|--jwt-secret-env|--profile/);
  });

  it('gives out the reports and the exit code, and fails with it', async () => {
    const { code, outputs } = await runAction({}, reporting(1));
    expect(code).toBe(1);
    expect(outputs).toEqual({
      junit: expect.stringMatching(/\/conformance\.xml$/),
      report: expect.stringMatching(/\/conformance\.json$/),
      html: expect.stringMatching(/\/conformance\.html$/),
      'exit-code': '1',
    });
  });

  it('lets what the server says be no workflow command, but annotates', async () => {
    const { stdout } = await runAction({}, reporting(1));
    const [, token, quiet, after] = /::stop-commands::(\w{32})\n([\s\S]*)\n::\1::\n([\s\S]*)/.exec(stdout) ?? [];
    expect(token).toBeDefined();
    expect(quiet).toContain('::error::chosen by the server');
    expect(after).toBe('::error title=RELAY-3::broken\n');
  });

  it('says why there is no report', async () => {
    const message = 'Nothing listens at http://one:8000.\n100% sure <b>';
    const { code, outputs, stdout, summary } = await runAction({}, `echo '${message}' >&2; exit 3`);
    expect(code).toBe(3);
    expect(outputs).toEqual({ junit: '', report: '', html: '', 'exit-code': '3' });
    expect(stdout).toContain('::error title=Conformance::Nothing listens at http://one:8000.%0A100%25 sure <b>\n');
    expect(summary).toBe(
      '## ❌ No report (exit code 3)\n\n    Nothing listens at http://one:8000.\n    100% sure <b>\n\n',
    );
  });

  it('takes a package file in place of a version', async () => {
    const { calls } = await runAction({ version: './suite.tgz' }, reporting(0));
    expect(calls[0]?.argv.at(-1)).toBe('./suite.tgz');
    expect((await runAction({ version: '1.2.3' }, reporting(0))).calls[0]?.argv.at(-1)).toBe(
      'webrtc-room-signaling@1.2.3',
    );
  });
});
