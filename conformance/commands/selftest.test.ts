import { expect, test } from 'vitest';
import { conformance } from '../testing/test-command.js';

test('the mutants that are asked for are run', async () => {
  const { exitCode, stdout } = await conformance(['selftest', '--only', 'RELAY-3', '--workers', '1']);
  expect(stdout).toContain('✓ RELAY-3    echoes-to-sender');
  expect(exitCode).toBe(0);
}, 120_000);

test.each([
  [['--only', 'RELAY-99'], '--only RELAY-99 matches no mutant, no requirement and no area; did you mean RELAY-9?\n'],
  [['--only', 'RELY'], /did you mean RELAY\?/],
  [['--workers', '0'], /^error: option '--workers <number>' argument '0' is invalid\. It wants a whole number/],
  [['--markdwon', 'x'], /^error: unknown option '--markdwon'; did you mean --markdown\?\n$/],
  [['RELAY-3'], /^error: too many arguments/],
])('what it does not know is named: %j', async (argv, message) => {
  const { exitCode, stdout, stderr } = await conformance(['selftest', ...argv]);
  if (typeof message === 'string') expect(stderr).toBe(message);
  else expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(exitCode).toBe(2);
});
