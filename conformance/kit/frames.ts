import { randomBytes } from 'node:crypto';

/** WebSocket opcodes (RFC 6455, section 5.2). */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** One masked client frame as it goes over the wire (RFC 6455, section 5.2), with nothing checked or corrected. */
export function encodeFrame(opcode: number, payload: Uint8Array, { fin = true } = {}): Buffer {
  const length = payload.length;
  const extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const header = Buffer.alloc(2 + extended);
  header[0] = (fin ? 0x80 : 0) | opcode;
  header[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) header.writeUInt16BE(length, 2);
  if (extended === 8) header.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  // Word by word: floods are masked too. Both arrays have the machine's order of bytes, so it does not matter.
  const words = new Uint32Array(Math.ceil(length / 4));
  const masked = Buffer.from(words.buffer, 0, length);
  masked.set(payload);
  const [key = 0] = new Uint32Array(new Uint8Array(mask).buffer);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ key;
  return Buffer.concat([header, mask, masked]);
}
