import { compile } from 'json-schema-to-typescript';
import type { Documents } from './documents.js';
import { messagesOf } from './documents.js';

/** TypeScript types of every schema, and the unions `ClientMessage` and `ServerMessage`. */
export async function emitTypes(documents: Documents): Promise<string> {
  const root = { title: 'EverySchema', oneOf: documents.schemas.map(({ file }) => ({ $ref: file })) };
  const compiled = await compile(root, 'EverySchema', {
    cwd: `${documents.root}/schemas`,
    additionalProperties: false,
    bannerComment: '',
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: true,
    style: { singleQuote: true, printWidth: 120 },
  });
  const types = compiled.replace(/export type EverySchema =[^;]*;\n/, '');
  const duplicate = types.match(/export (?:interface|type) (\w+\d) /);
  if (duplicate)
    throw new Error(`two schemas produce one name: ${duplicate[1]}; give each shared schema its own title`);
  const union = (name: string, doc: string, action: 'send' | 'receive') =>
    `/** ${doc} */\nexport type ${name} = ${messagesOf(documents, action)
      .map(({ title }) => title)
      .join(' | ')};\n`;
  return [
    types.trim(),
    union('ClientMessage', 'Every message a client may send; `type` tells them apart.', 'receive'),
    union('ServerMessage', 'Every message a server may send; `type` tells them apart.', 'send'),
  ].join('\n\n');
}
