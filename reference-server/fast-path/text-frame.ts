/** Makes the text frame that carries a text, given as UTF-8. */
export function textFrame(payload: Buffer): Buffer {
  const frame = emptyTextFrame(payload.length);
  payload.copy(frame, frame.length - payload.length);
  return frame;
}

/**
 * Makes a text frame as servers send it, unmasked and in one piece (RFC 6455, section 5.2). Its last `payloadLength` bytes are
 * to be filled in.
 */
export function emptyTextFrame(payloadLength: number): Buffer {
  if (payloadLength < 126) {
    const frame = allocate(2 + payloadLength);
    frame[0] = textInOnePiece;
    frame[1] = payloadLength;
    return frame;
  }
  if (payloadLength < 0x10000) {
    const frame = allocate(4 + payloadLength);
    frame[0] = textInOnePiece;
    frame[1] = 126;
    frame[2] = payloadLength >> 8;
    frame[3] = payloadLength;
    return frame;
  }
  const frame = allocate(10 + payloadLength);
  frame[0] = textInOnePiece;
  frame[1] = 127;
  frame.writeBigUInt64BE(BigInt(payloadLength), 2);
  return frame;
}

/** Copies a frame to memory of its own. Others stay in theirs as long as any frame beside them does. */
export function detached(frame: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(frame.length);
  frame.copy(copy);
  return copy;
}

const textInOnePiece = 0x81;
const slabSize = 16 * 1024;
let slab = Buffer.alloc(0);
let used = 0;

/** Cuts a frame off a larger piece of memory: Node's own are too small for three offers, and to make one costs more than to fill it. */
function allocate(length: number): Buffer {
  if (length > slabSize / 4) return Buffer.allocUnsafeSlow(length);
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabSize);
    used = 0;
  }
  const frame = slab.subarray(used, used + length);
  used += length;
  return frame;
}
