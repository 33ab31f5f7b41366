import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { validateWebrtcConfig } from '../../generated/index.js';
import { defaultWebrtcConfig } from '../core/config-answer.js';
import { ConfigurationError } from '../edge/configuration-error.js';
import { makeCertificate } from '../testing/certificate.js';
import { readConfiguration } from './configuration.js';
import { settings } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'config-test-'));
const keyFile = join(folder, 'key.pem');
const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
writeFileSync(keyFile, publicKey);
const [one, other] = [makeCertificate(folder, 'one'), makeCertificate(folder, 'other')];
afterAll(() => rmSync(folder, { recursive: true }));

describe('without any setting', () => {
  it('everything has its default, and no key is set', () => {
    expect(readConfiguration({}, {})).toEqual({
      server: {
        ...{ host: '127.0.0.1', port: 8000, messageLimit: 65_536, webrtcConfig: defaultWebrtcConfig },
        ...{ rateLimit: { burst: 1000, perSecond: 100 }, connectionsPerUser: 100, backlogLimit: 4_194_304 },
        ...{ keepAliveTimeoutMs: 65_000, maxHeaderSize: 16_384 },
        ...{ heartbeatMs: 20_000, handshakeTimeoutMs: 10_000, shutdownDelayMs: 0, shutdownGraceMs: 5_000 },
        ...{ tokenExpiry: 'ignore', trustedProxies: 0, metrics: false },
        ...{ byteRate: { burst: 67_108_864, perSecond: 16_777_216 }, joinRate: { burst: 30, perSecond: 1 } },
      },
      logLevel: 'info',
    });
  });
});

describe('the ICE configuration', () => {
  it('lists STUN and TURN, and is valid', () => {
    const { webrtcConfig } = readConfiguration(
      {},
      {
        WEBRTC_STUN_URLS: 'stun:stun.example.com, stuns:stun.example.com:5349',
        WEBRTC_TURN_URLS: 'turn:turn.example.com?transport=udp',
        WEBRTC_TURN_USERNAME: 'user',
        WEBRTC_TURN_CREDENTIAL: 'pass',
        WEBRTC_ICE_TRANSPORT_POLICY: 'relay',
        WEBRTC_BUNDLE_POLICY: 'max-bundle',
        WEBRTC_RTCP_MUX_POLICY: 'negotiate',
      },
    ).server;
    expect(webrtcConfig).toEqual({
      ice_servers: [
        { urls: ['stun:stun.example.com', 'stuns:stun.example.com:5349'] },
        { urls: ['turn:turn.example.com?transport=udp'], username: 'user', credential: 'pass' },
      ],
      ice_transport_policy: 'relay',
      bundle_policy: 'max-bundle',
      rtcp_mux_policy: 'negotiate',
    });
    expect(validateWebrtcConfig(webrtcConfig)).toBe(true);
  });
});

describe('the edges', () => {
  it('are set as a whole', () => {
    const env = {
      ...{
        RATE_LIMIT: '5',
        RATE_BURST: '10',
        CONNECTIONS_PER_USER: '2',
        CONNECTIONS_PER_ADDRESS: '3',
        TRUST_PROXY: '1',
      },
      ...{ ALLOWED_ORIGINS: 'https://a.example.com, http://localhost:5173', TOKEN_EXPIRY: 'close', METRICS: 'on' },
      ...{ WEBRTC_TURN_URLS: 'turn:turn.example.com', WEBRTC_TURN_SECRET: 's', WEBRTC_TURN_TTL: '600' },
      ...{ TLS_CERT: one.files.cert, TLS_KEY: one.files.key },
    };
    const { server } = readConfiguration({}, env);
    expect(server).toMatchObject({
      ...{ rateLimit: { burst: 10, perSecond: 5 }, connectionsPerUser: 2, connectionsPerAddress: 3, trustedProxies: 1 },
      ...{ allowedOrigins: ['https://a.example.com', 'http://localhost:5173'], tokenExpiry: 'close', metrics: true },
      ...{ turn: { secret: 's', lifetime: 600 }, tls: { cert: one.cert, key: one.key } },
    });
    expect(server.webrtcConfig?.ice_servers.at(-1)).toEqual({ urls: ['turn:turn.example.com'] });
  });

  it('with 0 have no limit', () => {
    const { server } = readConfiguration(
      {},
      { RATE_LIMIT: '0', CONNECTIONS_PER_USER: '0', CONNECTIONS_PER_ADDRESS: '0' },
    );
    expect(server).not.toHaveProperty('rateLimit');
    expect(server).not.toHaveProperty('connectionsPerUser');
    expect(server).not.toHaveProperty('connectionsPerAddress');
  });

  it('leave room for the clock of whoever issues tokens', () => {
    const { admission } = readConfiguration({}, { JWT_SECRET: 's', JWT_CLOCK_TOLERANCE: '30' });
    expect(admission).toEqual({ secret: 's', clockTolerance: 30 });
  });
});

describe('keys', () => {
  it('are a secret', () => {
    const { admission } = readConfiguration({}, { JWT_SECRET: 's', JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' });
    expect(admission).toEqual({ secret: 's', issuer: 'i', audience: 'a' });
  });

  it.each([
    ['base64', 'c2VjcmV0IQ=='],
    ['base64', 'c2VjcmV0IQ'],
    ['hex', '73656372657421'],
    ['utf8', 'secret!'],
  ])('which may be written in %s', (encoding, written) => {
    const { admission } = readConfiguration({}, { JWT_SECRET: written, JWT_SECRET_ENCODING: encoding });
    expect(admission).toEqual({ secret: encoding === 'utf8' ? 'secret!' : Buffer.from('secret!') });
  });

  it('sign with the algorithms that are set, and name the user in the claim that is set', () => {
    const env = { JWT_SECRET: 's', JWT_ALGORITHMS: 'HS384,HS512', USER_ID_CLAIM: 'uid' };
    expect(readConfiguration({}, env).admission).toEqual({
      secret: 's',
      algorithms: ['HS384', 'HS512'],
      userIdClaim: 'uid',
    });
  });

  it('or a public key file', () => {
    const { admission } = readConfiguration({}, { JWT_PUBLIC_KEY: keyFile, JWT_ALGORITHMS: 'RS256,PS256' });
    expect(admission).toEqual({ publicKey, algorithms: ['RS256', 'PS256'] });
  });

  it('or published keys', () => {
    const jwksUrl = 'https://id.example.com/jwks.json';
    expect(readConfiguration({ jwksUrl }, { JWT_ALGORITHMS: 'ES256' }).admission).toEqual({
      jwksUrl,
      algorithms: ['ES256'],
    });
  });
});

describe('flags', () => {
  it('go before the environment', () => {
    expect(readConfiguration({ port: '1' }, { PORT: '2' }).server.port).toBe(1);
  });

  it('there is none for a secret', () => {
    const withoutFlag = Object.values(settings).filter(({ flag }) => flag === undefined);
    expect(withoutFlag.map(({ env }) => env)).toEqual(['JWT_SECRET', 'WEBRTC_TURN_CREDENTIAL', 'WEBRTC_TURN_SECRET']);
  });

  it('give each setting its name in code', () => {
    for (const [name, { flag }] of Object.entries(settings)) {
      const spelled = flag
        ?.slice(2)
        .split(' ')[0]
        ?.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      if (flag !== undefined) expect(spelled).toBe(name);
    }
  });
});

it('an empty variable is an unset one', () => {
  expect(readConfiguration({}, { PORT: '', BASE_PATH: '', WEBRTC_STUN_URLS: '' })).toEqual(readConfiguration({}, {}));
});

it('a base path loses its last slash', () => {
  expect(readConfiguration({}, { BASE_PATH: '/a/b/' }).server.basePath).toBe('/a/b');
});

describe('bad configuration is one sentence', () => {
  it.each<[string, Record<string, string>]>([
    ['PORT wants a whole number from 0 to 65535, not "65536".', { PORT: '65536' }],
    ['PORT wants a whole number from 0 to 65535, not "0x10".', { PORT: '0x10' }],
    ['MESSAGE_LIMIT wants a whole number from 65536 to 1048576, not "1000".', { MESSAGE_LIMIT: '1000' }],
    ['BASE_PATH wants a path such as /signaling, not "signaling".', { BASE_PATH: 'signaling' }],
    ['WEBRTC_BUNDLE_POLICY wants one of balanced, max-compat, max-bundle, not "all".', { WEBRTC_BUNDLE_POLICY: 'all' }],
    [
      'WEBRTC_STUN_URLS wants stun: or stuns: URIs such as stun:stun.example.com:3478, separated by commas.',
      { WEBRTC_STUN_URLS: 'stun.example.com' },
    ],
    [
      'WEBRTC_TURN_URLS wants turn: or turns: URIs such as turn:turn.example.com:3478, separated by commas.',
      { WEBRTC_TURN_URLS: 'stun:stun.example.com' },
    ],
    [
      'WEBRTC_TURN_URLS wants WEBRTC_TURN_SECRET, or WEBRTC_TURN_USERNAME and WEBRTC_TURN_CREDENTIAL, as well.',
      { WEBRTC_TURN_URLS: 'turn:turn.example.com', WEBRTC_TURN_USERNAME: 'user' },
    ],
    ['WEBRTC_TURN_SECRET wants a value that is not empty.', { WEBRTC_TURN_SECRET: '' }],
    ['WEBRTC_TURN_SECRET wants WEBRTC_TURN_URLS as well.', { WEBRTC_TURN_SECRET: 's' }],
    [
      'WEBRTC_TURN_SECRET wants no WEBRTC_TURN_CREDENTIAL beside it.',
      { WEBRTC_TURN_URLS: 'turn:turn.example.com', WEBRTC_TURN_SECRET: 's', WEBRTC_TURN_CREDENTIAL: 'pass' },
    ],
    [
      'ALLOWED_ORIGINS wants origins such as https://app.example.com, https://*.example.com, capacitor://localhost, null or *, separated by commas, not "https://app.example.com/".',
      { ALLOWED_ORIGINS: 'https://fine.example.com, https://app.example.com/' },
    ],
    ['TLS_CERT wants TLS_KEY beside it.', { TLS_KEY: keyFile }],
    [`TLS_CERT wants a certificate in PEM, not "${keyFile}".`, { TLS_CERT: keyFile, TLS_KEY: one.files.key }],
    [
      `TLS_KEY wants a private key in PEM, without a passphrase, not "${keyFile}".`,
      { TLS_CERT: one.files.cert, TLS_KEY: keyFile },
    ],
    [
      `TLS_KEY wants the key of the certificate in ${one.files.cert}, not "${other.files.key}".`,
      { TLS_CERT: one.files.cert, TLS_KEY: other.files.key },
    ],
    ['TRUST_PROXY wants a whole number from 0 to 10, not "true".', { TRUST_PROXY: 'true' }],
    ['METRICS wants one of on, off, not "yes".', { METRICS: 'yes' }],
    ['JWT_SECRET wants a value that is not empty.', { JWT_SECRET: '' }],
    [
      'JWT_PUBLIC_KEY wants the path of a PEM file that can be read, not "/nowhere/key.pem".',
      { JWT_PUBLIC_KEY: '/nowhere/key.pem' },
    ],
    ['JWT_PUBLIC_KEY wants JWT_ALGORITHMS as well.', { JWT_PUBLIC_KEY: keyFile }],
    ['JWT_ALGORITHMS wants JWT_SECRET, JWT_PUBLIC_KEY or JWKS_URL as well.', { JWT_ALGORITHMS: 'RS256' }],
    [
      'JWT_ALGORITHMS wants one or more of HS256, HS384, HS512 beside JWT_SECRET.',
      { JWT_SECRET: 's', JWT_ALGORITHMS: 'RS256' },
    ],
    ['JWT_SECRET wants base64, as JWT_SECRET_ENCODING says.', { JWT_SECRET: 'no!', JWT_SECRET_ENCODING: 'base64' }],
    ['JWT_SECRET wants hex, as JWT_SECRET_ENCODING says.', { JWT_SECRET: 'abc', JWT_SECRET_ENCODING: 'hex' }],
    ['JWKS_URL wants an http or https URL.', { JWKS_URL: 'id.example.com' }],
    ['JWKS_URL wants no JWT_SECRET beside it.', { JWKS_URL: 'https://id.example.com', JWT_SECRET: 's' }],
  ])('%s', (sentence, env) => {
    expect(() => readConfiguration({}, env)).toThrow(ConfigurationError);
    expect(() => readConfiguration({}, env)).toThrow(sentence);
  });

  it('that takes HS256 for no public-key algorithm', () => {
    const env = { JWT_PUBLIC_KEY: keyFile, JWT_ALGORITHMS: 'RS256,HS256' };
    expect(() => readConfiguration({}, env)).toThrow(/^JWT_ALGORITHMS wants one or more of RS256/);
  });

  it('that never shows the value', () => {
    expect(() => readConfiguration({}, { WEBRTC_TURN_URLS: 'turn:user:hunter2@example.com' })).toThrow(
      /^(?!.*hunter2)/,
    );
  });
});
