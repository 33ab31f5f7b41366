import { _, Ajv, type CodeKeywordDefinition, type KeywordCxt } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import type { Documents } from './documents.js';

/** RFC 3339 with `Z` or an offset; ranges of each field are checked, the length of the month is not. */
export const dateTime =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * JSON Schema counts code points, and ajv walks the whole string to do so, which costs 40 times a whole validation for
 * a 3 KB SDP. A code point is one or two UTF-16 units, so `.length` decides unless it is near the limit.
 */
export function lengthKeyword(keyword: 'minLength' | 'maxLength'): CodeKeywordDefinition {
  return {
    keyword,
    type: 'string',
    schemaType: 'number',
    error: {
      message: ({ schema }: { schema: number }) =>
        `must NOT have ${keyword === 'minLength' ? 'fewer' : 'more'} than ${schema} characters`,
      params: ({ schemaCode }) => _`{limit: ${schemaCode}}`,
    },
    code(cxt: KeywordCxt) {
      const { data, schema } = cxt;
      const points = _`Array.from(${data}).length`;
      if (keyword === 'maxLength') return cxt.fail(_`${data}.length > ${schema} && ${points} > ${schema}`);
      if (schema <= 1) return cxt.fail(_`${data}.length < ${schema}`);
      return cxt.fail(_`${data}.length < ${schema * 2} && ${points} < ${schema}`);
    },
  };
}

/** An ajv instance that knows every schema by its file name. `fast` replaces the length keywords (see above). */
export function createAjv(documents: Documents, { fast }: { fast: boolean }): Ajv {
  const ajv = new Ajv({
    strict: true,
    strictRequired: true,
    allowUnionTypes: true,
    allErrors: true,
    messages: true,
    inlineRefs: false,
    formats: { 'date-time': dateTime },
    code: { source: true, esm: true, lines: true },
  });
  if (fast) {
    for (const keyword of ['minLength', 'maxLength'] as const) {
      ajv.removeKeyword(keyword);
      ajv.addKeyword(lengthKeyword(keyword));
    }
  }
  for (const { file, schema } of documents.schemas) ajv.addSchema(schema, file);
  return ajv;
}

/** One self-contained ES module with a validator for each schema: no import, no `require`, no `eval`. */
export function emitValidators(documents: Documents): string {
  const ajv = createAjv(documents, { fast: true });
  const exported = Object.fromEntries(documents.schemas.map(({ title, file }) => [`validate${title}`, file]));
  const code = (standalone as unknown as typeof standalone.default)(ajv, exported)
    .replace(/^"use strict";/, '')
    .replace(/export const validate(\w+) = (\w+);/g, 'export const validate$1: Validator<types.$1> = $2 as never;\n');
  const forbidden = code.match(/\brequire\(|\beval\(|new Function|\bimport\b/);
  if (forbidden) throw new Error(`validators would depend on ${forbidden[0]}: a schema keyword pulls in ajv's runtime`);
  return `// @ts-nocheck
import type * as types from './types.js';

/** Tells whether a value is a \`T\`; what was wrong is in \`errors\` until the next call. */
export interface Validator<T> {
  (data: unknown): data is T;
  errors?: ValidatorError[] | null;
}

/** One failed schema keyword. \`instancePath\` is a JSON Pointer (RFC 6901) into the value. */
export interface ValidatorError {
  instancePath: string;
  keyword: string;
  message?: string;
  params: Record<string, unknown>;
}

/** What the validator found wrong on its last call, one entry per place; empty when the value was valid. */
export function violations(validator: Validator<unknown>): types.SchemaViolation[] {
  const errors = validator.errors ?? [];
  const unions = errors.filter(({ keyword }) => keyword === 'oneOf').map(({ instancePath }) => instancePath);
  const found = new Map<string, string>();
  for (const { instancePath, keyword, message, params } of errors) {
    const missing = keyword === 'required' ? '/' + escapePointer(params.missingProperty) : '';
    const path = instancePath + missing;
    if (!found.has(path)) found.set(path, describe(keyword, message, params));
  }
  // A value that is wrong inside fits one branch of its union; what the other branches say of the whole is noise.
  for (const union of unions) {
    if (Array.from(found.keys()).some((path) => path.startsWith(union + '/'))) found.delete(union);
  }
  return Array.from(found, ([path, message]) => ({ path, message }));
}

function escapePointer(name) {
  return String(name).replaceAll('~', '~0').replaceAll('/', '~1');
}

function describe(keyword, message, params) {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'const') return 'must be ' + JSON.stringify(params.allowedValue);
  if (keyword === 'enum') return 'must be one of ' + params.allowedValues.map((value) => JSON.stringify(value)).join(', ');
  return message ?? 'is not valid';
}

${code}`;
}
