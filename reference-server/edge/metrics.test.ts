import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { TestClient } from '../testing/test-client.js';
import {
  ask,
  connectRaw,
  connectTo,
  handshake,
  join,
  joinTwo,
  offerTo,
  start,
  stopAll,
} from '../testing/test-server.js';

afterEach(stopAll);

describe('/metrics', () => {
  it('counts rooms, participants, messages, refusals and departures', async () => {
    const server = await start({ metrics: true, roomCapacity: 2 });
    const { alice, bob } = await joinTwo(server);
    await join(server, 'carol', 'retro');
    alice.send(offerTo('bob'));
    alice.send({ type: 'ice_candidate', payload: { candidate: '' } });
    alice.send(offerTo('nobody'));
    alice.send('{');
    await alice.settled();
    const full = await connectTo(server, 'dave');
    const bad = await TestClient.open(server.url, '/webrtc/ws/standup?token=nonsense');
    await Promise.all([full.closed, bad.closed]);
    bob.socket.close(1000);
    while (!alice.received.some(({ type }) => type === 'user_left')) await once(alice.socket, 'message');

    const { body, headers } = await ask(server, '/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        'signaling_rooms 2',
        'signaling_participants 2',
        'signaling_messages_total{type="offer",outcome="relayed"} 1',
        'signaling_messages_total{type="offer",outcome="TARGET_NOT_FOUND"} 1',
        'signaling_messages_total{type="ice_candidate",outcome="relayed"} 1',
        'signaling_messages_total{type="none",outcome="INVALID_MESSAGE"} 1',
        'signaling_refusals_total{code="ROOM_FULL"} 1',
        'signaling_refusals_total{code="UNAUTHORIZED"} 1',
        'signaling_closes_total{code="1000",given_up="no"} 1',
        'signaling_healthy 1',
        'signaling_relay_seconds_count 4',
      ]),
    );
  });

  it('tells who was given up from who left', async () => {
    const server = await start({ metrics: true, heartbeatMs: 150 });
    const alice = await join(server, 'alice');
    const carol = await connectRaw(server, 'carol');
    carol.resume();
    while (!alice.received.some(({ type }) => type === 'user_left')) await once(alice.socket, 'message');
    expect((await ask(server, '/metrics')).body).toContain('\nsignaling_closes_total{code="1006",given_up="yes"} 1\n');
    carol.destroy();
  });

  it('counts what is refused before the token is looked at', async () => {
    const server = await start({ metrics: true, connectionsPerAddress: 1 });
    await join(server, 'alice');
    await ask(server, '/webrtc/ws/standup?token=x', { headers: handshake });
    expect((await ask(server, '/metrics')).body).toContain('\nsignaling_refusals_total{code="429"} 1\n');
  });

  it('is not there unless asked for', async () => {
    expect(await ask(await start(), '/metrics')).toMatchObject({ status: 404 });
  });
});
