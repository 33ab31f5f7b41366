import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** How a command ended. */
export interface Ending {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end in `cwd`. An exit code other than 0 is no error here. */
export function run(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 24 };
    execFile(program, args, options, (error, stdout, stderr) => {
      const failed = error !== null && typeof error.code !== 'number';
      resolve({
        code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
        stdout,
        stderr: failed ? `${stderr}${error.message}` : stderr,
      });
    });
  });
}

/** Runs a script of codegen/ on the documents in `folder`. */
export function runCodegen(script: string, folder: string, ...args: string[]): Promise<Ending> {
  const tsx = path.join(root, 'node_modules/tsx/dist/cli.mjs');
  return run(process.execPath, [tsx, path.join(root, 'codegen', script), ...args], folder);
}

/** A new folder outside the checkout, gone when `await using` ends. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'webrtc-room-signaling-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** A copy of the documents, the schemas (without examples) and what is generated from them, to break at will. */
export async function documentsCopy(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const examples = path.join(root, 'schemas/examples');
  for (const name of ['asyncapi.yaml', 'openapi.yaml', 'redocly.yaml', 'schemas', 'generated']) {
    const filter = (source: string) => source !== examples;
    await cp(path.join(root, name), path.join(folder.path, name), { recursive: true, filter });
  }
  return folder;
}

/** Every file that is committed or about to be: what git does not ignore, with `/` between folders. */
export async function projectFiles(): Promise<string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const [all, deleted] = await Promise.all([run('git', args, root), run('git', ['ls-files', '-z', '--deleted'], root)]);
  if (all.code !== 0) throw new Error(`git ls-files: ${all.stderr}`);
  const gone = new Set(deleted.stdout.split('\0'));
  return all.stdout.split('\0').filter((file) => !gone.has(file));
}
