import { type Command, Help, InvalidArgumentError } from 'commander';

/** Parser for an option that can be repeated. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** Parser for a whole number; throws InvalidArgumentError outside the range, to which commander adds the name of the option. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It wants a whole number from ${least} to ${most}.`);
  };
}

/** Parser for a number above 0; throws InvalidArgumentError. */
export function positive(text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It wants a number above 0.');
}

/** Has the help of a command leave out defaults that say nothing. */
export function plainHelp(command: Command): Command {
  const help = new Help();
  return command.configureHelp({
    optionDescription: (option) => help.optionDescription(option).replace(' (default: [])', ''),
  });
}
