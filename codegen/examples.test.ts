import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as validators from '../generated/validators.js';
import { root } from '../test/checkout.js';
import { type Example, readExamples } from '../test/examples.js';
import { type Documents, readDocuments } from './documents.js';
import { createAjv, dateTime } from './emit-validators.js';

let documents: Documents;
let examples: Example[];
let stock: Ajv;

beforeAll(async () => {
  documents = await readDocuments(root);
  examples = await readExamples();
  stock = createAjv(documents, { fast: false });
});

/** Schema files that describe a whole message or HTTP body, which examples are made for. */
function exampleTypes(): string[] {
  const messages = Object.values(documents.asyncapi.components.messages).map(({ payload }) =>
    path.basename(payload.$ref, '.json'),
  );
  return [...messages, 'webrtc-config'].sort();
}

function generatedValidator(type: string): validators.Validator<unknown> {
  const title = documents.schemas.find(({ file }) => file === `${type}.json`)?.title;
  const validator = (validators as Record<string, unknown>)[`validate${title}`];
  if (typeof validator !== 'function') throw new Error(`no validator for schemas/${type}.json`);
  return validator as validators.Validator<unknown>;
}

function stockValidator(file: string) {
  const validator = stock.getSchema(file);
  if (!validator) throw new Error(`no schema ${file}`);
  return validator;
}

describe('schemas/examples', () => {
  it('has a folder for every message and for the HTTP body, and no other', () => {
    expect([...new Set(examples.map(({ type }) => type))].sort()).toEqual(exampleTypes());
  });

  it('has at least 4 valid and 8 invalid examples of each', () => {
    const count = (type: string, validity: string) =>
      examples.filter((example) => example.type === type && example.validity === validity).length;
    const few = exampleTypes().filter((type) => count(type, 'valid') < 4 || count(type, 'invalid') < 8);
    expect(few).toEqual([]);
  });

  it('is judged as its folders say by the generated validators and by stock ajv', () => {
    const wrong = examples.flatMap(({ type, validity, file, value }) => {
      const expected = validity === 'valid';
      const generated = generatedValidator(type)(value);
      const ajv = stockValidator(`${type}.json`)(value);
      return generated === expected && ajv === expected ? [] : [`${file}: generated ${generated}, ajv ${ajv}`];
    });
    expect(wrong).toEqual([]);
  });

  it('is given the same errors by the generated validators as by stock ajv', () => {
    for (const { type, file, value } of examples) {
      const generated = generatedValidator(type);
      const ajv = stockValidator(`${type}.json`);
      generated(value);
      ajv(value);
      const places = (errors: validators.Validator<unknown>['errors']) =>
        (errors ?? []).map(({ instancePath, keyword, params }) => ({ instancePath, keyword, params }));
      expect(places(generated.errors), file).toEqual(places(ajv.errors as typeof generated.errors));
    }
  });

  it('breaks exactly one place in each invalid example', () => {
    const wrong = examples.flatMap(({ type, validity, file, value }) => {
      const validator = generatedValidator(type);
      validator(value);
      const places = validators.violations(validator).map((violation) => violation.path);
      return places.length === (validity === 'valid' ? 0 : 1) ? [] : [`${file}: ${places.join(', ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it('breaks every constraint of every schema it uses at least once', () => {
    // Verbose errors carry the schema object that failed, so a constraint counts wherever it is referred to from.
    const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, formats: { 'date-time': dateTime } });
    for (const { file, schema } of documents.schemas) ajv.addSchema(schema, file);
    const broken = new Map<unknown, Set<string>>();
    for (const { type, value } of examples) {
      const validate = ajv.getSchema(`${type}.json`);
      validate?.(value);
      for (const { parentSchema, keyword, params } of validate?.errors ?? []) {
        const keywords = broken.get(parentSchema) ?? new Set();
        broken.set(parentSchema, keywords.add(keyword === 'required' ? `required ${params.missingProperty}` : keyword));
      }
    }
    const unbroken = exampleTypes()
      .flatMap((type) => constraints(`${type}.json`))
      .filter(({ schema, keyword }) => !broken.get(schema)?.has(keyword))
      .map(({ at, keyword }) => `${at} ${keyword}`);
    expect([...new Set(unbroken)].sort()).toEqual([]);
  });
});

/** Keywords that say nothing about which values are valid, or that only lead to other schemas. */
const silent = ['$schema', 'title', 'description', 'default', 'properties', 'items', 'required'];

type Schema = Record<string, unknown>;

interface Constraint {
  schema: unknown;
  /** The keyword, with the member's name for `required`. */
  keyword: string;
  /** File and JSON Pointer. */
  at: string;
}

/** Each constraint that a value of a schema file can break, references followed. */
function constraints(file: string, pointer = ''): Constraint[] {
  const whole: unknown = documents.schemas.find((schema) => schema.file === file)?.schema;
  const keys = pointer.split('/').slice(1);
  const schema = keys.reduce<unknown>((node, key) => (node as Schema)[key], whole) as Schema;
  if (typeof schema.$ref === 'string') {
    const [target = '', inner = ''] = schema.$ref.split('#');
    return constraints(target || file, inner);
  }
  const keywords = [
    ...Object.keys(schema).filter((keyword) => !silent.includes(keyword)),
    ...((schema.required ?? []) as string[]).map((name) => `required ${name}`),
  ];
  const inner = [
    ...Object.keys((schema.properties ?? {}) as Schema).map((name) => `${pointer}/properties/${name}`),
    ...((schema.oneOf ?? []) as unknown[]).map((_, index) => `${pointer}/oneOf/${index}`),
    ...(schema.items === undefined ? [] : [`${pointer}/items`]),
  ];
  return [
    ...keywords.map((keyword) => ({ schema, keyword, at: `${file}#${pointer}` })),
    ...inner.flatMap((at) => constraints(file, at)),
  ];
}

describe('the examples inside the documents', () => {
  it('fit the payloads they stand beside in asyncapi.yaml', async () => {
    const { components } = parse(await readFile(path.join(root, 'asyncapi.yaml'), 'utf8')) as {
      components: {
        messages: Record<
          string,
          { name: string; payload: { $ref: string }; examples?: { name: string; payload: unknown }[] }
        >;
      };
    };
    for (const [component, message] of Object.entries(components.messages)) {
      expect(message.examples?.length, `${component} has an example`).toBeGreaterThan(0);
      const validate = generatedValidator(path.basename(message.payload.$ref, '.json'));
      for (const { name, payload } of message.examples ?? []) {
        expect({ name, valid: validate(payload), errors: validators.violations(validate) }).toEqual({
          name,
          valid: true,
          errors: [],
        });
        expect(payload, name).toMatchObject({ type: message.name });
      }
    }
  });

  it('fit the schemas they stand beside in openapi.yaml', async () => {
    const { paths } = parse(await readFile(path.join(root, 'openapi.yaml'), 'utf8'));
    let count = 0;
    for (const [status, response] of Object.entries<Schema>(paths['/webrtc/config'].get.responses)) {
      for (const media of Object.values(
        (response.content ?? {}) as Record<
          string,
          { schema: { $ref: string }; examples: Record<string, { value: unknown }> }
        >,
      )) {
        const validate = generatedValidator(path.basename(media.schema.$ref, '.json'));
        for (const [name, { value }] of Object.entries(media.examples)) {
          count++;
          expect({ status, name, valid: validate(value), errors: validators.violations(validate) }).toEqual({
            status,
            name,
            valid: true,
            errors: [],
          });
        }
      }
    }
    expect(count).toBeGreaterThan(0);
  });
});
