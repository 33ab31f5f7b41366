import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Generator from '@asyncapi/generator';
import { readDocuments } from './documents.js';
import { copyCodec, emitCodecTables } from './emit-codec.js';
import { emitRequirements, emitRequirementTables } from './emit-requirements.js';
import { emitSchemaCases } from './emit-schema-cases.js';
import { emitTypes } from './emit-types.js';
import { emitValidators } from './emit-validators.js';
import { parseAsyncApi } from './parse-asyncapi.js';

const notice = 'Generated from asyncapi.yaml, openapi.yaml and schemas/ by `npm run generate`. Do not edit.';
const template = fileURLToPath(new URL('template', import.meta.url));

/** Makes every file of generated/ in memory: file name to content. Throws when a document is faulty. */
export async function generate(root: string): Promise<Map<string, string>> {
  const documents = await readDocuments(root);
  await parseAsyncApi(path.join(root, 'asyncapi.yaml'));
  const files = new Map<string, string>();
  files.set('types.ts', await emitTypes(documents));
  files.set('validators.ts', emitValidators(documents));
  files.set('codec-tables.ts', emitCodecTables(documents));
  files.set('codec.ts', await copyCodec());
  files.set('requirements.ts', emitRequirements(documents));
  files.set('schema-cases.ts', emitSchemaCases(documents));
  files.set('requirements.md', emitRequirementTables(documents));
  for (const [name, content] of await renderTemplate(root)) files.set(name, content);
  // The cases are for testing servers, and the tables for the codec; whoever needs them imports them by name.
  const inner = ['schema-cases.ts', 'codec-tables.ts'];
  const modules = [...files.keys()].filter((name) => name.endsWith('.ts') && !inner.includes(name)).sort();
  files.set('index.ts', `${modules.map((name) => `export * from './${name.replace('.ts', '.js')}';`).join('\n')}\n`);
  return new Map([...files].map(([name, content]) => [name, withNotice(name, content)]));
}

async function renderTemplate(root: string): Promise<Map<string, string>> {
  // The generator writes compiled code beside the template; a copy keeps parallel runs and the source tree apart. It
  // lies below node_modules, where the template's imports resolve.
  const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));
  await mkdir(cache, { recursive: true });
  const copy = await mkdtemp(path.join(cache, 'template-'));
  const output = await mkdtemp(path.join(tmpdir(), 'asyncapi-'));
  try {
    await cp(template, copy, { recursive: true });
    const generator = new Generator(copy, output, { forceWrite: true });
    await generator.generateFromFile(path.join(root, 'asyncapi.yaml'));
    const files = new Map<string, string>();
    for (const name of (await readdir(output)).sort()) {
      files.set(name, await readFile(path.join(output, name), 'utf8'));
    }
    return files;
  } finally {
    await rm(output, { recursive: true, force: true });
    await rm(copy, { recursive: true, force: true });
  }
}

function withNotice(name: string, content: string): string {
  const text = `${content.trim()}\n`;
  if (name.endsWith('.md')) return `<!-- ${notice} -->\n\n${text}`;
  // TypeScript reads @ts-nocheck only at the top of a file.
  const [, pragma = '', rest = text] = text.match(/^(\/\/ @ts-nocheck\n)?([\s\S]*)$/) ?? [];
  return `${pragma}// ${notice}\n\n${rest}`;
}

async function drift(folder: string, files: Map<string, string>): Promise<string[]> {
  const present = await readdir(folder).catch(() => []);
  const stale = present.filter((name) => !files.has(name)).map((name) => `generated/${name} is not generated any more`);
  const changed = await Promise.all(
    Array.from(files, async ([name, content]) => {
      const current = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
      if (current === content) return [];
      return [`generated/${name} ${current === undefined ? 'is missing' : 'differs from what the documents say'}`];
    }),
  );
  return [...stale, ...changed.flat()];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const root = process.cwd();
  const folder = path.join(root, 'generated');
  const files = await generate(root);
  if (values.check) {
    const differences = await drift(folder, files);
    for (const difference of differences) console.error(difference);
    if (differences.length > 0) {
      console.error('Run `npm run generate` and commit the result.');
      process.exitCode = 1;
    }
    return;
  }
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) await writeFile(path.join(folder, name), content);
  for (const name of await readdir(folder)) {
    if (!files.has(name)) await rm(path.join(folder, name), { recursive: true });
  }
  console.log(`generated/: ${files.size} files`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
