import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { renderKillMatrixMarkdown } from './kill-matrix.js';
import { mutants } from './mutants/index.js';
import { references } from './run-suite.js';
import { judgedRequirements, type MutantResult, type SelftestResult, selftest } from './selftest.js';

let result: SelftestResult;
let byName: Map<string, MutantResult>;

beforeAll(async () => {
  result = await selftest();
  byName = new Map(result.mutants.map((one) => [one.mutant, one]));
}, 1_200_000);

test('every requirement that a scenario judges has a mutant', () => {
  const broken = new Set(mutants.map(({ breaks }) => breaks));
  expect(judgedRequirements().filter((id) => !broken.has(id))).toEqual([]);
});

test('each mutant has a name of its own', () => {
  const names = mutants.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(references.map(({ name }) => name))('%s passes', (name) => {
  const { exitCode, harnessErrors, failed, open } = result.references.find((one) => one.name === name) ?? {};
  expect({ exitCode, harnessErrors, ...(exitCode !== 0 && { failed, open }) }).toEqual({
    exitCode: 0,
    harnessErrors: [],
  });
});

test.each(mutants.map(({ breaks, name }) => [breaks, name]))('%s kills %s, and nothing else fails', (_breaks, name) => {
  expect(byName.get(name)).toMatchObject({ killed: true, unexplained: [], harnessErrors: [] });
});

test('every judgement of the scenarios fails on some server', () => {
  expect(result.neverFailed).toEqual([]);
});

test('docs/kill-matrix.md is what the mutants say', async () => {
  const written = await readFile(new URL('../../docs/kill-matrix.md', import.meta.url), 'utf8');
  expect(written).toBe(renderKillMatrixMarkdown(result));
});
