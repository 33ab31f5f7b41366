import { describe, expect, it } from 'vitest';
import { commandAgain } from './rerun.js';

const argv = [
  '--target',
  'http://host:1',
  '--jwt-secret-env',
  'KEY',
  '--only',
  'JOIN',
  '--reporter=json=a',
  '--seed',
  "a'b c",
];

describe('the command that runs something again', () => {
  it.each([
    [
      'npm run in a clone',
      { npm_lifecycle_event: 'conformance', npm_command: 'run-script' },
      `npm run conformance -- --target http://host:1 --jwt-secret-env KEY --seed 'a'\\''b c'`,
    ],
    [
      'npx',
      { npm_lifecycle_event: 'npx', npm_command: 'exec' },
      `npx webrtc-room-signaling conformance --target http://host:1 --jwt-secret-env KEY --seed 'a'\\''b c'`,
    ],
    [
      'a script of the user',
      { npm_lifecycle_event: 'test', npm_command: 'test' },
      `npx webrtc-room-signaling conformance --target http://host:1 --jwt-secret-env KEY --seed 'a'\\''b c'`,
    ],
    [
      'the action, whose inputs are not repeated',
      { CONFORMANCE_ACTION: 'true', TARGET: 'http://host:1', SIGNALING_JWT_SECRET: 'x' },
      `the action again, with args: --seed 'a'\\''b c'`,
    ],
    [
      'the action with all options in its args',
      { CONFORMANCE_ACTION: 'true', TARGET: '' },
      `the action again, with args: --target http://host:1 --jwt-secret-env KEY --seed 'a'\\''b c'`,
    ],
  ])('is right for %s', (_, env, command) => {
    expect(commandAgain(argv, env)).toBe(command);
  });
});
