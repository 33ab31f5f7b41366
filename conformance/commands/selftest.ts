import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import picomatch from 'picomatch';
import { createCommand } from '../../bin/create-command.js';
import { nearestName } from '../inputs/near-miss.js';
import { UsageError } from '../inputs/usage-error.js';
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
    .option('--only <glob>', 'mutants to run, by name or by the requirement they break; repeat it', collect, [])
    .option('--markdown <file>', 'write the matrix there as Markdown as well')
    .addOption(
      new Option('--workers <number>', 'processes to use; as many as there are cores unless said otherwise').argParser(
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
  const names = mutants.flatMap(({ name, breaks }) => [name, breaks]);
  const wanted = only.map((glob) => {
    const matches = picomatch(glob, { nocase: true, bash: true });
    if (names.some((name) => matches(name))) return matches;
    const nearest = nearestName(glob, names);
    throw new UsageError(
      `--only ${glob} matches no mutant and no requirement${nearest ? `; did you mean ${nearest}?` : ''}`,
    );
  });
  return ({ name, breaks }) => wanted.length === 0 || wanted.some((matches) => matches(name) || matches(breaks));
}
