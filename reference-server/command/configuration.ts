import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { decodeSecret } from '../../bin/decode-secret.js';
import { publicKeyAlgorithms, secretAlgorithms } from '../../bin/signature-algorithms.js';
import type { IceServer, WebrtcConfig } from '../../generated/index.js';
import type { CreateBackplane } from '../backplane/backplane.js';
import { redisBackplane } from '../backplane/redis.js';
import { ConfigurationError } from '../edge/configuration-error.js';
import type { AdmissionOptions } from '../edge/keys.js';
import type { SignalingServerOptions } from '../edge/server.js';
import type { RateLimit } from '../limits/token-bucket.js';
import { flagOf, type Setting, type SettingName, type Settings, settings } from './settings.js';

/** What the settings amount to. Without `admission`, no key is set. */
export interface Configuration {
  server: Omit<SignalingServerOptions, 'admission' | 'log' | 'decisions'>;
  admission?: AdmissionOptions;
  logLevel: string;
}

/** Reads the configuration; flags go before the environment. Throws {@link ConfigurationError} for the first thing that is wrong. */
export function readConfiguration(
  flags: Partial<Record<SettingName, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Configuration {
  const values = readSettings(flags, env);
  const { host, port, basePath, messageLimit, roomCapacity, backlogLimit, tokenExpiry, logLevel } = values;
  const { allowedOrigins, turnSecret, tlsCert, tlsKey } = values;
  const admission = admissionOf(values);
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new ConfigurationError('TLS_CERT', 'TLS_KEY beside it');
  checkTls(values, { tlsCert: flags.tlsCert ?? env.TLS_CERT, tlsKey: flags.tlsKey ?? env.TLS_KEY });
  return {
    server: {
      ...{ host, port, messageLimit, backlogLimit, tokenExpiry, webrtcConfig: webrtcConfigOf(values) },
      ...(basePath !== undefined && { basePath }),
      ...(roomCapacity !== undefined && { roomCapacity }),
      ...(values.rateLimit > 0 && { rateLimit: { burst: values.rateBurst, perSecond: values.rateLimit } }),
      byteRate: rateOf(values.byteRate, values.byteBurst),
      joinRate: rateOf(values.joinRate, values.joinBurst),
      ...(values.connectionsPerUser > 0 && { connectionsPerUser: values.connectionsPerUser }),
      ...(values.connectionsPerAddress > 0 && { connectionsPerAddress: values.connectionsPerAddress }),
      ...(allowedOrigins !== undefined && { allowedOrigins }),
      ...(tlsCert !== undefined && tlsKey !== undefined && { tls: { cert: tlsCert, key: tlsKey } }),
      ...(turnSecret !== undefined && { turn: { secret: turnSecret, lifetime: values.turnTtl } }),
      trustedProxies: values.trustProxy,
      heartbeatMs: values.heartbeatInterval,
      handshakeTimeoutMs: values.handshakeTimeout,
      keepAliveTimeoutMs: values.keepAliveTimeout,
      maxHeaderSize: values.maxHeaderSize,
      shutdownDelayMs: values.shutdownDelay,
      shutdownGraceMs: values.shutdownGrace,
      ...(values.redis !== undefined && { backplane: backplaneOf(values.redis, values) }),
      metrics: values.metrics === 'on',
    },
    ...(admission !== undefined && { admission }),
    logLevel,
  };
}

function readSettings(flags: Partial<Record<SettingName, string>>, env: Record<string, string | undefined>): Settings {
  const entries = Object.entries(settings).map(([name, setting]: [string, Setting]) => {
    const given = flags[name as SettingName] ?? env[setting.env];
    // An empty variable is an unset one, but an empty secret is a mishap that must not open the door.
    const isUnset = given === undefined || (given === '' && setting.flag !== undefined);
    const value = isUnset ? setting.default : given;
    if (value === undefined) return [name, undefined];
    const parsed = setting.parse(value);
    if (parsed === undefined) {
      const typed = flags[name as SettingName] === undefined ? setting.env : flagOf(setting);
      throw new ConfigurationError(typed, setting.wants, setting.culprit?.(value));
    }
    return [name, parsed];
  });
  return Object.fromEntries(entries) as Settings;
}

/** Says which file it is that holds no certificate, no key, or the key of another certificate. */
function checkTls(
  { tlsCert: cert, tlsKey: key }: Settings,
  files: { tlsCert?: string | undefined; tlsKey?: string | undefined },
): void {
  if (cert === undefined || key === undefined) return;
  const isFit = (parts: SecureContextOptions) => {
    try {
      createSecureContext(parts);
      return true;
    } catch {
      return false;
    }
  };
  if (!isFit({ cert })) throw new ConfigurationError('TLS_CERT', 'a certificate in PEM', files.tlsCert);
  if (!isFit({ key }))
    throw new ConfigurationError('TLS_KEY', 'a private key in PEM, without a passphrase', files.tlsKey);
  if (!isFit({ cert, key }))
    throw new ConfigurationError('TLS_KEY', `the key of the certificate in ${files.tlsCert}`, files.tlsKey);
}

/** A rate of 0 stands for none. */
function rateOf(perSecond: number, burst: number): RateLimit {
  return perSecond > 0 ? { burst, perSecond } : { burst: Number.POSITIVE_INFINITY, perSecond: 1 };
}

function backplaneOf(url: string, { redisPrefix: prefix, presence }: Settings): CreateBackplane {
  return redisBackplane({ url, prefix, presenceMs: presence * 1000 });
}

function webrtcConfigOf(values: Settings): WebrtcConfig {
  const { stunUrls, iceTransportPolicy, bundlePolicy, rtcpMuxPolicy } = values;
  return {
    ice_servers: [{ urls: stunUrls }, ...turnServersOf(values)],
    ice_transport_policy: iceTransportPolicy,
    bundle_policy: bundlePolicy,
    rtcp_mux_policy: rtcpMuxPolicy,
  };
}

function turnServersOf({ turnUrls, turnSecret, ...values }: Settings): IceServer[] {
  const { turnUsername: username, turnCredential: credential } = values;
  if (turnSecret !== undefined) {
    if (turnUrls === undefined) throw new ConfigurationError('WEBRTC_TURN_SECRET', 'WEBRTC_TURN_URLS as well');
    if (credential !== undefined)
      throw new ConfigurationError('WEBRTC_TURN_SECRET', 'no WEBRTC_TURN_CREDENTIAL beside it');
    return [{ urls: turnUrls }]; // The server adds credentials for whoever asks.
  }
  if (turnUrls === undefined) return [];
  if (username === undefined || credential === undefined) {
    // CONFIG-6: browsers throw on a TURN server without them.
    const wants = 'WEBRTC_TURN_SECRET, or WEBRTC_TURN_USERNAME and WEBRTC_TURN_CREDENTIAL, as well';
    throw new ConfigurationError('WEBRTC_TURN_URLS', wants);
  }
  return [{ urls: turnUrls, username, credential }];
}

function admissionOf({ jwtSecret, jwtPublicKey, jwksUrl, ...values }: Settings): AdmissionOptions | undefined {
  const keys = { JWT_SECRET: jwtSecret, JWT_PUBLIC_KEY: jwtPublicKey, JWKS_URL: jwksUrl };
  const [first, second] = Object.entries(keys).filter(([, value]) => value !== undefined);
  if (first !== undefined && second !== undefined) throw new ConfigurationError(second[0], `no ${first[0]} beside it`);

  const { jwtAlgorithms: algorithms, jwtIssuer: issuer, jwtAudience: audience, jwtClockTolerance } = values;
  const claims = {
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(jwtClockTolerance > 0 && { clockTolerance: jwtClockTolerance }),
    ...(values.userIdClaim !== 'sub' && { userIdClaim: values.userIdClaim }),
    ...(values.jwtRequireExp === 'on' && { requireExp: true }),
    ...(values.jwtMaxLifetime !== undefined && { maxLifetime: values.jwtMaxLifetime }),
    ...(values.jwtSecretMinLength > 1 && { minSecretLength: values.jwtSecretMinLength }),
  };
  if (jwtPublicKey === undefined && jwksUrl === undefined) {
    if (jwtSecret === undefined && algorithms === undefined) return undefined;
    if (jwtSecret === undefined)
      throw new ConfigurationError('JWT_ALGORITHMS', 'JWT_SECRET, JWT_PUBLIC_KEY or JWKS_URL as well');
    requireSomeOf(algorithms, secretAlgorithms, 'JWT_SECRET');
    const encoding = values.jwtSecretEncoding;
    const secret = encoding === 'utf8' ? jwtSecret : decodeSecret(jwtSecret, encoding);
    if (secret === undefined) throw new ConfigurationError('JWT_SECRET', `${encoding}, as JWT_SECRET_ENCODING says`);
    return { secret, ...(algorithms !== undefined && { algorithms }), ...claims };
  }
  if (algorithms === undefined) throw new ConfigurationError(first?.[0] ?? '', 'JWT_ALGORITHMS as well');
  requireSomeOf(algorithms, publicKeyAlgorithms, first?.[0] ?? '');
  if (jwksUrl !== undefined) return { jwksUrl, algorithms, ...claims };
  return { publicKey: jwtPublicKey ?? '', algorithms, ...claims };
}

function requireSomeOf(given: readonly string[] = [], all: readonly string[], key: string): void {
  if (!given.every((one) => all.includes(one)))
    throw new ConfigurationError('JWT_ALGORITHMS', `one or more of ${all.join(', ')} beside ${key}`);
}
