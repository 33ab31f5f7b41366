import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type JoinRoomOptions, joinRoom, type RoomConnection } from './client.js';
import { jwt, ManualClock, startServer, type TestServer } from './testing/test-server.js';

const token = jwt({ sub: 'alice' });
let server: TestServer;
let clock: ManualClock;

beforeEach(async () => {
  server = await startServer();
  clock = new ManualClock();
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await server[Symbol.asyncDispose]();
});

function join(options: Partial<JoinRoomOptions> = {}): Promise<RoomConnection> {
  return joinRoom({
    baseUrl: server.baseUrl,
    roomId: 'room-1',
    token,
    WebSocket,
    schedule: clock.schedule,
    ...options,
  });
}

describe('joinRoom', () => {
  it('connects below the base URL with the token percent-encoded (CLIENT-2)', async () => {
    const joining = join({ baseUrl: `${server.baseUrl}/prefix/`, token: 'a+b/c=&d#e%20', userId: 'alice' });
    const peer = await server.peers.next();
    expect(peer.url.pathname).toBe('/prefix/webrtc/ws/room-1');
    expect(peer.url.search).toBe('?token=a%2Bb%2Fc%3D%26d%23e%2520');
    peer.admit('alice');
    await joining;
  });

  it('gives a joined room that knows who is there and who it is', async () => {
    const joining = join();
    const peer = await server.peers.next();
    peer.send('room_state', {
      participants: [
        { user_id: 'bob', username: 'Bob', joined_at: '2026-03-01T09:29:41.000Z' },
        { user_id: 'alice', unknown: true },
      ],
      participant_count: 2,
    });
    const room = await joining;
    expect(room).toMatchObject({ roomId: 'room-1', userId: 'alice', state: 'joined' });
    expect(room.participants).toEqual([
      { userId: 'bob', username: 'Bob', joinedAt: '2026-03-01T09:29:41.000Z' },
      { userId: 'alice' },
    ]);
    expect(clock.pending).toEqual([10_000]);
  });

  it.each(['UNAUTHORIZED', 'INVALID_ROOM_ID', 'ROOM_FULL'])('tells why it is refused: %s', async (code) => {
    const joining = join();
    (await server.peers.next()).refuse(code, `No way in with ${token}.`);
    await expect(joining).rejects.toMatchObject({ name: 'RefusedError', code, message: 'No way in with [token].' });
    expect(clock.pending).toEqual([]);
  });

  it('tells code and reason of a close without an error, and leaves trying again to the caller', async () => {
    const joining = join();
    (await server.peers.next()).socket.close(1012, 'restarting');
    await expect(joining).rejects.toMatchObject({
      name: 'ClosedError',
      code: 'CONNECTION_CLOSED',
      closeCode: 1012,
      reason: 'restarting',
      message: 'The connection closed with 1012: restarting',
    });
    expect(clock.pending).toEqual([]);
  });

  it('tells what an HTTP refusal of the handshake was, where the WebSocket does (AUTH-7)', async () => {
    await using refusing = await startServer({ handshake: 401 });
    await expect(join({ baseUrl: refusing.baseUrl })).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      closeCode: 1006,
      message: expect.stringMatching(/1006: .*401$/),
    });
  });

  it('fails at a port where nobody listens', async () => {
    const port = await new Promise<number>((resolve) => {
      const closing = createServer().listen(0, '127.0.0.1', () => {
        const { port } = closing.address() as { port: number };
        closing.close(() => resolve(port));
      });
    });
    const error = await join({ baseUrl: `http://127.0.0.1:${port}` }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CONNECTION_CLOSED', closeCode: 1006 });
    expect(error.message).not.toContain(token);
  });

  it('fails with a WebSocket that tells a failed handshake by error alone, as that of Node 20 does', async () => {
    class ErrorOnly extends EventTarget {
      constructor() {
        super();
        queueMicrotask(() => this.dispatchEvent(new Event('error')));
      }
      send() {}
      close() {}
    }
    await expect(join({ WebSocket: ErrorOnly as never })).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      closeCode: 1006,
    });
    expect(clock.pending).toEqual([]);
  });

  it('gives up when no room_state comes in time', async () => {
    const joining = join({ joinTimeoutMs: 1234 });
    const peer = await server.peers.next();
    peer.send('user_joined', { user_id: 'bob' });
    await peer.fence();
    clock.fire(1234);
    await expect(joining).rejects.toMatchObject({ code: 'JOIN_TIMEOUT', timeoutMs: 1234 });
    expect((await peer.closed).code).toBe(1000);
  });

  it('abandons the join by its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('the user went away');
    const joining = join({ signal: controller.signal });
    const peer = await server.peers.next();
    await peer.fence();
    controller.abort(reason);
    await expect(joining).rejects.toBe(reason);
    expect((await peer.closed).code).toBe(1000);
    await expect(join({ signal: controller.signal })).rejects.toBe(reason);
    expect(server.peers.rest).toEqual([]);
  });

  it('connects no more when the signal comes while the token is awaited', async () => {
    const controller = new AbortController();
    let give = (_token: string) => {};
    const asked = new Promise<string>((resolve) => {
      give = resolve;
    });
    const opened = vi.fn();
    class Spy extends WebSocket {
      constructor(url: string) {
        opened();
        super(url);
      }
    }
    const joining = join({ signal: controller.signal, token: () => asked, WebSocket: Spy });
    controller.abort(new Error('gone'));
    await expect(joining).rejects.toThrow('gone');
    give(token);
    // A whole turn of the event loop: every microtask that follows the token has run.
    await new Promise(setImmediate);
    expect(opened).not.toHaveBeenCalled();
  });

  it('tells that the token function failed', async () => {
    const failing = () => Promise.reject(new Error('logged out'));
    await expect(join({ token: failing })).rejects.toMatchObject({ name: 'TokenError', code: 'TOKEN_FAILED' });
  });

  it('wants the user id of a token that does not say it', async () => {
    const joining = join({ token: 'opaque' });
    const refused = expect(joining).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'userId' });
    const peer = await server.peers.next();
    peer.admit('alice');
    await refused;
    expect((await peer.closed).code).toBe(1000);
  });

  it('wants a WebSocket where the runtime has none, and says where to get one', async () => {
    vi.stubGlobal('WebSocket', undefined);
    const { WebSocket: _, ...options } = { baseUrl: server.baseUrl, roomId: 'room-1', token, WebSocket };
    await expect(joinRoom(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'WebSocket',
      message: expect.stringContaining('package ws'),
    });
  });

  it('takes the global WebSocket where there is one', async () => {
    vi.stubGlobal('WebSocket', WebSocket);
    const joining = joinRoom({ baseUrl: server.baseUrl, roomId: 'room-1', token });
    (await server.peers.next()).admit('alice');
    await (await joining).leave();
  });

  it('keeps the URL out of what the WebSocket constructor throws', async () => {
    class Refusing extends WebSocket {
      constructor(url: string) {
        super('ws://');
        throw new Error(`insecure: ${url}`);
      }
    }
    const error = await join({ WebSocket: Refusing }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'baseUrl' });
    expect(`${error.message} ${error.cause}`).not.toContain(token);
  });

  it.each([
    [{ baseUrl: 'nowhere' }, 'baseUrl'],
    [{ roomId: '..' }, 'roomId'],
    [{ joinTimeoutMs: 0 }, 'joinTimeoutMs'],
    [{ reconnect: { maxAttempts: -1 } }, 'reconnect.maxAttempts'],
  ])('refuses %o before it asks for a token', async (options, option) => {
    const asked = vi.fn(() => token);
    await expect(join({ ...options, token: asked })).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
    expect(asked).not.toHaveBeenCalled();
  });
});
