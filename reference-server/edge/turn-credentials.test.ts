import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOfIceServer } from '../../conformance/ice/ice-check.js';
import { validateWebrtcConfig, type WebrtcConfig } from '../../generated/index.js';
import { type Coturn, startCoturn } from '../../test/coturn.js';
import { lacks } from '../../test/programs.js';
import { withTurnCredentials } from './turn-credentials.js';

const config: WebrtcConfig = {
  ice_servers: [
    { urls: ['stun:stun.example.com'] },
    { urls: ['turn:turn.example.com', 'turns:turn.example.com'] },
    { urls: 'turn:turn.example.org' },
  ],
};

describe('credentials for TURN servers', () => {
  it('are those that coturn makes of the shared secret', () => {
    const now = Date.UTC(2026, 0, 1);
    const answer = withTurnCredentials(config, 'alice', { secret: 'north', lifetime: 600 }, now);
    // printf 1767226200:alice | openssl dgst -sha1 -hmac north -binary | base64
    const credentials = { username: '1767226200:alice', credential: 'Nq1a3KiJgNYpkM1bdOIQYadPo9I=' };
    expect(answer).toEqual({
      ice_servers: [
        { urls: ['stun:stun.example.com'] },
        { urls: ['turn:turn.example.com', 'turns:turn.example.com'], ...credentials },
        { urls: 'turn:turn.example.org', ...credentials },
      ],
      ttl: 600,
    });
    expect(validateWebrtcConfig(answer)).toBe(true);
  });

  it('differ between users and moments, and leave the configuration as it is', () => {
    const turn = { secret: 'north', lifetime: 600 };
    const credentialOf = (user: string, now: number) =>
      withTurnCredentials(config, user, turn, now).ice_servers[1]?.credential;
    expect(new Set([credentialOf('alice', 0), credentialOf('bob', 0), credentialOf('alice', 1000)]).size).toBe(3);
    expect(config.ice_servers[1]).not.toHaveProperty('credential');
  });
});

describe.skipIf(lacks('turnserver', 'coturn'))('coturn', () => {
  const secret = 'north';
  let coturn: Coturn;
  beforeAll(async () => {
    coturn = await startCoturn('--use-auth-secret', `--static-auth-secret=${secret}`);
  });
  afterAll(() => coturn.stop());

  it.each([
    ...[
      'alice',
      'alice@example.com',
      'auth0|5f7c8ec7c33c6c004bbafe82',
      'a b',
      '"',
      "'",
      '\\',
      '`',
      ';--',
      '(',
      ')',
      '=',
    ],
    ...['\u0000', '\u0007', '\n', '\u007f', 'é', '名', '😀', ':', ',', '%', '<b>', '#', '\ud800'],
    ...['x'.repeat(128), 'x'.repeat(129), 'x'.repeat(500), '名'.repeat(500)],
  ])('grants an allocation to %j', async (userId) => {
    const url = `turn:127.0.0.1:${coturn.port}`;
    const { ice_servers } = withTurnCredentials({ ice_servers: [{ urls: url }] }, userId, { secret, lifetime: 600 });
    const { username, credential } = ice_servers[0] as { username: string; credential: string };
    expect(await faultOfIceServer({ url, username, credential }, 5_000)).toBeUndefined();
  });

  it('grants none to a name that was changed', async () => {
    const url = `turn:127.0.0.1:${coturn.port}`;
    const { ice_servers } = withTurnCredentials({ ice_servers: [{ urls: url }] }, 'a b', { secret, lifetime: 600 });
    const { username, credential } = ice_servers[0] as { username: string; credential: string };
    expect(await faultOfIceServer({ url, username: `${username}x`, credential }, 5_000)).toContain('401');
  });
});
