import { describe, expect, it } from 'vitest';
import { validateWebrtcConfig, type WebrtcConfig } from '../../generated/index.js';
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
