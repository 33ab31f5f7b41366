import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type FetchWebrtcConfigOptions, fetchWebrtcConfig, toRtcConfiguration } from './config.js';
import { startServer, type TestServer } from './testing/test-server.js';

const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2VjcmV0';
const stun = { ice_servers: [{ urls: 'stun:stun.example.com' }] };
let server: TestServer | undefined;

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
});

async function serve(http: RequestListener): Promise<FetchWebrtcConfigOptions> {
  server = await startServer({ http });
  return { baseUrl: `${server.baseUrl}/prefix/`, token };
}

function answer(status: number, body: string): RequestListener {
  return (_request, response) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
}

describe('fetchWebrtcConfig (CLIENT-1)', () => {
  it('asks below the base URL with the bearer token, and gives the body as it came', async () => {
    const requests: unknown[] = [];
    const options = await serve((request, response) => {
      requests.push([request.method, request.url, request.headers.authorization]);
      answer(200, JSON.stringify({ ...stun, ttl: 60, unknown: 1 }))(request, response);
    });
    expect(await fetchWebrtcConfig({ ...options, token: async () => token })).toEqual({ ...stun, ttl: 60, unknown: 1 });
    expect(requests).toEqual([['GET', '/prefix/webrtc/config', `Bearer ${token}`]]);
  });

  it('gives up a request that is not answered in time, one that only begins to be as well', async () => {
    for (const begin of ['', '{"ice_servers":']) {
      let closed = () => {};
      const isClosed = new Promise<void>((resolve) => {
        closed = resolve;
      });
      const options = await serve((request, response) => {
        request.socket.once('close', closed);
        if (begin !== '') response.writeHead(200, { 'Content-Type': 'application/json' }).write(begin);
      });
      await expect(fetchWebrtcConfig({ ...options, timeoutMs: 50 })).rejects.toMatchObject({
        code: 'CONFIG_FETCH_FAILED',
        message: expect.stringContaining('50 ms'),
      });
      await isClosed;
      await server?.[Symbol.asyncDispose]();
    }
  });

  it.each([0, -1, Number.NaN])('takes no timeout of %s', async (timeoutMs) => {
    const options = { baseUrl: 'http://127.0.0.1:1', token, timeoutMs };
    await expect(fetchWebrtcConfig(options)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('tells status and detail of an error answer', async () => {
    const options = await serve(answer(401, JSON.stringify({ detail: `The token ${token} has expired.` })));
    await expect(fetchWebrtcConfig(options)).rejects.toMatchObject({
      name: 'ConfigFetchError',
      code: 'CONFIG_FETCH_FAILED',
      status: 401,
      message: 'GET /webrtc/config was answered 401: The token [token] has expired.',
    });
  });

  it.each([
    [502, '<html>Bad Gateway</html>'],
    [204, ''],
    [200, '<html>a login page</html>'],
    [200, ''],
  ])('fails with status %i for the body %j', async (status, body) => {
    const options = await serve(answer(status, body));
    await expect(fetchWebrtcConfig(options)).rejects.toMatchObject({ code: 'CONFIG_FETCH_FAILED', status });
  });

  it('says where a body differs from its schema', async () => {
    const options = await serve(answer(200, JSON.stringify({ ice_servers: [{ urls: 'http://stun.example.com' }] })));
    await expect(fetchWebrtcConfig(options)).rejects.toMatchObject({
      status: 200,
      violations: expect.arrayContaining([
        expect.objectContaining({ path: expect.stringContaining('/ice_servers/0/urls') }),
      ]),
    });
  });

  it('has no status when no answer came', async () => {
    const options = await serve((request) => request.socket.destroy());
    await expect(fetchWebrtcConfig(options)).rejects.toMatchObject({ code: 'CONFIG_FETCH_FAILED', status: undefined });
  });

  it('keeps the token out of what an injected fetch throws', async () => {
    const fetch = () => Promise.reject(new Error(`GET with Bearer ${token} failed`));
    const error = await fetchWebrtcConfig({ baseUrl: 'http://localhost', token, fetch }).catch((thrown) => thrown);
    expect(error.message).toBe('GET /webrtc/config failed: GET with Bearer [token] failed');
    expect(error.cause).toBeUndefined();
  });

  it('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('the user went away');
    const options = await serve(() => controller.abort(reason));
    await expect(fetchWebrtcConfig({ ...options, signal: controller.signal })).rejects.toBe(reason);
    await expect(fetchWebrtcConfig({ ...options, signal: controller.signal })).rejects.toBe(reason);
  });

  it('refuses a base URL that is none', async () => {
    await expect(fetchWebrtcConfig({ baseUrl: 'nowhere', token })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('toRtcConfiguration', () => {
  it('states the defaults of the protocol', () => {
    expect(toRtcConfiguration({ ice_servers: [{ urls: 'stun:stun.example.com' }] })).toEqual({
      iceServers: [{ urls: 'stun:stun.example.com' }],
      iceTransportPolicy: 'all',
      bundlePolicy: 'balanced',
      rtcpMuxPolicy: 'require',
    });
  });

  it('carries credentials and policies over, and nothing unknown', () => {
    const turn = { urls: ['turn:a.example', 'turns:a.example'], username: 'u', credential: 'c' };
    expect(
      toRtcConfiguration({
        ice_servers: [{ ...turn, ...{ later: true } }],
        ice_transport_policy: 'relay',
        bundle_policy: 'max-bundle',
        rtcp_mux_policy: 'negotiate',
        ttl: 3600,
      }),
    ).toStrictEqual({
      iceServers: [turn],
      iceTransportPolicy: 'relay',
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'negotiate',
    });
  });
});
