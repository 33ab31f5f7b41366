import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { checkClientMessage } from '../generated/index.js';
import { InvalidMessageError, type JoinRoomOptions, joinRoom, type RoomConnection } from './client.js';
import { jwt, ManualClock, type Peer, Recorder, startServer, type TestServer } from './testing/test-server.js';

const token = jwt({ sub: 'alice' });
const offer = { type: 'offer', sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n' } as const;
const joinTimeoutMs = 7777;
let server: TestServer;
let clock: ManualClock;

beforeEach(async () => {
  server = await startServer();
  clock = new ManualClock();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function join(options: Partial<JoinRoomOptions> = {}): Promise<{ room: RoomConnection; peer: Peer }> {
  const joining = joinRoom({
    baseUrl: server.baseUrl,
    roomId: 'room-1',
    token,
    WebSocket,
    joinTimeoutMs,
    reconnect: { initialDelayMs: 100, maxDelayMs: 1000, random: () => 0.5 },
    schedule: clock.schedule,
    ...options,
  });
  const peer = await server.peers.next();
  peer.admit('bob', 'alice');
  return { room: await joining, peer };
}

/** A joined room whose `room_state` event is taken. */
async function joined(options: Partial<JoinRoomOptions> = {}) {
  const { room, peer } = await join(options);
  const events = new Recorder(room);
  await events.next('room_state');
  return { room, peer, events };
}

describe('events', () => {
  it('begin with room_state, which names those to offer to (CLIENT-3)', async () => {
    const { room } = await join();
    const event = await new Recorder(room).next('room_state');
    expect(event.participants).toEqual([{ userId: 'bob' }, { userId: 'alice' }]);
    expect(event.others).toEqual([{ userId: 'bob' }]);
    expect(event.message.payload.participants).toEqual([{ user_id: 'bob' }, { user_id: 'alice' }]);
  });

  it('know their own user by option where the token does not name it', async () => {
    const { room } = await join({ token: 'opaque', userId: 'bob' });
    expect((await new Recorder(room).next('room_state')).others).toEqual([{ userId: 'alice' }]);
  });

  it('are kept from the join to the first listener', async () => {
    const { room, peer } = await join();
    peer.send('user_joined', { user_id: 'carol', username: 'Carol' });
    peer.send('offer', { ...offer, sender_id: 'carol' }, { sender_id: 'carol' });
    await peer.fence();
    expect(room.participants).toHaveLength(2);
    const events = new Recorder(room);
    await events.next('room_state');
    expect((await events.next('user_joined')).participant).toEqual({ userId: 'carol', username: 'Carol' });
    expect((await events.next('offer')).senderId).toBe('carol');
    expect(room.participants).toHaveLength(3);
  });

  it('keep participants current, in step with each event', async () => {
    const { room, peer, events } = await joined();
    const seen: unknown[] = [];
    const see = () => seen.push(room.participants.map(({ userId }) => userId).join());
    room.on('user_joined', see);
    room.on('user_left', see);
    peer.send('user_joined', { user_id: 'carol' });
    peer.send('user_left', { user_id: 'bob', username: 'Bob', reason: 'timeout' });
    peer.send('user_joined', { user_id: 'carol', username: 'Carol' });
    peer.send('user_left', { user_id: 'nobody' });
    await events.next('user_joined');
    expect(await events.next('user_left')).toMatchObject({ userId: 'bob', username: 'Bob', reason: 'timeout' });
    await events.next('user_joined');
    await events.next('user_left');
    expect(seen).toEqual(['bob,alice,carol', 'alice,carol', 'alice,carol', 'alice,carol']);
    expect(room.participants).toContainEqual({ userId: 'carol', username: 'Carol' });
  });

  it('give descriptions and candidates as WebRTC takes them', async () => {
    const { peer, events } = await joined();
    const from = { sender_id: 'bob' };
    peer.send('offer', { ...offer, ...from, later: 1 }, from);
    peer.send('answer', { type: 'pranswer', sdp: 'v=0', ...from }, from);
    peer.send('ice_candidate', { candidate: 'candidate:1', sdp_mid: '0', sdp_m_line_index: 0, ...from }, from);
    peer.send('ice_candidate', { candidate: '', sdp_mid: null, username_fragment: 'EEtu', ...from }, from);
    const offered = await events.next('offer');
    expect(offered).toMatchObject({ senderId: 'bob', message: { payload: { later: 1 } } });
    expect(offered.description).toEqual(offer);
    expect(await events.next('answer')).toMatchObject({ description: { type: 'pranswer', sdp: 'v=0' } });
    expect((await events.next('ice_candidate')).candidate).toStrictEqual({
      candidate: 'candidate:1',
      sdpMid: '0',
      sdpMLineIndex: 0,
    });
    // ICE-1: null stays null, absent stays absent.
    expect((await events.next('ice_candidate')).candidate).toStrictEqual({
      candidate: '',
      sdpMid: null,
      usernameFragment: 'EEtu',
    });
  });

  it('know their own user by what the server says (JOIN-12)', async () => {
    const joining = joinRoom({ baseUrl: server.baseUrl, roomId: 'room-1', token: 'opaque', WebSocket, joinTimeoutMs });
    const peer = await server.peers.next();
    const participants = [{ user_id: 'bob' }, { user_id: 'carol' }];
    peer.send('room_state', { participants, your_user_id: 'carol' });
    const room = await joining;
    expect(room.userId).toBe('carol');
    expect((await new Recorder(room).next('room_state')).others).toEqual([{ userId: 'bob' }]);
  });

  it('tell an error and go on (CLIENT-8)', async () => {
    const { peer, events } = await joined();
    const details = { retry_after_ms: 20 };
    peer.send('error', { code: 'RATE_LIMIT_EXCEEDED', message: `Slow down, ${token}`, details });
    peer.send('user_joined', { user_id: 'carol' });
    const { error } = await events.next('error');
    expect(error).toMatchObject({ name: 'RefusedError', code: 'RATE_LIMIT_EXCEEDED', details });
    expect(error.message).toBe('Slow down, [token]');
    await events.next('user_joined');
  });

  it('tell what is not understood as unknown, and go on (CLIENT-8)', async () => {
    const { room, peer, events } = await joined();
    peer.send('chat', { text: 'hello' });
    peer.socket.send('{');
    peer.send('offer', { type: 'offer' });
    peer.socket.send(Buffer.from([1, 2, 3]));
    peer.send('user_joined', { user_id: 'carol' }, { room_id: 'room-2' });
    peer.send('user_joined', { user_id: 'carol' });
    const chat = await events.next('unknown');
    expect(JSON.parse(String(chat.data))).toMatchObject({ type: 'chat', payload: { text: 'hello' } });
    expect(chat.error.code).toBe('INVALID_MESSAGE_TYPE');
    expect(await events.next('unknown')).toMatchObject({ data: '{', error: { code: 'INVALID_MESSAGE' } });
    expect((await events.next('unknown')).error.code).toBe('INVALID_PAYLOAD');
    expect((await events.next('unknown')).error.code).toBe('INVALID_MESSAGE');
    expect((await events.next('unknown')).error.code).toBe('ROOM_MISMATCH');
    await events.next('user_joined');
    expect(room.state).toBe('joined');
  });

  it('survive a reason, a code and a close code of a later version, and act on what they say (CLIENT-17)', async () => {
    const { room, peer, events } = await joined();
    peer.send('user_left', { user_id: 'bob', reason: 'kicked' });
    expect(await events.next('user_left')).toMatchObject({ userId: 'bob', reason: 'kicked' });
    expect(room.participants.map(({ userId }) => userId)).toEqual(['alice']);
    peer.send('error', { code: 'ROOM_LOCKED', message: 'The host locked the room' });
    expect((await events.next('error')).error).toMatchObject({ name: 'RefusedError', code: 'ROOM_LOCKED' });
    peer.send('user_left', { user_id: 'bob', reason: 7 });
    expect((await events.next('unknown')).error.code).toBe('INVALID_PAYLOAD');
    peer.socket.close(4321, 'later');
    expect((await events.next('reconnecting')).error).toMatchObject({ name: 'ClosedError', closeCode: 4321 });
  });

  it('do not take a second room_state for a fresh start: both sides would offer (JOIN-6)', async () => {
    const { room, peer, events } = await joined();
    peer.admit('alice', 'bob', 'carol');
    expect((await events.next('unknown')).error).toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining('room_state'),
    });
    expect(room.participants).toHaveLength(2);
  });

  it('survive whatever JSON a server sends (CLIENT-8)', async () => {
    const { peer, events } = await joined();
    const hostile = fc.sample(fc.json({ depthSize: 'large' }), 300);
    for (const text of hostile) peer.socket.send(text);
    peer.socket.send('['.repeat(10_000));
    peer.send('user_joined', { user_id: 'carol' });
    for (const _ of [...hostile, '[']) await events.next('unknown');
    await events.next('user_joined');
  });

  it('stop for a listener that is taken away', async () => {
    const { room, peer, events } = await joined();
    const listener = vi.fn();
    const stop = room.on('user_joined', listener);
    peer.send('user_joined', { user_id: 'carol' });
    await events.next('user_joined');
    stop();
    peer.send('user_joined', { user_id: 'dave' });
    await events.next('user_joined');
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('sending', () => {
  it('puts descriptions on the wire for one participant (CLIENT-3, CLIENT-5)', async () => {
    const { room, peer } = await joined();
    expect(room.sendOffer('bob', offer)).toBe(true);
    expect(room.sendAnswer('bob', { type: 'pranswer', sdp: 'v=0\r\n' })).toBe(true);
    const sent = await peer.inbox.next();
    expect(sent).toMatchObject({ type: 'offer', payload: { ...offer, target_user_id: 'bob' }, room_id: 'room-1' });
    expect(checkClientMessage(sent, 'room-1').ok).toBe(true);
    expect(await peer.inbox.next()).toMatchObject({
      type: 'answer',
      payload: { type: 'pranswer', sdp: 'v=0\r\n', target_user_id: 'bob' },
    });
  });

  it('reads descriptions whose members are getters, as those of browsers are', async () => {
    class Description {
      get type() {
        return 'offer';
      }
      get sdp() {
        return offer.sdp;
      }
    }
    const { room, peer } = await joined();
    room.sendOffer('bob', new Description());
    expect((await peer.inbox.next()).payload).toMatchObject({ ...offer, target_user_id: 'bob' });
  });

  it('puts candidates on the wire in snake case, null and absent kept apart (CLIENT-6, ICE-1)', async () => {
    const { room, peer } = await joined();
    room.sendIceCandidate('bob', { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'EEtu' });
    room.sendIceCandidate('bob', { candidate: 'candidate:2', sdpMid: null, sdpMLineIndex: 1 });
    expect((await peer.inbox.next()).payload).toStrictEqual({
      candidate: 'candidate:1',
      sdp_mid: '0',
      sdp_m_line_index: 0,
      username_fragment: 'EEtu',
      target_user_id: 'bob',
    });
    expect((await peer.inbox.next()).payload).toStrictEqual({
      candidate: 'candidate:2',
      sdp_mid: null,
      sdp_m_line_index: 1,
      target_user_id: 'bob',
    });
  });

  it('says the end of candidates by an empty one (ICE-2)', async () => {
    const { room, peer } = await joined();
    room.sendIceCandidate('bob', null);
    expect((await peer.inbox.next()).payload).toStrictEqual({
      candidate: '',
      sdp_mid: null,
      sdp_m_line_index: null,
      target_user_id: 'bob',
    });
  });

  it('refuses what breaks the schema and sends nothing of it (CLIENT-14)', async () => {
    const { room, peer } = await joined();
    const wrong: [() => unknown, string][] = [
      [() => room.sendOffer('bob', { type: 'offer', sdp: '' }), '/payload/sdp'],
      [() => room.sendOffer('bob', { type: 'offer' }), '/payload/sdp'],
      [() => room.sendOffer('bob', { type: 'answer', sdp: 'v=0' }), '/payload/type'],
      [() => room.sendOffer('bob', null as never), '/payload/type'],
      [() => room.sendAnswer('bob', offer), '/payload/type'],
      [() => room.sendIceCandidate('bob', { candidate: 'c', sdpMLineIndex: 65_536 }), '/payload/sdp_m_line_index'],
      [() => room.sendOffer('', offer), '/payload/target_user_id'],
      // CLIENT-16
      [() => room.sendIceCandidate('bob', { candidate: 'c' }), '/payload'],
      [() => room.sendIceCandidate('bob', { candidate: 'c', sdpMid: null, sdpMLineIndex: null }), '/payload'],
      [() => room.sendOffer(undefined as never, offer), '/payload/target_user_id'],
    ];
    for (const [send, path] of wrong) {
      expect(send).toThrow(
        expect.objectContaining({
          code: 'INVALID_OUTGOING_MESSAGE',
          violations: expect.arrayContaining([expect.objectContaining({ path })]),
        }),
      );
    }
    room.sendIceCandidate('bob', null);
    expect((await peer.inbox.next()).type).toBe('ice_candidate');
  });

  it('never throws anything but InvalidMessageError, and never sends an invalid message (CLIENT-14)', async () => {
    const { room, peer } = await joined();
    let sent = 0;
    const attempt = (send: () => boolean) => {
      try {
        sent += Number(send());
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessageError);
      }
    };
    const value = fc.oneof(fc.anything(), fc.constantFrom('offer', 'answer', 'v=0', 'bob', 0, null, undefined));
    fc.assert(
      fc.property(value, value, value, value, (target, a, b, c) => {
        attempt(() => room.sendOffer(target as never, { type: a, sdp: b } as never));
        attempt(() => room.sendAnswer(target as never, { type: a, sdp: b } as never));
        attempt(() => room.sendIceCandidate(target as never, { candidate: a, sdpMid: b, sdpMLineIndex: c } as never));
      }),
    );
    for (; sent > 0; sent--) expect(checkClientMessage(await peer.inbox.next(), 'room-1').ok).toBe(true);
    room.sendOffer('bob', offer);
    expect((await peer.inbox.next()).payload).toMatchObject(offer);
  });
});

describe('reconnecting', () => {
  it.each([1001, 1003, 1007, 1009, 1011, 1012, 4000])('follows a close with %i (CLIENT-12)', async (code) => {
    const { room, peer, events } = await joined();
    peer.socket.close(code, 'a reason');
    expect(await events.next('reconnecting')).toMatchObject({
      attempt: 1,
      delayMs: 50,
      error: { code: 'CONNECTION_CLOSED', closeCode: code, reason: 'a reason' },
    });
    expect(room.state).toBe('reconnecting');
    expect(clock.pending).toEqual([50]);
  });

  it('follows a connection that is cut without a close frame (CLIENT-12)', async () => {
    const { peer, events } = await joined();
    peer.socket.terminate();
    expect(await events.next('reconnecting')).toMatchObject({ error: { closeCode: 1006 } });
  });

  it.each([1000, 1008, 4001])('does not follow a close with %i (CLIENT-11)', async (code) => {
    const { room, peer, events } = await joined();
    peer.socket.close(code, 'a reason');
    const closed = await events.next('closed');
    expect(closed).toMatchObject({ closeCode: code, reason: 'a reason', error: { code: 'CONNECTION_CLOSED' } });
    expect(room.state).toBe('closed');
    expect(room.sendOffer('bob', offer)).toBe(false);
    expect(clock.pending).toEqual([]);
    await room.leave();
  });

  it('brings a new room_state and a fresh token', async () => {
    let count = 0;
    const { room, peer, events } = await joined({ token: async () => jwt({ sub: 'alice', count: ++count }) });
    peer.socket.close(1012);
    await events.next('reconnecting');
    expect(room.participants).toHaveLength(2);
    clock.fire(50);
    const second = await server.peers.next();
    expect(second.url.searchParams.get('token')).toBe(jwt({ sub: 'alice', count: 2 }));
    expect(room.sendOffer('bob', offer)).toBe(false);
    second.admit('carol', 'dave', 'alice');
    expect((await events.next('room_state')).others).toEqual([{ userId: 'carol' }, { userId: 'dave' }]);
    expect(room.participants).toHaveLength(3);
    expect(room.state).toBe('joined');
    expect(room.sendOffer('carol', offer)).toBe(true);
    expect((await second.inbox.next()).payload.target_user_id).toBe('carol');
    expect(peer.inbox.rest).toEqual([]);
  });

  it('waits longer each time, and begins anew after a connection that held for 10 s', async () => {
    const { peer, events } = await joined();
    peer.socket.close(1001);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      const event = await events.next('reconnecting');
      expect(event.attempt).toBe(attempt);
      delays.push(event.delayMs);
      clock.fire(event.delayMs);
      const next = await server.peers.next();
      if (attempt < 6) next.socket.close(1011);
      else {
        next.admit('alice');
        await events.next('room_state');
        next.socket.close(1001);
        // It did not hold: the next attempt waits as long as one after a failure.
        const again = await events.next('reconnecting');
        expect(again).toMatchObject({ attempt: 7, delayMs: 500 });
        clock.fire(again.delayMs);
        const held = await server.peers.next();
        held.admit('alice');
        await events.next('room_state');
        clock.fire(10_000);
        held.socket.close(1001);
      }
    }
    expect(delays).toEqual([50, 100, 200, 400, 500, 500]);
    expect(await events.next('reconnecting')).toMatchObject({ attempt: 1, delayMs: 50 });
  });

  it('gives up after maxAttempts in a row', async () => {
    const { peer, events } = await joined({ reconnect: { initialDelayMs: 100, random: () => 0.5, maxAttempts: 1 } });
    peer.socket.close(1012);
    await events.next('reconnecting');
    clock.fire(50);
    (await server.peers.next()).socket.close(1011, 'still broken');
    expect(await events.next('closed')).toMatchObject({ closeCode: 1011, error: { reason: 'still broken' } });
    expect(clock.pending).toEqual([]);
  });

  it('does not start when maxAttempts is 0', async () => {
    const { peer, events } = await joined({ reconnect: { maxAttempts: 0 } });
    peer.socket.close(1012);
    expect(await events.next('closed')).toMatchObject({ closeCode: 1012 });
  });

  it('ends with the refusal of the new connection (CLIENT-11)', async () => {
    const { peer, events } = await joined();
    peer.socket.close(1012);
    await events.next('reconnecting');
    clock.fire(50);
    (await server.peers.next()).refuse('ROOM_FULL', 'The room has no place left.');
    await events.next('error');
    expect(await events.next('closed')).toMatchObject({
      closeCode: 1008,
      error: { name: 'RefusedError', code: 'ROOM_FULL' },
    });
  });

  it('does not blame an error for a later close', async () => {
    const { peer, events } = await joined();
    peer.send('error', { code: 'TARGET_NOT_FOUND', message: 'Nobody there.' });
    peer.send('user_joined', { user_id: 'carol' });
    peer.socket.close(1008);
    await events.next('error');
    await events.next('user_joined');
    expect(await events.next('closed')).toMatchObject({ error: { name: 'ClosedError', closeCode: 1008 } });
  });

  it('counts a silent server and a failed token as attempts', async () => {
    let tokens = 0;
    const flaky = async () => {
      tokens += 1;
      if (tokens === 3) throw new Error('offline');
      return token;
    };
    const { peer, events } = await joined({ token: flaky });
    peer.socket.close(1012);
    await events.next('reconnecting');
    clock.fire(50);
    const silent = await server.peers.next();
    clock.fire(joinTimeoutMs);
    expect(await events.next('reconnecting')).toMatchObject({ attempt: 2, error: { code: 'JOIN_TIMEOUT' } });
    await silent.closed;
    clock.fire(100);
    expect(await events.next('reconnecting')).toMatchObject({ attempt: 3, error: { code: 'TOKEN_FAILED' } });
    clock.fire(200);
    (await server.peers.next()).admit('alice');
    await events.next('room_state');
  });
});

describe('leave', () => {
  it('closes with 1000, sends nothing after, and resolves when closed (CLIENT-10)', async () => {
    const { room, peer, events } = await joined();
    room.sendOffer('bob', offer);
    const leaving = room.leave();
    expect(room.state).toBe('closed');
    expect(room.sendOffer('bob', offer)).toBe(false);
    expect(room.sendIceCandidate('bob', null)).toBe(false);
    await leaving;
    expect(await peer.closed).toEqual({ code: 1000, reason: '' });
    expect((await peer.inbox.next()).type).toBe('offer');
    expect(peer.inbox.rest).toEqual([]);
    expect(await events.next('closed')).toEqual({ closeCode: 1000, reason: '' });
    expect(clock.pending).toEqual([]);
    expect(room.leave()).toBe(leaving);
  });

  it('delivers nothing but closed from then on', async () => {
    const { room, peer, events } = await joined();
    peer.send('user_joined', { user_id: 'carol' });
    peer.send('chat', {});
    await room.leave();
    await events.next('closed');
    expect(events.rest).toEqual([]);
  });

  it('drops what no listener has heard', async () => {
    const { room } = await join();
    await room.leave();
    await new Recorder(room).next('closed');
  });

  it('ends the wait for a reconnect, from a listener too (CLIENT-10)', async () => {
    const { room, peer, events } = await joined();
    const left = new Promise<void>((resolve) => {
      room.on('reconnecting', () => resolve(room.leave()));
    });
    peer.socket.close(1012);
    await left;
    await events.next('reconnecting');
    expect(await events.next('closed')).toEqual({ closeCode: 1000, reason: '' });
    expect(clock.pending).toEqual([]);
  });

  it('ends a reconnect under way', async () => {
    const { room, peer, events } = await joined();
    peer.socket.close(1012);
    await events.next('reconnecting');
    clock.fire(50);
    const second = await server.peers.next();
    await room.leave();
    second.admit('alice');
    await second.closed;
    expect(await events.next('closed')).not.toHaveProperty('error');
    expect(clock.pending).toEqual([]);
    expect(second.inbox.rest).toEqual([]);
  });
});

describe('answers', () => {
  const answer = { type: 'answer', sdp: 'v=0\r\n' } as const;

  it('are taken for the offer that is waited for, and for no other (CLIENT-20)', async () => {
    const { room, peer, events } = await joined();
    room.sendOffer('bob', offer);
    const first = (await peer.inbox.next()).payload.offer_id;
    room.sendOffer('bob', offer);
    const second = (await peer.inbox.next()).payload.offer_id;
    expect([typeof first, first === second]).toEqual(['string', false]);
    const relay = (type: string, offerId?: unknown) =>
      peer.send('answer', { ...answer, type, offer_id: offerId, sender_id: 'bob' }, { sender_id: 'bob' });

    relay('answer', first);
    expect((await events.next('unknown')).error).toMatchObject({ message: expect.stringContaining('not waited for') });
    relay('pranswer', second);
    expect((await events.next('answer')).description.type).toBe('pranswer');
    relay('answer', second);
    expect((await events.next('answer')).description.type).toBe('answer');
    relay('answer', second);
    await events.next('unknown');
    relay('answer'); // of an older client
    await events.next('answer');
  });

  it('name the offer that they answer, where it has an id (CLIENT-20)', async () => {
    const { room, peer, events } = await joined();
    const relayed = { sender_id: 'bob' };
    peer.send('offer', { ...offer, offer_id: 'o-1', ...relayed }, relayed);
    await events.next('offer');
    room.sendAnswer('bob', answer);
    expect((await peer.inbox.next()).payload).toMatchObject({ offer_id: 'o-1' });
    peer.send('offer', { ...offer, ...relayed }, relayed);
    await events.next('offer');
    room.sendAnswer('bob', answer);
    expect((await peer.inbox.next()).payload).not.toHaveProperty('offer_id');
  });

  it('to an offer that was given up for another are late (CLIENT-13, CLIENT-20)', async () => {
    const { room, peer, events } = await joined();
    const relayed = { sender_id: 'bob' };
    room.sendOffer('bob', offer);
    const own = (await peer.inbox.next()).payload.offer_id;
    peer.send('offer', { ...offer, offer_id: 'o-1', ...relayed }, relayed);
    await events.next('offer');
    room.sendAnswer('bob', answer);
    peer.send('answer', { ...answer, offer_id: own, ...relayed }, relayed);
    await events.next('unknown');
  });
});

describe('messages that came too fast', () => {
  const refuse = (peer: Peer, id: unknown, retry_after_ms = 50) =>
    peer.send('error', {
      code: 'RATE_LIMIT_EXCEEDED',
      message: 'Too fast',
      details: { retry_after_ms, message_id: id },
    });

  it('are sent again in their order, what follows behind them (ERROR-13)', async () => {
    const { room, peer, events } = await joined();
    for (const sdpMid of ['1', '2', '3']) room.sendIceCandidate('bob', { candidate: 'c', sdpMid });
    const [, second, third] = [await peer.inbox.next(), await peer.inbox.next(), await peer.inbox.next()];
    refuse(peer, third?.id);
    refuse(peer, second?.id);
    expect([(await events.next('error')).isResent, (await events.next('error')).isResent]).toEqual([true, true]);
    expect(room.sendIceCandidate('bob', { candidate: 'c', sdpMid: '4' })).toBe(true);
    const mids = [];
    for (let count = 0; count < 3; count++) {
      clock.fire(50);
      mids.push((await peer.inbox.next()).payload.sdp_mid);
    }
    expect(mids).toEqual(['2', '3', '4']);
  });

  it('are given up after ten attempts, and where the error does not say which one it was', async () => {
    const { room, peer, events } = await joined();
    room.sendIceCandidate('bob', { candidate: 'c', sdpMid: '1' });
    const resent = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      refuse(peer, (await peer.inbox.next()).id);
      resent.push((await events.next('error')).isResent);
      clock.fire(50);
    }
    expect(resent).toEqual([...Array(9).fill(true), false]);
    refuse(peer, undefined);
    expect((await events.next('error')).isResent).toBe(false);
  });

  it('are forgotten with the connection', async () => {
    const { room, peer, events } = await joined();
    room.sendIceCandidate('bob', { candidate: 'c', sdpMid: '1' });
    refuse(peer, (await peer.inbox.next()).id);
    await events.next('error');
    peer.socket.close(1001);
    await events.next('reconnecting');
    clock.fire(clock.pending[0] ?? 0);
    const again = await server.peers.next();
    again.admit('alice', 'bob');
    await events.next('room_state');
    room.sendIceCandidate('bob', { candidate: 'c', sdpMid: '2' });
    expect((await again.inbox.next()).payload.sdp_mid).toBe('2');
  });
});
