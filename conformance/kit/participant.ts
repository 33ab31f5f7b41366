import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import type { ClientMessage } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import type { Target } from '../inputs/target.js';
import { encodeFrame, opcodes } from './frames.js';
import type { TraceEvent } from './outcome.js';

/** A text frame that arrived, and what can be read from it without trusting it. */
export interface Received {
  /** Milliseconds since the scenario began. */
  at: number;
  /** Position among everything this participant received, from 0. */
  index: number;
  /** Position in the scenario's trace. */
  event: number;
  text: string;
  /** The parsed JSON, or undefined if the frame is none. */
  value: Record<string, unknown> | undefined;
  /** `type` if it is a string, else the empty string. */
  type: string;
  /** `payload` if it is an object, else an empty one. */
  payload: Record<string, unknown>;
}

/** A signaling message on its way, found again at its receivers by its nonce. */
export interface Sent {
  from: Participant;
  message: ClientMessage;
  text: string;
  /** Random text inside the SDP or the candidate. */
  nonce: string;
  /** How many frames the sender had received when it sent this. */
  mark: number;
}

/** How a connection ended. */
export interface Closed {
  /** Close code; 1006 when the connection ended without a close frame. */
  code: number;
  reason: string;
  at: number;
}

/** How the handshake went. */
export type Handshake =
  | { kind: 'open' }
  | { kind: 'http'; status: number; contentType: string }
  | { kind: 'error'; message: string; code: string | undefined };

/** Where a participant takes the time from and writes down what happens. */
export interface Recorder {
  now(): number;
  record(event: TraceEvent): number;
}

/** Members a scenario may set on a message; the rest is filled in. */
export interface MessageOptions {
  to?: Participant | string | null;
  sdp?: string;
  candidate?: string;
  payload?: Record<string, unknown>;
  envelope?: Record<string, unknown>;
}

/** Milliseconds that a wait takes in at once. */
const stepMs = 50;

interface Waiter {
  /** Returns true when it has what it waits for. */
  look(): boolean;
}

/**
 * A raw actor: sends anything, well-formed or not, and records everything from the first byte, so that nothing is lost
 * between two waits. It judges nothing.
 */
export class Participant {
  readonly name: string;
  readonly roomId: string;
  /** Known once it is joined; learned from the server, never from the token (AUTH-9). */
  userId = '';
  readonly received: Received[] = [];
  closed: Closed | undefined;
  handshake: Handshake | undefined;
  binaryFrames = 0;
  pongs = 0;
  /** Called for each frame at once, before any waiter: for answers that must not be a tick late. */
  onReceive: ((received: Received) => void) | undefined;
  readonly #socket: WebSocket;
  readonly #recorder: Recorder;
  readonly #profile: Profile;
  readonly #waiters = new Set<Waiter>();
  #transport: Duplex | undefined;
  #allowance: { tokens: number; at: number } | undefined;

  constructor(
    name: string,
    roomId: string,
    endpoint: { target: Target; room?: string; rawRoom?: string; token?: string | undefined },
    recorder: Recorder,
    profile: Profile,
    options: { handshakeTimeoutMs: number; autoPong?: boolean },
  ) {
    this.name = name;
    this.roomId = roomId;
    this.#recorder = recorder;
    this.#profile = profile;
    const { url, requestTarget } = endpoint.target.socketUrl(endpoint);
    this.#record('connect', `connects to ${requestTarget}`);
    this.#socket = new WebSocket(url, {
      perMessageDeflate: false,
      // The waits of the suite end first; this one takes no account of a busy machine.
      handshakeTimeout: 3 * options.handshakeTimeoutMs,
      autoPong: options.autoPong ?? true,
      maxPayload: 64 * 1024 * 1024,
      ...(endpoint.target.ca && { ca: endpoint.target.ca }),
      // URL parsing would resolve `..` and re-encode; the request line carries exactly what the scenario asked for.
      finishRequest: (request) => {
        request.path = requestTarget;
        request.end();
      },
    });
    this.#listen();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('upgrade', (response) => {
      this.#transport = response.socket;
    });
    socket.on('open', () => {
      this.handshake = { kind: 'open' };
      this.#record('open', 'is connected');
      this.#wake();
    });
    socket.on('unexpected-response', (request, response) => {
      const contentType = String(response.headers['content-type'] ?? 'no content type').split(';')[0] ?? '';
      this.handshake = { kind: 'http', status: response.statusCode ?? 0, contentType };
      this.#record('refused', `handshake answered HTTP ${response.statusCode}`);
      response.resume();
      request.destroy();
      this.#end(1006, '');
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        this.binaryFrames += 1;
        this.#record('receive', '(binary frame)');
        return;
      }
      const text = data.toString();
      const position = { at: this.#recorder.now(), index: this.received.length, event: this.#record('receive', text) };
      const received = { ...position, ...readFrame(text) };
      this.received.push(received);
      this.onReceive?.(received);
      this.#wake();
    });
    socket.on('pong', () => {
      this.pongs += 1;
      this.#record('pong', 'receives a pong');
      this.#wake();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.handshake ??= { kind: 'error', message: error.message, code: error.code };
    });
    socket.on('close', (code, reason) => this.#end(code, reason.toString()));
  }

  #end(code: number, reason: string): void {
    if (this.closed) return;
    this.handshake ??= { kind: 'error', message: 'the connection was closed during the handshake', code: undefined };
    this.closed = { code, reason, at: this.#recorder.now() };
    this.#record(
      'closed',
      code === 1006 ? 'is disconnected without a close frame' : `is closed ${code} ${reason}`.trim(),
    );
    this.#wake();
  }

  #record(kind: TraceEvent['kind'], text: string): number {
    return this.#recorder.record({ at: this.#recorder.now(), participant: this.name, kind, text });
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) if (waiter.look()) this.#waiters.delete(waiter);
  }

  /** Resolves with the result of `look` as soon as it is not undefined, or with undefined when the time is over. */
  #wait<T>(look: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const found = look();
      if (found !== undefined) return resolve(found);
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        look: () => {
          const result = look();
          if (result === undefined) return false;
          clearTimeout(timer);
          resolve(result);
          return true;
        },
      };
      // In small steps: while this process is kept from running nothing can arrive, so a stall counts as one step only.
      const pass = (leftMs: number) => {
        timer = setTimeout(
          () => {
            if (leftMs > stepMs) return pass(leftMs - stepMs);
            this.#waiters.delete(waiter);
            resolve(undefined);
          },
          Math.min(leftMs, stepMs),
        );
      };
      pass(timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /** Resolves when the handshake is over, whichever way. */
  async untilHandshake(timeoutMs: number): Promise<Handshake | undefined> {
    return this.#wait(() => this.handshake, timeoutMs);
  }

  /**
   * The first frame from position `from` on that matches. Undefined when the time is over, or when the connection is
   * closed and so nothing can come any more.
   */
  async until(
    match: (received: Received) => boolean,
    { from = 0, timeoutMs }: { from?: number; timeoutMs: number },
  ): Promise<Received | undefined> {
    const found = await this.#wait(() => {
      for (let index = from; index < this.received.length; index++) {
        const received = this.received[index];
        if (received && match(received)) return received;
      }
      return this.closed ? ('closed' as const) : undefined;
    }, timeoutMs);
    return found === 'closed' ? undefined : found;
  }

  /** How the connection ended, or undefined if it is still open when the time is over. */
  async untilClosed(timeoutMs: number): Promise<Closed | undefined> {
    return this.#wait(() => this.closed, timeoutMs);
  }

  /** Sends a ping and resolves with whether a pong came. */
  async ping(timeoutMs: number): Promise<boolean> {
    const before = this.pongs;
    this.#record('ping', 'sends a ping');
    this.#socket.ping();
    return (
      (await this.#wait(() => (this.pongs > before || this.closed ? true : undefined), timeoutMs)) === true &&
      this.pongs > before
    );
  }

  /** Sends any text as one frame, when the profile's rate limit allows it. */
  async sendText(text: string): Promise<number> {
    await this.#pace();
    return this.sendTextNow(text);
  }

  /** Sends at once, whatever the rate limit. Returns how many frames had arrived before. */
  sendTextNow(text: string): number {
    const mark = this.received.length;
    this.#record('send', text);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
    return mark;
  }

  /** Writes frames of the scenario's own making straight to the connection: `[opcode, payload, fin]` each. */
  async sendFrames(
    what: string,
    frames: [opcode: keyof typeof opcodes, payload: Uint8Array | string, fin?: boolean][],
  ): Promise<number> {
    await this.#pace();
    const mark = this.received.length;
    this.#record('send-frame', what);
    for (const [opcode, payload, fin = true] of frames) {
      this.#transport?.write(encodeFrame(opcodes[opcode], Buffer.from(payload as Uint8Array), { fin }));
    }
    return mark;
  }

  /** Sends an offer with a nonce in its SDP. */
  offer(options: MessageOptions = {}): Promise<Sent> {
    return this.#signal('offer', options);
  }

  /** Sends an answer with a nonce in its SDP. */
  answer(options: MessageOptions = {}): Promise<Sent> {
    return this.#signal('answer', options);
  }

  /** Sends a candidate with a nonce in it. */
  candidate(options: MessageOptions = {}): Promise<Sent> {
    return this.#signal('ice_candidate', options);
  }

  /** The message that {@link offer}, {@link answer} or {@link candidate} would send. */
  compose(type: ClientMessage['type'], options: MessageOptions = {}): { message: ClientMessage; nonce: string } {
    const nonce = randomBytes(9).toString('hex');
    const { to } = options;
    const target = to === undefined ? {} : { target_user_id: to instanceof Participant ? to.userId : to };
    const body =
      type === 'ice_candidate'
        ? { candidate: options.candidate ?? candidateLine(nonce), sdp_mid: '0', sdp_m_line_index: 0 }
        : { type, sdp: options.sdp === undefined ? sessionDescription(nonce) : `${options.sdp}a=x-nonce:${nonce}\r\n` };
    const payload = { ...body, ...target, ...options.payload };
    const message = {
      type,
      payload,
      room_id: this.roomId,
      timestamp: new Date().toISOString(),
      ...options.envelope,
    } as ClientMessage;
    return { message, nonce };
  }

  async #signal(type: ClientMessage['type'], options: MessageOptions): Promise<Sent> {
    await this.#pace();
    return this.signalNow(type, options);
  }

  /** Composes and sends at once, whatever the rate limit. */
  signalNow(type: ClientMessage['type'], options: MessageOptions = {}): Sent {
    const { message, nonce } = this.compose(type, options);
    const text = JSON.stringify(message);
    const mark = this.sendTextNow(text);
    return { from: this, message, text, nonce, mark };
  }

  /** Waits until the profile's rate limit lets one more message through. */
  async #pace(): Promise<void> {
    const limit = this.#profile.rateLimit;
    if (!limit) return;
    const now = performance.now();
    const last = this.#allowance ?? { tokens: limit.burst, at: now };
    const tokens = Math.min(limit.burst, last.tokens + ((now - last.at) / 1000) * limit.perSecond) - 1;
    this.#allowance = { tokens, at: now };
    if (tokens < 0) await new Promise((resolve) => setTimeout(resolve, (-tokens / limit.perSecond) * 1000));
  }

  /** Starts the closing handshake. */
  close(code = 1000): void {
    this.#record('close', `closes ${code}`);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code);
  }

  /** Cuts the TCP connection without a close frame. */
  cut(): void {
    this.#record('close', 'cuts the TCP connection');
    this.#socket.terminate();
  }

  /** Stops reading from the connection, so that pings stay unanswered and nothing is acknowledged. */
  stall(): void {
    this.#record('close', 'stops reading and answering');
    this.#socket.pause();
  }

  /** Frees the connection, politely if there is time. Resolves when it is gone. */
  async dispose(timeoutMs: number): Promise<void> {
    if (this.closed) return;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    if (this.#socket.readyState === WebSocket.CONNECTING || !(await this.untilClosed(timeoutMs)))
      this.#socket.terminate();
  }
}

function readFrame(text: string): Omit<Received, 'at' | 'index' | 'event'> {
  const nothing = { text, value: undefined, type: '', payload: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nothing;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return nothing;
  const { type, payload } = value as Record<string, unknown>;
  return {
    text,
    value: value as Record<string, unknown>,
    type: typeof type === 'string' ? type : '',
    payload: typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : {},
  };
}

function sessionDescription(nonce: string): string {
  const id = BigInt(`0x${nonce.slice(0, 14)}`);
  return `v=0\r\no=- ${id} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:${nonce.slice(0, 4)}\r\na=ice-pwd:${nonce}\r\na=mid:0\r\na=sctp-port:5000\r\n`;
}

function candidateLine(nonce: string): string {
  return `candidate:${Number.parseInt(nonce.slice(0, 7), 16)} 1 udp 2122260223 192.0.2.7 54321 typ host generation 0 ufrag ${nonce} network-id 1`;
}
