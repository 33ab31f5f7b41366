import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { references } from './judge.js';
import { mutants } from './mutants/index.js';
import {
  judgedRequirements,
  type MutantResult,
  renderKillMatrix,
  renderKillMatrixMarkdown,
  runSelftest,
  type SelftestResult,
  selftest,
} from './selftest.js';

let result: SelftestResult;
let byName: Map<string, MutantResult>;

beforeAll(async () => {
  result = await selftest();
  byName = new Map(result.mutants.map((one) => [one.mutant, one]));
}, 600_000);

test('every requirement that a scenario judges has a mutant', () => {
  const broken = new Set(mutants.map(({ breaks }) => breaks));
  expect(judgedRequirements().filter((id) => !broken.has(id))).toEqual([]);
});

test('each mutant has a name of its own', () => {
  const names = mutants.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(references.map(({ name }) => name))('%s passes', (name) => {
  expect(result.references.find((one) => one.name === name)).toMatchObject({
    exitCode: 0,
    failed: [],
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

test('a survivor and a failure without a reason are named', () => {
  const [first, second] = result.mutants as [MutantResult, MutantResult];
  const spoiled = {
    ok: false,
    neverFailed: ['relay.ts:7'],
    references: [
      {
        name: 'reference',
        exitCode: 1,
        failed: ['ICE-2' as const],
        judged: [],
        harnessErrors: [],
        open: [],
        judgements: {},
      },
    ],
    mutants: [
      { ...first, mutant: 'mild', breaks: 'RELAY-3' as const, killed: false, failed: [], unexplained: [] },
      { ...second, mutant: 'wild', breaks: 'RELAY-1' as const, killed: true, unexplained: ['ICE-1' as const] },
    ],
  };
  const text = renderKillMatrix(spoiled);
  expect(text).toContain('reference is right and ends with exit code 1: ICE-2 failed');
  expect(text).toContain('mild survives: RELAY-3 did not fail');
  expect(text).toContain('wild fails ICE-1 without a reason given');
  expect(text).toContain('the judgement in relay.ts:7 failed on no server');
  expect(text).toContain('2 mutants of 2 requirements: 1 killed, 1 survive.');
});

test('the command runs the mutants that are asked for', async () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  const exitCode = await runSelftest(['--only', 'RELAY-3', '--workers', '1'], {
    stdout: stream,
    stderr: stream,
    env: {},
  });
  expect(written.join('')).toContain('✓ RELAY-3    echoes-to-sender');
  expect(exitCode).toBe(0);
}, 120_000);

test('the command names what it does not know', async () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  expect(await runSelftest(['--only', 'RELAY-99'], { stdout: stream, stderr: stream, env: {} })).toBe(2);
  expect(written.join('')).toBe('--only RELAY-99 matches no mutant and no requirement; did you mean RELAY-9?\n');
});
