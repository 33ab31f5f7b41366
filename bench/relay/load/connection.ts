import { connect, type Socket } from 'node:net';
import type { Dialect } from './dialects.js';
import { FrameWalker, maskedFrame, opcodes } from './frames.js';

const pong = maskedFrame(opcodes.pong);
const ping = maskedFrame(opcodes.ping);
// All sockets read into one buffer: each chunk is done with when the callback returns.
const chunk = Buffer.allocUnsafeSlow(256 * 1024);

/** A WebSocket that costs as little as it can: frames go out as they were encoded, and are counted when they come in. */
export class Connection {
  readonly #socket: Socket;
  readonly #dialect: Dialect;
  readonly #walker = new FrameWalker((opcode, length) => this.#receive(opcode, length));
  readonly #ready: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};
  #handshake: string | undefined = '';
  #greetings = 0;
  #pong: (() => void) | undefined;
  #isClosing = false;
  /** Called for each text or binary frame after the greetings, with its length. */
  onMessage: (length: number) => void = () => {};
  /** Called when all frames of a chunk have been told. */
  onChunk: () => void = () => {};
  /** Called when the server closes the connection. */
  onLost: (error: Error) => void = () => {};

  private constructor(port: number, target: string, dialect: Dialect) {
    this.#dialect = dialect;
    this.#ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const onread = { buffer: chunk, callback: (length: number) => this.#read(length) };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('error', (error) => this.#lose(error));
    this.#socket.on('close', () => this.#lose(new Error('the server closed a connection')));
    this.#socket.write(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
  }

  /** Connects; resolves when the server has greeted. */
  static async open(port: number, target: string, dialect: Dialect): Promise<Connection> {
    const connection = new Connection(port, target, dialect);
    await connection.#ready;
    return connection;
  }

  /** Sends frames that are encoded already. */
  write(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** Holds back what is written until {@link uncork}, to send it in one piece. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** Resolves when the server has answered a ping, and hence has handled what was sent before. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#pong = resolve;
      this.#socket.write(ping);
    });
  }

  /** Ends the connection with a reset, which leaves no port behind that cannot be used for a while. */
  abandon(): void {
    this.#isClosing = true;
    this.#socket.resetAndDestroy();
  }

  #read(length: number): boolean {
    let at = 0;
    if (this.#handshake !== undefined) {
      const before = this.#handshake.length;
      this.#handshake += chunk.toString('latin1', 0, length);
      const end = this.#handshake.indexOf('\r\n\r\n');
      if (end < 0) return true;
      if (!this.#handshake.startsWith('HTTP/1.1 101')) {
        this.#lose(new Error(`the server answered ${this.#handshake.split('\r\n')[0]}`));
        return true;
      }
      at = end + 4 - before;
      this.#handshake = undefined;
      if (this.#dialect.greetings === 0) this.#resolve();
    }
    this.#walker.walk(chunk, at, length);
    this.onChunk();
    return true;
  }

  #receive(opcode: number, length: number): void {
    if (opcode === opcodes.ping) this.#socket.write(pong);
    else if (opcode === opcodes.pong) this.#pong?.();
    else if (opcode === opcodes.close) this.#lose(new Error('the server closed a connection'));
    else if (length === 1 && this.#dialect.heartbeat !== undefined) this.#socket.write(this.#dialect.heartbeat);
    else if (this.#greetings < this.#dialect.greetings) this.#greet();
    else this.onMessage(length);
  }

  #greet(): void {
    this.#greetings++;
    if (this.#greetings === 1 && this.#dialect.reply !== undefined) this.#socket.write(this.#dialect.reply);
    if (this.#greetings === this.#dialect.greetings) this.#resolve();
  }

  #lose(error: Error): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#socket.destroy();
    this.#reject(error);
    this.onLost(error);
  }
}
