import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RoomConnection } from '../client.js';
import type { RoomEvents } from '../events.js';
import type { Schedule } from '../scheduler.js';

/** Keeps what comes until it is asked for. */
export class Inbox<Item> {
  readonly #items: Item[] = [];
  readonly #takers: ((item: Item) => void)[] = [];

  put(item: Item): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  }

  next(): Promise<Item> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item);
  }

  /** What came and was not taken. */
  get rest(): readonly Item[] {
    return this.#items;
  }
}

/** The server's end of one connection; the test says what it does. */
export class Peer {
  readonly inbox = new Inbox<{ type: string; payload: Record<string, unknown> } & Record<string, unknown>>();
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly url: URL;
  readonly socket: WebSocket;

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.socket = socket;
    this.url = new URL(request.url ?? '', 'ws://server');
    socket.on('message', (data) => this.inbox.put(JSON.parse(String(data))));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** Sends a message in the envelope of room `room-1`; `more` adds to or overwrites it. */
  send(type: string, payload: object, more: object = {}): void {
    const timestamp = '2026-03-01T09:30:00.001Z';
    this.socket.send(JSON.stringify({ type, payload, room_id: 'room-1', timestamp, ...more }));
  }

  /** Resolves when the client is open and has read everything sent so far. */
  async fence(): Promise<void> {
    this.socket.ping();
    await once(this.socket, 'pong');
  }

  /** Sends a `room_state` with these users. */
  admit(...userIds: string[]): void {
    this.send('room_state', { participants: userIds.map((user_id) => ({ user_id })) });
  }

  /** Sends an `error`, then closes with 1008. */
  refuse(code: string, message: string): void {
    this.send('error', { code, message });
    this.socket.close(1008);
  }
}

/** A server that only accepts connections. */
export interface TestServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Connections in order of arrival. */
  readonly peers: Inbox<Peer>;
}

/** Starts a server on a free port of the loopback; with `handshake` it answers upgrades by that HTTP status instead. */
export async function startServer(options: { http?: RequestListener; handshake?: number } = {}): Promise<TestServer> {
  const http = createServer(options.http);
  const sockets = new WebSocketServer({ noServer: true });
  const peers = new Inbox<Peer>();
  http.on('upgrade', (request, socket, head) => {
    if (options.handshake !== undefined) {
      socket.end(`HTTP/1.1 ${options.handshake} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => peers.put(new Peer(webSocket, request)));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    peers,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

/** A clock that the test moves. */
export class ManualClock {
  readonly #tasks = new Set<{ delayMs: number; run: () => void }>();

  readonly schedule: Schedule = (run, delayMs) => {
    const task = { delayMs, run };
    this.#tasks.add(task);
    return () => {
      this.#tasks.delete(task);
    };
  };

  /** Delays, in milliseconds, of what is scheduled and not cancelled. */
  get pending(): number[] {
    return [...this.#tasks].map(({ delayMs }) => delayMs);
  }

  /** Runs the one task with this delay. */
  fire(delayMs: number): void {
    const task = [...this.#tasks].find((candidate) => candidate.delayMs === delayMs);
    if (task === undefined) throw new Error(`Nothing is scheduled in ${delayMs} ms, but ${this.pending.join(', ')}`);
    this.#tasks.delete(task);
    task.run();
  }
}

type Recorded = { [Type in keyof RoomEvents]: { type: Type; event: RoomEvents[Type] } }[keyof RoomEvents];

const eventTypes = {
  room_state: true,
  user_joined: true,
  user_left: true,
  offer: true,
  answer: true,
  ice_candidate: true,
  error: true,
  unknown: true,
  reconnecting: true,
  closed: true,
} satisfies Record<keyof RoomEvents, true>;

/** Every event of a room from now on, in order. */
export class Recorder {
  readonly #inbox = new Inbox<Recorded>();

  constructor(room: RoomConnection) {
    for (const type of Object.keys(eventTypes) as (keyof RoomEvents)[]) {
      room.on(type, (event) => this.#inbox.put({ type, event } as Recorded));
    }
  }

  /** The next event, which has to be of this type. */
  async next<Type extends keyof RoomEvents>(type: Type): Promise<RoomEvents[Type]> {
    const recorded = await this.#inbox.next();
    if (recorded.type !== type) throw new Error(`Expected ${type}, got ${JSON.stringify(recorded)}`);
    return recorded.event as RoomEvents[Type];
  }

  get rest(): readonly string[] {
    return this.#inbox.rest.map(({ type }) => type);
  }
}

/** A JWT with these claims that nobody signed. */
export function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}
