import type { Command } from 'commander';
import { createCommand, exitCodeOf } from '../../bin/create-command.js';
import { UnreachableError } from '../inputs/unreachable.js';
import { UsageError } from '../inputs/usage-error.js';
import { visible, withoutCommands } from '../reporters/markup.js';
import type { CommandContext } from './command.js';
import { explainCommand, listCommand } from './list.js';
import { loadCommand } from './load.js';
import { replayCommand } from './replay.js';
import { startedAs } from './rerun.js';
import { selftestCommand } from './selftest.js';
import { testCommand } from './test.js';

/** `conformance` with its sub-commands. `test` is meant where none is named, and so the help tells its options too. */
export function conformanceCommand(context: CommandContext): Command {
  const test = testCommand(context);
  const command = createCommand('conformance', context);
  return command
    .description(test.description())
    .usage('[command] [options]')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ ...command.configureHelp(), visibleOptions: () => test.createHelp().visibleOptions(test) })
    .enablePositionalOptions() // So that `conformance load --target URL` means load's own --target.
    .addCommand(test, { isDefault: true })
    .addCommand(listCommand(context))
    .addCommand(explainCommand(context))
    .addCommand(loadCommand(context))
    .addCommand(replayCommand(context))
    .addCommand(selftestCommand(context))
    .addHelpText(
      'after',
      `
Exit codes:
  0  conformant
  1  a requirement is broken
  2  an option or a file is wrong
  3  the target cannot be reached, or rejects valid credentials
  4  a MUST could not be judged, or nothing ran
  5  the suite itself failed

Example:
  JWT_SECRET=... ${startedAs(context.env)} --target http://localhost:8000 --jwt-secret-env JWT_SECRET
`,
    );
}

/** Runs the `conformance` command, `argv` being what stands after it. Resolves with the exit code and never throws. */
export async function runConformance(argv: readonly string[], context: CommandContext): Promise<number> {
  const { stdout, stderr, env } = context;
  const own: CommandContext = { stdout, stderr, env };
  try {
    await conformanceCommand(own).parseAsync(argv, { from: 'user' });
    return own.exitCode ?? 0;
  } catch (error) {
    const told = exitCodeOf(error);
    if (told !== undefined) return told;
    const expected = error instanceof UsageError ? 2 : error instanceof UnreachableError ? 3 : undefined;
    const text =
      expected === undefined
        ? `The suite itself failed: ${error instanceof Error ? error.stack : error}`
        : (error as Error).message;
    stderr.write(withoutCommands(`${visible(text)}\n`));
    return expected ?? 5;
  }
}
