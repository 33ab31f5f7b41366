import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
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

/** Answers a handshake that does not become a WebSocket. */
export function writeAnswer(socket: Duplex, { status, headers, body }: Answer): void {
  const content = JSON.stringify(body);
  const fields = { ...headers, 'content-length': Buffer.byteLength(content), connection: 'close' };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${content}`);
}
