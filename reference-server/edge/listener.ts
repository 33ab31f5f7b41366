import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer } from '../core/config-answer.js';

/** How an HTTP server is to be; times are in milliseconds, sizes in bytes. */
export interface ListenerOptions {
  /** Time that a client has for its request; one that sends it drop by drop or not at all is answered 408. */
  handshakeTimeoutMs: number;
  /** Time for which a connection stays open between two requests. */
  keepAliveTimeoutMs: number;
  /** Size of request line and headers together; more is answered 431. A token in the query is part of it. */
  maxHeaderSize: number;
  /** Certificate chain and key as PEM. */
  tls?: { cert: string; key: string } | undefined;
}

/** Makes the HTTP server, encrypted if there is a certificate. Throws for a certificate that is none. */
export function createListener(listener: RequestListener, options: ListenerOptions): Server {
  const { handshakeTimeoutMs, keepAliveTimeoutMs, maxHeaderSize, tls } = options;
  const bounds = {
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: Math.min(handshakeTimeoutMs, 1_000),
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize,
  };
  if (tls === undefined) return createServer(bounds, listener);
  return createTlsServer({ ...bounds, ...tls, handshakeTimeout: handshakeTimeoutMs }, listener);
}

/** Whether a request asks for a WebSocket; other protocols that it offers to speak are not taken up (RFC 9110, section 7.8). */
export function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase().trim() === 'websocket';
}

/** Answers a request that offered another protocol as if it had not; its connection ends with that. */
export function answerAsOffered(request: IncomingMessage, socket: Duplex, listener: RequestListener): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => {
    response.detachSocket(socket as Socket);
    socket.once('finish', () => socket.destroy());
    socket.end();
  });
  listener(request, response);
}

/** Answers a handshake that does not become a WebSocket. */
export function writeAnswer(socket: Duplex, { status, headers, body }: Answer): void {
  const content = JSON.stringify(body);
  const fields = { ...headers, 'content-length': Buffer.byteLength(content), connection: 'close' };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${content}`);
}
