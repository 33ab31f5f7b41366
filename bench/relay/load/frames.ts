import { randomBytes } from 'node:crypto';

/** Opcodes of WebSocket frames. */
export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Encodes one frame as clients have to: masked. */
export function maskedFrame(opcode: number, text = ''): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head = Buffer.alloc(payload.length < 126 ? 2 : 4);
  head[0] = 0x80 | opcode;
  if (payload.length < 126) head[1] = 0x80 | payload.length;
  else {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(payload.length, 2);
  }
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return Buffer.concat([head, mask, payload]);
}

/** Finds the frames in a stream of bytes by their headers, and never looks at what they carry. */
export class FrameWalker {
  readonly #onFrame: (opcode: number, length: number) => void;
  readonly #header = Buffer.alloc(10);
  #headerBytes = 0;
  #opcode = 0;
  #length = 0;
  #rest = 0;

  /** `onFrame` is called when the last byte of a frame has come. */
  constructor(onFrame: (opcode: number, length: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the bytes from `at` to `end`. */
  walk(bytes: Buffer, at: number, end: number): void {
    let position = at;
    while (position < end) {
      if (this.#rest > 0) {
        const step = Math.min(this.#rest, end - position);
        this.#rest -= step;
        position += step;
        if (this.#rest === 0) this.#onFrame(this.#opcode, this.#length);
        continue;
      }
      this.#header[this.#headerBytes++] = bytes[position++] ?? 0;
      this.#readHeader();
    }
  }

  #readHeader(): void {
    const header = this.#header;
    if (this.#headerBytes < 2) return;
    const short = (header[1] ?? 0) & 0x7f;
    const wanted = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.#headerBytes < wanted) return;
    this.#headerBytes = 0;
    this.#opcode = (header[0] ?? 0) & 0x0f;
    this.#length = short === 127 ? Number(header.readBigUInt64BE(2)) : short === 126 ? header.readUInt16BE(2) : short;
    this.#rest = this.#length;
    if (this.#rest === 0) this.#onFrame(this.#opcode, 0);
  }
}
