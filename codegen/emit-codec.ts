import { readFile } from 'node:fs/promises';
import type { Documents } from './documents.js';
import { messagesOf } from './documents.js';

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
  return [
    `import {\n  ${titles.join(',\n  ')},\n  type Validator,\n} from './validators.js';`,
    `/** Validators of what clients send, by type. */\n${table('clientValidators', client)}`,
    `/** Validators of what servers send, by type. */\n${table('serverValidators', server)}`,
    `/** Types that only servers send. */\nexport const serverOnlyTypes: ReadonlySet<string> = new Set([${serverOnly.map(({ type }) => `'${type}'`).join(', ')}]);`,
  ].join('\n\n');
}

/** The codec, which is code of its own: only its imports change on the way into generated/. */
export async function copyCodec(): Promise<string> {
  const source = await readFile(new URL('./runtime/codec.ts', import.meta.url), 'utf8');
  return source.replaceAll("'../../generated/", "'./");
}
