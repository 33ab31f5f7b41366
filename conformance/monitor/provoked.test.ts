import { describe, expect, it } from 'vitest';
import { createMonitor, judgeTrace } from './monitor.js';
import { idOf, type Seat, Simulator } from './testing/simulator.js';
import { joinAll, own, type Play, relayed } from './testing/stories.js';

function eventsOf(play: Play) {
  const simulator = new Simulator(['alice', 'bob', 'carol']);
  play(simulator);
  return simulator.events;
}

/** A message that goes out in frames of the scenario's own making. */
function sendFrames(s: Simulator, { name, number }: Seat, message?: string): void {
  const frames = [{ opcode: 'text' as const, fin: false, bytes: 1 }];
  const what = 'an offer in fragments';
  const text = message === undefined ? {} : { message };
  s.record({ participant: name, connection: number, kind: 'send-frames', what, frames, ...text });
}

describe('what the kit provokes is not blamed on the server', () => {
  const offer = { type: 'offer', sdp: 'v=0' };

  it.each<[string, Play]>([
    [
      'a message in fragments',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        sendFrames(s, alice, JSON.stringify({ type: 'offer', payload: offer }));
        s.push(bob, relayed('alice', 'offer', offer));
        s.settle();
      },
    ],
    [
      'frames whose text is not known',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        sendFrames(s, alice);
        s.push(bob, relayed('alice', 'offer', offer));
        s.settle();
      },
    ],
    [
      'members that stand twice, of which the server takes the first',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.sendText(alice, '{"type":"offer","payload":{"type":"offer","sdp":"v=0","sdp":"v=1"}}');
        alice.up.pop();
        s.push(bob, relayed('alice', 'offer', offer));
        s.settle();
      },
    ],
    [
      'a number that is too large, which the server makes null',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.sendText(alice, '{"type":"offer","payload":{"type":"offer","sdp":"v=0","x":1e400}}');
        alice.up.pop();
        s.push(bob, relayed('alice', 'offer', { ...offer, x: null }));
        s.settle();
      },
    ],
    [
      'numbers and characters written in another way, and members in another order',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.sendText(alice, '{"payload":{"x":[1.0,1e2,"\\u00e9"],"sdp":"v=0","type":"offer"},"type":"offer"}');
        alice.up.pop();
        s.push(bob, relayed('alice', 'offer', { ...offer, x: [1, 100, 'é'] }));
        s.settle();
      },
    ],
    [
      'a sender that is forged',
      (s) => {
        const [alice] = joinAll(s, 'alice', 'bob');
        s.sendText(alice, JSON.stringify({ type: 'offer', payload: { ...offer, sender_id: 42 }, sender_id: 'x' }));
        s.settle();
      },
    ],
    [
      'a message that was not sent any more',
      (s) => {
        const [alice] = joinAll(s, 'alice', 'bob');
        s.end(alice, 'cut');
        s.record({ participant: 'alice', connection: alice.number, kind: 'unsent', text: '{' });
        s.settle();
      },
    ],
    [
      'a connection that does not read, and is dropped',
      (s) => {
        const [alice, bob] = joinAll(s, 'alice', 'bob');
        s.record({ participant: 'bob', connection: bob.number, kind: 'stall' });
        s.push(alice, own('user_left', { user_id: idOf('bob'), reason: 'disconnected' }));
        s.hear(alice);
        const carol = s.connect('carol');
        s.serve(carol);
        const participants = ['alice', 'carol'].map((name) => ({ user_id: idOf(name) }));
        carol.down[0] = { kind: 'text', text: JSON.stringify(own('room_state', { participants })) };
        s.hear(carol);
      },
    ],
    [
      'a handshake that its client gave up, while the server went on',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        const sender = { participant: 'bob', connection: 1 };
        const requestTarget = '/webrtc/ws/room';
        s.record({ ...sender, kind: 'connect', requestTarget, room: 'room', credential: 'valid', instance: 0 });
        s.record({ ...sender, kind: 'unreachable', message: 'time out' });
        s.push(alice, own('user_joined', { user_id: idOf('bob') }));
        s.push(alice, own('user_left', { user_id: idOf('bob') }));
        s.settle();
      },
    ],
    [
      'a type that this protocol does not know',
      (s) => {
        const [alice] = joinAll(s, 'alice');
        s.push(alice, { type: 'ping', payload: {} });
        s.settle();
      },
    ],
  ])('%s', (_what, play) => {
    expect(judgeTrace(eventsOf(play), { closedWorld: true }).findings).toEqual([]);
  });
});

describe('a finding', () => {
  const play: Play = (s) => {
    const [alice] = joinAll(s, 'alice', 'bob');
    s.push(alice, own('error', { code: 'BAD', message: '' }));
    s.settle();
  };

  it('names the event and what the schema says', () => {
    const events = eventsOf(play);
    const { findings } = judgeTrace(events);
    expect(findings).toMatchObject([{ requirement: 'ERROR-6', event: events.length - 1 }]);
    expect(findings[0]?.schemaErrors?.map(({ path }) => path)).toEqual(['/payload/code', '/payload/message']);
  });

  it('is there as soon as it is certain', () => {
    const monitor = createMonitor();
    for (const event of eventsOf(play)) monitor.accept(event);
    expect(monitor.findings()).toEqual(monitor.end());
    expect(monitor.exercised()).toEqual(expect.arrayContaining(['JOIN-1', 'JOIN-4', 'ERROR-6']));
    expect(monitor.exercised()).not.toContain('RELAY-1');
  });
});
