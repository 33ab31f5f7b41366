import { expect, test } from 'vitest';
import { renderKillMatrix, renderKillMatrixMarkdown } from './kill-matrix.js';
import { mutants } from './mutants/index.js';
import type { MutantResult, SelftestResult } from './selftest.js';

const quiet: Pick<MutantResult, 'unexplained' | 'harnessErrors'> = {
  unexplained: [],
  harnessErrors: [],
};
const reference = {
  name: 'reference',
  exitCode: 0,
  failed: [],
  judged: [],
  harnessErrors: [],
  open: [],
  judgements: {},
};

test('a survivor and a failure without a reason are named', () => {
  const text = renderKillMatrix({
    ok: false,
    neverFailed: ['relay.ts:7'],
    secondRuns: ['mild'],
    references: [{ ...reference, exitCode: 1, failed: ['ICE-2'] }],
    mutants: [
      { ...quiet, mutant: 'mild', breaks: 'RELAY-3', killed: false, failed: [] },
      {
        ...quiet,
        mutant: 'wild',
        breaks: 'RELAY-1',
        killed: true,
        failed: ['RELAY-1', 'ICE-1'],
        unexplained: ['ICE-1'],
      },
    ],
  });
  expect(text).toContain('✗ RELAY-3    mild\n✓ RELAY-1    wild  also ICE-1\n');
  expect(text).toContain('reference is right and ends with exit code 1: ICE-2 failed');
  expect(text).toContain('mild survives: RELAY-3 did not fail');
  expect(text).toContain('wild fails ICE-1 without a reason given');
  expect(text).toContain('the judgement in relay.ts:7 failed on no server');
  expect(text).toContain('2 mutants of 2 requirements: 1 killed, 1 survive.\nJudged a second time, alone: mild.');
});

test('the documentation says of each mutant what it does and what may fail too', () => {
  const mutant = mutants.find(({ also }) => also !== undefined && also.length > 0);
  const name = mutant?.name ?? '';
  const breaks = mutant?.breaks ?? 'RELAY-3';
  const result: SelftestResult = {
    ok: true,
    neverFailed: [],
    secondRuns: [],
    references: [reference],
    mutants: [{ ...quiet, mutant: name, breaks, killed: true, failed: [breaks] }],
  };
  const text = renderKillMatrixMarkdown(result);
  expect(text).toContain(`| ${breaks} | \`${name}\` | ${mutant?.summary} | yes | ${mutant?.also?.[0]?.requirement}: `);
  expect(text).toContain('1 mutants of 1 requirements, 1 of them killed.');
});
