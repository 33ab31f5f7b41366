import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { type Logger, pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { WebrtcConfig } from '../../generated/index.js';
import type { CreateBackplane } from '../backplane/backplane.js';
import { memoryBackplane } from '../backplane/memory.js';
import type { Verify } from '../core/admission.js';
import { type Answer, defaultWebrtcConfig, problem } from '../core/config-answer.js';
import { HttpBounds } from '../limits/http-bounds.js';
import type { RateLimit } from '../limits/token-bucket.js';
import { whenExpired } from '../limits/token-expiry.js';
import { Connections } from './connections.js';
import { type Decisions, defaultDecisions } from './decisions.js';
import { serverDefaults } from './defaults.js';
import { Gate, type HandshakeDecision } from './gate.js';
import { type AdmissionOptions, createKeyCheck, type KeyCheck } from './keys.js';
import { answerAsOffered, createListener, wantsWebSocket, writeAnswer } from './listener.js';
import { type Census, createMetrics } from './metrics.js';
import { createRoutes } from './routes.js';
import { type TurnSecret, withTurnCredentials } from './turn-credentials.js';

export type { Backplane, BackplaneContext, CreateBackplane, Edge } from '../backplane/backplane.js';
export { memoryBackplane } from '../backplane/memory.js';
export { type RedisBackplaneOptions, redisBackplane, redisDefaults } from '../backplane/redis.js';
export type { Admission, Identity, Verify } from '../core/admission.js';
export type { Answer, ConfigRequest, Personalize } from '../core/config-answer.js';
export { defaultWebrtcConfig } from '../core/config-answer.js';
export { messageOf } from '../core/delivery.js';
export type { Refusal } from '../core/faults.js';
export type { Stamp } from '../core/messages.js';
export type { Place } from '../core/place.js';
export type { Delivery, Effect, Member, Room, RoomEvent, Source, Transition } from '../core/room.js';
export type { RateLimit } from '../limits/token-bucket.js';
export { ConfigurationError } from './configuration-error.js';
export type { Decisions, WebSocketOptions, Wire } from './decisions.js';
export { defaultDecisions } from './decisions.js';
export { serverDefaults } from './defaults.js';
export type { AdmissionOptions } from './keys.js';
export { createVerify } from './keys.js';
export type { TurnSecret } from './turn-credentials.js';

/**
 * How a signaling server is to be. Only `admission` is required; what is left out is as in {@link serverDefaults}, and a limit
 * that is not there either is none.
 */
export interface SignalingServerOptions {
  /** The keys that tokens are checked against, or a function of your own that checks them. */
  admission: AdmissionOptions | Verify;
  /** Address to listen on. */
  host?: string;
  /** TCP port; 0, the default, takes a free one. */
  port?: number;
  /** Path prefix of the protocol's own paths, such as `/signaling`. */
  basePath?: string;
  /** What `/webrtc/config` answers; by default {@link defaultWebrtcConfig}. */
  webrtcConfig?: WebrtcConfig;
  /** Bytes of the largest message taken; RELAY-10 wants 65,536 at least. */
  messageLimit?: number;
  /** Bytes of a message from which on the connection is closed 1009 instead (ERROR-8). */
  hardMessageLimit?: number;
  /** Users that fit in each room (ROOM-6). */
  roomCapacity?: number;
  /** What keeps the rooms: by default this process, or {@link redisBackplane} for several instances. */
  backplane?: CreateBackplane | undefined;
  /** Messages that a user may send in a room (LIMIT-1). */
  rateLimit?: RateLimit | undefined;
  /** Bytes that what a user says in a room may come to, over all its receivers; beyond them it is read later. */
  byteRate?: RateLimit;
  /** How often a user may enter a room; whoever comes oftener is answered 429. */
  joinRate?: RateLimit;
  /** Milliseconds between pings; 0 for none. A silent peer is dropped after twice that (LEAVE-5). */
  heartbeatMs?: number;
  /** Bytes that may wait for a receiver before it is dropped (ERROR-9). */
  backlogLimit?: number;
  /** Milliseconds that a client has for its request, handshake or not. */
  handshakeTimeoutMs?: number;
  /** Milliseconds for which an HTTP connection stays open between two requests: longer than any proxy in front keeps it. */
  keepAliveTimeoutMs?: number;
  /** Bytes of a request line and its headers, a token in the query included; more is answered 431. */
  maxHeaderSize?: number;
  /** Rooms that one user may be in at once. */
  connectionsPerUser?: number | undefined;
  /** Connections that one address may have at once. */
  connectionsPerAddress?: number | undefined;
  /** Proxies in front whose X-Forwarded-For is believed. */
  trustedProxies?: number;
  /** Origins whose pages may connect and read the configuration, `*` for all (CONFIG-10); unless given, all may connect and none may read. */
  allowedOrigins?: readonly string[] | undefined;
  /** What becomes of a connection whose token lapses: it stays (`ignore`) or is refused from then on (`close`). */
  tokenExpiry?: 'ignore' | 'close';
  /** Certificate chain and key as PEM; without them the server speaks plain HTTP. */
  tls?: { cert: string; key: string } | undefined;
  /** Makes credentials of each user's own for the TURN servers of `webrtcConfig` (CONFIG-6). */
  turn?: TurnSecret | undefined;
  /** Offers `/metrics`, for which `prom-client` has to be installed. */
  metrics?: boolean;
  /** Milliseconds that `/readyz` answers 503 before clients are closed, so that balancers notice. */
  shutdownDelayMs?: number;
  /** Milliseconds after which a closing server cuts whoever is still there. */
  shutdownGraceMs?: number;
  /** Where the structured log goes, such as `pino({ level: 'info' })`; by default nowhere. */
  log?: Logger;
  /** Decisions to replace, for servers that are meant to be wrong. */
  decisions?: Partial<Decisions>;
}

/** A signaling server that listens. */
export interface SignalingServer {
  /** Base URL, path prefix included, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly port: number;
  /**
   * Refuses whoever comes, closes every client with `code` (by default 1001, LIVE-3) and stops listening.
   * Connections that are still there `graceMs` milliseconds after that (by default `shutdownGraceMs`) are cut.
   */
  close(how?: { code?: number; graceMs?: number }): Promise<void>;
}

/**
 * Starts a signaling server; it listens when the promise resolves.
 * Rejects with ConfigurationError for keys that are none, and with the system's error if it cannot listen.
 */
export async function createSignalingServer(options: SignalingServerOptions): Promise<SignalingServer> {
  const { host, basePath, messageLimit, hardMessageLimit, backlogLimit, heartbeatMs, ...others } =
    withDefaults(options);
  const {
    handshakeTimeoutMs,
    keepAliveTimeoutMs,
    maxHeaderSize,
    shutdownDelayMs,
    shutdownGraceMs,
    tokenExpiry,
    trustedProxies,
    turn,
  } = others;
  const { roomCapacity, rateLimit, byteRate, joinRate } = others;
  const { allowedOrigins, connectionsPerUser, connectionsPerAddress } = others;
  const log = options.log ?? pino({ level: 'silent' });
  const keys: KeyCheck =
    typeof options.admission === 'function'
      ? { verify: options.admission, isHealthy: () => true }
      : await createKeyCheck(options.admission);
  const census = (): Census => ({
    rooms: connections.rooms,
    connections: connections.size,
    isHealthy: connections.isHealthy,
    hasKeys: keys.isHealthy(),
  });
  const metrics = options.metrics === true ? await createMetrics(census) : undefined;
  const splicesNothing = options.decisions?.encode === undefined ? {} : { splice: () => undefined };
  const chosen = { ...defaultDecisions, ...splicesNothing, ...options.decisions };
  const decisions = metrics?.count(chosen) ?? chosen;
  const { verify, isHealthy: hasKeys } = keys;
  const clockTolerance =
    typeof options.admission === 'function' ? 0 : (options.admission.clockTolerance ?? serverDefaults.clockTolerance);
  if (isShortSecret(options.admission))
    log.warn(`the secret that checks tokens has fewer than ${goodSecretBytes} bytes: it can be guessed`);
  const backplane = options.backplane ?? memoryBackplane;
  const sizes = { messageLimit, roomCapacity, rateLimit, byteRate, backlogLimit, heartbeatMs };
  const connections = new Connections({ decisions, backplane, ...sizes, log });
  const limits = { connectionsPerUser, connectionsPerAddress, joinRate };
  const gate = new Gate({ decisions, verify, basePath, allowedOrigins, ...limits, trustedProxies, log });
  let stopping = false;

  const app = createRoutes({
    ...{ basePath, allowedOrigins, decisions, verify, metrics, log },
    config: options.webrtcConfig ?? defaultWebrtcConfig,
    personalize: (config, { userId }) => (turn === undefined ? config : withTurnCredentials(config, userId, turn)),
    isReady: () => !stopping && connections.isHealthy && hasKeys(),
  });
  const bounds = new HttpBounds({ byAddress: trustedProxies === 0 });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' });
  const listener: RequestListener = (request, response) =>
    bounds.admit(request, response) ? answer(request, response) : undefined;
  const http = createListener(listener, { handshakeTimeoutMs, keepAliveTimeoutMs, maxHeaderSize, tls: options.tls });
  const webSockets = new WebSocketServer({
    maxPayload: hardMessageLimit,
    ...decisions.webSocketOptions,
    noServer: true,
  });
  // What is listened with is made once and not for each: among ten thousand idle connections, it would be a tenth of their memory.
  const sockets = new Set<Duplex>();
  const forget = function (this: Duplex) {
    sockets.delete(this);
  };
  const broke = (error: Error) => log.debug({ reason: error.message }, 'socket broke');
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', forget);
  });
  // Over TLS, HTTP begins on another socket than TCP.
  http.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket) => bounds.begin(socket));
  http.on('upgrade', async (request, socket, head) => {
    socket.on('error', broke); // ERROR-9
    bounds.upgrade(socket as Socket);
    if (!wantsWebSocket(request)) return answerAsOffered(request, socket, listener);
    try {
      const decision: HandshakeDecision = stopping ? shuttingDown : await gate.decide(request, socket);
      if (decision.type === 'answer') turnAway(socket, decision.answer);
      else webSockets.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, socket, decision));
    } catch (error) {
      log.error({ err: error }, 'upgrade failed');
      socket.destroy();
    }
  });

  function turnAway(socket: Duplex, answer: Answer): void {
    metrics?.answered(answer.status);
    writeAnswer(socket, answer);
  }

  function open(
    webSocket: WebSocket,
    transport: Duplex,
    decision: Exclude<HandshakeDecision, { type: 'answer' }>,
  ): void {
    const { roomId, address } = decision;
    const wire = { socket: webSocket, transport };
    if (decision.type === 'refuse') {
      connections.refuse(wire, roomId, decision.error, address);
      return;
    }

    const connection = connections.enter(wire, roomId, decision.identity, address);
    const { expiresAt } = decision.identity;
    if (tokenExpiry === 'close' && expiresAt !== undefined) {
      const expired = { code: 'UNAUTHORIZED', message: 'The token has expired.' } as const;
      whenExpired(webSocket, (expiresAt + clockTolerance) * 1000, () => connections.expel(connection, expired));
    }
    metrics?.watch(webSocket);
  }

  await connections.start();
  try {
    http.listen(options.port ?? 0, host);
    await once(http, 'listening');
  } catch (error) {
    await connections.close();
    throw error;
  }
  const { port } = http.address() as AddressInfo;
  const url = `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}${basePath}`;
  log.info({ url }, 'listening');

  async function stop(code: number, graceMs: number): Promise<void> {
    stopping = true;
    await wait(shutdownDelayMs);
    const deadline = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    for (const webSocket of webSockets.clients) webSocket.close(code, 'the server stops');
    await new Promise((resolve) => webSockets.close(resolve)); // when the last of them is gone
    const closed = once(http, 'close');
    http.close();
    await closed;
    clearTimeout(deadline);
    await connections.close();
    log.info('stopped');
  }

  let stopped: Promise<void> | undefined;
  return {
    url,
    port,
    close({ code = decisions.shutdownCode, graceMs = shutdownGraceMs } = {}) {
      stopped ??= stop(code, graceMs);
      return stopped;
    },
  };
}

/** What RFC 7518 (section 3.2) asks of a secret for HS256. */
const goodSecretBytes = 32;

function isShortSecret(admission: AdmissionOptions | Verify): boolean {
  return 'secret' in admission && Buffer.from(admission.secret).length < goodSecretBytes;
}

/** Fills in what is left out; an option that is there but undefined counts as left out. */
function withDefaults(options: SignalingServerOptions) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...serverDefaults, ...(Object.fromEntries(given) as unknown as SignalingServerOptions) };
}

const shuttingDown: HandshakeDecision = {
  type: 'answer',
  answer: problem(503, 'The server is shutting down.', { 'retry-after': '1' }),
  address: '',
};
