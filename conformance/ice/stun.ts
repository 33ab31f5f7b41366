import { createHash, createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

/** Methods of STUN (RFC 8489) and TURN (RFC 8656). */
export const methods = { binding: 0x001, allocate: 0x003, refresh: 0x004 } as const;

/** Attributes that a check sends or reads. */
export const attributes = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
} as const;

/** Length of the header before the attributes, in bytes. */
export const headerLength = 20;
const cookie = 0x2112a442;
const successClass = 0x100;
const errorClass = 0x110;

/** Where an ICE server is: what a URI of RFC 7064 or RFC 7065 says. */
export interface IceServerAddress {
  isTurn: boolean;
  host: string;
  port: number;
  transport: 'udp' | 'tcp' | 'tls' | 'dtls';
}

/** Reads a `stun:`, `stuns:`, `turn:` or `turns:` URI; undefined if it is none. */
export function parseIceUri(uri: string): IceServerAddress | undefined {
  const found = /^(stuns?|turns?):(\[[^\]]+\]|[^:/?[\]]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i.exec(uri);
  if (!found) return undefined;
  const [, scheme = '', host = '', port, given] = found;
  const isSecure = scheme.toLowerCase().endsWith('s');
  const transport = (given?.toLowerCase() ?? (isSecure ? 'tcp' : 'udp')) as 'udp' | 'tcp';
  return {
    isTurn: scheme.toLowerCase().startsWith('turn'),
    host: isIP(host.slice(1, -1)) === 6 ? host.slice(1, -1) : host,
    port: port === undefined ? (isSecure ? 5349 : 3478) : Number(port),
    transport: isSecure ? ({ udp: 'dtls', tcp: 'tls' } as const)[transport] : transport,
  };
}

/** What a server of long-term credentials wants every request to be signed with. */
export interface LongTermCredentials {
  username: string;
  credential: string;
  realm: Buffer;
  nonce: Buffer;
}

/** Encodes a request; with credentials it is signed (RFC 8489, section 14.5). */
export function encodeRequest(
  method: number,
  own: readonly (readonly [type: number, value: Buffer])[] = [],
  credentials?: LongTermCredentials,
): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUInt16BE(method, 0);
  header.writeUInt32BE(cookie, 4);
  randomBytes(12).copy(header, 8);
  const body = own.map(([type, value]) => encodeAttribute(type, value));
  if (credentials === undefined) return withLength(header, body);

  const { username, credential, realm, nonce } = credentials;
  body.push(
    encodeAttribute(attributes.username, Buffer.from(username)),
    encodeAttribute(attributes.realm, realm),
    encodeAttribute(attributes.nonce, nonce),
  );
  const key = createHash('md5').update(`${username}:`).update(realm).update(`:${credential}`).digest();
  // What is signed has a length that includes the signature, which is not in it.
  const signed = withLength(header, body, 24);
  const signature = createHmac('sha1', key).update(signed).digest();
  return Buffer.concat([signed, encodeAttribute(attributes.messageIntegrity, signature)]);
}

function withLength(header: Buffer, body: readonly Buffer[], more = 0): Buffer {
  const message = Buffer.concat([header, ...body]);
  message.writeUInt16BE(message.length - headerLength + more, 2);
  return message;
}

function encodeAttribute(type: number, value: Buffer): Buffer {
  const encoded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  encoded.writeUInt16BE(type, 0);
  encoded.writeUInt16BE(value.length, 2);
  value.copy(encoded, 4);
  return encoded;
}

/** What a server answers. */
export interface StunResponse {
  attributes: ReadonlyMap<number, Buffer>;
  /** Code and reason, if it is an error. */
  error?: { code: number; reason: string };
}

/** Decodes the answer to a request; undefined for anything else. */
export function decodeResponse(message: Buffer, request: Buffer): StunResponse | undefined {
  if (message.length < headerLength || message.length !== headerLength + message.readUInt16BE(2)) return undefined;
  if (!message.subarray(4, headerLength).equals(request.subarray(4, headerLength))) return undefined;
  const method = request.readUInt16BE(0);
  const type = message.readUInt16BE(0);
  if (type !== (method | successClass) && type !== (method | errorClass)) return undefined;

  const found = new Map<number, Buffer>();
  for (let at = headerLength; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  if (type === (method | successClass)) return { attributes: found };
  const error = found.get(attributes.errorCode) ?? Buffer.alloc(4);
  if (error.length < 4) return undefined;
  return {
    attributes: found,
    error: { code: (error[2] ?? 0) * 100 + (error[3] ?? 0), reason: error.toString('utf8', 4) },
  };
}
