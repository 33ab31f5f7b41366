import { once } from 'node:events';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { type Logger, pino } from 'pino';
import { WebSocketServer } from 'ws';
import { configPath, type ProtocolError, type WebrtcConfig } from '../generated/index.js';
import { type AdmissionOptions, createVerify, type Identity, type Verify } from './admission.js';
import { type Answer, defaultWebrtcConfig, problem } from './config-answer.js';
import { Connections } from './connections.js';
import { type Decisions, defaultDecisions, type Place } from './decisions.js';

export type { Admission, AdmissionOptions, Identity, Verify } from './admission.js';
export { createVerify } from './admission.js';
export type { Answer, ConfigRequest } from './config-answer.js';
export { defaultWebrtcConfig } from './config-answer.js';
export { ConfigurationError } from './configuration-error.js';
export type { Decisions, Place, Refusal, WebSocketOptions } from './decisions.js';
export { defaultDecisions } from './decisions.js';
export type { Effect, Member, Outcome, Room, RoomEvent } from './room.js';

/** How a signaling server is to be; only `admission` has no default. */
export interface SignalingServerOptions {
  /** The keys that tokens are checked against, or a function of your own that judges them. */
  admission: AdmissionOptions | Verify;
  /** Address to listen on; 127.0.0.1 unless said otherwise. */
  host?: string;
  /** TCP port; 0, the default, takes a free one. */
  port?: number;
  /** Path prefix of everything but `/healthz`, such as `/signaling`; none unless said otherwise. */
  basePath?: string;
  /** What `/webrtc/config` answers; {@link defaultWebrtcConfig} unless said otherwise. */
  webrtcConfig?: WebrtcConfig;
  /** Bytes of the largest message taken; 65536 unless said otherwise, and RELAY-10 wants no less. */
  messageLimit?: number;
  /** Bytes of a message from which on the connection is closed 1009 instead; 1 MiB unless said otherwise. */
  hardMessageLimit?: number;
  /** Users that fit in each room; any number unless said otherwise (ROOM-6). */
  roomCapacity?: number;
  /** Where the structured log goes, such as `pino({ level: 'info' })`; nowhere unless said otherwise. */
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
   * Closes every client with `code` (1001 unless said otherwise, LIVE-3) and stops listening.
   * Connections that are still there after `graceMs` milliseconds (5000 unless said otherwise) are cut.
   */
  close(how?: { code?: number; graceMs?: number }): Promise<void>;
}

/**
 * Starts a signaling server; it listens when the promise resolves.
 * Rejects with ConfigurationError for keys that are none, and with the system's error if it cannot listen.
 */
export async function createSignalingServer(options: SignalingServerOptions): Promise<SignalingServer> {
  const { host = '127.0.0.1', basePath = '', messageLimit = 65_536, hardMessageLimit = 1_048_576 } = options;
  const log = options.log ?? pino({ level: 'silent' });
  const decisions = { ...defaultDecisions, ...options.decisions };
  const verify = typeof options.admission === 'function' ? options.admission : await createVerify(options.admission);
  const connections = new Connections({ decisions, messageLimit, roomCapacity: options.roomCapacity, log });

  const app = createApp(basePath, options.webrtcConfig ?? defaultWebrtcConfig, decisions, verify, log);
  const http = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const webSockets = new WebSocketServer({
    maxPayload: hardMessageLimit,
    ...decisions.webSocketOptions,
    noServer: true,
  });
  const sockets = new Set<Duplex>();
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => log.debug({ reason: error.message }, 'socket broke')); // ERROR-9
    upgrade(request, socket, head).catch((error: unknown) => {
      log.error({ err: error }, 'upgrade failed');
      socket.destroy();
    });
  });

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const place = decisions.locate(request.url ?? '', basePath);
    if (place === undefined) {
      write(socket, problem(404, 'There is no WebSocket at this path.'));
      return;
    }

    // AUTH-6: judged before the handshake ends, so that joining is one step with becoming able to speak.
    const judgement = await judge(place);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (judgement.ok) connections.enter(webSocket, place.roomId, judgement.identity);
      else connections.refuse(webSocket, place.roomId, judgement.error);
    });
  }

  async function judge(place: Place): Promise<{ ok: true; identity: Identity } | { ok: false; error: ProtocolError }> {
    if (place.fault !== undefined) return { ok: false, error: place.fault };
    try {
      const admission = await decisions.admit(place.tokens, verify);
      return admission.ok ? admission : { ok: false, error: { code: 'UNAUTHORIZED', message: admission.reason } };
    } catch (error) {
      log.error({ err: error }, 'token not judged');
      return { ok: false, error: { code: 'INTERNAL_ERROR', message: 'The token cannot be judged at the moment.' } };
    }
  }

  http.listen(options.port ?? 0, host);
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${basePath}`;
  log.info({ url }, 'listening');

  async function stop(code: number, graceMs: number): Promise<void> {
    const closed = once(http, 'close');
    http.close();
    webSockets.close(); // From now on handshakes are answered 503.
    for (const webSocket of webSockets.clients) webSocket.close(code, 'the server stops');
    const deadline = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(deadline);
    log.info('stopped');
  }

  let stopped: Promise<void> | undefined;
  return {
    url,
    port,
    close({ code = decisions.shutdownCode, graceMs = 5_000 } = {}) {
      stopped ??= stop(code, graceMs);
      return stopped;
    },
  };
}

function createApp(basePath: string, config: WebrtcConfig, decisions: Decisions, verify: Verify, log: Logger): Hono {
  const app = new Hono();
  app.all(basePath + configPath, async ({ req }) => {
    const request = { method: req.method, authorization: req.header('authorization') };
    return toResponse(await decisions.answerConfig(request, verify, config));
  });
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.notFound(() => toResponse(problem(404, 'There is nothing at this path.')));
  app.onError((error) => {
    log.error({ err: error }, 'request failed');
    return toResponse(problem(500, 'The server failed.'));
  });
  return app;
}

function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
}

function write(socket: Duplex, { status, headers, body }: Answer): void {
  const content = JSON.stringify(body);
  const fields = { ...headers, 'content-length': Buffer.byteLength(content), connection: 'close' };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${content}`);
}
