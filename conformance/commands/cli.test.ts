import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { versionText } from '../../bin/version.js';
import { areaOf, requirements } from '../../generated/index.js';
import { defaultDecisions } from '../../reference-server/edge/server.js';
import { type EmbeddedServer, startEmbedded } from '../run/embedded.js';
import type { Report } from '../run/report.js';
import { conformance } from '../testing/test-command.js';

let folder: string;
let server: EmbeddedServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'conformance-cli-'));
  server = await startEmbedded();
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const against = (argv: string[] = []) =>
  conformance(['--target', server.url, '--jwt-secret-env', 'SECRET', ...argv], { SECRET: server.secret });

describe('bad usage ends with exit code 2 and one message that names the fault', () => {
  test.each([
    [['--targt', 'http://localhost'], /unknown option '--targt'[\s\S]*--target/],
    [['--target', 'localhost'], /--target wants a base URL/],
    [['--target', 'http://localhost/webrtc/config'], /try --target http:\/\/localhost/],
    [['--target', 'http://localhost:1'], /--target needs tokens/],
    [['--jwt-secret-env', 'SECRET'], /--jwt-secret-env goes with --target/],
    [['--target', 'http://localhost:1', '--jwt-secret-env', 'MISSING'], /MISSING is not set/],
    [['--target', 'http://localhost:1', '--jwt-key', 'no-such-file', '--jwt-alg', 'RS256'], /cannot read no-such-file/],
    [['--target', 'http://localhost:1', '--token-env', 'alice'], /--token-env wants NAME=VARIABLE/],
    [['--target', 'http://localhost:1', '--jwt-secret-env', 'S', '--token-command', 'true'], /one of them says/],
    [['--target', 'http://localhost:1', '--token-env', 'alice='], /--token-env wants NAME=VARIABLE/],
    [['--expired-token-env', 'EXPIRED'], /--expired-token-env goes with --target/],
    [['--not-yet-valid-token-env', 'EARLY'], /--not-yet-valid-token-env goes with --target/],
    [
      ['--target', 'http://localhost:1', '--jwt-secret-env', 'S', '--not-yet-valid-token-env', 'EARLY'],
      /--not-yet-valid-token-env goes with --token-env or --token-command, not with --jwt-secret-env/,
    ],
    [
      ['--target', 'http://localhost:1', '--token-command', 'true', '--not-yet-valid-token-env', 'EARLY'],
      /--not-yet-valid-token-env: the environment variable EARLY is not set/,
    ],
    [
      ['--target', 'http://localhost:1', '--token-command', 'true', '--jwt-claims', '{}'],
      /--jwt-claims goes with --jwt-secret-env or --jwt-key, not with --token-command/,
    ],
    [['--seed', 'a b'], /--seed wants 1 to 64 letters, digits, hyphens and underscores/],
    [['--seed', ''], /--seed wants 1 to 64 letters/],
    [['--only', 'RELAY-99'], /--only RELAY-99 matches no requirement.*did you mean RELAY-/],
    [['--reporter', 'jason'], /did you mean json\?/],
    [['--timeout', 'soon'], /'--timeout <ms>' argument 'soon'.*whole number/],
    [['load', '--rate', '0'], /'--rate <number>' argument '0'.*a number above 0/],
    [['--level', 'may'], /must, should/],
    [['--profile', 'no-such-file.yaml'], /--profile: cannot read no-such-file.yaml/],
    [['lst'], /did you mean list\?/],
    [['lst', '--json'], /did you mean list\?/],
    [['--target', 'http://localhost:1', 'lst'], /did you mean list\?/],
    [['test', 'lst'], /did you mean list\?/],
    [['--target', 'http://localhost:1', 'load'], /The command comes first: conformance load/],
    [['xylophone'], /There is no command "xylophone"/],
    [['list', '--jsn'], /unknown option '--jsn'; did you mean --json\?/],
    [['list', 'RELAY-4'], /too many arguments for 'list'/],
    [['load', '--target', 'localhost'], /--target wants a base URL/],
    [['load', '--room', '5'], /did you mean --rooms\?/],
    [['load', '--only', 'JOIN-1'], /unknown option '--only'/],
    [['replay'], /missing required argument 'file'/],
    [['replay', 'no-such-file', '--timeot', '5'], /did you mean --timeout\?/],
    [['explain'], /missing required argument 'id'/],
    [['explain', 'RELY-4'], /did you mean RELAY-4\?/],
    [['explain', 'rely'], /did you mean RELAY\?/],
    [['explain', 'xylophone'], /There is no requirement and no area "xylophone"; `list` shows them all/],
    [['--only', 'JION'], /--only JION matches no requirement, no area and no scenario; did you mean JOIN\?/],
    [['--skip', 'join-'], /--skip join- matches .*; did you mean JOIN\?/],
  ])('%j', async (argv, message) => {
    const { exitCode, stderr, stdout } = await conformance(argv);
    expect(stderr).toMatch(message);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
  });

  test.each([[['--jwt-secret=hunter2']], [['load', '--jwt-secret=hunter2']], [['--jwt-secret', 'hunter2']]])(
    '%j, and what may be a secret is not repeated',
    async (argv) => {
      const { exitCode, stderr } = await conformance(argv);
      expect(stderr).toMatch(/^error: unknown option '--jwt-secret'; /);
      expect(stderr).not.toContain('hunter2');
      expect(exitCode).toBe(2);
    },
  );
});

describe('a value in place of the name of a variable is not repeated', () => {
  const secret = 'eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0';
  const word = 'correcthorsebattery';
  test.each([
    [['--jwt-secret-env', secret]],
    [['--jwt-secret-env', word]],
    [['--token-env', `alice=${secret}`]],
    [['--token-env', secret]],
    [['--token-env', `alice=${word}`]],
    [['--token-command', 'true', '--expired-token-env', secret]],
    [['--token-command', 'true', '--not-yet-valid-token-env', secret]],
    [['--token-command', 'true', '--not-yet-valid-token-env', word]],
  ])('%j', async (argv) => {
    for (const command of [['test'], ...(argv.length === 2 ? [['load']] : [])]) {
      const { exitCode, stderr } = await conformance([...command, '--target', 'http://localhost:1', ...argv]);
      expect(stderr).toMatch(
        /^--[a-z-]+(?: wants (?:NAME=VARIABLE|the name of an environment)|: the environment variable of)/,
      );
      expect(stderr).not.toContain(secret);
      expect(stderr).not.toContain(word);
      expect(exitCode).toBe(2);
    }
  });
});

describe('--help and --version', () => {
  const commands = ['test', 'list', 'explain', 'load', 'replay', 'selftest'];

  test('are known to every command', async () => {
    for (const command of commands) {
      const help = await conformance([command, '--help']);
      expect(help.stdout).toMatch(new RegExp(`^Usage: conformance ${command} `));
      expect(await conformance(['help', command])).toEqual(help);
      expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    }
    for (const argv of [[], ...commands.map((command) => [command]), ['--target', 'http://localhost:1']]) {
      const { exitCode, stdout } = await conformance([...argv, '--version']);
      expect(stdout).toBe(`${versionText}\n`);
      expect(exitCode).toBe(0);
    }
  });

  test('without a command, the help has the options of test, the other commands and the exit codes', async () => {
    const { stdout } = await conformance(['--help']);
    const options = (await conformance(['test', '--help'])).stdout.match(/--[a-z-]+/g) ?? [];
    expect(stdout.match(/--[a-z-]+/g)).toEqual(expect.arrayContaining(options));
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toMatch(/^ {2}4 {2}a MUST could not be judged/m);
    expect((await conformance(['--target', 'http://localhost:1', '--help'])).stdout).toBe(stdout);
  });
});

test('the command that is meant where none is named can be named', async () => {
  const { exitCode, stdout } = await conformance(
    ['test', '--target', server.url, '--jwt-secret-env', 'SECRET', '--only', 'OFFER-1'],
    { SECRET: server.secret },
  );
  expect(stdout).toMatch(/OFFER +✓1/);
  expect(exitCode).toBe(0);
});

test('the reference server is conformant', async () => {
  const { exitCode, stdout } = await conformance([]);
  expect(stdout).toMatch(/\nConformant\. \d+ passed, 0 broken/);
  expect(exitCode).toBe(0);
});

test('a selection judges only what it names', async () => {
  const { exitCode, stdout } = await against(['--only', 'RELAY-*', '--skip', 'RELAY-10', '--reporter', 'json']);
  const report = JSON.parse(stdout) as Report;
  const passed = report.coverage.requirements.filter(({ outcome }) => outcome === 'pass').map(({ id }) => id);
  expect(passed).toContain('RELAY-4');
  expect(passed).not.toContain('RELAY-10');
  expect(passed.every((id) => id.startsWith('RELAY-'))).toBe(true);
  expect(report.summary.conformant).toBe(null);
  expect(exitCode).toBe(0);
});

test('the name of an area selects all of its rules', async () => {
  const { stdout } = await against(['--only', 'join', '--only', 'ICE', '--skip', 'Ice', '--reporter', 'json']);
  const report = JSON.parse(stdout) as Report;
  const passed = report.coverage.requirements.filter(({ outcome }) => outcome === 'pass').map(({ id }) => id);
  const all = Object.values(requirements).filter(({ id, party }) => areaOf(id) === 'JOIN' && party === 'server');
  expect(passed).toEqual(all.map(({ id }) => id));
});

test('a selection that leaves nothing to judge is no success', async () => {
  const { exitCode } = await against(['--only', 'LIMIT-1']);
  expect(exitCode).toBe(4);
});

test('a failure names requirement, place, expectation, sequence and how to run it again', async () => {
  const wrong = await startEmbedded({ shutdownCode: 1001, leaveReason: () => 'gone' as 'left' });
  const result = await conformance(['--target', wrong.url, '--jwt-secret-env', 'SECRET', '--only', 'LEAVE-*'], {
    SECRET: wrong.secret,
  });
  await wrong.close();
  expect(result.exitCode).toBe(1);
  expect(result.stdout).toMatch(/✗ LEAVE-1 MUST/);
  expect(result.stdout).toMatch(/stated at {2}asyncapi\.yaml:\d+ \(operation announceUserLeft\)/);
  expect(result.stdout).toMatch(/schema {5}\/payload\/reason must be one of "left"/);
  expect(result.stdout).toMatch(/▶ .* ← user_left/);
  expect(result.stdout).toMatch(
    /rerun {6}npx webrtc-room-signaling conformance --target \S+ --jwt-secret-env SECRET --only\s+LEAVE-1/,
  );
});

test('one misspelt name is told once', async () => {
  const wrong = await startEmbedded({
    encode: (message) =>
      Buffer.from(
        JSON.stringify({ ...message, type: message.type === 'ice_candidate' ? 'ice-candidate' : message.type }),
      ),
  });
  const { stdout, exitCode } = await conformance(['--target', wrong.url, '--jwt-secret-env', 'SECRET'], {
    SECRET: wrong.secret,
  });
  await wrong.close();
  expect(exitCode).toBe(1);
  expect(stdout.match(/^✗ /gm)).toHaveLength(1);
  expect(stdout).toMatch(/hint {7}received type "ice-candidate"; the protocol says "ice_candidate"/);
  expect(stdout).toMatch(/✗ ICE-1 MUST/);
});

test('a SHOULD that fails is a warning, and counts with --level should', async () => {
  const wrong = await startEmbedded({
    answerConfig: async (...parameters) => {
      const answer = await defaultDecisions.answerConfig(...parameters);
      const { 'cache-control': _, ...headers } = answer.headers;
      return { ...answer, headers };
    },
  });
  const argv = ['--target', wrong.url, '--jwt-secret-env', 'SECRET', '--only', 'CONFIG-*'];
  const lenient = await conformance(argv, { SECRET: wrong.secret });
  const strict = await conformance([...argv, '--level', 'should'], { SECRET: wrong.secret });
  await wrong.close();
  expect(lenient.stdout).toMatch(/▲ CONFIG-7 SHOULD/);
  expect([lenient.exitCode, strict.exitCode]).toEqual([0, 1]);
});

describe('ready tokens', () => {
  /** What `conformance` needs to be told of tokens that somebody else made: options, and the environment with the tokens. */
  async function readyTokens() {
    const key = new TextEncoder().encode(server.secret);
    const token = (sub: string, from = 0, until = 3600) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ sub, nbf: now + from, exp: now + until }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    };
    const names = ['alice', 'bob', 'carol', 'dave'];
    const env = Object.fromEntries(await Promise.all(names.map(async (name) => [`TOKEN_${name}`, await token(name)])));
    Object.assign(env, { EXPIRED: await token('alice', -7200, -3600), EARLY: await token('alice', 3600, 7200) });
    return {
      argv: ['--target', server.url, ...names.flatMap((name) => ['--token-env', `${name}=TOKEN_${name}`])],
      env,
    };
  }

  async function unjudged(argv: string[]) {
    const ready = await readyTokens();
    const { exitCode, stdout } = await conformance([...ready.argv, '--reporter', 'json', ...argv], ready.env);
    const report = JSON.parse(stdout) as Report;
    const open = report.coverage.requirements.filter(({ outcome }) => outcome === 'inconclusive');
    return { exitCode, report, ids: open.map(({ id }) => id).sort(), reasons: open.map(({ reason }) => reason).join() };
  }

  test('are enough; what cannot be derived from them is inconclusive', async () => {
    const { ids, exitCode } = await unjudged([]);
    expect(ids).toEqual(['AUTH-4', 'AUTH-5', 'CONFIG-3']);
    expect(exitCode).toBe(4);
  });

  test('have an expired one and one that is not yet valid beside them', async () => {
    const rules = ['--only', 'AUTH-4', '--only', 'CONFIG-3'];
    const { reasons } = await unjudged(rules);
    expect(reasons).toMatch(/--expired-token-env|--not-yet-valid-token-env/);
    const given = await unjudged([...rules, '--expired-token-env', 'EXPIRED', '--not-yet-valid-token-env', 'EARLY']);
    expect(given.reasons).not.toMatch(/--expired-token-env|--not-yet-valid-token-env/);
    const failed = given.report.results.filter(({ outcome }) => outcome === 'fail');
    expect(failed).toEqual([]);
  });

  test('may leave rules unjudged, where that is allowed', async () => {
    const ready = await readyTokens();
    const argv = [...ready.argv, '--only', 'AUTH', '--allow-unjudged'];
    const { exitCode, stdout } = await conformance(argv, ready.env);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/inconclusive: /);
    expect(stdout).toMatch(
      /\nNo verdict, as allowed: 2 required rules not judged\. \d+ passed, 0 broken, 2 inconclusive/,
    );
    const { report } = await unjudged(['--only', 'AUTH', '--allow-unjudged']);
    expect(report.summary).toMatchObject({ conformant: null, exitCode: 0 });
  });
});

test('--allow-unjudged does not make a success of nothing', async () => {
  const { exitCode } = await against(['--only', 'LIMIT-1', '--allow-unjudged']);
  expect(exitCode).toBe(4);
});

test('a run with the same seed uses the same rooms and sends the same', async () => {
  const runs = async (seed: string) => {
    const argv = ['--seed', seed, '--only', 'ROOM-1', '--only', 'ERROR-2', '--trace', 'all', '--reporter', 'json'];
    const report = JSON.parse((await against(argv)).stdout) as Report;
    expect(report.run.seed).toBe(seed);
    const rooms = JSON.stringify(report.results).match(/\/webrtc\/ws\/[\w-]+/g) ?? [];
    expect(rooms.length).toBeGreaterThan(5);
    return rooms;
  };
  const first = await runs('monday_1');
  expect(await runs('monday_1')).toEqual(first);
  expect(await runs('tuesday-2')).not.toEqual(first);
});

describe('whatever a server says is printed harmlessly', () => {
  const evil =
    'a\u001b[2J\r\n::error::mine\n  ::set-output name=x::1\n##vso[task.complete]\u202e<script>alert(1)</script>';
  const harmless = (text: string) => {
    expect(['\u001b', '\r', '\u202e'].filter((character) => text.includes(character))).toEqual([]);
    expect(text).not.toMatch(/^\s*(?:::|##)/m);
  };

  test.each(['pretty', 'junit'])('by the reporter %s', async (reporter) => {
    const saying = (roomId: string, error: object, at: string) =>
      ({ type: 'error', room_id: roomId, timestamp: at, payload: { ...error, code: evil, message: evil } }) as never;
    const wrong = await startEmbedded({ report: saying, leaveReason: () => evil as never });
    const argv = ['--target', wrong.url, '--jwt-secret-env', 'S', '--reporter', reporter, '--timeout', '300'];
    const { exitCode, stdout, stderr } = await conformance([...argv, '--only', 'ERROR-6'], {
      S: wrong.secret,
    });
    await wrong.close();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('error::mine');
    harmless(stdout + stderr);
  });

  test('where nobody is let in', async () => {
    const refuse = (_: unknown, roomId: string, at: string) => ({
      message: {
        type: 'error',
        room_id: roomId,
        timestamp: at,
        payload: { code: 'UNAUTHORIZED', message: evil },
      } as never,
      close: { code: 1008, reason: '' },
    });
    const wrong = await startEmbedded({ refuse });
    const { exitCode, stderr } = await conformance(['--target', wrong.url, '--jwt-secret-env', 'S'], { S: 'other' });
    await wrong.close();
    expect(exitCode).toBe(3);
    expect(stderr).toContain('error::mine');
    harmless(stderr);
  });
});

test('no token and no secret appears in any output', async () => {
  const file = path.join(folder, 'report.json');
  const { stdout, stderr } = await against(['--trace', 'all', '--reporter', 'pretty', '--reporter', `json=${file}`]);
  const report = await readFile(file, 'utf8');
  expect(JSON.parse(report).results.some(({ trace }: { trace?: unknown }) => trace)).toBe(true);
  for (const text of [stdout, stderr, report]) {
    expect(text).not.toContain(server.secret);
    expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}/);
  }
  expect(report).toContain('token=[redacted]');
});

test.each([
  ['exit 7', /the profile's shutdownCommand ended with exit code 7/],
  ['sleep 60', /the profile's shutdownCommand did not end within 10\d\d\d ms/],
])('a shutdownCommand that fails is bad usage: %s', async (command, message) => {
  const file = path.join(folder, 'shutdown.yaml');
  await writeFile(file, JSON.stringify({ version: 1, shutdownCommand: command }));
  const { exitCode, stdout } = await against(['--profile', file, '--only', 'LIVE-3', '--timeout', '300']);
  expect(stdout).toMatch(message);
  expect(exitCode).toBe(2);
});

test('a profile with a low limit is told at the start that calls send more', async () => {
  const file = path.join(folder, 'limit.yaml');
  for (const [burst, told] of [
    [199, 'bursts of 199 messages'],
    [200, ''],
  ] as const) {
    await writeFile(file, JSON.stringify({ version: 1, rateLimit: { burst, perSecond: 50 } }));
    const { stderr } = await against(['--profile', file, '--only', 'CONFIG-2']);
    if (told === '') expect(stderr).toBe('');
    else expect(stderr).toContain(told);
  }
});

test('a profile with a mistake says which member is wrong and what it wants', async () => {
  const file = path.join(folder, 'profile.yaml');
  await writeFile(file, 'version: 1\ncapcity: 5\n');
  expect((await conformance(['--profile', file])).stderr).toMatch(
    /unknown member capcity; did you mean capacity\? known are version, features, capacity,/,
  );
  await writeFile(file, 'version: 1\ncapacity: many\n');
  expect((await conformance(['--profile', file])).stderr).toMatch(/capacity wants a whole number/);
});

test.each([
  [['http://127.0.0.1:9'], 'http://127.0.0.1:8', /instances names http:\/\/127\.0\.0\.1:8, which is no --target/],
  [['http://127.0.0.1:9'], 'http://127.0.0.1:9', /instances wants a second --target/],
])('an instance that can be killed is a target with another beside it', async (targets, url, message) => {
  const file = path.join(folder, 'instances.yaml');
  await writeFile(file, JSON.stringify({ version: 1, instances: [{ url, stop: 'true', start: 'true' }] }));
  const given = targets.flatMap((target) => ['--target', target]);
  const { exitCode, stderr } = await conformance(['--profile', file, '--jwt-secret-env', 'S', ...given], { S: 's' });
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});

test('list shows every requirement with its scenarios, explain one of them', async () => {
  const list = await conformance(['list']);
  expect(list.stdout).toMatch(
    /^RELAY-3 +MUST +A sender never receives its own message\.\n(?: +- .*\n)* +- a sender never receives/m,
  );
  const explain = await conformance(['explain', 'relay-3']);
  expect(explain.stdout).toMatch(/^RELAY-3 MUST\n[\s\S]*Stated at +asyncapi\.yaml:\d+/);
  expect(explain.stdout).toMatch(/Code\n {2}- reference-server\/core\/room\.ts:\d+\n/);
  expect(explain.stdout).toMatch(
    /- a sender never receives its own message \(conformance\/scenarios\/relay\.ts:\d+\)\n/,
  );
  expect(explain.stdout).toMatch(/- echoes-to-sender \(conformance\/selftest\/mutants\/relay\.ts:\d+\): A message/);
  expect([list.exitCode, explain.exitCode]).toEqual([0, 0]);
});

test('explain tells of an area what it is and each of its rules', async () => {
  const { exitCode, stdout } = await conformance(['explain', 'leave']);
  const [heading, ...rules] = stdout.split('\n\n').filter((part) => !part.startsWith('Stated at'));
  expect(heading).toBe('LEAVE: Leaving');
  const ids = Object.values(requirements).flatMap(({ id, level }) =>
    areaOf(id) === 'LEAVE' ? [`${id} ${level}`] : [],
  );
  expect(rules.map((rule) => rule.split('\n')[0])).toEqual(ids);
  expect(stdout).toContain((await conformance(['explain', 'LEAVE-2'])).stdout);
  expect(exitCode).toBe(0);
});
