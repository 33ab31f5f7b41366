import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** A rule of the protocol as one of the two documents states it. */
export interface Requirement {
  id: string;
  level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';
  text: string;
  feature?: string;
  untestable?: string;
  party: 'server' | 'client';
  document: string;
  line: number;
  subject: string;
}

/** One JSON Schema file; `title` is its TypeScript name. */
export interface SchemaFile {
  file: string;
  title: string;
  schema: Record<string, unknown>;
}

/** Everything the emitters read: the two documents and the schemas they refer to. */
export interface Documents {
  root: string;
  asyncapi: AsyncApi;
  openapi: OpenApi;
  sha256: { asyncapi: string; openapi: string };
  requirements: Requirement[];
  schemas: SchemaFile[];
}

interface AsyncApi {
  info: { version: string; title: string };
  channels: Record<string, { address: string }>;
  operations: Record<string, { action: 'send' | 'receive'; messages: { $ref: string }[] }>;
  components: { messages: Record<string, { name: string; payload: { $ref: string } }> };
}

interface OpenApi {
  info: { version: string };
  paths: Record<string, Record<string, unknown>>;
}

const levels = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT'];
const idOrder = [
  'CONFIG',
  'AUTH',
  'ROOM',
  'JOIN',
  'RELAY',
  'OFFER',
  'ANSWER',
  'ICE',
  'LEAVE',
  'ERROR',
  'LIMIT',
  'LIVE',
];

/** Reads and cross-checks both documents and all schemas. Throws one Error that names the file and what is wrong. */
export async function readDocuments(root: string): Promise<Documents> {
  const asyncapi = await readYaml(root, 'asyncapi.yaml');
  const openapi = await readYaml(root, 'openapi.yaml');
  const schemas = await readSchemas(path.join(root, 'schemas'));
  const versions = [asyncapi.value.info.version, openapi.value.info.version];
  if (versions[0] !== versions[1]) {
    throw new Error(`info.version differs: asyncapi.yaml says ${versions[0]}, openapi.yaml says ${versions[1]}`);
  }
  const requirements = [...collectRequirements(asyncapi), ...collectRequirements(openapi)].sort(byId);
  const seen = new Map<string, Requirement>();
  for (const requirement of requirements) {
    const other = seen.get(requirement.id);
    if (other) {
      throw new Error(
        `requirement ${requirement.id} stands twice: ${other.document}:${other.line} and ${requirement.document}:${requirement.line}`,
      );
    }
    seen.set(requirement.id, requirement);
  }
  return {
    root,
    asyncapi: asyncapi.value,
    openapi: openapi.value,
    sha256: { asyncapi: digest(asyncapi.text, schemas), openapi: digest(openapi.text, schemas) },
    requirements,
    schemas,
  };
}

/** A document says nothing without its schemas, so both make up its identity. */
function digest(text: string, schemas: readonly SchemaFile[]): string {
  const hash = createHash('sha256').update(text);
  for (const { schema } of schemas) hash.update(JSON.stringify(schema));
  return hash.digest('hex');
}

interface YamlFile {
  file: string;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the document's shape is what the linters check
  value: any;
  contents: Node | null;
  lines: LineCounter;
}

async function readYaml(root: string, file: string): Promise<YamlFile> {
  const text = await readFile(path.join(root, file), 'utf8');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  return { file, text, value: document.toJS(), contents: document.contents, lines };
}

async function readSchemas(folder: string): Promise<SchemaFile[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => {
      const schema = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
      if (typeof schema.title !== 'string') throw new Error(`schemas/${file}: every schema file needs a title`);
      return { file, title: schema.title, schema };
    }),
  );
}

function collectRequirements(yaml: YamlFile): Requirement[] {
  const found: Requirement[] = [];
  const walk = (node: unknown, at: string[]): void => {
    if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...at, String(index)]);
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (key !== 'x-requirements') {
        walk(pair.value, [...at, key]);
        continue;
      }
      if (!isSeq(pair.value)) throw new Error(`${yaml.file}: x-requirements of ${at.join('/')} is not a list`);
      for (const item of pair.value.items) {
        const line = yaml.lines.linePos((item as Node).range?.[0] ?? 0).line;
        found.push(toRequirement((item as Node).toJS(parseDocument('')), yaml.file, line, subjectOf(at)));
      }
    }
  };
  walk(yaml.contents, []);
  return found;
}

function toRequirement(raw: Record<string, unknown>, document: string, line: number, subject: string): Requirement {
  const where = `${document}:${line}`;
  const { id, level, text, feature, untestable, ...rest } = raw;
  if (typeof id !== 'string' || !/^[A-Z]+-[1-9]\d*$/.test(id))
    throw new Error(`${where}: id ${id} is not like RELAY-4`);
  if (typeof level !== 'string' || !levels.includes(level)) throw new Error(`${where}: level is one of ${levels}`);
  if (typeof text !== 'string' || text === '') throw new Error(`${where}: ${id} has no text`);
  const extra = Object.keys(rest)[0];
  if (extra !== undefined) throw new Error(`${where}: ${id} has an unknown member ${extra}`);
  return {
    id,
    level: level as Requirement['level'],
    text,
    ...(typeof feature === 'string' && { feature }),
    ...(typeof untestable === 'string' && { untestable }),
    party: id.startsWith('CLIENT-') ? 'client' : 'server',
    document,
    line,
    subject,
  };
}

function subjectOf(at: string[]): string {
  if (at[0] === 'operations') return `operation ${at[1]}`;
  if (at[0] === 'channels') return `channel ${at[1]}`;
  if (at[0] === 'components' && at[1] === 'messages') return `message ${at[2]}`;
  if (at[0] === 'paths') return `${at[2]?.toUpperCase()} ${at[1]}`;
  throw new Error(`x-requirements at ${at.join('/')}: put them on an operation, a channel or a message`);
}

function byId(a: Requirement, b: Requirement): number {
  const [areaA = '', numberA] = a.id.split('-');
  const [areaB = '', numberB] = b.id.split('-');
  const rank = (area: string) => (idOrder.includes(area) ? idOrder.indexOf(area) : idOrder.length);
  return rank(areaA) - rank(areaB) || areaA.localeCompare(areaB) || Number(numberA) - Number(numberB);
}

/** The messages of one direction, as the operations list them: wire `type`, TypeScript name and schema file. */
export function messagesOf(documents: Documents, action: 'send' | 'receive'): { type: string; title: string }[] {
  const operations = Object.values(documents.asyncapi.operations).filter((operation) => operation.action === action);
  return operations
    .flatMap((operation) => operation.messages)
    .map(({ $ref }) => {
      const component = $ref.split('/').at(-1) ?? '';
      const message = documents.asyncapi.components.messages[component];
      if (!message) throw new Error(`asyncapi.yaml: ${$ref} names no message of components`);
      const file = message.payload.$ref.replace('schemas/', '');
      const title = documents.schemas.find((schema) => schema.file === file)?.title;
      if (title !== component) {
        throw new Error(
          `asyncapi.yaml: message ${component} has payload ${message.payload.$ref}, whose title is ${title}`,
        );
      }
      return { type: message.name, title };
    });
}
