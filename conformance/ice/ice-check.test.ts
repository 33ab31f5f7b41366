import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Coturn, startCoturn } from '../../test/coturn.js';
import { freePort } from '../../test/ports.js';
import { lacks } from '../../test/programs.js';
import { mintTokens, parseTarget, run, Secrets } from '../api.js';
import { plainProfile } from '../inputs/profile.js';
import { startEmbedded } from '../run/embedded.js';
import { faultOfIceServer } from './ice-check.js';
import { attributes, encodeRequest, methods, parseIceUri } from './stun.js';

const patience = 5_000;
const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A server that answers each datagram with what `answer` makes of it; returns its port. */
async function respond(answer: (request: Buffer) => Buffer | undefined): Promise<number> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (request, { port, address }) => {
    const response = answer(request);
    if (response !== undefined) socket.send(response, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

/** A binding response to a request, with an address or without. */
function bindingResponse(request: Buffer, isComplete: boolean): Buffer {
  const address = [attributes.xorMappedAddress, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])] as const;
  const response = encodeRequest(methods.binding | 0x100, isComplete ? [address] : []);
  request.copy(response, 4, 4, 20);
  return response;
}

describe('the URI of an ICE server', () => {
  test.each([
    ['stun:stun.example.com', { isTurn: false, host: 'stun.example.com', port: 3478, transport: 'udp' }],
    ['stuns:stun.example.com', { isTurn: false, host: 'stun.example.com', port: 5349, transport: 'tls' }],
    ['turn:10.0.0.1:99?transport=tcp', { isTurn: true, host: '10.0.0.1', port: 99, transport: 'tcp' }],
    ['turns:turn.example.com', { isTurn: true, host: 'turn.example.com', port: 5349, transport: 'tls' }],
    ['turns:turn.example.com?transport=udp', { isTurn: true, host: 'turn.example.com', port: 5349, transport: 'dtls' }],
    ['TURN:[2001:db8::1]:3478', { isTurn: true, host: '2001:db8::1', port: 3478, transport: 'udp' }],
    ['stun://stun.example.com', undefined],
    ['turn:a?transport=sctp', undefined],
    ['https://stun.example.com', undefined],
  ])('%s', (uri, address) => {
    expect(parseIceUri(uri)).toEqual(address);
  });
});

describe('a STUN server', () => {
  test('that answers with an address has no fault, even if a datagram is lost', async () => {
    let heard = 0;
    const port = await respond((request) => (++heard > 1 ? bindingResponse(request, true) : undefined));
    expect(await faultOfIceServer({ url: `stun:127.0.0.1:${port}` }, patience)).toBeUndefined();
  });

  test.each<[string, (request: Buffer) => Buffer | undefined, RegExp]>([
    ['that says nothing', () => undefined, /does not answer within 300 ms/],
    ['that answers another request', () => bindingResponse(Buffer.alloc(20, 7), true), /does not answer within 300 ms/],
    [
      'that answers noise',
      () => Buffer.from('no STUN at all, but longer than a header'),
      /does not answer within 300 ms/,
    ],
    ['that names no address', (request) => bindingResponse(request, false), /names no address/],
  ])('%s has a fault', async (_, answer, fault) => {
    const port = await respond(answer);
    expect(await faultOfIceServer({ url: `stun:127.0.0.1:${port}` }, 300)).toMatch(fault);
  });

  test.each(['stun:127.0.0.1:PORT', 'stun:127.0.0.1:PORT?transport=tcp', 'stuns:127.0.0.1:PORT'])(
    'that is not there is told at once (%s)',
    async (url) => {
      const port = String(await freePort());
      expect(await faultOfIceServer({ url: url.replace('PORT', port) }, 60_000)).toMatch(/ECONNREFUSED/);
    },
  );

  test('that closes the connection has a fault', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await faultOfIceServer({ url: `stun:127.0.0.1:${port}?transport=tcp` }, patience)).toMatch(
      /closed the connection/,
    );
    server.close();
  });

  test('that is listed is judged by the suite where the profile claims that it works', async () => {
    const port = await respond((request) => bindingResponse(request, true));
    const gone = await freePort();
    for (const [listed, outcome] of [
      [port, 'pass'],
      [gone, 'fail'],
    ] as const) {
      const webrtcConfig = { ice_servers: [{ urls: `stun:127.0.0.1:${listed}` }] };
      const server = await startEmbedded({}, { webrtcConfig });
      const secrets = new Secrets();
      const tokens = await mintTokens({ key: server.secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets);
      const profile = { ...plainProfile, features: new Set(['ice-check'] as const) };
      const selects = ({ name }: { name: string }) => name === 'every ICE server that is listed works';
      const { results } = await run({ targets: [parseTarget(server.url)], tokens, secrets, profile, selects });
      expect(results.find(({ requirement }) => requirement === 'CONFIG-12')).toMatchObject({ outcome });
      await server.close();
    }
  });
});

describe.skipIf(lacks('turnserver', 'coturn'))('a TURN server', () => {
  let coturn: Coturn;
  const credentials = { username: 'alice', credential: 'opensesame' };

  beforeAll(async () => {
    coturn = await startCoturn('--lt-cred-mech', `--user=${credentials.username}:${credentials.credential}`);
  });
  afterAll(() => coturn.stop());

  test.each(['udp', 'tcp'])('grants an allocation with the right credentials over %s', async (transport) => {
    const url = `turn:127.0.0.1:${coturn.port}?transport=${transport}`;
    expect(await faultOfIceServer({ url, ...credentials }, patience)).toBeUndefined();
  });

  test('rejects the wrong ones, which are not named', async () => {
    const url = `turn:127.0.0.1:${coturn.port}`;
    const fault = await faultOfIceServer({ url, ...credentials, credential: 'guess' }, patience);
    expect(fault).toBe('it is there and rejects the listed credentials (401)');
    expect(await faultOfIceServer({ url }, patience)).toBe('it wants credentials, and none are listed');
  });
});
