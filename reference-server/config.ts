import { readFileSync } from 'node:fs';
import { type IceServer, validateIceServerUrl, type WebrtcConfig } from '../generated/index.js';
import { type AdmissionOptions, publicKeyAlgorithms } from './admission.js';
import type { CreateBackplane } from './backplane/backplane.js';
import { redisBackplane } from './backplane/redis.js';
import { defaultStunUrl } from './config-answer.js';
import { ConfigurationError } from './configuration-error.js';
import type { SignalingServerOptions } from './server.js';

/** One thing that can be set: parsing, `--help` and the documentation are all made from it. */
export interface Setting<Value = unknown> extends Kind<Value> {
  readonly env: string;
  /** The flag, which goes before the environment. A secret has none: everybody on the machine can see arguments. */
  readonly flag: string | undefined;
  readonly description: string;
  readonly default: string | undefined;
}

interface Kind<Value> {
  /** What a good value is, to follow "wants". */
  readonly wants: string;
  /** Returns the value, or undefined for a text that is none. */
  readonly parse: (text: string) => Value | undefined;
}

const secret = undefined;
const text: Kind<string> = { wants: 'a value that is not empty', parse: (value) => value || undefined };
const path: Kind<string> = {
  wants: 'a path such as /signaling',
  parse: (value) => (/^(\/[\w.~-]+)+\/?$/.test(value) ? value.replace(/\/$/, '') : undefined),
};
const file: Kind<string> = { wants: 'the path of a file that can be read', parse: readFile };
const url: Kind<string> = {
  wants: 'an http or https URL',
  parse: (value) => (/^https?:\/\//.test(value) && URL.canParse(value) ? value : undefined),
};
const redis: Kind<string> = {
  wants: 'a redis or rediss URL',
  parse: (value) => (/^rediss?:\/\//.test(value) && URL.canParse(value) ? value : undefined),
};
const algorithms = list(`one or more of ${publicKeyAlgorithms.join(', ')}`, (name) =>
  publicKeyAlgorithms.includes(name),
);
const transport = oneOf('all', 'relay');
const bundle = oneOf('balanced', 'max-compat', 'max-bundle');
const rtcpMux = oneOf('require', 'negotiate');
const tokenExpiry = oneOf('ignore', 'close');
const onOff = oneOf('on', 'off');
const milliseconds = integer(1, 86_400_000);
const origins: Kind<string[]> = list('origins such as https://app.example.com, or *', isOrigin);
const level = oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent');
const limit = integer(65_536, 1_048_576); // RELAY-10

/** Everything that can be set, by the name that its flag has in code. */
export const settings = {
  host: setting('HOST', '--host <address>', 'address to listen on', text, '127.0.0.1'),
  port: setting('PORT', '--port <number>', 'TCP port to listen on; 0 takes a free one', integer(0, 65_535), '8000'),
  basePath: setting('BASE_PATH', '--base-path <path>', 'path prefix of the protocol, none for the rest', path),
  jwtSecret: setting('JWT_SECRET', secret, 'secret that signs tokens, with HS256', text),
  jwtPublicKey: setting('JWT_PUBLIC_KEY', '--jwt-public-key <file>', 'PEM file of the key that checks tokens', file),
  jwksUrl: setting('JWKS_URL', '--jwks-url <url>', 'where the keys that check tokens are published', url),
  jwtAlgorithms: setting('JWT_ALGORITHMS', '--jwt-algorithms <list>', 'signatures that public keys check', algorithms),
  jwtIssuer: setting('JWT_ISSUER', '--jwt-issuer <iss>', 'the `iss` that tokens carry', text),
  jwtAudience: setting('JWT_AUDIENCE', '--jwt-audience <aud>', 'the `aud` that tokens carry', text),
  jwtClockTolerance: setting(
    'JWT_CLOCK_TOLERANCE',
    '--jwt-clock-tolerance <seconds>',
    'how far the clock of whoever issues tokens may be off',
    integer(0, 600),
    '0',
  ),
  tokenExpiry: setting(
    'TOKEN_EXPIRY',
    '--token-expiry <policy>',
    'whether to close a connection when its token lapses, or ignore that',
    tokenExpiry,
    'ignore',
  ),
  allowedOrigins: setting(
    'ALLOWED_ORIGINS',
    '--allowed-origins <list>',
    'origins whose pages may connect and read the configuration; unset, all may connect and none may read',
    origins,
  ),
  tlsCert: setting('TLS_CERT', '--tls-cert <file>', 'PEM file of the certificate and its chain', file),
  tlsKey: setting('TLS_KEY', '--tls-key <file>', 'PEM file of the key of the certificate', file),
  trustProxy: setting(
    'TRUST_PROXY',
    '--trust-proxy <number>',
    'proxies in front whose X-Forwarded-For is believed',
    integer(0, 10),
    '0',
  ),
  stunUrls: setting('WEBRTC_STUN_URLS', '--stun-urls <list>', 'STUN servers', iceUrls('stun'), defaultStunUrl),
  turnUrls: setting('WEBRTC_TURN_URLS', '--turn-urls <list>', 'TURN servers', iceUrls('turn')),
  turnUsername: setting('WEBRTC_TURN_USERNAME', '--turn-username <name>', 'user name for the TURN servers', text),
  turnCredential: setting('WEBRTC_TURN_CREDENTIAL', secret, 'password for the TURN servers', text),
  turnSecret: setting('WEBRTC_TURN_SECRET', secret, 'secret of the TURN servers, for time-limited credentials', text),
  turnTtl: setting(
    'WEBRTC_TURN_TTL',
    '--turn-ttl <seconds>',
    'how long time-limited credentials stay valid',
    integer(60, 2_592_000),
    '86400',
  ),
  iceTransportPolicy: setting(
    'WEBRTC_ICE_TRANSPORT_POLICY',
    '--ice-transport-policy <policy>',
    'all, or relay to force media through TURN',
    transport,
    'all',
  ),
  bundlePolicy: setting(
    'WEBRTC_BUNDLE_POLICY',
    '--bundle-policy <policy>',
    'how media share a transport',
    bundle,
    'balanced',
  ),
  rtcpMuxPolicy: setting(
    'WEBRTC_RTCP_MUX_POLICY',
    '--rtcp-mux-policy <policy>',
    'whether RTCP may have its own port',
    rtcpMux,
    'require',
  ),
  messageLimit: setting(
    'MESSAGE_LIMIT',
    '--message-limit <bytes>',
    'size of the largest message taken',
    limit,
    '65536',
  ),
  roomCapacity: setting('ROOM_CAPACITY', '--room-capacity <users>', 'users that fit in a room', integer(1, 1_000_000)),
  rateLimit: setting(
    'RATE_LIMIT',
    '--rate-limit <messages>',
    'messages per second that a connection may send in the long run; 0 for any number',
    integer(0, 1_000_000),
    '100',
  ),
  rateBurst: setting(
    'RATE_BURST',
    '--rate-burst <messages>',
    'messages that a connection may send at once',
    integer(1, 1_000_000),
    '1000',
  ),
  connectionsPerUser: setting(
    'CONNECTIONS_PER_USER',
    '--connections-per-user <number>',
    'rooms that a user may be in at once; 0 for any number',
    integer(0, 1_000_000),
    '100',
  ),
  connectionsPerAddress: setting(
    'CONNECTIONS_PER_ADDRESS',
    '--connections-per-address <number>',
    'connections that an address may have at once; 0 for any number',
    integer(0, 1_000_000),
    '0',
  ),
  heartbeatInterval: setting(
    'HEARTBEAT_INTERVAL',
    '--heartbeat-interval <ms>',
    'time between pings; a silent peer is dropped after twice that; 0 for no pings',
    integer(0, 86_400_000),
    '20000',
  ),
  handshakeTimeout: setting(
    'HANDSHAKE_TIMEOUT',
    '--handshake-timeout <ms>',
    'time that a client has to send its request',
    milliseconds,
    '10000',
  ),
  backlogLimit: setting(
    'BACKLOG_LIMIT',
    '--backlog-limit <bytes>',
    'what may wait for a receiver before it is dropped',
    integer(65_536, 268_435_456),
    '4194304',
  ),
  shutdownDelay: setting(
    'SHUTDOWN_DELAY',
    '--shutdown-delay <ms>',
    'time that /readyz says 503 before clients are closed',
    integer(0, 600_000),
    '0',
  ),
  shutdownGrace: setting(
    'SHUTDOWN_GRACE',
    '--shutdown-grace <ms>',
    'time that clients have to close before they are cut',
    milliseconds,
    '5000',
  ),
  redis: setting(
    'REDIS_URL',
    '--redis <url>',
    'Redis that several instances share; unset, this is the only one',
    redis,
  ),
  redisPrefix: setting(
    'REDIS_PREFIX',
    '--redis-prefix <text>',
    'what every key and channel in Redis begins with',
    text,
    'webrtc:',
  ),
  presence: setting(
    'PRESENCE_SECONDS',
    '--presence <seconds>',
    'time after which an instance out of reach of Redis counts as gone',
    integer(1, 3_600),
    '30',
  ),
  metrics: setting('METRICS', '--metrics <on|off>', 'whether /metrics is there; wants prom-client', onOff, 'off'),
  logLevel: setting('LOG_LEVEL', '--log-level <level>', 'the least important lines to log', level, 'info'),
};

/** The name of a setting in code. */
export type SettingName = keyof typeof settings;

/** The parsed value of each setting; undefined where it has neither value nor default. */
export type Settings = {
  [Name in SettingName]: (typeof settings)[Name] extends Setting<infer Value> ? Value : never;
};

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
  return {
    server: {
      ...{ host, port, messageLimit, backlogLimit, tokenExpiry, webrtcConfig: webrtcConfigOf(values) },
      ...(basePath !== undefined && { basePath }),
      ...(roomCapacity !== undefined && { roomCapacity }),
      ...(values.rateLimit > 0 && { rateLimit: { burst: values.rateBurst, perSecond: values.rateLimit } }),
      ...(values.connectionsPerUser > 0 && { connectionsPerUser: values.connectionsPerUser }),
      ...(values.connectionsPerAddress > 0 && { connectionsPerAddress: values.connectionsPerAddress }),
      ...(allowedOrigins !== undefined && { allowedOrigins }),
      ...(tlsCert !== undefined && tlsKey !== undefined && { tls: { cert: tlsCert, key: tlsKey } }),
      ...(turnSecret !== undefined && { turn: { secret: turnSecret, lifetime: values.turnTtl } }),
      trustedProxies: values.trustProxy,
      heartbeatMs: values.heartbeatInterval,
      handshakeTimeoutMs: values.handshakeTimeout,
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
    if (parsed === undefined) throw new ConfigurationError(setting.env, setting.wants);
    return [name, parsed];
  });
  return Object.fromEntries(entries) as Settings;
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
  };
  if (jwtPublicKey === undefined && jwksUrl === undefined) {
    if (algorithms !== undefined) throw new ConfigurationError('JWT_ALGORITHMS', 'JWT_PUBLIC_KEY or JWKS_URL as well');
    return jwtSecret === undefined ? undefined : { secret: jwtSecret, ...claims };
  }
  if (algorithms === undefined) throw new ConfigurationError(first?.[0] ?? '', 'JWT_ALGORITHMS as well');
  if (jwksUrl !== undefined) return { jwksUrl, algorithms, ...claims };
  return { publicKey: jwtPublicKey ?? '', algorithms, ...claims };
}

function setting<Value>(...row: [...Row<Value>, fallback: string]): Setting<Value>;
function setting<Value>(...row: Row<Value>): Setting<Value | undefined>;
function setting<Value>(
  ...[env, flag, description, kind, fallback]: [...Row<Value>, fallback?: string]
): Setting<Value> {
  return { env, flag, description, default: fallback, ...kind };
}

type Row<Value> = [env: string, flag: string | undefined, description: string, kind: Kind<Value>];

function integer(min: number, max: number): Kind<number> {
  const parse = (value: string) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  };
  return { wants: `a whole number from ${min} to ${max}`, parse };
}

function oneOf<const Choice extends string>(...choices: Choice[]): Kind<Choice> {
  return { wants: `one of ${choices.join(', ')}`, parse: (value) => choices.find((choice) => choice === value) };
}

function list(wants: string, accepts: (item: string) => boolean): Kind<string[]> {
  const parse = (value: string) => {
    const items = value.split(',').map((item) => item.trim());
    return items.every(accepts) ? items : undefined;
  };
  return { wants: `${wants}, separated by commas`, parse };
}

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}

function iceUrls(scheme: 'stun' | 'turn'): Kind<string[]> {
  const wants = `${scheme}: or ${scheme}s: URIs such as ${scheme}:${scheme}.example.com:3478`;
  return list(wants, (uri) => uri.startsWith(scheme) && validateIceServerUrl(uri)); // CONFIG-5
}

function readFile(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    return undefined;
  }
}
