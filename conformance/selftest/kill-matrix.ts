import { mutants } from './mutants/index.js';
import type { SelftestResult } from './selftest.js';

/** Who kills whom, as text: the survivors and the unexplained are told last, where they are seen. */
export function renderKillMatrix({ references, mutants: results, secondRuns, neverFailed }: SelftestResult): string {
  const width = Math.max(...results.map(({ mutant }) => mutant.length), 0);
  const lines = results.map(({ mutant, breaks, killed, failed }) => {
    const along = failed.filter((id) => id !== breaks);
    return `${killed ? '✓' : '✗'} ${breaks.padEnd(10)} ${mutant.padEnd(width)}${along.length > 0 ? `  also ${along.join(', ')}` : ''}`.trimEnd();
  });
  const survivors = results.filter(({ killed }) => !killed);
  const faults = [
    ...references.flatMap(({ name, exitCode, failed }) =>
      exitCode === 0
        ? []
        : [
            `${name} is right and ends with exit code ${exitCode}${failed.length > 0 ? `: ${failed.join(', ')} failed` : ''}`,
          ],
    ),
    ...survivors.map(({ mutant, breaks }) => `${mutant} survives: ${breaks} did not fail`),
    ...results.flatMap(({ mutant, unexplained }) =>
      unexplained.length > 0 ? [`${mutant} fails ${unexplained.join(', ')} without a reason given`] : [],
    ),
    ...results.flatMap(({ mutant, harnessErrors }) =>
      harnessErrors.length > 0 ? [`${mutant} makes the suite itself fail at ${harnessErrors.join(', ')}`] : [],
    ),
    ...neverFailed.map(
      (site) => `the judgement in ${site} failed on no server: it needs a mutant, or a reason (neverFails)`,
    ),
    ...results.flatMap(({ mutant, error }) => (error === undefined ? [] : [`${mutant} was not judged: ${error}`])),
  ];
  const broken = new Set(results.map(({ breaks }) => breaks)).size;
  const summary = [
    `${results.length} mutants of ${broken} requirements: ${results.length - survivors.length} killed, ${survivors.length} survive.`,
    ...(secondRuns.length > 0 ? [`Judged a second time, alone: ${secondRuns.join(', ')}.`] : []),
  ].join('\n');
  return `${[...lines, '', ...faults, ...(faults.length > 0 ? [''] : []), summary].join('\n')}\n`;
}

/** The kill matrix for the documentation: which servers were tried on each requirement, and what they do wrong. */
export function renderKillMatrixMarkdown({ mutants: results }: SelftestResult): string {
  const lines = [
    '# Kill matrix',
    '',
    'The conformance suite is tested by servers that are wrong. Each one is the reference server with one decision replaced,',
    'and breaks one requirement. The suite has to fail that requirement, and no other unless it is named here with the reason.',
    'Written by `npm run conformance -- selftest --markdown docs/kill-matrix.md`.',
    '',
    '| requirement | mutant | what it does | killed | may fail too |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const { mutant: name, breaks, killed } of results) {
    const mutant = mutants.find((one) => one.name === name);
    const also = (mutant?.also ?? []).map(({ requirement, because }) => `${requirement}: ${because}`).join('; ');
    lines.push(
      `| ${breaks} | \`${name}\` | ${mutant?.summary.replaceAll('|', '\\|')} | ${killed ? 'yes' : '**no**'} | ${also} |`,
    );
  }
  const broken = new Set(results.map(({ breaks }) => breaks)).size;
  const killed = results.filter((result) => result.killed).length;
  lines.push('', `${results.length} mutants of ${broken} requirements, ${killed} of them killed.`);
  return `${lines.join('\n')}\n`;
}
