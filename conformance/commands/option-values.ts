import { InvalidArgumentError, Option } from 'commander';
import { sharedDefaults } from '../kit/shared.js';

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

/** `--target`, which several commands have. */
export function targetOption(
  description = 'base URL of the server; repeat it for instances of one deployment',
): Option {
  return new Option('--target <url>', description).argParser(collect).default([]);
}

/** `--timeout` in milliseconds. */
export function timeoutOption(description = 'milliseconds to wait for what has to come'): Option {
  return new Option('--timeout <ms>', description)
    .argParser(wholeNumber(100, 600_000))
    .default(sharedDefaults.timeoutMs);
}

/** `--ca`, a file. */
export function caOption(): Option {
  return new Option('--ca <file>', 'certificate authority (PEM) to trust for https and wss');
}
