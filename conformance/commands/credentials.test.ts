import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AdmissionOptions } from '../../reference-server/edge/server.js';
import { start, stopAll } from '../../reference-server/testing/test-server.js';
import { runConformance } from './cli.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(stopAll);

/** Runs what judges tokens and users, against a server that checks them so. */
async function judge(admission: AdmissionOptions, options: readonly string[], secret = '') {
  const { url } = await start({ admission });
  let printed = '';
  const stream = { write: (text: string) => (printed += text) } as unknown as NodeJS.WriteStream;
  const only = ['AUTH', 'CONFIG', 'JOIN'].flatMap((area) => ['--only', area]);
  const exitCode = await runConformance(['--target', url, ...options, ...only], {
    ...{ stdout: stream, stderr: stream },
    env: { SECRET: secret, NO_COLOR: '1' },
  });
  return { exitCode, printed };
}

const bytes = randomBytes(64);
const long = randomBytes(48).toString('base64url');
const secretEnv = ['--jwt-secret-env', 'SECRET'];
const everybody = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'mallory'].concat(
  Array.from({ length: 16 }, (_, number) => `guest${number}`),
);

describe('a server is judged', () => {
  it.each<[string, AdmissionOptions, string[], string]>([
    ['by a secret in base64', { secret: bytes }, ['--jwt-secret-encoding', 'base64'], bytes.toString('base64')],
    ['by a secret in hex', { secret: bytes }, ['--jwt-secret-encoding', 'hex'], bytes.toString('hex')],
    [
      'with HS384',
      { secret: bytes, algorithms: ['HS384'] },
      ['--jwt-alg', 'HS384', '--jwt-secret-encoding', 'hex'],
      bytes.toString('hex'),
    ],
    ['with HS512', { secret: long, algorithms: ['HS512'] }, ['--jwt-alg', 'HS512'], long],
    ['with users in another claim', { secret: long, userIdClaim: 'uid' }, ['--jwt-user-claim', 'uid'], long],
    [
      'with integers for users',
      { secret: long, userIdClaim: 'uid' },
      ['--jwt-user-claim', 'uid', '--jwt-integer-users'],
      long,
    ],
    [
      'with users that it knows',
      { secret: long, userIdClaim: 'uid' },
      [
        '--jwt-user-claim',
        'uid',
        '--jwt-integer-users',
        ...everybody.flatMap((name, at) => ['--jwt-user', `${name}=${at + 1}`]),
      ],
      long,
    ],
  ])('%s', { timeout: 60_000 }, async (_, admission, options, secret) => {
    const { exitCode, printed } = await judge(admission, [...secretEnv, ...options], secret);
    expect(printed).toContain('0 broken');
    expect(exitCode).toBe(0);
    expect(printed).not.toContain(secret);
  });

  it.each([
    ['in SEC 1 form', 'sec1'],
    ['in PKCS #8 form', 'pkcs8'],
  ] as const)('by a private key %s', { timeout: 60_000 }, async (_, type) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const file = join(folder, `${type}.pem`);
    await writeFile(file, privateKey.export({ type, format: 'pem' }));
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { exitCode, printed } = await judge({ publicKey: pem, algorithms: ['ES256'] }, [
      ...['--jwt-key', file, '--jwt-alg', 'ES256', '--jwt-kid', 'one'],
    ]);
    expect(printed).toContain('0 broken');
    expect(exitCode).toBe(0);
  });
});

describe('what cannot be meant is said, with exit code 2', () => {
  it.each<[string[], string]>([
    [['--jwt-alg', 'RS256'], '--jwt-alg wants one of HS256, HS384, HS512 for a secret, not RS256'],
    [['--jwt-alg', 'none'], '--jwt-alg wants one of HS256, HS384, HS512 for a secret, not none'],
    [['--jwt-secret-encoding', 'base64'], 'the secret in SECRET is not written in base64'],
    [['--jwt-claims', '{"sub":"me"}'], '--jwt-claims has `sub`, which names the user'],
    [['--jwt-claims', '{"exp":1}'], '--jwt-claims has `exp`, which the suite sets itself'],
    [['--jwt-claims', '{"uid":1}', '--jwt-user-claim', 'uid'], '--jwt-claims has `uid`, which names the user'],
    [['--jwt-user', 'alice'], '--jwt-user wants NAME=ID, such as alice=42'],
    [['--jwt-integer-users', '--jwt-user', 'alice=me'], '--jwt-integer-users: --jwt-user wants an integer, not me'],
  ])('%j', async (options, said) => {
    const { exitCode, printed } = await judge({ secret: 'x' }, [...secretEnv, ...options], 'no base64!');
    expect(printed).toContain(said);
    expect(exitCode).toBe(2);
  });
});
