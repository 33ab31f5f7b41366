import { readFile } from 'node:fs/promises';
import { type Documents, messagesOf, type SchemaFile } from './documents.js';

/** Which validator each type has, and which types are not for clients to send: what the codec looks things up in. */
export function emitCodecTables(documents: Documents): string {
  const client = messagesOf(documents, 'receive');
  const server = messagesOf(documents, 'send');
  const serverOnly = server.filter(({ type }) => client.every((message) => message.type !== type));
  const titles = [...client, ...server].map(({ title }) => `validate${title}`).sort();
  const table = (name: string, messages: { type: string; title: string }[]) => {
    const rows = messages.map(({ type, title }) => `  ['${type}', validate${title}],`);
    return `export const ${name}: ReadonlyMap<string, Validator<unknown>> = new Map<string, Validator<unknown>>([\n${rows.join('\n')}\n]);`;
  };
  const schemaOf = (title: string) => documents.schemas.find((file) => file.title === title) as SchemaFile;
  const payloads = client.map(({ type }) => {
    const relayed = server.find((message) => message.type === type) ?? { title: '' };
    const { payload } = properties(schemaOf(relayed.title)) as { payload: Pick<SchemaFile, 'schema'>['schema'] };
    return `  ['${type}', ${setOf(names(properties({ schema: payload })))}],`;
  });
  return [
    `import {\n  ${titles.join(',\n  ')},\n  type Validator,\n} from './validators.js';`,
    `/** Validators of what clients send, by type. */\n${table('clientValidators', client)}`,
    `/** Validators of what servers send, by type. */\n${table('serverValidators', server)}`,
    `/** Names of the members of an envelope, with what a server writes. */\nexport const envelopeMembers: ReadonlySet<string> = ${setOf(names(properties(schemaOf('ClientEnvelope'))))};`,
    `/** Names of the members of each payload that clients send, with what a server writes. */\nexport const payloadMembers: ReadonlyMap<string, ReadonlySet<string>> = new Map([\n${payloads.join('\n')}\n]);`,
    `/** Types that only servers send. */\nexport const serverOnlyTypes: ReadonlySet<string> = new Set([${serverOnly.map(({ type }) => `'${type}'`).join(', ')}]);`,
  ].join('\n\n');
}

/** The codec, which is code of its own: only its imports change on the way into generated/. */
export async function copyCodec(): Promise<string> {
  const source = await readFile(new URL('./runtime/codec.ts', import.meta.url), 'utf8');
  return source.replaceAll("'../../generated/", "'./");
}

function properties({ schema }: Pick<SchemaFile, 'schema'>): Record<string, unknown> {
  return schema.properties as Record<string, unknown>;
}

const names = (members: Record<string, unknown>) => Object.keys(members).map((name) => `'${name}'`);

const setOf = (items: readonly string[]) => `new Set([${items.join(', ')}])`;
