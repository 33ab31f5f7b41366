import { closeCodes, type ErrorMessage, type ServerMessage } from '../generated/index.js';
import { ClosedError, InvalidOptionError, JoinTimeoutError, RefusedError, type SignalingError } from './errors.js';
import type { UnknownEvent } from './events.js';
import { readServerMessage } from './incoming.js';
import type { Schedule } from './scheduler.js';
import { redactToken } from './token.js';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.js';

/** What a session is made from. */
export interface SessionOptions {
  readonly url: string;
  readonly roomId: string;
  readonly token: string;
  readonly WebSocket: WebSocketConstructor;
  readonly joinTimeoutMs: number;
  readonly schedule: Schedule;
}

/** How a session, or the attempt at one, ended. */
export interface SessionEnd {
  readonly closeCode: number;
  readonly reason: string;
  readonly error: SignalingError;
  /** Whether another attempt is allowed (CLIENT-11, CLIENT-12). */
  readonly reconnect: boolean;
}

/** Who is told. `ended` is called once and last. */
export interface SessionObserver {
  received(message: ServerMessage): void;
  unknown(event: UnknownEvent): void;
  ended(end: SessionEnd): void;
}

/** One WebSocket from its opening to its end; reconnecting is its owner's. */
export class Session {
  readonly #options: SessionOptions;
  readonly #observer: SessionObserver;
  readonly #socket: WebSocketLike;
  readonly #cancelTimeout: () => void;
  #open = false;
  #joined = false;
  #ended = false;
  #lastError: ErrorMessage | undefined;
  #failure = '';

  /** @throws {@link InvalidOptionError} when the runtime will not even try, as with `ws:` on an `https:` page. */
  constructor(options: SessionOptions, observer: SessionObserver) {
    this.#options = options;
    this.#observer = observer;
    try {
      this.#socket = new options.WebSocket(options.url);
    } catch {
      // Browsers quote the URL, and with it the token, in what they throw.
      throw new InvalidOptionError('baseUrl', 'cannot be connected to: the WebSocket constructor refuses its URL');
    }
    this.#socket.addEventListener('open', () => {
      this.#open = true;
    });
    this.#socket.addEventListener('message', (event) => this.#receive(event.data));
    this.#socket.addEventListener('error', (event) => {
      // ws and Node say what went wrong, browsers do not.
      if ('message' in event && typeof event.message === 'string') this.#failure = event.message;
      // Node 20's own WebSocket leaves out the `close` of a handshake that failed; its code is 1006 in any case.
      if (!this.#open) this.#closed(noCloseFrame, '');
    });
    this.#socket.addEventListener('close', (event) => this.#closed(event.code, event.reason));
    this.#cancelTimeout = options.schedule(() => this.#timedOut(), options.joinTimeoutMs);
  }

  /** Whether `room_state` came and the WebSocket has not ended. */
  get joined(): boolean {
    return this.#joined && !this.#ended;
  }

  /** Hands a text to the WebSocket. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /** Starts the closing handshake with 1000 (CLIENT-10); `ended` follows. */
  close(): void {
    this.#socket.close(closeCodes.NORMAL.code);
  }

  /** Closes because nothing can be done with the connection; `ended` says so at once. */
  giveUp(error: SignalingError): void {
    this.close();
    this.#end({ closeCode: closeCodes.NORMAL.code, reason: '', error, reconnect: false });
  }

  #receive(data: unknown): void {
    if (this.#ended) return;
    if (typeof data !== 'string') {
      this.#observer.unknown({ data, error: { code: 'INVALID_MESSAGE', message: 'A binary frame' } });
      return;
    }
    const parsed = readServerMessage(data);
    if (!parsed.ok) {
      this.#observer.unknown({ data, error: parsed.error });
      return;
    }
    const { message } = parsed;
    // An error names the room that was asked for, which the server may not know by that name.
    if (message.type !== 'error' && message.room_id !== this.#options.roomId) {
      this.#observer.unknown({ data, error: { code: 'ROOM_MISMATCH', message: 'A message of another room' } });
      return;
    }
    if (message.type === 'room_state') {
      if (this.#joined) {
        // Taken for a fresh start it would make both sides of each pair offer (JOIN-6).
        const error = { code: 'INVALID_MESSAGE', message: 'A second room_state on one connection' } as const;
        this.#observer.unknown({ data, error });
        return;
      }
      this.#joined = true;
      this.#cancelTimeout();
    }
    this.#lastError = message.type === 'error' ? message : undefined;
    this.#observer.received(message);
  }

  #closed(closeCode: number, reason: string): void {
    const error =
      this.#lastError !== undefined && closeCode === closeCodes.REFUSED.code
        ? toRefusedError(this.#lastError, this.#options.token)
        : new ClosedError(closeCode, this.#redact(reason), this.#redact(this.#failure));
    this.#end({ closeCode, reason: this.#redact(reason), error, reconnect: mayReconnect(closeCode) });
  }

  #timedOut(): void {
    this.close();
    // A server that is silent may not answer the closing handshake either: not waited for.
    const error = new JoinTimeoutError(this.#options.joinTimeoutMs);
    this.#end({ closeCode: noCloseFrame, reason: '', error, reconnect: true });
  }

  #end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimeout();
    this.#observer.ended(end);
  }

  #redact(text: string): string {
    return redactToken(text, this.#options.token);
  }
}

/** What WebSockets report when the connection ended without a close frame (RFC 6455, 7.1.5). */
export const noCloseFrame = 1006;

/** An `error` message as an exception. */
export function toRefusedError({ payload }: ErrorMessage, token: string): RefusedError {
  return new RefusedError(payload.code, redactToken(payload.message, token), payload.details);
}

/** Codes the protocol does not name, 1006 among them, are reconnected after (CLIENT-12). */
function mayReconnect(code: number): boolean {
  return Object.values(closeCodes).find((known) => known.code === code)?.reconnect ?? true;
}
