import { createSecretKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  closeCodes,
  configPath,
  type ProtocolError,
  parseClientMessage,
  type ServerMessage,
  type WebrtcConfig,
} from '../../generated/index.js';
import { admit, createVerifier, type Verify } from './admission.js';
import { type Answer, answerConfig, defaultWebrtcConfig, problem } from './config-answer.js';
import { encode, messageOf } from './delivery.js';
import { readFrame, recover, refuse } from './faults.js';
import { errorMessage } from './messages.js';
import { locate, pathAndQuery } from './place.js';
import { type Effect, leaveReason } from './room.js';
import { Rooms } from './rooms.js';

/** How a plain server is to be. */
export interface PlainServerOptions {
  /** HS256 secret that tokens are checked with. */
  secret: string | Uint8Array;
  host: string;
  /** TCP port; 0 takes a free one. */
  port: number;
  /** What `/webrtc/config` answers. */
  webrtcConfig?: WebrtcConfig;
}

/** A server that listens. */
export interface PlainServer {
  /** Base URL, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Closes every client with `code` (1001 by default, LIVE-3) and stops listening. */
  close(code?: number): Promise<void>;
}

/** Bytes of the largest message that is relayed (RELAY-10), of the largest that is read at all (ERROR-8), and that may wait for one receiver (RELAY-13). */
const [messageLimit, hardMessageLimit, backlogLimit] = [65_536, 1_048_576, 4_194_304];

const now = () => new Date().toISOString();

/**
 * Starts the whole protocol over plain `ws`: one process, nothing optional, nothing fast. It is here to be read and ported.
 * Rejects with the system's error if it cannot listen.
 */
export async function startPlainServer(options: PlainServerOptions): Promise<PlainServer> {
  const { secret, host, port, webrtcConfig = defaultWebrtcConfig } = options;
  const key = createSecretKey(Buffer.from(secret));
  const verify = createVerifier(() => key, { algorithms: ['HS256'] });
  const http = createServer((request, response) => void answerHttp(request, response, verify, webrtcConfig));
  const hub = new Hub();
  // `ws` joins fragments (RELAY-11), closes 1007 on invalid UTF-8 (ERROR-12), and answers pings (LIVE-1) and closes (LIVE-2).
  // AUTH-13: whatever a handshake offers or names as its `Origin`, it is admitted the same way.
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: hardMessageLimit,
    closeTimeout: 1_000, // LEAVE-6: who closes, or is closed, and holds its TCP connection open is gone after that.
    maxPendingAutoPongs: 0, // LIVE-1: however many pings come at once.
    maxBufferedChunks: 4_096, // ERROR-9: byte by byte, a message would cost more than the sending of it.
    handleProtocols: () => false, // AUTH-12: by itself `ws` would select the first that is offered, a token perhaps.
  } as ConstructorParameters<typeof WebSocketServer>[0]);

  http.on('upgrade', async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {}); // ERROR-9: a broken connection is nobody else's affair.
    // Another protocol that a client offers to speak changes nothing (RFC 9110, section 7.8).
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      const response = Object.assign(new ServerResponse(request), { shouldKeepAlive: false });
      response.assignSocket(socket as Socket);
      response.on('finish', () => socket.end());
      return answerHttp(request, response, verify, webrtcConfig);
    }
    const place = locate(request.url ?? '', '');
    if (place === undefined) return socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    const admission = await admit(place.tokens, verify);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {}); // `ws` closes it 1007, 1009 or 1002.
      // AUTH-6: a refused connection never becomes known to its room.
      if (!admission.ok) hub.refuse(webSocket, place.roomId, { code: 'UNAUTHORIZED', message: admission.reason });
      else if (place.fault) hub.refuse(webSocket, place.roomId, place.fault);
      else hub.enter(webSocket, place.roomId, admission.identity);
    });
  });

  http.listen(port, host);
  await once(http, 'listening');
  const address = http.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async close(code = closeCodes.GOING_AWAY.code) {
      http.close();
      for (const webSocket of webSockets.clients) webSocket.close(code, 'the server stops');
      await new Promise((resolve) => webSockets.close(resolve)); // when the last of them is gone
    },
  };
}

/** Connects WebSockets with rooms: frames become events, effects become frames. */
class Hub {
  readonly #rooms = new Rooms();
  readonly #sockets = new Map<string, WebSocket>();

  /** AUTH-8: in words, since browsers hide the status of a handshake that failed. */
  refuse(socket: WebSocket, roomId: string, error: ProtocolError): void {
    const { message, close } = refuse(error, roomId, now());
    send(socket, message);
    socket.close(close.code, close.reason);
  }

  /** Joining is one step with becoming able to speak, so nothing is lost between them (JOIN-9, JOIN-13). */
  enter(socket: WebSocket, roomId: string, user: { userId: string; username?: string }): void {
    const connectionId = randomUUID();
    this.#sockets.set(connectionId, socket);
    socket.on('message', (data, isBinary) => this.#receive(connectionId, roomId, data as Buffer, isBinary));
    // LEAVE-2: with 1006 where no close frame came. LIVE-4: nothing else ends a connection, no idle time and no age.
    socket.on('close', (code) => {
      this.#sockets.delete(connectionId);
      this.#carryOut(this.#rooms.apply(roomId, { type: 'leave', connectionId, reason: leaveReason(code), at: now() }));
    });
    this.#carryOut(this.#rooms.apply(roomId, { type: 'join', connectionId, user, at: now() }));
  }

  #receive(connectionId: string, roomId: string, data: Buffer, isBinary: boolean): void {
    const answer = (error: ProtocolError) => this.#send([connectionId], errorMessage(roomId, error, now()));
    try {
      const frame = readFrame(data, isBinary, messageLimit);
      // ERROR-1, ERROR-2, ERROR-3, ERROR-4, ERROR-10, ERROR-13, ERROR-14, RELAY-8: the generated codec finds the fault and words the answer.
      const parsed = frame.ok ? parseClientMessage(frame.text, roomId) : frame;
      if (!parsed.ok) answer(parsed.error);
      else {
        const { message } = parsed;
        this.#carryOut(this.#rooms.apply(roomId, { type: 'message', connectionId, message, at: now() }));
      }
    } catch (failure) {
      answer(recover(failure)); // ERROR-9, ERROR-11
    }
  }

  /** Does in order what the room decided; one event after the other, so order and bursts are kept (RELAY-6, ICE-3). */
  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'close') this.#sockets.get(effect.connectionId)?.close(effect.code, effect.reason);
      else this.#send(effect.to, messageOf(effect));
    }
  }

  #send(to: readonly string[], message: ServerMessage): void {
    for (const id of to) {
      const socket = this.#sockets.get(id);
      if (socket) send(socket, message);
    }
  }
}

function send(socket: WebSocket, message: ServerMessage): void {
  if (socket.readyState !== socket.OPEN) return;
  // As text: a Buffer would go out as a binary frame.
  socket.send(encode(message), { binary: false });
  // RELAY-13: whoever does not read is closed, and cut after the close timeout.
  if (socket.bufferedAmount > backlogLimit) socket.close(closeCodes.TRY_AGAIN_LATER.code, 'too slow');
}

async function answerHttp(request: IncomingMessage, response: ServerResponse, verify: Verify, config: WebrtcConfig) {
  const { method = '', headers, url = '' } = request;
  let answer: Answer;
  if (pathAndQuery(url).split('?')[0] === configPath)
    answer = await answerConfig({ method, authorization: headers.authorization }, verify, config);
  else if (locate(url, '')) answer = problem(426, 'This is the path of a WebSocket.', { upgrade: 'websocket' });
  else answer = problem(404, 'There is nothing at this path.');
  const body = answer.body === undefined || method === 'HEAD' ? undefined : JSON.stringify(answer.body);
  response.writeHead(answer.status, answer.headers).end(body);
}
