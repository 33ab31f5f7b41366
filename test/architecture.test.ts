import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Requirement, requirements } from '../generated/index.js';
import { projectFiles, root } from './checkout.js';

let files: string[];

beforeAll(async () => {
  files = await projectFiles();
});

const read = (file: string) => readFile(path.join(root, file), 'utf8');

/** Each import of each TypeScript file: who imports, and the file of this checkout or the package imported. */
async function imports(from: (file: string) => boolean): Promise<{ file: string; target: string }[]> {
  const found = files
    .filter((file) => file.endsWith('.ts') && from(file))
    .map(async (file) => {
      const names = importedNames(ts.createSourceFile(file, await read(file), ts.ScriptTarget.ES2022));
      return names.map((name) => {
        const target = name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
        return { file, target };
      });
    });
  return (await Promise.all(found)).flat();
}

/** What a module imports or re-exports, statically, with `import()` or as a type. */
function importedNames(source: ts.SourceFile): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    let name: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) name = node.moduleSpecifier;
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) name = node.argument.literal;
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      name = node.arguments[0];
    if (name !== undefined && ts.isStringLiteralLike(name)) names.push(name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

const isTest = (file: string) => /\.test\.ts$|\/testing\//.test(file);
const folder = (file: string) => file.split('/')[0] ?? '';
const arrows = (list: { file: string; target: string }[]) => list.map(({ file, target }) => `${file} -> ${target}`);

const parties = ['reference-server', 'reference-client', 'conformance'];
const shipped = [...parties, 'generated', 'bin'];

describe('imports', () => {
  it('from generated/ stay inside generated/', async () => {
    const all = await imports((file) => folder(file) === 'generated');
    expect(all.length).toBeGreaterThan(0);
    expect(arrows(all.filter(({ target }) => folder(target) !== 'generated'))).toEqual([]);
  });

  it('do not join server, client and suite, but for the embedded server and the mutants', async () => {
    const mayStartServer = (file: string) =>
      file === 'conformance/run/embedded.ts' || file.startsWith('conformance/selftest/');
    const crossing = (await imports((file) => parties.includes(folder(file)) && !isTest(file)))
      .filter(({ file, target }) => parties.includes(folder(target)) && folder(target) !== folder(file))
      .filter(({ file, target }) => !(mayStartServer(file) && folder(target) === 'reference-server'));
    expect(arrows(crossing)).toEqual([]);
  });

  it('from what the package ships reach only what the package ships, its dependencies and Node', async () => {
    const manifest = JSON.parse(await read('package.json'));
    const installed = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
    const packageOf = (target: string) => target.match(/^(?:@[^/]+\/)?[^/]+/)?.[0] ?? '';
    const all = await imports((file) => shipped.includes(folder(file)) && !isTest(file));
    const astray = all.filter(({ target }) => {
      if (shipped.includes(folder(target)) || isBuiltin(target)) return false;
      return !(packageOf(target) in installed);
    });
    expect(arrows(astray)).toEqual([]);
  });
});

describe('files', () => {
  it('have kebab-case names, folders included', () => {
    const kebab = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
    const customary = /^(?:[A-Z]+(?:_[A-Z]+)*(?:\.md|\.yml)?|Dockerfile|[a-z0-9_]+\.(?:py|dart))$/;
    const wrong = files.filter((file) => !file.split('/').every((name) => kebab.test(name) || customary.test(name)));
    expect(wrong).toEqual([]);
  });

  it('are named for a concept', () => {
    expect(files.filter((file) => /(?:^|\/)(?:utils?|helpers?|misc|common)\.[^/]+$/.test(file))).toEqual([]);
  });

  it('name no folder of the machine they were written on', async () => {
    const home = path.dirname(root);
    if (home === path.parse(home).root) return;
    // A longer path may end in the same names; only one that starts here is this machine's.
    const pattern = new RegExp(`(?<![\\w.-])${home.replace(/[^\w/]/g, '\\$&')}/`);
    const text = files.filter((file) => !/\.(?:png|jpg|ico|woff2?|webm|gz)$/.test(file));
    const found = await Promise.all(text.map(async (file) => (pattern.test(await read(file)) ? [file] : [])));
    expect(found.flat()).toEqual([]);
  });

  it('from reference-server/core/ reach generated/, ws, jose and Node', async () => {
    const mayImport = (target: string) =>
      target.startsWith('reference-server/core/') ||
      folder(target) === 'generated' ||
      ['ws', 'jose'].includes(target) ||
      isBuiltin(target);
    const all = await imports((file) => file.startsWith('reference-server/core/') && !isTest(file));
    expect(all.length).toBeGreaterThan(0);
    expect(arrows(all.filter(({ target }) => !mayImport(target)))).toEqual([]);
  });

  it('of sources never lead into testing/', async () => {
    const all = await imports((file) => !isTest(file) && folder(file) !== 'test');
    expect(arrows(all.filter(({ target }) => /\/testing\//.test(target)))).toEqual([]);
  });

  it('form no circle', async () => {
    const next = new Map<string, string[]>();
    for (const { file, target } of await imports((file) => !isTest(file))) {
      const source = target.replace(/\.js$/, '.ts');
      if (files.includes(source)) next.set(file, [...(next.get(file) ?? []), source]);
    }
    expect(findCircles(next)).toEqual([]);
  });
});

describe('every rule', () => {
  const wordsOf = async (folder: string) => {
    const sources = files.filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.ts') && !isTest(file));
    return new Set((await Promise.all(sources.map(read))).join('\n').match(/\b[A-Z]+-\d+\b/g));
  };

  it.each([
    ['reference-server/core', 'for every server', (rule: Requirement) => rule.party === 'server' && !rule.feature],
    ['reference-server', 'of a feature', (rule: Requirement) => rule.party === 'server' && rule.feature !== undefined],
    ['reference-client', 'for clients', (rule: Requirement) => rule.party === 'client'],
  ])('is cited in %s where the code keeps it: those %s', async (folder, _, isKeptThere) => {
    const cited = await wordsOf(folder);
    const rules = Object.values(requirements).filter(isKeptThere);
    expect(rules.length).toBeGreaterThan(5);
    expect(rules.map(({ id }) => id).filter((id) => !cited.has(id))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('names no registry, so that it installs from any', async () => {
    expect(await read('package-lock.json')).not.toContain('"resolved"');
  });
});

describe('the code to be ported', () => {
  it('is at most 500 lines', async () => {
    const core = files.filter((file) => file.startsWith('reference-server/core/') && !isTest(file));
    const texts = await Promise.all(core.map(read));
    const lines = texts.flatMap((text) => withoutComments(text).split('\n')).filter((line) => line.trim() !== '');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.length).toBeLessThanOrEqual(500);
  });
});

/** Every way through the imports that leads back to where it began, once. */
function findCircles(next: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return circles;
}

/** TypeScript with its comments blanked out. */
function withoutComments(text: string): string {
  const ranges: [number, number][] = [];
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, false, ts.LanguageVariant.Standard, text);
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia)
      ranges.push([scanner.getTokenStart(), scanner.getTokenEnd()]);
  }
  return ranges.reduceRight((rest, [begin, end]) => rest.slice(0, begin) + rest.slice(end), text);
}
