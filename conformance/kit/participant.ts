import type { Socket } from 'node:net';
import WebSocket, { type ClientOptions } from 'ws';
import type { ClientMessage } from '../../generated/index.js';
import type { Target } from '../inputs/target.js';
import type { ConnectionEvent, ConnectionNumber, Credential, FrameKind, TraceEvent } from '../trace/trace-event.js';
import type { Dialect } from './dialect.js';
import { encodeFrame, opcodes } from './frames.js';
import { memoryOf } from './intake.js';
import type { Pace } from './pace.js';
import type { Random } from './random.js';
import { type Matcher, type Received, readFrame } from './received.js';

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
  /** Position in the scenario's trace. */
  event: number;
}

/** How the handshake went. */
export type Handshake =
  | { kind: 'open' /** The subprotocol that the server selected; empty for none. */; protocol: string }
  | { kind: 'http'; status: number; contentType: string }
  | { kind: 'error'; message: string; code: string | undefined };

/** What a participant gets from its scenario: the time, random text, and the trace to write to. */
export interface Recorder {
  readonly random: Random;
  /** How names are read that the target spells in another case. */
  readonly dialect?: Dialect | undefined;
  now(): number;
  record(event: TraceEvent): number;
  /** Told when a connection to this instance ends as it does where a server stops, without a reason on this side. */
  onDrop?(instance: number): void;
  /** Counts what arrived; false where it is more than can be kept. */
  takeIn?(frames: number, bytes: number): boolean;
}

/** Whose connection to begin, and how. */
export interface Entry {
  name: string;
  /** The room that is meant; empty where the address names no possible one. */
  roomId: string;
  target: Target;
  /** Path and token of the handshake. */
  address: Parameters<Target['socketUrl']>[0];
  /** What the trace says of the connection. */
  connection: { number: ConnectionNumber; room?: string; credential: Credential; instance?: number };
  handshakeTimeoutMs: number;
  handshake?: { autoPong?: boolean; headers?: Record<string, string>; protocols?: string[]; deflate?: boolean };
  /** What keeps within the rate limit of the profile, if it claims one. */
  pace?: Pace | undefined;
}

/** Members a scenario may set on a message; the rest is filled in. */
export interface MessageOptions {
  to?: Participant | string | null;
  sdp?: string;
  candidate?: string;
  payload?: Record<string, unknown>;
  envelope?: Record<string, unknown>;
}

/** What is particular to one event; the rest is the same for all events of a connection. */
type OnConnection<Event = ConnectionEvent> = Event extends unknown
  ? Omit<Event, 'at' | 'participant' | 'connection'>
  : never;

/** Bytes of a frame of the scenario's own making that the trace keeps. */
const keptBytes = 4096;

/** Bytes that a server which has closed may leave unread, as far as we wait for it. */
const mostUnwritten = 64 * 1024;

/** Milliseconds that a wait takes in at once. */
const stepMs = 50;

/** With what a connection ends where its server dies, stops in order or is started again (RFC 6455, section 7.4.1). */
export const stopCodes: readonly number[] = [1001, 1005, 1006, 1012];

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
  /** Number of the connection in the trace. */
  readonly connection: ConnectionNumber;
  /** Known once it is joined; learned from the server, never from the token (AUTH-9). */
  userId = '';
  readonly received: Received[] = [];
  closed: Closed | undefined;
  handshake: Handshake | undefined;
  /** Headers of the answer to the handshake, whatever it was. */
  answerHeaders: Record<string, unknown> = {};
  binaryFrames = 0;
  /** Payloads of the pongs that came, one character (U+0000 to U+00FF) a byte. */
  readonly pongs: string[] = [];
  /** Called for each frame at once, before any waiter: for answers that must not be a tick late. */
  onReceive: ((received: Received) => void) | undefined;
  readonly #instance: number;
  readonly #socket: WebSocket;
  readonly #recorder: Recorder;
  readonly #pace: Pace | undefined;
  readonly #waiters = new Set<Waiter>();
  #transport: Socket | undefined;
  #protocol = '';
  /** Set when this side ends the connection, or gives the server a reason to. */
  #leaving = false;
  #isFlooded = false;

  constructor(entry: Entry, recorder: Recorder) {
    const { name, roomId, target, address, connection, handshake = {} } = entry;
    this.name = name;
    this.roomId = roomId;
    this.connection = connection.number;
    this.#recorder = recorder;
    this.#pace = entry.pace;
    const { url, requestTarget } = target.socketUrl(address);
    const { room, credential, instance } = connection;
    this.#instance = instance ?? 0;
    this.#record({
      kind: 'connect',
      requestTarget,
      ...(room !== undefined && { room }),
      credential,
      ...(instance !== undefined && { instance }),
    });
    this.#socket = new WebSocket(url, {
      perMessageDeflate: handshake.deflate ?? false,
      // The waits of the suite end first; this one takes no account of a busy machine.
      handshakeTimeout: 3 * entry.handshakeTimeoutMs,
      autoPong: handshake.autoPong ?? true,
      // Hundreds of pings in one segment are all answered.
      maxPendingAutoPongs: 0,
      // More than any server relays that stays within its memory; uvicorn takes 16 MiB.
      maxPayload: 20 * 1024 * 1024,
      // The largest message in segments of Ethernet's size has 14,000; more, byte by byte, would cost time in their square.
      maxBufferedChunks: 16_384,
      // Offered by hand: `ws` would end the connection of a server that selects none, which it may.
      headers: {
        ...handshake.headers,
        ...(handshake.protocols && { 'sec-websocket-protocol': handshake.protocols.join(', ') }),
      },
      ...(target.ca && { ca: target.ca }),
      // URL parsing would resolve `..` and re-encode; the request line carries exactly what the scenario asked for.
      finishRequest: (request) => {
        request.path = requestTarget;
        request.end();
      },
    } as ClientOptions);
    this.#listen();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('upgrade', (response) => {
      this.#transport = response.socket;
      this.#protocol = response.headers['sec-websocket-protocol'] ?? '';
      this.answerHeaders = { ...response.headers };
      // Judged by the scenarios: `ws` would end a connection on which a subprotocol is selected that it did not offer.
      delete response.headers['sec-websocket-protocol'];
    });
    socket.on('open', () => {
      this.handshake = { kind: 'open', protocol: this.#protocol };
      this.#record({ kind: 'open', ...(this.#protocol !== '' && { subprotocol: this.#protocol }) });
      this.#transport?.on('data', (chunk: Buffer) => {
        if (this.#recorder.takeIn?.(0, chunk.length) === false) this.#cutFlood();
        setImmediate(() => this.#giveUpWriting());
      });
      this.#wake();
    });
    socket.on('unexpected-response', (request, response) => {
      const status = response.statusCode ?? 0;
      const contentType = String(response.headers['content-type'] ?? 'no content type').split(';')[0] ?? '';
      this.answerHeaders = { ...response.headers };
      this.handshake = { kind: 'http', status, contentType };
      this.#record({ kind: 'refused', status, contentType });
      response.resume();
      request.destroy();
      this.#end(1006, '');
    });
    socket.on('message', (data, isBinary) => {
      if (this.#isFlooded) return;
      const { length } = data as Buffer;
      if (isBinary) {
        // Its bytes were counted as they came in; nothing of it is kept.
        if (this.#recorder.takeIn?.(1, -length) === false) return this.#cutFlood();
        this.binaryFrames += 1;
        this.#record({ kind: 'receive-binary', bytes: length });
        return;
      }
      const text = data.toString();
      if (this.#recorder.takeIn?.(1, memoryOf(text) - length) === false) return this.#cutFlood();
      const position = {
        at: this.#recorder.now(),
        index: this.received.length,
        event: this.#record({ kind: 'receive', text }),
      };
      const received = { ...position, ...readFrame(text, this.#recorder.dialect) };
      this.received.push(received);
      this.onReceive?.(received);
      this.#wake();
    });
    socket.on('pong', (payload) => {
      this.pongs.push(payload.toString('latin1'));
      this.#record({ kind: 'pong' });
      this.#wake();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.handshake) return;
      const { message, code } = error;
      this.handshake = { kind: 'error', message, code };
      this.#record({ kind: 'unreachable', message, ...(code !== undefined && { code }) });
    });
    socket.on('close', (code, reason) => this.#end(code, reason.toString()));
  }

  /**
   * A server that refuses a large message may close while it is still being written, and read no more of it: our close
   * frame would never reach it, and both sides would wait.
   */
  #giveUpWriting(): void {
    const { readyState, bufferedAmount } = this.#socket;
    if (readyState === WebSocket.CLOSING && !this.#leaving && bufferedAmount > mostUnwritten) this.#socket.terminate();
  }

  /** Ends a connection over which more comes than can be kept. */
  #cutFlood(): void {
    if (this.#isFlooded) return;
    this.#isFlooded = true;
    this.#leaving = true;
    this.#record({ kind: 'flood' });
    this.#socket.terminate();
  }

  #end(code: number, reason: string): void {
    if (this.closed) return;
    this.handshake ??= { kind: 'error', message: 'the connection was closed during the handshake', code: undefined };
    this.closed = { code, reason, at: this.#recorder.now(), event: this.#record({ kind: 'closed', code, reason }) };
    if (stopCodes.includes(code) && this.handshake.kind === 'open' && !this.#leaving)
      this.#recorder.onDrop?.(this.#instance);
    this.#wake();
  }

  #record(what: OnConnection): number {
    return this.#recorder.record({
      at: this.#recorder.now(),
      participant: this.name,
      connection: this.connection,
      ...what,
    } as TraceEvent);
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
   * The first frame from position `since` on that matches. Undefined when the time is over, or when the connection is
   * closed and so nothing can come any more.
   */
  async until(
    match: Matcher,
    { since = 0, timeoutMs }: { since?: number; timeoutMs: number },
  ): Promise<Received | undefined> {
    let index = since;
    const found = await this.#wait(() => {
      // What was looked at once does not change any more.
      for (; index < this.received.length; index++) {
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
    const before = this.pongs.length;
    this.#record({ kind: 'ping' });
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
    await this.#wait(() => (this.pongs.length > before || this.closed ? true : undefined), timeoutMs);
    return this.pongs.length > before;
  }

  /** Resolves with whether so many pongs have come in all. */
  async untilPongs(count: number, timeoutMs: number): Promise<boolean> {
    await this.#wait(() => (this.pongs.length >= count || this.closed ? true : undefined), timeoutMs);
    return this.pongs.length >= count;
  }

  /** Sends any text as one frame, when the profile's rate limit allows it. */
  async sendText(text: string): Promise<number> {
    await this.#pace?.turn();
    return this.sendTextNow(text);
  }

  /** Sends at once, whatever the rate limit. Returns how many frames had arrived before. */
  sendTextNow(text: string): number {
    const mark = this.received.length;
    const open = this.#socket.readyState === WebSocket.OPEN;
    this.#record({ kind: open ? 'send' : 'unsent', text });
    if (open) this.#socket.send(text);
    return mark;
  }

  /**
   * Writes frames of the scenario's own making straight to the connection: `[opcode, payload, fin]` each. `message` is
   * the text that they carry, where it is one.
   */
  async sendFrames(
    what: string,
    frames: readonly [opcode: FrameKind, payload: Uint8Array | string, fin?: boolean][],
    { message }: { message?: string } = {},
  ): Promise<number> {
    await this.#pace?.turn();
    const mark = this.received.length;
    const encoded = frames.map(([opcode, payload, fin = true]) => ({
      opcode,
      fin,
      payload: Buffer.from(payload as Uint8Array),
    }));
    this.#leaving = true;
    this.#record({
      kind: 'send-frames',
      what,
      frames: encoded.map(({ opcode, fin, payload }) => ({
        opcode,
        fin,
        bytes: payload.length,
        ...(payload.length <= keptBytes && { data: payload.toString('latin1') }),
      })),
      ...(message !== undefined && { message }),
    });
    const bytes = encoded.map(({ opcode, payload, fin }) => encodeFrame(opcodes[opcode], payload, { fin }));
    this.#transport?.write(Buffer.concat(bytes));
    return mark;
  }

  /** Sends an offer with a nonce in its SDP. */
  offer(options: MessageOptions = {}): Promise<Sent> {
    return this.signal('offer', options);
  }

  /** Sends an answer with a nonce in its SDP. */
  answer(options: MessageOptions = {}): Promise<Sent> {
    return this.signal('answer', options);
  }

  /** Sends a candidate with a nonce in it. */
  candidate(options: MessageOptions = {}): Promise<Sent> {
    return this.signal('ice_candidate', options);
  }

  /** The message that {@link offer}, {@link answer} or {@link candidate} would send. */
  compose(type: ClientMessage['type'], options: MessageOptions = {}): { message: ClientMessage; nonce: string } {
    const nonce = this.#recorder.random.hex(18);
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

  /** Sends a message of this type with a nonce in it. */
  async signal(type: ClientMessage['type'], options: MessageOptions = {}): Promise<Sent> {
    await this.#pace?.turn();
    return this.signalNow(type, options);
  }

  /** Composes and sends at once, whatever the rate limit. */
  signalNow(type: ClientMessage['type'], options: MessageOptions = {}): Sent {
    const { message, nonce } = this.compose(type, options);
    const text = JSON.stringify(message);
    const mark = this.sendTextNow(text);
    return { from: this, message, text, nonce, mark };
  }

  /** Starts the closing handshake; with null the close frame is empty, as after `close()` in a browser. */
  close(code: number | null = 1000): void {
    this.#leaving = true;
    this.#record({ kind: 'close', ...(code !== null && { code }) });
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code ?? undefined);
  }

  /** Leaves it to the server to end the TCP connection after the close frames, as RFC 6455 (section 7.1.1) has it; `ws` would. */
  leaveEndToServer(): void {
    const transport = this.#transport;
    if (transport === undefined) return;
    const end = transport.end;
    transport.end = () => transport;
    transport.once('end', () => {
      transport.end = end;
      transport.end();
    });
  }

  /** Ends the TCP connection without a close frame: by FIN, or with `reset` by RST. */
  cut({ reset = false }: { reset?: boolean } = {}): void {
    this.#leaving = true;
    this.#record({ kind: 'cut', reset });
    // Only a plain TCP socket can send RST; over TLS both ways of ending look the same to the server.
    if (reset && this.#transport && !('encrypted' in this.#transport)) this.#transport.resetAndDestroy();
    else this.#socket.terminate();
  }

  /** Stops reading from the connection, so that pings stay unanswered and nothing is acknowledged. */
  stall(): void {
    this.#leaving = true;
    this.#record({ kind: 'stall' });
    this.#socket.pause();
  }

  /** Reads again after {@link stall}. */
  resume(): void {
    this.#record({ kind: 'resume' });
    this.#socket.resume();
  }

  /** Drops the frames received so far, for those who count what comes and keep nothing. */
  forget(): void {
    this.received.length = 0;
  }

  /** Frees the connection, politely if there is time. Resolves when it is gone. */
  async dispose(timeoutMs: number): Promise<void> {
    if (this.closed) return;
    this.#socket.resume();
    if (this.#socket.readyState === WebSocket.OPEN) this.close();
    if (this.#socket.readyState === WebSocket.CONNECTING || !(await this.untilClosed(timeoutMs)))
      this.#socket.terminate();
  }
}

function sessionDescription(nonce: string): string {
  const id = BigInt(`0x${nonce.slice(0, 14)}`);
  return `v=0\r\no=- ${id} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:${nonce.slice(0, 4)}\r\na=ice-pwd:${nonce}\r\na=mid:0\r\na=sctp-port:5000\r\n`;
}

function candidateLine(nonce: string): string {
  return `candidate:${Number.parseInt(nonce.slice(0, 7), 16)} 1 udp 2122260223 192.0.2.7 54321 typ host generation 0 ufrag ${nonce} network-id 1`;
}
