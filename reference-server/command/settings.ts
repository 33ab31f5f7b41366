import { readFileSync } from 'node:fs';
import { secretEncodings } from '../../bin/decode-secret.js';
import { publicKeyAlgorithms, secretAlgorithms } from '../../bin/signature-algorithms.js';
import { validateIceServerUrl } from '../../generated/index.js';
import { redisDefaults } from '../backplane/redis.js';
import { defaultStunUrl, defaultWebrtcConfig } from '../core/config-answer.js';
import { serverDefaults } from '../edge/defaults.js';
import { isOriginPattern } from '../limits/allowed-origin.js';

/** One thing that can be set: parsing, `--help` and the documentation are all made from it. */
export interface Setting<Value = unknown> extends Kind<Value> {
  /** Its environment variable. */
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
  /** What is wrong in a text that is none, to be repeated; absent where it may be a secret. */
  readonly culprit?: (text: string) => string;
}

const itself = (text: string): string => text;

const secret = undefined;
const text: Kind<string> = { wants: 'a value that is not empty', parse: (value) => value || undefined };
const path: Kind<string> = {
  wants: 'a path such as /signaling',
  parse: (value) => (/^(\/[\w.~-]+)+\/?$/.test(value) ? value.replace(/\/$/, '') : undefined),
  culprit: itself,
};
const file: Kind<string> = { wants: 'the path of a PEM file that can be read', parse: readPem, culprit: itself };
const url: Kind<string> = {
  wants: 'an http or https URL',
  parse: (value) => (/^https?:\/\//.test(value) && URL.canParse(value) ? value : undefined),
};
const redis: Kind<string> = {
  wants: 'a redis or rediss URL',
  parse: (value) => (/^rediss?:\/\//.test(value) && URL.canParse(value) ? value : undefined),
};
const signatures = [...secretAlgorithms, ...publicKeyAlgorithms];
const algorithms = list(`one or more of ${signatures.join(', ')}`, (name) => signatures.includes(name));
const transport = oneOf('all', 'relay');
const bundle = oneOf('balanced', 'max-compat', 'max-bundle');
const rtcpMux = oneOf('require', 'negotiate');
const tokenExpiry = oneOf('ignore', 'close');
const onOff = oneOf('on', 'off');
const milliseconds = integer(1, 86_400_000);
const origins: Kind<string[]> = list(
  'origins such as https://app.example.com, https://*.example.com, capacitor://localhost, null or *',
  isOriginPattern,
);
const level = oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent');
const limit = integer(serverDefaults.messageLimit, serverDefaults.hardMessageLimit); // RELAY-10

/** Everything that can be set, by the name that its flag has in code. */
export const settings = named({
  host: setting('<address>', 'address to listen on', text, serverDefaults.host),
  port: setting('<number>', 'TCP port to listen on; 0 takes a free one', integer(0, 65_535), '8000'),
  basePath: setting('<path>', 'path prefix of the protocol, none for the rest', path),
  jwtSecret: setting(secret, 'secret that signs tokens', text),
  jwtSecretEncoding: setting('<encoding>', 'how JWT_SECRET is written', oneOf(...secretEncodings), 'utf8'),
  jwtPublicKey: setting('<file>', 'PEM file of the key that checks tokens', file),
  jwksUrl: setting('<url>', 'where the keys that check tokens are published', url),
  jwtAlgorithms: setting('<list>', 'signatures that are taken; HS256 for a secret unless set', algorithms),
  jwtIssuer: setting('<iss>', 'the `iss` that tokens carry', text),
  jwtAudience: setting('<aud>', 'the `aud` that tokens carry', text),
  jwtClockTolerance: setting(
    '<seconds>',
    'how far the clock of whoever issues tokens may be off',
    integer(0, 600),
    String(serverDefaults.clockTolerance),
  ),
  userIdClaim: setting('<name>', 'claim that names the user, a string or an integer', text, 'sub'),
  jwtRequireExp: setting('<on|off>', 'whether a token has to lapse', onOff, 'off'),
  jwtMaxLifetime: setting('<seconds>', 'longest time that a token may be good for', integer(1, 999_999_999)),
  jwtSecretMinLength: setting('<bytes>', 'length of the secret below which there is no start', integer(1, 1_024), '1'),
  tokenExpiry: setting(
    '<policy>',
    'whether to close a connection when its token lapses, or ignore that',
    tokenExpiry,
    serverDefaults.tokenExpiry,
  ),
  allowedOrigins: setting(
    '<list>',
    'origins whose pages may connect and read the configuration; unset, all may connect and none may read',
    origins,
  ),
  tlsCert: setting('<file>', 'PEM file of the certificate and its chain', file),
  tlsKey: setting('<file>', 'PEM file of the key of the certificate', file),
  trustProxy: setting(
    '<number>',
    'proxies in front whose X-Forwarded-For is believed',
    integer(0, 10),
    String(serverDefaults.trustedProxies),
  ),
  stunUrls: { ...setting('<list>', 'STUN servers', iceUrls('stun'), defaultStunUrl), env: 'WEBRTC_STUN_URLS' },
  turnUrls: { ...setting('<list>', 'TURN servers', iceUrls('turn')), env: 'WEBRTC_TURN_URLS' },
  turnUsername: { ...setting('<name>', 'user name for the TURN servers', text), env: 'WEBRTC_TURN_USERNAME' },
  turnCredential: { ...setting(secret, 'password for the TURN servers', text), env: 'WEBRTC_TURN_CREDENTIAL' },
  turnSecret: {
    ...setting(secret, 'secret of the TURN servers, for time-limited credentials', text),
    env: 'WEBRTC_TURN_SECRET',
  },
  turnTtl: {
    ...setting('<seconds>', 'how long time-limited credentials stay valid', integer(60, 2_592_000), '86400'),
    env: 'WEBRTC_TURN_TTL',
  },
  iceTransportPolicy: {
    ...setting(
      '<policy>',
      'all, or relay to force media through TURN',
      transport,
      defaultWebrtcConfig.ice_transport_policy,
    ),
    env: 'WEBRTC_ICE_TRANSPORT_POLICY',
  },
  bundlePolicy: {
    ...setting('<policy>', 'how media share a transport', bundle, defaultWebrtcConfig.bundle_policy),
    env: 'WEBRTC_BUNDLE_POLICY',
  },
  rtcpMuxPolicy: {
    ...setting('<policy>', 'whether RTCP may have its own port', rtcpMux, defaultWebrtcConfig.rtcp_mux_policy),
    env: 'WEBRTC_RTCP_MUX_POLICY',
  },
  messageLimit: setting('<bytes>', 'size of the largest message taken', limit, String(serverDefaults.messageLimit)),
  roomCapacity: setting('<users>', 'users that fit in a room', integer(1, 1_000_000)),
  rateLimit: setting(
    '<messages>',
    'messages per second that a connection may send in the long run; 0 for any number',
    integer(0, 1_000_000),
    '100',
  ),
  rateBurst: setting('<messages>', 'messages that a connection may send at once', integer(1, 1_000_000), '1000'),
  byteRate: setting(
    '<bytes>',
    'bytes per second that what a user says in a room may come to, over all receivers; 0 for any number',
    integer(0, 999_999_999),
    String(serverDefaults.byteRate.perSecond),
  ),
  byteBurst: setting(
    '<bytes>',
    'the same for what is said at once',
    integer(serverDefaults.hardMessageLimit, 999_999_999),
    String(serverDefaults.byteRate.burst),
  ),
  joinRate: setting(
    '<number>',
    'times per second that a user may enter a room in the long run; 0 for any number',
    integer(0, 1_000_000),
    String(serverDefaults.joinRate.perSecond),
  ),
  joinBurst: setting(
    '<number>',
    'times that a user may enter a room at once',
    integer(1, 1_000_000),
    String(serverDefaults.joinRate.burst),
  ),
  connectionsPerUser: setting(
    '<number>',
    'rooms that a user may be in at once; 0 for any number',
    integer(0, 1_000_000),
    '100',
  ),
  connectionsPerAddress: setting(
    '<number>',
    'connections that an address may have at once; 0 for any number',
    integer(0, 1_000_000),
    '0',
  ),
  heartbeatInterval: setting(
    '<ms>',
    'time between pings; a silent peer is dropped after twice that; 0 for no pings',
    integer(0, 86_400_000),
    String(serverDefaults.heartbeatMs),
  ),
  handshakeTimeout: setting(
    '<ms>',
    'time that a client has to send its request',
    milliseconds,
    String(serverDefaults.handshakeTimeoutMs),
  ),
  keepAliveTimeout: setting(
    '<ms>',
    'time that an HTTP connection stays open between requests',
    milliseconds,
    String(serverDefaults.keepAliveTimeoutMs),
  ),
  maxHeaderSize: setting(
    '<bytes>',
    'request line and headers together, the token included',
    integer(4_096, 262_144),
    String(serverDefaults.maxHeaderSize),
  ),
  backlogLimit: setting(
    '<bytes>',
    'what may wait for a receiver that takes nothing',
    integer(65_536, 268_435_456),
    String(serverDefaults.backlogLimit),
  ),
  shutdownDelay: setting(
    '<ms>',
    'time that /readyz says 503 before clients are closed',
    integer(0, 600_000),
    String(serverDefaults.shutdownDelayMs),
  ),
  shutdownGrace: setting(
    '<ms>',
    'time that clients have to close before they are cut',
    milliseconds,
    String(serverDefaults.shutdownGraceMs),
  ),
  redis: {
    ...setting('<url>', 'Redis that several instances share; unset, this is the only one', redis),
    env: 'REDIS_URL',
  },
  redisPrefix: setting('<text>', 'what every key and channel in Redis begins with', text, redisDefaults.prefix),
  presence: {
    ...setting(
      '<seconds>',
      'time after which an instance out of reach of Redis counts as gone',
      integer(1, 3_600),
      String(redisDefaults.presenceMs / 1000),
    ),
    env: 'PRESENCE_SECONDS',
  },
  metrics: setting('<on|off>', 'whether /metrics is there; wants prom-client', onOff, 'off'),
  logLevel: setting('<level>', 'the least important lines to log', level, 'info'),
});

/** The name of a setting in code. */
export type SettingName = keyof typeof settings;

/** The parsed value of each setting; undefined where it has neither value nor default. */
export type Settings = {
  [Name in SettingName]: (typeof settings)[Name] extends Setting<infer Value> ? Value : never;
};

/** The flag that a setting has, or would have if it were no secret. */
export function flagOf({ env, flag }: Setting): string {
  return (
    flag?.split(' ')[0] ??
    `--${env
      .replace(/^WEBRTC_/, '')
      .toLowerCase()
      .replaceAll('_', '-')}`
  );
}

/** A setting before it has the names that follow from its name in code. */
interface Unnamed<Value> extends Kind<Value> {
  /** Its variable, where that is not named after the flag. */
  env?: string;
  argument: string | undefined;
  description: string;
  default: string | undefined;
}

type Row<Value> = [argument: string | undefined, description: string, kind: Kind<Value>];

function setting<Value>(...row: [...Row<Value>, fallback: string]): Unnamed<Value>;
function setting<Value>(...row: Row<Value>): Unnamed<Value | undefined>;
function setting<Value>(
  ...[argument, description, kind, fallback]: [...Row<Value>, fallback?: string]
): Unnamed<Value> {
  return { argument, description, default: fallback, ...kind };
}

/** `roomCapacity` has the flag `--room-capacity` and the variable `ROOM_CAPACITY`. */
function named<Table extends Record<string, Unnamed<unknown>>>(
  table: Table,
): { [Name in keyof Table]: Table[Name] extends Unnamed<infer Value> ? Setting<Value> : never } {
  const entries = Object.entries(table).map(([name, { env, argument, ...rest }]) => {
    const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const flag = argument === undefined ? undefined : `--${words} ${argument}`;
    return [name, { ...rest, flag, env: env ?? words.replaceAll('-', '_').toUpperCase() }];
  });
  return Object.fromEntries(entries);
}

function integer(min: number, max: number): Kind<number> {
  const parse = (value: string) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  };
  return { wants: `a whole number from ${min} to ${max}`, parse, culprit: itself };
}

function oneOf<const Choice extends string>(...choices: Choice[]): Kind<Choice> {
  const parse = (value: string) => choices.find((choice) => choice === value);
  return { wants: `one of ${choices.join(', ')}`, parse, culprit: itself };
}

function list(wants: string, accepts: (item: string) => boolean): Kind<string[]> {
  const itemsOf = (value: string) => value.split(',').map((item) => item.trim());
  const parse = (value: string) => (itemsOf(value).every(accepts) ? itemsOf(value) : undefined);
  const culprit = (value: string) => itemsOf(value).find((item) => !accepts(item)) ?? value;
  return { wants: `${wants}, separated by commas`, parse, culprit };
}

function iceUrls(scheme: 'stun' | 'turn'): Kind<string[]> {
  const wants = `${scheme}: or ${scheme}s: URIs such as ${scheme}:${scheme}.example.com:3478`;
  // Not repeated: some write credentials there.
  const { culprit: _, ...kind } = list(wants, (uri) => uri.startsWith(scheme) && validateIceServerUrl(uri)); // CONFIG-5
  return kind;
}

function readPem(name: string): string | undefined {
  try {
    const text = readFileSync(name, 'utf8');
    return text.includes('-----BEGIN ') ? text : undefined;
  } catch {
    return undefined;
  }
}
