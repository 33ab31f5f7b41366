import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ending, root, run, temporaryFolder } from './checkout.js';

const name = 'webrtc-room-signaling';
const minutes = 60_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let project: string;
let packed: string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  project = path.join(folder.path, 'project');
  await mkdir(project);
  await write('package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }));
  await succeed(npm(['pack', '--pack-destination', folder.path], root));
  const [archive] = (await readdir(folder.path)).filter((file) => file.endsWith('.tgz'));
  const install = ['install', path.join(folder.path, archive ?? ''), '--prefer-offline', '--no-audit', '--no-fund'];
  const installed = await npm([...install, '--omit=dev'], project);
  if (/\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED)\b/.test(installed.stderr)) {
    throw new Error(
      `This test installs the packed package and needs a npm registry, or its dependencies in npm's cache:\n${installed.stderr}`,
    );
  }
  await succeed(Promise.resolve(installed));
  const inside = await readdir(path.join(project, 'node_modules', name), { recursive: true, withFileTypes: true });
  packed = inside
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(project, 'node_modules', name), path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join('/'));
}, 5 * minutes);

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Runs npm as if from a shell: `npm test` tells its children about this project, which an install elsewhere is not in. */
function npm(args: string[], cwd: string): Promise<Ending> {
  const inherited = Object.keys(process.env).filter((key) =>
    /^npm_(?:package|lifecycle|command|config_local)/.test(key),
  );
  return run('npm', args, cwd, Object.fromEntries([...inherited, 'INIT_CWD'].map((key) => [key, undefined])));
}

async function succeed(ending: Promise<Ending>): Promise<string> {
  const { code, stdout, stderr } = await ending;
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(path.join(project, file), text);
}

/** Compiles one TypeScript file of the project with this checkout's compiler, libraries checked as well. */
async function compile(file: string, compilerOptions: Record<string, unknown> = {}): Promise<Ending> {
  const config = file.replace('.ts', '.tsconfig.json');
  await write(
    config,
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'nodenext',
        lib: ['es2022'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        ...compilerOptions,
      },
      files: [file],
    }),
  );
  return run(process.execPath, [path.join(root, 'node_modules/typescript/lib/tsc.js'), '-p', config], project);
}

/** Bundles an entry for browsers. Throws when anything of Node is imported. */
async function bundle(contents: string): Promise<{ code: string; inputs: string[] }> {
  const result = await build({
    stdin: { contents, resolveDir: project },
    absWorkingDir: project,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: result.outputFiles[0]?.text ?? '', inputs: Object.keys(result.metafile.inputs) };
}

const consumer = `
import {
  type ClientMessage,
  type ErrorCode,
  type OfferMessage,
  type RequirementId,
  type ServerMessage,
  channelPath,
  closeCodes,
  parseClientMessage,
  parseServerMessage,
  requirements,
} from '${name}';

function describe(message: ClientMessage): string {
  switch (message.type) {
    case 'offer':
      return message.payload.sdp;
    case 'answer': {
      const kind: 'answer' | 'pranswer' = message.payload.type;
      return kind;
    }
    case 'ice_candidate':
      return String(message.payload.sdp_m_line_index ?? 'none');
    default: {
      const nothingLeft: never = message;
      return nothingLeft;
    }
  }
}

function users(message: ServerMessage): string[] {
  return message.type === 'room_state' ? message.payload.participants.map(({ user_id }) => user_id) : [];
}

const offer: OfferMessage = { type: 'offer', payload: { type: 'offer', sdp: 'v=0', target_user_id: null } };
// @ts-expect-error: an offer needs its description
const broken: OfferMessage = { type: 'offer', payload: { type: 'offer' } };
// @ts-expect-error: no such rule
const unknown: RequirementId = 'ROOM-999';

const good = parseClientMessage(JSON.stringify(offer));
const bad = parseClientMessage(JSON.stringify(broken));
const code: ErrorCode | undefined = bad.ok ? undefined : bad.error.code;
const state = parseServerMessage(
  '{"type":"room_state","payload":{"participants":[{"user_id":"alice"}]},"room_id":"hall","timestamp":"2026-03-01T09:30:00Z"}',
);
const result = [
  good.ok && describe(good.message),
  code,
  state.ok && users(state.message),
  channelPath('a b'),
  closeCodes.REPLACED.code,
  requirements['RELAY-4'].level,
  unknown,
];
declare const console: { log(text: string): void };
console.log(JSON.stringify(result));
`;

describe('the packed package', () => {
  it('holds what it exports and no test, no source and nothing of the tools', async () => {
    const { exports, bin } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    const targets = Object.values<string | Record<string, string>>(exports)
      .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
      .filter((target) => !target.includes('*'))
      .map((target) => target.replace('./', ''));
    expect(packed).toEqual(expect.arrayContaining([...targets, ...Object.values<string>(bin), 'schemas/offer.json']));
    const top =
      /^(?:dist\/(?:bin|conformance|generated|reference-client|reference-server)|schemas)\/|^client\/package\.json$|^[^/]+$/;
    expect(packed.filter((file) => !top.test(file) || /\.test\.|\/testing\/|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  it('resolves the documents and schemas by their subpaths', async () => {
    const paths = ['asyncapi.yaml', 'openapi.yaml', 'schemas/offer.json', 'package.json'];
    const script = `
      import { readFileSync } from 'node:fs';
      const read = (path) => readFileSync(new URL(import.meta.resolve('${name}/' + path)), 'utf8');
      console.log(JSON.stringify(${JSON.stringify(paths)}.map((path) => read(path).length > 0)));
      try { import.meta.resolve('${name}/dist/generated/codec.js'); } catch (error) { console.log(error.code); }`;
    await write('resolve.mjs', script);
    expect(await succeed(run(process.execPath, ['resolve.mjs'], project))).toBe(
      '[true,true,true,true]\nERR_PACKAGE_PATH_NOT_EXPORTED\n',
    );
  });

  it('installs a command that runs', async () => {
    const help = await succeed(npm(['exec', '--no', '--', name, '--help'], project));
    expect(help).toContain('conformance');
  });
});

describe('the main entry', () => {
  it('compiles under strict checks without the types of Node or the DOM, and runs', {
    timeout: 2 * minutes,
  }, async () => {
    await write('consumer.ts', consumer);
    expect(await compile('consumer.ts')).toMatchObject({ code: 0, stdout: '' });
    const expected = ['v=0', 'INVALID_PAYLOAD', ['alice'], '/webrtc/ws/a%20b', 4001, 'MUST', 'ROOM-999'];
    expect(JSON.parse(await succeed(run(process.execPath, ['consumer.js'], project)))).toEqual(expected);
  });

  it('imports nothing, so its bundle runs where there is neither require nor process', async () => {
    const { code, inputs } = await bundle(`import * as signaling from '${name}'; globalThis.signaling = signaling;`);
    expect(inputs.filter((file) => !file.startsWith(`node_modules/${name}/dist/generated/`))).toEqual(['<stdin>']);
    // Only the finding is compared: a failure would print the whole bundle.
    expect(code.match(/node:|\brequire\(|\bprocess\./)?.[0]).toBeUndefined();
    const text = JSON.stringify({ type: 'offer', payload: { type: 'offer', sdp: 'v=0' } });
    const program = `${code}; JSON.stringify(signaling.parseClientMessage(${JSON.stringify(text)}))`;
    const strict = { contextCodeGeneration: { strings: false, wasm: false } };
    expect(JSON.parse(runInNewContext(program, {}, strict))).toEqual({ ok: true, message: JSON.parse(text) });
  });

  it('lets a bundler drop what is not used', async () => {
    const { code } = await bundle(`import { channelPath } from '${name}'; globalThis.path = channelPath('hall');`);
    expect(code.length).toBeLessThan(500);
  });
});

describe('the other entries', () => {
  it('load with the dependencies alone', { timeout: 2 * minutes }, async () => {
    const entries = ['client', 'server', 'conformance'];
    const script = `
      for (const entry of ${JSON.stringify(entries)}) {
        console.log(entry, Object.keys(await import('${name}/' + entry)).length > 0);
      }`;
    await write('entries.mjs', script);
    const expected = entries.map((entry) => `${entry} true\n`).join('');
    expect(await succeed(run(process.execPath, ['entries.mjs'], project))).toBe(expected);
  });

  it('compile under strict checks beside the types of Node, the DOM and ws', { timeout: 2 * minutes }, async () => {
    const entries = ['client', 'server', 'conformance'];
    const text = entries.map((entry) => `import * as ${entry} from '${name}/${entry}';\nvoid ${entry};\n`).join('');
    await write('entries.ts', text);
    const typeRoot = path.join(root, 'node_modules/@types');
    const types = {
      lib: ['es2023', 'dom'],
      types: ['node'],
      typeRoots: [typeRoot],
      paths: { ws: [path.join(typeRoot, 'ws/index.d.mts')] },
    };
    expect(await compile('entries.ts', types)).toMatchObject({ code: 0, stdout: '' });
  });

  it('are found where exports are not looked at: by Parcel and by moduleResolution "node"', async () => {
    const inPackage = (...parts: string[]) => path.join(project, 'node_modules', name, ...parts);
    const read = async (...parts: string[]) => JSON.parse(await readFile(inPackage(...parts, 'package.json'), 'utf8'));
    for (const folders of [[], ['client']]) {
      const { main, types } = await read(...folders);
      for (const file of [main, types]) expect(packed).toContain(path.posix.join(...folders, file));
    }
  });

  // The oldest compiler and the newest: what was made for one is not always read by the other.
  it.each(['5.0', 'this'])(
    'compile with TypeScript %s and moduleResolution "node"',
    { timeout: 3 * minutes },
    async (version) => {
      if (version !== 'this')
        await succeed(npm(['install', '--no-save', '--prefer-offline', `typescript@${version}`], project));
      const compiler = version === 'this' ? root : project;
      await write(
        'older.ts',
        `import { parseServerMessage } from '${name}';
import { ClosedError, joinRoom } from '${name}/client';
export const used: unknown[] = [parseServerMessage, joinRoom, ClosedError];
`,
      );
      const options = {
        target: 'es2020',
        module: 'es2020',
        moduleResolution: 'node',
        lib: ['es2020', 'dom'],
        types: [],
      };
      const strict = {
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        ...(version === 'this' && { ignoreDeprecations: '6.0' }),
      };
      await write(
        'older.tsconfig.json',
        JSON.stringify({ compilerOptions: { ...options, ...strict }, files: ['older.ts'] }),
      );
      const tsc = path.join(compiler, 'node_modules/typescript/lib/tsc.js');
      expect(await run(process.execPath, [tsc, '-p', 'older.tsconfig.json'], project)).toMatchObject({
        code: 0,
        stdout: '',
      });
    },
  );

  it('bundle for browsers in the case of the client', async () => {
    const { code } = await bundle(`import * as client from '${name}/client'; globalThis.client = client;`);
    expect(code.match(/node:|\bprocess\./)?.[0]).toBeUndefined();
  });
});
