import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../kit/outcome.js';
import { scenarios } from '../scenarios/index.js';
import { applyBaseline, type BaselineEntry, readBaseline } from './baseline.js';

let file: string;

beforeAll(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'baseline-')), 'expected.yaml');
});

afterAll(() => rm(path.dirname(file), { recursive: true }));

const echo = 'a sender never receives its own message';
const result = (outcome: Result['outcome']): Result => ({
  scenario: echo,
  requirement: 'RELAY-3',
  level: 'MUST',
  outcome,
});
const entry = (more: Partial<BaselineEntry> = {}): BaselineEntry => ({
  check: 'RELAY-3',
  requirement: 'RELAY-3',
  mode: 'fail',
  reason: 'the broadcast includes the sender',
  ...more,
});
const today = '2026-06-15';

test('an expected failure stays a failure, and is marked', () => {
  const { results, stale } = applyBaseline([result('fail')], [entry()], today);
  expect(results).toEqual([{ ...result('fail'), baseline: 'fail' }]);
  expect(stale).toEqual([]);
});

test.each([
  ['passes', result('pass'), entry(), 'passes now; remove the entry'],
  ['is expired', result('fail'), entry({ expires: '2026-06-14' }), 'expired on 2026-06-14'],
  ['was selected and not run', result('inconclusive'), entry(), 'was not run'],
])('an entry whose check %s is stale', (_, found, expected, problem) => {
  const { results, stale } = applyBaseline([found], [expected], today);
  expect(stale).toEqual([{ check: 'RELAY-3', problem }]);
  expect(results[0]).not.toHaveProperty('baseline');
});

test.each([
  ['is flaky and passes', result('pass'), entry({ mode: 'flaky' })],
  ['was not selected', result('skipped'), entry()],
  ['expires today', result('fail'), entry({ expires: today })],
])('an entry whose check %s is not stale', (_, found, expected) => {
  expect(applyBaseline([found], [expected], today).stale).toEqual([]);
});

test('an entry for one scenario says nothing about another', () => {
  const { results } = applyBaseline([result('fail')], [entry({ scenario: 'another scenario' })], today);
  expect(results[0]).not.toHaveProperty('baseline');
});

test('a harness error is never expected', () => {
  const { results, stale } = applyBaseline([result('harness_error')], [entry()], today);
  expect(results[0]).not.toHaveProperty('baseline');
  expect(stale).toHaveLength(1);
});

test('a file is read with its scenario, its issue and its day', async () => {
  await writeFile(
    file,
    `version: 1\nentries:\n  - check: ${echo}/RELAY-3\n    reason: known\n    issue: https://example.com/1\n    expires: 2027-01-31\n`,
  );
  expect(await readBaseline(file, scenarios)).toEqual([
    {
      check: `${echo}/RELAY-3`,
      requirement: 'RELAY-3',
      scenario: echo,
      mode: 'fail',
      reason: 'known',
      issue: 'https://example.com/1',
      expires: '2027-01-31',
    },
  ]);
});

describe('a file with a mistake is refused by name', () => {
  test.each([
    ['entries: []', /version wants the number 1/],
    ['version: 1', /entries wants a list/],
    [
      'version: 1\nentries: [{check: RELAY-99, reason: x}]',
      /entry 1: there is no requirement RELAY-99; did you mean RELAY-/,
    ],
    [
      'version: 1\nentries: [{check: something/RELAY-3, reason: x}]',
      /no scenario "something" judges RELAY-3; those that do/,
    ],
    ['version: 1\nentries: [{check: RELAY-3}]', /reason wants a sentence/],
    ['version: 1\nentries: [{check: RELAY-3, reason: x, mode: maybe}]', /mode wants fail or flaky, not maybe/],
    ['version: 1\nentries: [{check: RELAY-3, reason: x, expires: soon}]', /expires wants a day such as/],
    ['version: 1\nentries: [{check: RELAY-3, reason: x, isue: y}]', /unknown member isue; did you mean issue\?/],
    ['{', /is not YAML/],
  ])('%s', async (text, message) => {
    await writeFile(file, text);
    await expect(readBaseline(file, scenarios)).rejects.toThrow(message);
  });
});
