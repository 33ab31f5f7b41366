import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { createCommand } from '../../bin/create-command.js';
import { matchNames } from '../run/selection.js';
import { renderKillMatrix, renderKillMatrixMarkdown } from '../selftest/kill-matrix.js';
import type { Mutant } from '../selftest/mutant.js';
import { mutants } from '../selftest/mutants/index.js';
import { selftest } from '../selftest/selftest.js';
import type { CommandContext } from './command.js';
import { collect, wholeNumber } from './option-values.js';

interface Options {
  only: string[];
  markdown?: string;
  workers?: number;
}

/** `conformance selftest`: tests the suite itself. Exit code 1 when a mutant survives or more fails than should. */
export function selftestCommand(context: CommandContext): Command {
  return createCommand('selftest', context)
    .description('Tests the suite itself, by servers that each break one requirement.')
    .summary('test the suite itself with servers that are wrong on purpose')
    .option('--only <glob>', 'mutants to run, by name or by the requirement or area they break; repeat it', collect, [])
    .option('--markdown <file>', 'write the matrix there as Markdown as well')
    .addOption(
      new Option('--workers <number>', 'processes to use; by default as many as there are cores').argParser(
        wholeNumber(1, 256),
      ),
    )
    .action(async (options: Options) => {
      context.exitCode = await runSelftest(options, context);
    });
}

/** Runs the selftest and prints the kill matrix. Resolves with the exit code. */
async function runSelftest(
  { only, markdown, workers }: Options,
  { stdout, stderr, env }: CommandContext,
): Promise<number> {
  const isWatched = stderr.isTTY === true && !env.CI;
  const result = await selftest({
    ...(workers !== undefined && { workers }),
    only: createSelection(only),
    ...(isWatched && { onProgress: (done, total, name) => stderr.write(`\r\u001b[2K${done}/${total}  ${name}`) }),
  });
  if (isWatched) stderr.write('\r\u001b[2K');
  stdout.write(renderKillMatrix(result));
  if (markdown !== undefined) await writeFile(markdown, renderKillMatrixMarkdown(result));
  return result.ok ? 0 : 1;
}

function createSelection(only: readonly string[]): (mutant: Mutant) => boolean {
  const names = mutants.map(({ name }) => name);
  const rules = mutants.map(({ breaks }) => breaks);
  const wanted = only.map((pattern) =>
    matchNames(pattern, { flag: '--only', names, rules, what: 'mutant, no requirement and no area' }),
  );
  return ({ name, breaks }) => wanted.length === 0 || wanted.some((matches) => matches(name) || matches(breaks));
}
