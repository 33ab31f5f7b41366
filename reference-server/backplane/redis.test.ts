import { createClient } from '@redis/client';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestInstance, type TestMember, until } from '../testing/test-instance.js';
import { lacksRedis, TestProxy, TestRedis } from '../testing/test-redis.js';

let redis: TestRedis;
let observer: ReturnType<typeof createClient>;
let rooms = 0;
const running: TestInstance[] = [];

beforeAll(async () => {
  if (lacksRedis) return;
  redis = await TestRedis.start();
  observer = createClient({ url: redis.url });
  observer.on('error', () => {});
  await observer.connect();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ backplane }) => backplane.close()));
  await observer?.flushAll();
});
afterAll(async () => {
  observer?.destroy();
  await redis?.stop();
});

async function start(
  options: { url?: string; presenceMs?: number; joinTimeoutMs?: number } = {},
  capacity?: number,
): Promise<TestInstance> {
  const instance = await TestInstance.start({ url: redis.url, ...options }, capacity);
  running.push(instance);
  return instance;
}

/** Two instances, and a room that nobody was ever in. */
async function startTwo(capacity?: number) {
  const [a, b] = await Promise.all([start({}, capacity), start({}, capacity)]);
  return { a, b, room: newRoom() };
}

function newRoom(): string {
  rooms += 1;
  return `room-${rooms}`;
}

const subscriptions = async (room: string) => {
  const channel = `webrtc:room:{${room}}`;
  return (await observer.pubSubNumSub(channel))[channel];
};

describe.skipIf(lacksRedis)('joining across instances', () => {
  it('tells the joiner who is there, and the others who came', async () => {
    const { a, b, room } = await startTwo();
    const alice = await a.join('alice', room);
    const bob = await b.join('bob', room);
    await until(() => alice.received.length === 2);
    expect(alice.log).toEqual(['room_state alice', 'user_joined bob']);
    expect(bob.log).toEqual(['room_state alice,bob']);
  });

  it('of 20 who join at once, has exactly one of each two find the other', async () => {
    const { a, b, room } = await startTwo();
    const members = Array.from({ length: 20 }, (_, index) => (index % 2 ? a : b).connect(`user-${index}`, room));
    await until(() => members.every(({ received }) => received.length > 0));
    const found = members.map(
      ({ received: [first] }) =>
        new Set(first?.type === 'room_state' ? first.payload.participants.map((p) => p.user_id) : []),
    );
    // Each was told of all others: those it found and those who came later.
    await until(() => members.every(({ received }, index) => (found[index]?.size ?? 0) + received.length - 1 === 20));
    for (const [index, one] of members.entries()) {
      for (const [offset, other] of members.slice(index + 1).entries()) {
        const sees = [found[index]?.has(other.userId), found[index + 1 + offset]?.has(one.userId)];
        expect(sees.filter(Boolean)).toHaveLength(1);
      }
    }
  });

  it('replaces an older connection of the same user on another instance', async () => {
    const { a, b, room } = await startTwo();
    const older = await a.join('alice', room);
    const bob = await a.join('bob', room);
    const newer = await b.join('alice', room);
    await until(() => bob.received.length === 3 && older.closed !== undefined);
    expect(older.closed).toBe(4001);
    expect(bob.log).toEqual(['room_state alice,bob', 'user_left alice replaced', 'user_joined alice']);
    expect(newer.log).toEqual(['room_state bob,alice']);
  });

  it('refuses whoever comes beyond capacity, whichever instance they come to', async () => {
    const { a, b, room } = await startTwo(2);
    const members = Array.from({ length: 8 }, (_, index) => (index % 2 ? a : b).connect(`user-${index}`, room));
    await Promise.all(members.map(({ joined }) => joined));
    expect(members.filter(({ isIn }) => isIn)).toHaveLength(2);
    const refused = members.filter(({ isIn }) => !isIn);
    for (const { log, closed } of refused) expect([...log, closed]).toEqual(['error ROOM_FULL', 1008]);

    const [alice] = members.filter(({ isIn }) => isIn);
    const again = await (alice === members[0] ? a : b).join(alice?.userId ?? '', room);
    expect(again.isIn).toBe(true);
    again.leave();
    await until(async () => (await observer.hLen(`webrtc:room:{${room}}`)) === 2);
    expect((await a.join('zoe', room)).isIn).toBe(true);
  });

  it('takes any string for a user id', async () => {
    const { a, b, room } = await startTwo();
    const names = ['__proto__', 'seq', 'a b\nc', '\ud800', '\ud801', 'Zoë 🎺', '"'];
    const members = [];
    for (const [index, name] of names.entries()) members.push(await (index % 2 ? a : b).join(name, room));
    const [first, ...others] = members;
    await until(() => first?.received.length === names.length);
    for (const [index, other] of others.entries()) {
      first?.say(`to-${index}`, other.userId);
      await until(() => other.log.includes(`to-${index} of ${names[0]}`));
    }
  });
});

describe.skipIf(lacksRedis)('a room on several instances', () => {
  it('costs each instance that has somebody in it one subscription, and others none', async () => {
    const { a, b, room } = await startTwo();
    await start();
    expect(await subscriptions(room)).toBe(0);
    const alice = await a.join('alice', room);
    const bob = await a.join('bob', room);
    expect(await subscriptions(room)).toBe(1);
    const carol = await b.join('carol', room);
    expect(await subscriptions(room)).toBe(2);
    alice.leave();
    bob.leave();
    await until(async () => (await subscriptions(room)) === 1);
    carol.leave();
    await until(async () => (await subscriptions(room)) === 0);
  });

  it('leaves nothing in Redis once everybody left and the instances ended', async () => {
    const { a, b, room } = await startTwo();
    const members = [await a.join('alice', room), await b.join('bob', room), await b.join('alice', room)];
    for (const member of members) member.leave();
    await until(async () => (await observer.keys('webrtc:room*')).length === 0);
    await a.join('left behind', room);
    await Promise.all(running.splice(0).map(({ backplane }) => backplane.close()));
    expect(await observer.keys('webrtc:*')).toEqual(['webrtc:epoch']);
  });

  it('begins anew after its last participant left', async () => {
    const { a, b, room } = await startTwo();
    for (const instance of [a, b, a, b]) {
      const member = await instance.join('alice', room);
      expect(member.log).toEqual(['room_state alice']);
      member.leave();
      await until(async () => (await observer.exists(`webrtc:room:{${room}}`)) === 0);
    }
  });

  it('keeps to itself under another prefix', async () => {
    const room = newRoom();
    const a = await start();
    const other = await TestInstance.start({ url: redis.url, prefix: 'other:' });
    running.push(other);
    await a.join('alice', room);
    expect((await other.join('bob', room)).log).toEqual(['room_state bob']);
  });

  it('keeps to itself in another database, though channels know none', async () => {
    const room = newRoom();
    const [one, two] = [await start({ url: `${redis.url}/1` }), await start({ url: `${redis.url}/2` })];
    const alice = await one.join('alice', room);
    const bob = await one.join('bob', room);
    const stranger = await two.join('alice', room);
    expect(stranger.log).toEqual(['room_state alice']);
    bob.say('hello');
    await until(() => alice.log.length === 3);
    expect(stranger.log).toEqual(['room_state alice']);
    const channels = await observer.pubSubChannels('webrtc:*');
    expect(channels.filter((name) => name.endsWith(`room:{${room}}`)).sort()).toEqual([
      `webrtc:db1:room:{${room}}`,
      `webrtc:db2:room:{${room}}`,
    ]);
  });
});

describe.skipIf(lacksRedis)('relaying across instances', () => {
  it('reaches the target alone, or everybody else', async () => {
    const { a, b, room } = await startTwo();
    const alice = await a.join('alice', room);
    const [bob, carol, dave] = [await a.join('bob', room), await b.join('carol', room), await b.join('dave', room)];
    await until(() => alice.received.length === 4);
    alice.say('one', 'carol');
    alice.say('two');
    alice.say('three', 'erin');
    alice.say('four', 'alice');
    await until(() => dave.log.includes('two of alice'));
    const relayed = (member: TestMember) => member.log.filter((line) => line.endsWith(' of alice'));
    expect([bob, carol, dave].map(relayed)).toEqual([
      ['two of alice'],
      ['one of alice', 'two of alice'],
      ['two of alice'],
    ]);
    expect(alice.log.slice(4)).toEqual(['error TARGET_NOT_FOUND', 'error TARGET_NOT_FOUND']);
  });

  it('brings what somebody said last before the news that they left', async () => {
    const { a, b, room } = await startTwo();
    const [alice, bob] = [await a.join('alice', room), await b.join('bob', room)];
    await until(() => alice.received.length === 2);
    alice.say('last');
    alice.leave();
    await until(() => bob.received.length === 3);
    expect(bob.log).toEqual(['room_state alice,bob', 'last of alice', 'user_left alice left']);
  });
});

describe.skipIf(lacksRedis)('an instance that is late', () => {
  it('loses nobody, though its lease ended: to be found missing once is not enough', async () => {
    const room = newRoom();
    const [a, b] = [await start({ presenceMs: 1_200 }), await start({ presenceMs: 1_200 })];
    const [alice, bob] = [await a.join('alice', room), await b.join('bob', room)];
    const leases = await observer.keys('webrtc:lease:*');
    for (let round = 0; round < 3; round++) {
      await observer.del(leases); // as if Redis had answered nobody for that long
      await until(async () => (await observer.exists(leases)) === 2);
    }
    const carol = await joinAtLast(a, 'carol', room);
    expect(carol.log).toEqual(['room_state alice,bob,carol']);
    await until(() => bob.log.includes('user_joined carol'));
    expect([alice, bob].flatMap(({ log }) => log.filter((line) => line.includes('left')))).toEqual([]);
  });
});

describe.skipIf(lacksRedis)('while Redis is out of reach', () => {
  it('cannot start', async () => {
    await expect(start({ url: 'redis://127.0.0.1:1' })).rejects.toThrow(/^Redis: .*ECONNREFUSED/);
  });

  it.each([
    ['a cluster', { 'cluster-enabled': 'yes' }, /^Redis: it is a cluster, /],
    ['a sentinel', { sentinel: '' }, /^Redis: it is a sentinel, /],
  ])('cannot start at %s', async (_, options, message) => {
    const unfit = await TestRedis.start(options);
    try {
      await expect(start({ url: unfit.url })).rejects.toThrow(message);
    } finally {
      await unfit.stop();
    }
  });

  it('a sender is told what may not have arrived, and those on the same instance still hear each other', async () => {
    const proxy = await TestProxy.start(redis.port);
    const room = newRoom();
    const a = await start({ url: proxy.url, presenceMs: 1_500 });
    const b = await start();
    const [alice, bob] = [await a.join('alice', room), await b.join('bob', room)];
    const carol = await a.join('carol', room);
    await until(() => alice.received.length === 3);
    proxy.cut();
    alice.say('one', 'bob');
    alice.say('two', 'carol');
    expect(carol.log.at(-1)).toBe('two of alice');
    await until(() => alice.log.includes('error INTERNAL_ERROR'));
    expect(bob.log).not.toContain('one of alice');
    await proxy.stop();
  });

  it('a join is refused when its time is over, and has no effect afterwards', async () => {
    const room = newRoom();
    const a = await start({ joinTimeoutMs: 100 });
    const alice = await a.join('alice', room);
    redis.freeze();
    const bob = a.connect('bob', room);
    await bob.joined;
    redis.thaw();
    expect([...bob.log, bob.closed]).toEqual(['error INTERNAL_ERROR', 1011]);
    await until(async () => (await observer.hLen(`webrtc:room:{${room}}`)) === 2);
    const carol = await a.join('carol', room);
    expect(carol.log).toEqual(['room_state alice,carol']);
    // Redis may have done both, but has not left bob in.
    await until(() => alice.log.at(-1) === 'user_joined carol');
    expect(alice.log.filter((line) => line.includes('bob'))).toHaveLength(2);
  });
});

/** Lets a user in, at another attempt where Redis was lost during one. */
async function joinAtLast(instance: TestInstance, userId: string, room: string): Promise<TestMember> {
  const member = await instance.join(userId, room);
  return member.isIn ? member : joinAtLast(instance, userId, room);
}

/** Cuts the connections of all instances to Redis. */
const killLinks = () => observer.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);

type Action =
  | { type: 'join'; user: number; instance: number }
  | { type: 'leave'; who: number }
  | { type: 'say'; who: number; to: number | undefined }
  | { type: 'breathe' }
  | { type: 'settle' }
  | Fault;
/** Both instances lose Redis, and Redis may lose all it knows with them. */
type Fault = { type: 'cut' } | { type: 'restart' };

const ordinary: fc.MaybeWeightedArbitrary<Action>[] = [
  { weight: 8, arbitrary: fc.record({ type: fc.constant('join'), user: fc.nat(3), instance: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('leave'), who: fc.nat(9) }) },
  {
    weight: 10,
    arbitrary: fc.record({ type: fc.constant('say'), who: fc.nat(9), to: fc.option(fc.nat(3), { nil: undefined }) }),
  },
  { weight: 4, arbitrary: fc.constant({ type: 'breathe' }) },
  { weight: 2, arbitrary: fc.constant({ type: 'settle' }) },
];
const faults: fc.MaybeWeightedArbitrary<Action>[] = [
  { weight: 1, arbitrary: fc.constant({ type: 'cut' }) },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' }) },
];
const lists = (kinds: fc.MaybeWeightedArbitrary<Action>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 5, maxLength: 40 });

/** A message as it was sent, and whom its sender knew to be there. */
interface Said {
  from: TestMember;
  text: string;
  to: string | undefined;
  knew: ReadonlyMap<string, string>;
}

/** Whom a member knows to be in the room, each by the moment it joined; throws where it was told what cannot be. */
function viewOf(member: TestMember): Map<string, string> {
  const view = new Map<string, string>();
  for (const [index, { type, payload, timestamp }] of member.received.entries()) {
    if (type === 'error') continue;
    if ((type === 'room_state') !== (index === 0)) throw new Error('JOIN-1, JOIN-6: room_state is first, and once');
    if (type === 'room_state') {
      for (const { user_id, joined_at } of payload.participants) {
        if (view.has(user_id)) throw new Error(`JOIN-2: ${user_id} is listed twice`);
        view.set(user_id, joined_at ?? '');
      }
      if (view.get(member.userId) !== member.at) throw new Error('JOIN-2: the joiner is not listed');
    } else if (type === 'user_joined') {
      if (view.has(payload.user_id)) throw new Error(`JOIN-4, JOIN-5: ${payload.user_id} was there already`);
      view.set(payload.user_id, timestamp);
    } else if (type === 'user_left') {
      if (!view.delete(payload.user_id)) throw new Error(`LEAVE-1: ${payload.user_id} was not there`);
    } else if (!view.has(payload.sender_id) || payload.sender_id === member.userId) {
      throw new Error(`LEAVE-4, RELAY-3: ${payload.sender_id} is not another participant`);
    }
  }
  return view;
}

describe.skipIf(lacksRedis)('whatever happens in whatever order', () => {
  it.each([
    ['', ordinary, 150],
    [' that lose Redis now and then', [...ordinary, ...faults], 60],
  ])(
    'keeps the rules for joining, relaying and leaving across two instances%s',
    async (_, kinds, numRuns) => {
      const { a, b } = await startTwo();
      await fc.assert(
        fc.asyncProperty(lists(kinds), async (list) => {
          const isFaulty = list.some(({ type }) => type === 'cut' || type === 'restart');
          const room = newRoom();
          const members: TestMember[] = [];
          const said: Said[] = [];
          for (const action of list) {
            const member = 'who' in action ? members[action.who % members.length] : undefined;
            if (action.type === 'join')
              members.push([a, b][action.instance]?.connect(`u${action.user}`, room) as TestMember);
            else if (action.type === 'leave' && member?.isIn) member.leave();
            else if (action.type === 'say' && member?.isIn) {
              const to = action.to === undefined ? undefined : `u${action.to}`;
              const knew = viewOf(member);
              const errors = member.received.length;
              const text = `m${said.length}`;
              member.say(text, to);
              const isKnown = to === undefined || (to !== member.userId && knew.has(to));
              const answers = member.log.slice(errors).filter((line) => line !== 'error INTERNAL_ERROR');
              expect(answers).toEqual(isKnown ? [] : ['error TARGET_NOT_FOUND']); // RELAY-7
              if (isKnown) said.push({ from: member, text, to, knew });
            } else if (action.type === 'breathe') await new Promise(setImmediate);
            else if (action.type === 'settle') await Promise.all(members.map(({ joined }) => joined));
            else if (action.type === 'restart') await Promise.all([observer.flushAll(), killLinks()]);
            else if (action.type === 'cut') await killLinks();
          }

          // Whoever learns of these two has been told everything that happened before.
          await Promise.all(members.map(({ joined }) => joined));
          const fences = [await joinAtLast(a, 'fence-a', room), await joinAtLast(b, 'fence-b', room)];
          if (!isFaulty) for (const { closed } of members) expect([undefined, 4001]).toContain(closed);
          const stayed = members.filter(({ isIn }) => isIn);
          await until(() => stayed.every((member) => member.closed !== undefined || viewOf(member).has('fence-b')));
          const present = stayed.filter(({ closed }) => closed === undefined);
          for (const member of present) {
            const expected = [...present, ...fences].map(({ userId, at }) => [userId, at]);
            expect(new Map(viewOf(member))).toEqual(new Map(expected as [string, string][])); // LEAVE-3
          }

          const found = (one: TestMember, other: TestMember) => {
            const [first] = one.received;
            return (
              first?.type === 'room_state' && first.payload.participants.some(({ joined_at }) => joined_at === other.at)
            );
          };
          const told = (one: TestMember, other: TestMember) =>
            one.received.filter(({ type, timestamp }) => type === 'user_joined' && timestamp === other.at).length;
          for (const one of present) {
            for (const other of present) {
              if (one === other) continue;
              expect(Number(found(one, other)) + Number(found(other, one))).toBe(1); // JOIN-7
              expect(told(one, other)).toBe(found(other, one) ? 1 : 0); // JOIN-4
            }
          }

          for (const receiver of [...members, ...fences]) {
            const got = receiver.log.flatMap((line) => /^(m\d+) of /.exec(line)?.[1] ?? []);
            for (const sender of members) {
              const own = said.filter(({ from }) => from === sender);
              const sent = own.map(({ text }) => text);
              const of = got.filter((text) => sent.includes(text));
              // RELAY-6, and RELAY-2's once.
              expect(of).toEqual(sent.filter((text) => of.includes(text)));
              for (const { text, to, knew } of own) {
                if (of.includes(text)) expect([undefined, receiver.userId]).toContain(to); // RELAY-1
                // JOIN-9: whom the sender knew, and who stayed, has it, unless the sender was being replaced (JOIN-8).
                if (sender.closed !== undefined || isFaulty) continue;
                const isMeant =
                  knew.get(receiver.userId) === receiver.at && (to === undefined || to === receiver.userId);
                if (isMeant && receiver !== sender && present.includes(receiver)) expect(of).toContain(text);
              }
            }
          }
          for (const member of [...members, ...fences]) member.leave();
        }),
        { numRuns: Number(process.env.FC_RUNS ?? numRuns), endOnFailure: true },
      );
      await until(async () => (await observer.keys('webrtc:room*')).length === 0); // ROOM-5
    },
    120_000,
  );
});
