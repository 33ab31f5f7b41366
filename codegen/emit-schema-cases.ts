import type { Documents } from './documents.js';
import { messagesOf } from './documents.js';

type Schema = Record<string, unknown>;

/** A change to a correct message and what it makes of it. */
interface Case {
  type: string;
  what: string;
  pointer: string;
  /** Absent: the member is removed. */
  value?: unknown;
  /** Absent: the message stays correct. */
  code?: string;
}

const samples: Record<string, unknown> = {
  null: null,
  boolean: true,
  number: 4.5,
  string: 'text',
  array: ['text'],
  object: { member: 'text' },
};

const passedOn = ['/id', '/payload/offer_id'];

const understood = new Set([
  ...['$schema', 'title', 'description', 'default', 'properties', 'required', 'items'],
  ...['type', 'const', 'enum', 'minLength', 'maxLength', 'minimum', 'maximum', 'format'],
]);

/** Every constraint on what clients send broken once, and every freedom they have used once, as data. */
export function emitSchemaCases(documents: Documents): string {
  const cases = messagesOf(documents, 'receive').flatMap(({ type, title }) => {
    const file = documents.schemas.find((schema) => schema.title === title)?.file ?? '';
    return objectCases(documents, { type, file, pointer: '' }, resolve(documents, file, {}).schema);
  });
  return `import type { ClientMessage, ErrorCode } from './types.js';

/** A change to a correct client message: its \`value\` is put at \`pointer\`, or the member is removed. */
export interface SchemaCase {
  type: ClientMessage['type'];
  /** What the change does, in words. */
  what: string;
  /** JSON Pointer (RFC 6901) into the message. */
  pointer: string;
  /** Absent where the member is to be removed. */
  value?: unknown;
  /** What the changed message is answered with; absent where it stays correct. */
  code?: ErrorCode;
}

/** Members that a server only passes on or repeats, by JSON Pointer: one that takes any value there harms nobody. */
export const passedOn: readonly string[] = ${JSON.stringify(passedOn)};

/** Derived from the schemas of all messages that clients send. */
export const schemaCases: readonly SchemaCase[] = [
${cases.map((entry) => `  ${JSON.stringify(entry)},`).join('\n')}
];
`;
}

interface Place {
  type: string;
  file: string;
  pointer: string;
}

function objectCases(documents: Documents, place: Place, schema: Schema): Case[] {
  const required = (schema.required ?? []) as string[];
  return Object.entries((schema.properties ?? {}) as Record<string, Schema>).flatMap(([name, raw]) => {
    const { schema: member, file } = resolve(documents, place.file, raw);
    const at = { type: place.type, file, pointer: `${place.pointer}/${name}` };
    if (passedOn.includes(at.pointer)) return [];
    const removal: Case = {
      type: place.type,
      pointer: at.pointer,
      ...(required.includes(name)
        ? { what: `${at.pointer} is missing`, code: codeOf(at.pointer) }
        : { what: `${at.pointer} is left out` }),
    };
    const inner = member.properties ? objectCases(documents, at, member) : [];
    return [removal, ...memberCases(at, member), ...inner];
  });
}

function memberCases({ type, pointer }: Place, schema: Schema): Case[] {
  const unknown = Object.keys(schema).find((keyword) => !understood.has(keyword));
  if (unknown) throw new Error(`schemas: no case is derived for the keyword ${unknown} at ${pointer} of ${type}`);
  const code = codeOf(pointer);
  const broken = (what: string, value: unknown): Case => ({ type, pointer, what: `${pointer} ${what}`, value, code });
  const fitting = (what: string, value: unknown): Case => ({ type, pointer, what: `${pointer} ${what}`, value });
  const kinds = [schema.type].flat() as string[];
  const allowed = new Set(kinds.map((kind) => (kind === 'integer' ? 'number' : kind)));
  const cases = Object.entries(samples)
    .filter(([kind]) => !allowed.has(kind))
    .map(([kind, value]) =>
      broken(`is ${kind === 'null' ? 'null' : `${kind === 'object' || kind === 'array' ? 'an' : 'a'} ${kind}`}`, value),
    );
  if (allowed.has('null')) cases.push(fitting('is null', null));
  if (kinds.includes('integer')) cases.push(broken('is a fraction', 0.5));
  const {
    minimum,
    maximum,
    minLength,
    maxLength,
    format,
    const: constant,
    enum: values,
  } = schema as Record<string, never>;
  // What /type may be is the discriminator's business: another value makes it another message, or none.
  if (constant !== undefined && pointer !== '/type') cases.push(broken('is another constant', `not-${constant}`));
  if (values !== undefined) {
    cases.push(broken('is none of the values', `not-${values[0]}`));
    for (const value of values as unknown[]) cases.push(fitting(`is ${JSON.stringify(value)}`, value));
  }
  if (minimum !== undefined) cases.push(broken(`is below ${minimum}`, minimum - 1), fitting(`is ${minimum}`, minimum));
  if (maximum !== undefined) cases.push(broken(`is above ${maximum}`, maximum + 1), fitting(`is ${maximum}`, maximum));
  if (minLength !== undefined) cases.push(broken('is too short', 'x'.repeat(minLength - 1)));
  if (maxLength !== undefined)
    cases.push(
      broken('is too long', 'x'.repeat(maxLength + 1)),
      fitting('is as long as can be', '🎈'.repeat(maxLength)),
    );
  if (format === 'date-time') {
    cases.push(
      broken('is no date', 'yesterday'),
      broken('is a time without an offset', '2026-03-01T09:30:00'),
      broken('is a date alone', '2026-03-01'),
      broken('has an hour 24', '2026-03-01T24:00:00Z'),
      fitting('has an offset and nine fraction digits', '2026-03-01T15:00:00.123456789+05:30'),
    );
  }
  return cases;
}

function codeOf(pointer: string): string {
  return pointer.startsWith('/payload/') ? 'INVALID_PAYLOAD' : 'INVALID_MESSAGE';
}

/** Follows `$ref`s from one schema file into another. */
function resolve(documents: Documents, file: string, schema: Schema): { schema: Schema; file: string } {
  const reference = Object.keys(schema).length === 0 ? file : (schema.$ref as string | undefined);
  if (reference === undefined) return { schema, file };
  const [target = '', pointer = ''] = reference.split('#');
  const next = target || file;
  let found = documents.schemas.find((entry) => entry.file === next)?.schema as Schema | undefined;
  for (const key of pointer.split('/').slice(1)) found = found?.[key] as Schema | undefined;
  if (!found) throw new Error(`schemas: ${reference} leads nowhere`);
  return Object.hasOwn(found, '$ref') ? resolve(documents, next, found) : { schema: found, file: next };
}
