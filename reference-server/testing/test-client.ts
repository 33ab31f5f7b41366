import { once } from 'node:events';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { checkServerMessage, type ServerMessage } from '../../generated/index.js';

/** The HS256 secret that tests sign tokens with. */
export const testSecret = 'a secret for tests, long enough for HS256';

/** Mints a token for a user; `claims` come on top, and `null` takes a claim away. */
export async function tokenFor(
  user: string,
  claims: Record<string, unknown> = {},
  secret = testSecret,
): Promise<string> {
  const inOneHour = Math.floor(Date.now() / 1000) + 3600;
  const entries = Object.entries({ sub: user, exp: inOneHour, ...claims }).filter(([, value]) => value !== null);
  return new SignJWT(Object.fromEntries(entries)).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
}

/** A WebSocket that keeps everything it receives until somebody asks for it. */
export class TestClient {
  readonly received: ServerMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #waiting: (() => void) | undefined;
  #read = 0;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const parsed = checkServerMessage(JSON.parse(String(data)));
      if (!parsed.ok) throw new Error(`the server broke the protocol: ${parsed.error.message}`);
      this.received.push(parsed.message);
      this.#waiting?.();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#waiting?.();
      });
    });
    socket.on('error', () => {}); // Tests look at the close instead.
  }

  /** Opens a WebSocket to a raw request target, exactly as written. */
  static async open(url: string, target: string): Promise<TestClient> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), {
      finishRequest(request) {
        request.path = target;
        request.end();
      },
    });
    const client = new TestClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** The next message, which must be of this type. */
  async next<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    while (this.#read >= this.received.length) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed while waiting for ${type}`);
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    const message = this.received[this.#read++] as ServerMessage;
    if (message.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
    return message as Extract<ServerMessage, { type: Type }>;
  }

  /** How many messages have come that nobody has asked for yet. */
  get unread(): number {
    return this.received.length - this.#read;
  }

  /** Sends a text as it is, anything else as JSON. */
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Returns when the server has handled everything sent so far, and what it sent meanwhile has arrived. */
  async settled(): Promise<void> {
    const pong = once(this.socket, 'pong');
    this.socket.ping();
    await pong;
  }
}
