import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv } from 'ajv';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as validators from '../generated/validators.js';
import { root, run, temporaryFolder } from '../test/checkout.js';
import { dateTime, lengthKeyword } from './emit-validators.js';

describe('generated/validators.ts', () => {
  it('imports nothing but types, and makes no code from strings', async () => {
    const text = await readFile(path.join(root, 'generated/validators.ts'), 'utf8');
    expect(text.match(/^.*\bimport\b.*$/gm)).toEqual(["import type * as types from './types.js';"]);
    expect(text).not.toMatch(/\brequire\s*\(|\beval\s*\(|\bnew Function\b|\bFunction\s*\(/);
  });

  it('runs in Node with code generation from strings switched off', async () => {
    await using folder = await temporaryFolder();
    const bundle = path.join(folder.path, 'bundle.mjs');
    const program = `
      import { parseClientMessage, parseServerMessage, validateWebrtcConfig } from '${root}/generated/index.ts';
      const offer = { type: 'offer', payload: { type: 'offer', sdp: 'v=0' } };
      const relayed = { ...offer, payload: { ...offer.payload, sender_id: 'alice' }, sender_id: 'alice' };
      console.log(JSON.stringify([
        parseClientMessage(JSON.stringify(offer)).ok,
        parseServerMessage(JSON.stringify({ ...relayed, room_id: 'a', timestamp: '2026-03-01T09:30:00Z' })).ok,
        validateWebrtcConfig({ ice_servers: [{ urls: ['stun:stun.example.com'] }] }),
        validateWebrtcConfig({ ice_servers: [{ urls: ['http://stun.example.com'] }] }),
      ]));
      try {
        new Function('return 1');
      } catch (error) {
        console.log(error.name);
      }`;
    await build({
      stdin: { contents: program, resolveDir: root, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: bundle,
      logLevel: 'silent',
    });
    const { stdout, stderr } = await run(
      process.execPath,
      ['--disallow-code-generation-from-strings', bundle],
      folder.path,
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('[true,true,true,false]\nEvalError\n');
  });
});

describe('violations', () => {
  it('is empty for a valid value, also after an invalid one', () => {
    expect(validators.validateUserId('')).toBe(false);
    expect(validators.violations(validators.validateUserId)).toHaveLength(1);
    expect(validators.validateUserId('alice')).toBe(true);
    expect(validators.violations(validators.validateUserId)).toEqual([]);
  });

  it('names a missing member itself', () => {
    validators.validateParticipant({ username: 'Alice' });
    expect(validators.violations(validators.validateParticipant)).toEqual([
      { path: '/user_id', message: 'is missing' },
    ]);
  });

  it('says what a constant or one of a list must be', () => {
    validators.validateAnswerMessage({ type: 'offer', payload: { type: 'rollback', sdp: 'v=0' } });
    expect(validators.violations(validators.validateAnswerMessage)).toEqual([
      { path: '/type', message: 'must be "answer"' },
      { path: '/payload/type', message: 'must be one of "answer", "pranswer"' },
    ]);
  });

  it('names the one entry of a list of URLs that is wrong', () => {
    validators.validateIceServer({ urls: ['stun:stun.example.com', 7] });
    expect(validators.violations(validators.validateIceServer)).toEqual([
      { path: '/urls/1', message: 'must be string' },
    ]);
  });
});

const limits = { minLength: [0, 1, 2, 3, 5], maxLength: [0, 1, 2, 3, 5] };

// Every UTF-16 unit with an even chance of being half of a pair, so that pairs, halves and swapped halves all come up.
const utf16 = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0xd800, max: 0xdbff }),
      fc.integer({ min: 0xdc00, max: 0xdfff }),
      fc.integer({ min: 0, max: 0xffff }),
    ),
    { maxLength: 12 },
  )
  .map((units) => String.fromCharCode(...units));

describe('the length keywords', () => {
  const stock = new Ajv();
  const fast = new Ajv();
  for (const keyword of ['minLength', 'maxLength'] as const) {
    fast.removeKeyword(keyword);
    fast.addKeyword(lengthKeyword(keyword));
  }

  for (const keyword of ['minLength', 'maxLength'] as const) {
    it.each(limits[keyword])(
      `${keyword} %i agrees with stock ajv for any string, lone surrogates included`,
      (limit) => {
        const schema = { type: 'string', [keyword]: limit };
        const [mine, theirs] = [fast.compile(schema), stock.compile(schema)];
        const agree = (text: string) => mine(text) === theirs(text);
        fc.assert(fc.property(fc.oneof(utf16, fc.string({ unit: 'binary', maxLength: 12 })), agree), { numRuns: 2000 });
      },
    );
  }

  it('counts a pair as one character and a lone half as one', () => {
    const twoAtMost = fast.compile({ type: 'string', maxLength: 2 });
    expect(['\u{1F600}\u{1F600}', '\ud83d\ud83d', '\ude00\ud83d'].map((text) => twoAtMost(text))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['\u{1F600}\u{1F600}x', '\ud83d\ud83d\ud83d'].map((text) => twoAtMost(text))).toEqual([false, false]);
  });

  it('leaves values that are no strings to the type keyword', () => {
    const either = fast.compile({ type: ['string', 'null'], minLength: 1 });
    expect([null, 'x', ''].map((value) => either(value))).toEqual([true, true, false]);
  });
});

describe('date-time', () => {
  it('takes every date a machine writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) =>
        dateTime.test(date.toISOString()),
      ),
    );
  });

  it.each([
    '2026-03-01T09:30:00Z',
    '2026-03-01T09:30:00.123456789+05:30',
    '2026-06-30T23:59:60Z',
    '2026-03-01t09:30:00z',
  ])('takes %s', (text) => expect(dateTime.test(text)).toBe(true));

  it.each([
    '2026-03-01',
    '2026-03-01T09:30:00',
    '2026-03-01T09:30Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T09:30:00+0530',
    '2026-03-01T09:30:00.Z',
    '2026-03-01T09:30:00Z\n',
    ' 2026-03-01T09:30:00Z',
  ])('refuses %j', (text) => expect(dateTime.test(text)).toBe(false));
});
