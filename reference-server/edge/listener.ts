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

/**
 * Makes the HTTP server, encrypted if there is a certificate. A client that takes longer than `timeoutMs` milliseconds for its
 * request, because it sends it drop by drop or not at all, is answered 408. Throws for a certificate that is none.
 */
export function createListener(
  listener: RequestListener,
  timeoutMs: number,
  tls: { cert: string; key: string } | undefined,
): Server {
  const timeouts = {
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: Math.min(timeoutMs, 1_000),
  };
  if (tls === undefined) return createServer(timeouts, listener);
  return createTlsServer({ ...timeouts, ...tls, handshakeTimeout: timeoutMs }, listener);
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
