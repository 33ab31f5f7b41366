import type { CommandContext } from '../conformance/commands/command.js';
import { createCommand, exitCodeOf, helpAdvice } from './create-command.js';

/** What each command is, and how it is run. Each loads only what it needs. */
const commands = {
  conformance: {
    summary: 'test a signaling server against the protocol',
    async run(argv: readonly string[], context: CommandContext): Promise<number> {
      const { runConformance } = await import('../conformance/commands/cli.js');
      return runConformance(argv, context);
    },
  },
  serve: {
    summary: 'start the reference server',
    async run(argv: readonly string[], context: CommandContext): Promise<number> {
      const { runServe } = await import('../reference-server/command/serve.js');
      return runServe(argv, context);
    },
  },
};

/**
 * Runs the program, `argv` being what stands after its name. Resolves with the exit code: 2 for bad usage, else that of the
 * command.
 */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = 0;
  const program = createCommand('webrtc-room-signaling', context)
    .description('A protocol for WebRTC room signaling: a test for any server, and a server to try it with.')
    .usage('<command> [options]')
    .helpCommand('help [command]', 'show the help of a command')
    .enablePositionalOptions()
    // What is left over is told here: it may be a command, misspelt or without its first word.
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      exitCode = 2;
      context.stderr.write(
        program.args.length === 0 ? program.helpInformation() : await leftoverError(program.args, context),
      );
    });
  for (const [name, { summary, run }] of Object.entries(commands)) {
    const command = program
      .command(name)
      .summary(summary)
      .usage('[options]')
      .helpOption(false) // The command itself answers --help, as it reads all of its words itself.
      .allowUnknownOption()
      .allowExcessArguments()
      .passThroughOptions()
      .action(async () => {
        exitCode = await run(command.args, context);
      });
  }
  try {
    const [first, second = '', ...rest] = argv;
    const asksForHelp = first === 'help' && Object.hasOwn(commands, second);
    await program.parseAsync(asksForHelp ? [second, ...rest, '--help'] : argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    const told = exitCodeOf(error);
    if (told === undefined) throw error;
    return told;
  }
}

/** The error for a first word that is no command, with what was probably meant. */
async function leftoverError([word = '']: readonly string[], context: CommandContext): Promise<string> {
  const [{ nearestName }, { conformanceCommand }] = await Promise.all([
    import('../conformance/inputs/near-miss.js'),
    import('../conformance/commands/cli.js'),
  ]);
  const conformance = conformanceCommand(context);
  const isFlag = word.startsWith('-');
  const given = isFlag ? word.replace(/=.*/s, '') : word; // What follows may be a secret.
  const options = conformance.createHelp().visibleOptions(conformance);
  const below = isFlag ? options.map(({ long }) => long ?? '') : conformance.commands.map((command) => command.name());
  const own = isFlag ? [] : Object.keys(commands);
  const nearest = below.includes(given) ? given : nearestName(given, [...own, ...below]);
  const meant = nearest === undefined || own.includes(nearest) ? nearest : `conformance ${nearest}`;
  const advice = meant === undefined ? helpAdvice : `; did you mean ${meant}?`;
  return isFlag ? `error: unknown option '${given}'${advice}\n` : `There is no command "${given}"${advice}\n`;
}
