import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  attributes,
  decodeResponse,
  encodeRequest,
  headerLength,
  type IceServerAddress,
  type LongTermCredentials,
  methods,
  parseIceUri,
  type StunResponse,
} from './stun.js';

/** One URL of an ICE server, and the credentials listed with it. */
export interface ListedIceServer {
  url: string;
  username?: string | undefined;
  credential?: string | undefined;
}

const overUdp = 17;

/**
 * Says what is wrong with an ICE server, never naming its credential; undefined if it does what it is listed for (CONFIG-12): a STUN
 * server answers a binding request, a TURN server grants an allocation, which is given back. Takes at most some `timeoutMs` milliseconds
 * for each of at most four answers.
 */
export async function faultOfIceServer(server: ListedIceServer, timeoutMs: number): Promise<string | undefined> {
  const address = parseIceUri(server.url);
  if (address === undefined) return 'it is no STUN or TURN URI';
  if (address.transport === 'dtls') return 'TURN over DTLS cannot be checked; list it with ?transport=tcp as well';

  let channel: Channel;
  try {
    channel = await open(address, timeoutMs);
  } catch (error) {
    return `it cannot be reached: ${(error as Error).message}`;
  }
  try {
    return await (address.isTurn ? allocate(channel, server) : bind(channel));
  } catch (error) {
    return (error as Error).message;
  } finally {
    channel.close();
  }
}

async function bind(channel: Channel): Promise<string | undefined> {
  const { error, attributes: found } = await channel.ask(encodeRequest(methods.binding));
  if (error !== undefined) return `it answers a binding request with ${error.code} ${error.reason}`;
  return found.has(attributes.xorMappedAddress) ? undefined : 'its answer to a binding request names no address';
}

async function allocate(channel: Channel, { username, credential }: ListedIceServer): Promise<string | undefined> {
  const wanted = [[attributes.requestedTransport, Buffer.from([overUdp, 0, 0, 0])]] as const;
  let answer = await channel.ask(encodeRequest(methods.allocate, wanted));
  let credentials: LongTermCredentials | undefined;
  // The first 401 only tells how to sign; after 438 the nonce was stale.
  for (const expected of [401, 438]) {
    const realm = answer.attributes.get(attributes.realm) ?? credentials?.realm;
    const nonce = answer.attributes.get(attributes.nonce);
    if (answer.error?.code !== expected || realm === undefined || nonce === undefined) continue;
    if (!username || !credential) return 'it wants credentials, and none are listed';
    credentials = { username, credential, realm, nonce };
    answer = await channel.ask(encodeRequest(methods.allocate, wanted, credentials));
  }
  const { error } = answer;
  if (error?.code === 401) return 'it is there and rejects the listed credentials (401)';
  if (error !== undefined) return `it grants no allocation: ${error.code} ${error.reason}`;
  if (!answer.attributes.has(attributes.xorRelayedAddress)) return 'its allocation has no relayed address';
  await channel.ask(encodeRequest(methods.refresh, [[attributes.lifetime, Buffer.alloc(4)]], credentials));
  return undefined;
}

/** A connection to an ICE server. */
interface Channel {
  /** Sends a request; rejects where no answer comes. */
  ask(request: Buffer): Promise<StunResponse>;
  close(): void;
}

function open(address: IceServerAddress, timeoutMs: number): Promise<Channel> {
  return address.transport === 'udp' ? openDatagrams(address, timeoutMs) : openStream(address, timeoutMs);
}

/** Connected, so that a closed port is told at once. */
async function openDatagrams({ host, port }: IceServerAddress, timeoutMs: number): Promise<Channel> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  socket.on('error', () => {}); // Between two requests nobody waits to be told.
  try {
    const connected = once(socket, 'connect');
    socket.connect(port, host);
    await connected;
  } catch (error) {
    socket.close();
    throw error;
  }
  return {
    ask(request) {
      let retry: NodeJS.Timeout;
      // RFC 8489, section 6.2.1: a lost datagram is sent again, each time after twice as long.
      const send = (delay: number) => {
        socket.send(request);
        retry = setTimeout(send, delay, 2 * delay);
      };
      const answer = answerTo(request, timeoutMs, (hear, fail) => {
        socket.on('message', hear);
        socket.on('error', fail);
        return () => {
          clearTimeout(retry);
          socket.off('message', hear);
          socket.off('error', fail);
        };
      });
      send(500);
      return answer;
    },
    close: () => socket.close(),
  };
}

async function openStream({ host, port, transport }: IceServerAddress, timeoutMs: number): Promise<Channel> {
  const isSecure = transport === 'tls';
  const socket: Socket = isSecure
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) })
    : connect({ host, port });
  socket.on('error', () => {}); // Between two requests nobody waits to be told.
  try {
    await once(socket, isSecure ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    socket.destroy();
    throw (error as Error).name === 'AbortError' ? new Error(`no connection within ${timeoutMs} ms`) : error;
  }
  let received = Buffer.alloc(0);
  return {
    ask(request) {
      const answer = answerTo(request, timeoutMs, (hear, fail) => {
        const read = (chunk: Buffer) => {
          received = Buffer.concat([received, chunk]);
          while (received.length >= headerLength) {
            const length = headerLength + received.readUInt16BE(2);
            if (received.length < length) return;
            const message = received.subarray(0, length);
            received = received.subarray(length);
            hear(message);
          }
        };
        const lose = () => fail(new Error('it closed the connection'));
        socket.on('data', read);
        socket.on('error', fail);
        socket.on('close', lose);
        return () => {
          socket.off('data', read);
          socket.off('error', fail);
          socket.off('close', lose);
        };
      });
      socket.write(request);
      return answer;
    },
    close: () => socket.destroy(),
  };
}

/** Listens until a request is answered, all fails or the time is up. */
function answerTo(
  request: Buffer,
  timeoutMs: number,
  listen: (hear: (message: Buffer) => void, fail: (error: Error) => void) => () => void,
): Promise<StunResponse> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      stop();
    };
    const fail = (error: Error) => {
      end();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error(`it does not answer within ${timeoutMs} ms`)), timeoutMs);
    const stop = listen((message) => {
      const response = decodeResponse(message, request);
      if (response === undefined) return;
      end();
      resolve(response);
    }, fail);
  });
}
