import { Command, CommanderError, Help, type Option } from 'commander';
import { versionText } from './version.js';

/** What a command prints to. */
export interface Output {
  stdout: { write(text: string): unknown; columns?: number };
  stderr: { write(text: string): unknown; columns?: number };
}

/**
 * A command as every command of this program begins: it knows --help and --version, prints to `output` alone, and throws
 * CommanderError where commander would end the process. {@link exitCodeOf} tells what that amounts to.
 */
export function createCommand(name: string, { stdout, stderr }: Output): Command {
  const help = new Help();
  return new Command(name)
    .helpOption('-h, --help', 'show this help')
    .version(versionText, '-V, --version', 'show the versions of this package and of the protocol')
    .allowExcessArguments(false)
    .exitOverride()
    .configureHelp({
      optionDescription: (option) => withoutEmptyDefault(help.optionDescription(option)),
      visibleOptions: (command) => ownFirst(help.visibleOptions(command)),
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(inOneLine(text)),
    });
}

/** 0 after --help and --version, 2 for bad usage, of which commander has told already; undefined for any other error. */
export function exitCodeOf(error: unknown): 0 | 2 | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 ? 0 : 2;
}

/** The options that every command has stand last. */
function ownFirst(options: Option[]): Option[] {
  const isGeneral = ({ long }: Option) => long === '--version' || long === '--help';
  return [...options.filter((option) => !isGeneral(option)), ...options.filter(isGeneral)];
}

function withoutEmptyDefault(description: string): string {
  return description.replace(' (default: [])', '');
}

/** An error of commander with its advice in the same line. What stands after the = of an unknown option may be a secret. */
function inOneLine(text: string): string {
  const line = text
    .replace(/(unknown option '-[^=']*)=.*'(?=\n)/s, "$1'")
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)/, '; did you mean $1?');
  return line.replace(/(?<=unknown option '[^']*')(?=\n$)/, helpAdvice);
}

/** What an error says where nothing is near to what was given. */
export const helpAdvice = '; --help tells them all';
