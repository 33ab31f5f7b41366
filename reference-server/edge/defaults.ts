/** What a server does where its options and settings say nothing. Sizes are in bytes, times in milliseconds. */
export const serverDefaults = {
  /** Reached from this machine alone. */
  host: '127.0.0.1',
  basePath: '',
  /** RELAY-10 wants no less. */
  messageLimit: 65_536,
  hardMessageLimit: 1_048_576,
  backlogLimit: 4_194_304,
  byteRate: { burst: 67_108_864, perSecond: 16_777_216 },
  joinRate: { burst: 30, perSecond: 1 },
  heartbeatMs: 20_000,
  handshakeTimeoutMs: 10_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderSize: 16_384,
  trustedProxies: 0,
  tokenExpiry: 'ignore',
  /** Seconds. */
  clockTolerance: 0,
  shutdownDelayMs: 0,
  shutdownGraceMs: 5_000,
} as const;
