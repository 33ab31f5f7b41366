import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testSecret, tokenFor } from '../testing/test-client.js';
import { ConfigurationError } from './configuration-error.js';
import { createKeyCheck, createVerify } from './keys.js';

const now = Math.floor(Date.now() / 1000);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Long enough for HS512. */
const longSecret = randomBytes(64).toString('base64');

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function sign(alg: string, key: KeyObject, kid?: string): Promise<string> {
  return new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(key);
}

describe('with a shared secret', async () => {
  const verify = await createVerify({ secret: testSecret });

  it('the token says who it is', async () => {
    const token = await tokenFor('alice', { name: 'Alice', exp: now + 60 });
    const identity = { userId: 'alice', username: 'Alice', expiresAt: now + 60 };
    expect(await verify(token)).toEqual({ ok: true, identity });
  });

  it('preferred_username stands in for name', async () => {
    const token = await tokenFor('alice', { name: '', preferred_username: 'ally' });
    expect(await verify(token)).toMatchObject({ identity: { username: 'ally' } });
  });

  it('a token without exp is good', async () => {
    const token = await tokenFor('alice', { exp: null });
    expect(await verify(token)).toEqual({ ok: true, identity: { userId: 'alice' } });
  });

  it.each([
    ['expired', { exp: now - 1 }],
    ['not valid yet', { nbf: now + 60 }],
    ['with an exp that is no number', { exp: 'tomorrow' }],
    ['without a user', { sub: null }],
    ['with an empty user', { sub: '' }],
    ['with a number for user', { sub: 7 }],
  ])('a token %s is refused', async (_, claims) => {
    const token = await tokenFor('alice', claims);
    const admission = await verify(token);
    expect(admission).toEqual({ ok: false, reason: expect.any(String) });
    expect(JSON.stringify(admission)).not.toContain(token);
  });

  it.each([
    ['badly signed', () => tokenFor('alice', {}, 'another secret that nobody here knows')],
    ['unsigned', () => new UnsecuredJWT({ sub: 'alice' }).encode()],
    ['signed by another algorithm', () => sign('RS256', rsa.privateKey)],
    ['not three parts', () => 'not-a-token'],
    ['empty', () => ''],
    ['full of dots', () => '.'.repeat(5000)],
  ])('a token that is %s is refused', async (_, token) => {
    expect(await verify(await token())).toMatchObject({ ok: false });
  });

  it.each([
    [{ sub: 7 }, 'The `sub` of the token is no string but a number.'],
    [{ sub: true }, 'The `sub` of the token is no string but a boolean.'],
    [{ sub: '' }, 'The token names no user: `sub` is missing.'],
  ])('what is wrong with %j is said', async (claims, reason) => {
    expect(await verify(await tokenFor('alice', claims))).toEqual({ ok: false, reason });
  });

  it('tokens are signed by one of the algorithms that it is for', async () => {
    const signed = (alg: string) =>
      new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg }).sign(Buffer.from(longSecret));
    const both = await createVerify({ secret: longSecret, algorithms: ['HS384', 'HS512'] });
    expect(await both(await signed('HS384'))).toMatchObject({ ok: true });
    expect(await both(await signed('HS512'))).toMatchObject({ ok: true });
    expect(await both(await signed('HS256'))).toMatchObject({ ok: false });
    await expect(createVerify({ secret: longSecret, algorithms: ['RS256'] })).rejects.toThrow(
      'algorithms (JWT_ALGORITHMS) wants one or more of HS256, HS384, HS512 beside a secret.',
    );
  });

  it('it may be bytes that are no text', async () => {
    const bytes = randomBytes(32);
    const token = await new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg: 'HS256' }).sign(bytes);
    expect(await (await createVerify({ secret: bytes }))(token)).toMatchObject({ ok: true });
  });

  it('an empty secret is bad configuration', async () => {
    await expect(createVerify({ secret: '' })).rejects.toThrow(ConfigurationError);
  });
});

describe('with another claim for the user', async () => {
  const verify = await createVerify({ secret: testSecret, userIdClaim: 'uid' });

  it.each([
    [{ uid: 'alice' }, 'alice'],
    [{ uid: 42 }, '42'],
    [{ uid: 0 }, '0'],
  ])('%j names one', async (claims, userId) => {
    expect(await verify(await tokenFor('nobody', claims))).toMatchObject({ ok: true, identity: { userId } });
  });

  it.each([{}, { uid: '' }, { uid: null }, { uid: 1.5 }, { uid: 2 ** 53 }, { uid: ['a'] }])(
    '%j names none',
    async (claims) => {
      const reason = 'The token names no user: `uid` is no string and no integer.';
      expect(await verify(await tokenFor('nobody', claims))).toEqual({ ok: false, reason });
    },
  );
});

describe('with a tolerance of 30 seconds', async () => {
  const verify = await createVerify({ secret: testSecret, clockTolerance: 30 });

  it.each([
    ['expired 10 seconds ago', { exp: now - 10 }, true],
    ['expired a minute ago', { exp: now - 60 }, false],
    ['valid in 10 seconds', { nbf: now + 10 }, true],
    ['valid in a minute', { nbf: now + 60 }, false],
  ])('a token that is %s: %j is good is %s', async (_, claims, good) => {
    expect(await verify(await tokenFor('alice', claims))).toMatchObject({ ok: good });
  });
});

describe('with issuer and audience', async () => {
  const verify = await createVerify({ secret: testSecret, issuer: 'https://id.example.com', audience: 'calls' });

  it('both have to fit', async () => {
    expect(
      await verify(await tokenFor('alice', { iss: 'https://id.example.com', aud: ['calls', 'mail'] })),
    ).toMatchObject({ ok: true });
    expect(await verify(await tokenFor('alice', { iss: 'https://evil.example.com', aud: 'calls' }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('iss'),
    });
    expect(await verify(await tokenFor('alice', { iss: 'https://id.example.com' }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('aud'),
    });
  });
});

describe('with a public key', async () => {
  const verify = await createVerify({ publicKey: pem(rsa.publicKey), algorithms: ['RS256', 'PS256'] });

  it.each(['RS256', 'PS256'])('a token signed by %s is good', async (alg) => {
    expect(await verify(await sign(alg, rsa.privateKey))).toMatchObject({ ok: true });
  });

  it('a token signed by an algorithm that is not listed is refused', async () => {
    expect(await verify(await sign('RS512', rsa.privateKey))).toMatchObject({ ok: false });
    expect(await verify(await sign('ES256', ec.privateKey))).toMatchObject({ ok: false });
  });

  it('a token that takes the public key for a shared secret is refused', async () => {
    expect(await verify(await tokenFor('alice', {}, pem(rsa.publicKey)))).toMatchObject({ ok: false });
  });

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('a token whose alg is "%s" is refused', async (alg) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const signature of ['', 'AAAA']) {
      const token = `${part({ alg, typ: 'JWT' })}.${part({ sub: 'alice' })}.${signature}`;
      expect(await verify(token)).toMatchObject({ ok: false });
    }
  });

  it('a token that brings its own key is refused', async () => {
    const mallory = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = mallory.publicKey.export({ format: 'jwk' });
    const token = await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg: 'RS256', jwk: jwk as JWK })
      .sign(mallory.privateKey);
    expect(await verify(token)).toMatchObject({ ok: false });
  });

  it.each([
    ['no key at all', 'not a key', ['RS256']],
    ['a key of another kind', pem(ec.publicKey), ['RS256']],
    ['a shared-secret algorithm', pem(rsa.publicKey), ['HS256']],
    ['no algorithm', pem(rsa.publicKey), []],
  ])('%s is bad configuration', async (_, publicKey, algorithms) => {
    await expect(createVerify({ publicKey, algorithms })).rejects.toThrow(ConfigurationError);
  });
});

describe('with published keys', () => {
  let server: Server;
  let jwksUrl: string;
  let status = 200;

  let keys: object[];
  let fetches = 0;
  const published = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });
  beforeEach(() => {
    keys = [published(ec.publicKey, 'one')];
  });

  beforeAll(async () => {
    server = createServer((_, response) => {
      fetches += 1;
      response.writeHead(status).end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => {
    server.close();
  });

  it('a token signed by one of them is good, one signed by another is refused', async () => {
    status = 200;
    const verify = await createVerify({ jwksUrl, algorithms: ['ES256'] });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await verify(await sign('ES256', ec.privateKey, 'one'))).toMatchObject({ ok: true });
    expect(await verify(await sign('ES256', other.privateKey, 'one'))).toMatchObject({ ok: false });
    expect(await verify(await sign('ES256', other.privateKey, 'two'))).toMatchObject({ ok: false });
  });

  it('a token signed by a new one is good as soon as it is published, one signed by an old one no more', async () => {
    status = 200;
    const verify = await createVerify({ jwksUrl, algorithms: ['ES256'], jwksCooldownMs: 0 });
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [older, newer] = [await sign('ES256', ec.privateKey, 'one'), await sign('ES256', next.privateKey, 'two')];
    expect(await verify(older)).toMatchObject({ ok: true });
    expect(await verify(newer)).toMatchObject({ ok: false });
    keys.push(published(next.publicKey, 'two'));
    expect(await verify(newer)).toMatchObject({ ok: true });
    expect(await verify(older)).toMatchObject({ ok: true });
    keys = [published(next.publicKey, 'two')];
    await verify(await sign('ES256', next.privateKey, 'unknown')); // Has them fetched again.
    expect(await verify(older)).toMatchObject({ ok: false });
    expect(await verify(newer)).toMatchObject({ ok: true });
  });

  it('tokens that name unknown keys have them fetched once, not once each', async () => {
    status = 200;
    const verify = await createVerify({ jwksUrl, algorithms: ['ES256'] });
    await verify(await sign('ES256', ec.privateKey, 'one'));
    const before = fetches;
    for (let index = 0; index < 10; index++) await verify(await sign('ES256', ec.privateKey, `unknown-${index}`));
    expect(fetches).toBe(before);
  });

  it('a token that names none of them is checked by each', async () => {
    status = 200;
    const [second, stranger] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    if (second === undefined || stranger === undefined) throw new Error('no keys');
    keys = [published(ec.publicKey, 'one'), published(second.publicKey, 'two')];
    const verify = await createVerify({ jwksUrl, algorithms: ['ES256'] });
    expect(await verify(await sign('ES256', ec.privateKey))).toMatchObject({ ok: true });
    expect(await verify(await sign('ES256', second.privateKey))).toMatchObject({ ok: true });
    const reason = "The token's signature does not fit.";
    expect(await verify(await sign('ES256', stranger.privateKey))).toEqual({ ok: false, reason });
  });

  it('a shared secret among them signs nothing', async () => {
    status = 200;
    keys = [{ kty: 'oct', k: Buffer.from(testSecret).toString('base64url'), kid: 'one' }];
    const verify = await createVerify({ jwksUrl, algorithms: ['ES256'] });
    const token = await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(Buffer.from(testSecret));
    expect(await verify(token)).toMatchObject({ ok: false });
  });

  it('a token is not judged while they cannot be fetched', async () => {
    status = 500;
    const verify = await createVerify({ jwksUrl, algorithms: ['ES256'] });
    await expect(verify(await sign('ES256', ec.privateKey, 'one'))).rejects.toThrow('cannot be fetched');
  });

  it('those that are known outlive an outage, which is not asked about for each token', async () => {
    status = 200;
    const { verify, isHealthy } = await createKeyCheck({
      ...{ jwksUrl, algorithms: ['ES256'], jwksCooldownMs: 0 },
      jwksOutageMs: 1_500,
    });
    const token = await sign('ES256', ec.privateKey, 'one');
    expect(await verify(token)).toMatchObject({ ok: true });
    status = 500;
    const unknown = await sign('ES256', ec.privateKey, 'two');
    const before = fetches;
    for (let round = 0; round < 50; round++) {
      await expect(verify(unknown)).rejects.toThrow('cannot be fetched');
      expect(await verify(token)).toMatchObject({ ok: true });
    }
    expect(fetches - before).toBe(1);
    expect(isHealthy()).toBe(true);
    await expect.poll(isHealthy, { timeout: 5_000 }).toBe(false);
    status = 200;
  });

  it.each([
    ['too many', () => Array.from({ length: 101 }, (_, number) => published(ec.publicKey, String(number)))],
    ['too large ones', () => [{ ...published(ec.publicKey, 'one'), note: 'x'.repeat(300_000) }]],
  ])('%s are none', async (_, make) => {
    status = 200;
    keys = make();
    const verify = await createVerify({ jwksUrl, algorithms: ['ES256'] });
    await expect(verify(await sign('ES256', ec.privateKey, 'one'))).rejects.toThrow('cannot be fetched');
  });
});

describe('what a token has to be beside', () => {
  it('is to lapse, where that is required', async () => {
    const verify = await createVerify({ secret: testSecret, requireExp: true });
    expect(await verify(await tokenFor('alice', { exp: null }))).toMatchObject({ ok: false });
    expect(await verify(await tokenFor('alice', { exp: now + 60 }))).toMatchObject({ ok: true });
  });

  it.each<[string, Record<string, number | null>, boolean]>([
    ['an hour from its making', { iat: now - 1_800, exp: now + 1_700 }, true],
    ['longer than an hour from its making', { iat: now - 1_800, exp: now + 1_900 }, false],
    ['an hour from now', { exp: now + 3_500 }, true],
    ['longer than an hour from now', { exp: now + 3_700 }, false],
    ['for good', { exp: null }, false],
  ])('may last an hour at most: %s', async (_, claims, ok) => {
    const verify = await createVerify({ secret: testSecret, maxLifetime: 3_600 });
    expect(await verify(await tokenFor('alice', claims))).toMatchObject({ ok });
  });

  it('is signed by a secret that is long enough', async () => {
    const short = createVerify({ secret: 'x'.repeat(31), minSecretLength: 32 });
    await expect(short).rejects.toThrow('secret (JWT_SECRET) wants at least 32 bytes.');
    await createVerify({ secret: 'x'.repeat(32), minSecretLength: 32 });
  });
});
