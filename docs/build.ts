import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { settingsTable } from '../reference-server/command/settings-table.js';
import { checkLinks } from './check-links.js';
import { type RenderedMarkdown, renderMarkdown } from './render-markdown.js';
import { type Page, renderIndex, renderMarkdownPage, renderSourcePage, type Section } from './render-page.js';
import { buildSpecificationPage } from './specification-page.js';
import { buildTypeScriptApi } from './typescript-api.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const site = path.join(root, 'docs/site');

/** Their text and anchors come from scripts, so a link to them is checked without its fragment. */
const specifications: Page[] = [
  {
    path: 'asyncapi.html',
    title: 'AsyncAPI document',
    summary: 'The WebSocket channel: operations, messages, schemas.',
  },
  {
    path: 'openapi.html',
    title: 'OpenAPI document',
    summary: 'The HTTP endpoint that tells clients their ICE servers.',
  },
];

const typescriptApi: Page = {
  path: 'api/index.html',
  title: 'TypeScript API',
  summary: 'Types, validators, client, server and conformance suite as a package.',
};

/** Markdown files of the site: path in the repository to path in the site. */
async function findMarkdown(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const found = await readdir(path.join(root, 'docs'), { recursive: true });
  for (const name of found.map((each) => each.split(path.sep).join('/')).sort()) {
    if (name.endsWith('.md') && !name.startsWith('site/')) files.set(`docs/${name}`, toHtml(name));
  }
  files.set('generated/messages.md', 'messages.html').set('generated/requirements.md', 'requirements.html');
  for (const name of ['CONTRIBUTING.md', 'CHANGELOG.md']) {
    if (existsSync(path.join(root, name))) files.set(name, toHtml(name.toLowerCase()));
  }
  return files;
}

function toHtml(name: string): string {
  return name.replace(/\.md$/, '.html');
}

/** The pages in the order in which the index and the navigation list them. */
function toSections(rendered: Map<string, RenderedMarkdown>, files: Map<string, string>): Section[] {
  const pick = (accept: (file: string) => boolean): Page[] =>
    Array.from(rendered)
      .filter(([file]) => accept(file))
      .map(([file, { title, summary }]) => ({ path: files.get(file) ?? '', title, summary }));
  return [
    { title: 'Protocol', pages: pick((file) => file === 'docs/protocol.md') },
    {
      title: 'Reference',
      pages: [...pick((file) => file.startsWith('generated/')), ...specifications, typescriptApi],
    },
    { title: 'Guides', pages: pick((file) => file.startsWith('docs/guides/')) },
    { title: 'Tables', pages: pick((file) => /^docs\/[^/]+$/.test(file) && file !== 'docs/protocol.md') },
    { title: 'Decisions', pages: pick((file) => file.startsWith('docs/decisions/')) },
    { title: 'Project', pages: pick((file) => !file.includes('/')) },
  ];
}

async function write(name: string, content: string): Promise<void> {
  const file = path.join(site, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function main(): Promise<string[]> {
  await rm(site, { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  await writeFile(path.join(root, 'docs/settings.md'), settingsTable());

  const files = await findMarkdown();
  const sources = new Set(['asyncapi.yaml', 'openapi.yaml']);
  const problems: string[] = [];
  const rendered = new Map<string, RenderedMarkdown>();
  for (const [file, sitePath] of files) {
    const markdown = await readFile(path.join(root, file), 'utf8');
    const result = renderMarkdown(markdown, { root, file, sitePath, pages: files });
    rendered.set(file, result);
    for (const source of result.sources) sources.add(source);
    problems.push(...result.problems.map((problem) => `${file}: ${problem}`));
  }

  const sections = toSections(rendered, files);
  await write('index.html', renderIndex(sections));
  for (const [file, page] of rendered) {
    const sitePath = files.get(file) ?? '';
    await write(sitePath, renderMarkdownPage(sitePath, page, sections));
  }
  for (const file of sources) {
    const sitePath = `source/${file}.html`;
    await write(sitePath, renderSourcePage(sitePath, file, await readFile(path.join(root, file), 'utf8'), sections));
  }
  for (const name of ['style.css', 'diagrams.js']) await copyFile(path.join(root, 'docs', name), path.join(site, name));
  const mermaid = path.join(root, 'node_modules/mermaid/dist/mermaid.min.js');
  await copyFile(mermaid, path.join(site, 'mermaid.min.js'));

  await Promise.all(
    specifications.map((page) =>
      buildSpecificationPage(root, page.path.replace('.html', '.yaml'), path.join(site, page.path)),
    ),
  );
  problems.push(...(await buildTypeScriptApi(root, path.join(site, 'api'))));
  problems.push(...(await checkLinks(site, new Set(specifications.map((page) => page.path)))));
  console.log(`docs/site/index.html: ${rendered.size} pages, ${sources.size} source files`);
  return problems;
}

try {
  const problems = await main();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(`${problems.length} problem${problems.length === 1 ? '' : 's'} in the documentation.`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
