import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as passed, setImmediate as turn } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { encodeFrame, opcodes } from '../../conformance/kit/frames.js';
import { channelPath } from '../../generated/index.js';
import { tokenFor } from '../testing/test-client.js';
import type { EnduranceOptions, Memory } from '../testing/test-endurance-server.js';
import { until } from '../testing/test-instance.js';
import { Peer } from '../testing/test-peer.js';
import { lacksRedis, TestRedis } from '../testing/test-redis.js';
import { connectRaw } from '../testing/test-server.js';
import { killServers, ServerProcess } from '../testing/test-server-process.js';
import type { SignalingServer } from './server.js';

const megabyte = 2 ** 20;
const patience = { timeout: 20_000 };
/** Milliseconds after which limits have recovered from a join or two, and are forgotten. */
const recoveredMs = 2_500;
/** What ends what a test has started, whatever became of the test. */
const endings: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all([killServers(), ...endings.splice(0).map((end) => end())]);
});

async function startRedis(): Promise<TestRedis> {
  const redis = await TestRedis.start();
  endings.push(() => redis.stop());
  return redis;
}

/** Two who talk to each other, whatever else goes on. */
class Conversation {
  #said = 0;
  readonly #talking: NodeJS.Timeout;

  private constructor(
    readonly alice: Peer,
    readonly bob: Peer,
  ) {
    // More than a call needs, and less than the rate limits here.
    this.#talking = setInterval(() => {
      alice.say(`${this.#said}`, 'bob');
      bob.say(`${this.#said}`, 'alice');
      this.#said += 1;
    }, 10);
    endings.push(() => clearInterval(this.#talking));
  }

  /** Has alice and bob meet in a room. */
  static async begin(room: string, alices: SignalingServer, bobs = alices): Promise<Conversation> {
    const alice = await Peer.join(alices, 'alice', room);
    const bob = await Peer.join(bobs, 'bob', room);
    await alice.next('user_joined');
    return new Conversation(alice, bob);
  }

  /** Has both leave, when each has heard all that the other said, in order and once (RELAY-6). */
  async end(): Promise<void> {
    const { alice, bob } = this;
    clearInterval(this.#talking);
    await until(() => alice.of('bob').length >= this.#said && bob.of('alice').length >= this.#said);
    const numbers = Array.from({ length: this.#said }, (_, number) => number);
    expect(bob.of('alice')).toEqual(numbers.map((number) => `${number} of alice`));
    expect(alice.of('bob')).toEqual(numbers.map((number) => `${number} of bob`));
    await Promise.all([alice.leave(), bob.leave()]);
  }
}

/** Has `width` at a time do a step until one finds nothing more to do. */
async function atOnce(width: number, step: () => Promise<boolean>): Promise<void> {
  const work = async () => {
    while (await step());
  };
  await Promise.all(Array.from({ length: width }, work));
}

/** Does something for each, for many at a time. */
async function forEach<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  await atOnce(64, async () => {
    const { value, done } = rest.next();
    if (done === true) return false;
    results[value[0]] = await act(value[1]);
    return true;
  });
  return results;
}

const numbersBelow = (count: number) => Array.from({ length: count }, (_, number) => number);

/** Somebody comes and goes; resolves with how many joins that was. Whoever comes twice does so at two instances, if there are. */
type Visit = (here: SignalingServer, there: SignalingServer, number: number) => Promise<number>;

const visits: Record<string, Visit> = {
  async closes(here, _, number) {
    const visitor = await Peer.join(here, `visitor-${number}`, `room-${number}`);
    await visitor.leave();
    return 1;
  },
  async isReset(here, _, number) {
    const visitor = await Peer.join(here, `visitor-${number}`, `room-${number}`);
    visitor.reset();
    return 1;
  },
  async endsWithoutCloseFrame(here, _, number) {
    const visitor = await Peer.join(here, `visitor-${number}`, `room-${number}`);
    visitor.socket.terminate();
    return 1;
  },
  async isReplaced(here, there, number) {
    const older = await Peer.join(here, `visitor-${number}`, `room-${number}`);
    const newer = await Peer.join(there, `visitor-${number}`, `room-${number}`);
    expect(await older.closed).toMatchObject({ code: 4001 });
    await newer.leave();
    return 2;
  },
  async isRefused(here, _, number) {
    const token = number % 2 === 0 ? 'nonsense' : await tokenFor(`visitor-${number}`, { exp: 1 });
    const visitor = await Peer.connect(here, `room-${number}`, token);
    expect(await visitor.closed).toMatchObject({ code: 1008 });
    return 0;
  },
  async talks(here, there, number) {
    const visitor = await Peer.join(here, `visitor-${number}`, `room-${number}`);
    const other = await Peer.join(there, `other-${number}`, `room-${number}`);
    await visitor.next('user_joined');
    visitor.say('hello', `other-${number}`);
    await other.next('ice_candidate');
    other.send({ type: 'offer', payload: { type: 'offer', sdp: 'v=0' } });
    await visitor.next('offer');
    visitor.send('nonsense');
    await visitor.next('error');
    other.reset();
    await visitor.next('user_left');
    await visitor.leave();
    return 2;
  },
  async looksIntoTheLounge(here, _, number) {
    const visitor = await Peer.join(here, `visitor-${number}`, 'lounge');
    if (number % 2 === 0) await visitor.leave();
    else visitor.reset();
    return 1;
  },
};

/** Visitors who come and go, in all ways in turn and in many at a time. */
class Visitors {
  readonly #servers: readonly SignalingServer[];
  #count = 0;
  #joins = 0;

  constructor(...servers: SignalingServer[]) {
    this.#servers = servers;
  }

  /** Lets them come until so many joined, and returns when the last of these is gone. */
  async comeUntil(joins: number): Promise<void> {
    const ways = Object.values(visits);
    const server = (number: number) => this.#servers[number % this.#servers.length] as SignalingServer;
    await atOnce(32, async () => {
      if (this.#joins >= joins) return false;
      const number = this.#count++;
      const joined = await ways[number % ways.length]?.(server(number), server(number + 1), number);
      this.#joins += joined ?? 0;
      return true;
    });
  }

  /** Whoever was in the lounge heard of each who looked in: came once, and went once after that (LEAVE-1). */
  async expectHeardBy({ log }: Peer): Promise<void> {
    const ways = Object.keys(visits);
    const looked = numbersBelow(this.#count).filter((number) => ways[number % ways.length] === 'looksIntoTheLounge');
    const news = () => log.filter((line) => line.includes(' visitor-'));
    await until(() => news().length >= 2 * looked.length);
    const heard = new Map<string, string[]>();
    for (const [what = '', who = ''] of news().map((line) => line.split(' '))) {
      heard.set(who, [...(heard.get(who) ?? []), what]);
    }
    expect(heard).toEqual(new Map(looked.map((number) => [`visitor-${number}`, ['user_joined', 'user_left']])));
  }
}

/**
 * As much is in memory at last as at first, but for what is under way. In bytes, code that is compiled in between makes it more or
 * less by 0.7 MiB; 300 bytes left of each of 8,000 joins would be 2.3 MiB.
 */
function expectFlat(memory: readonly Memory[], noise = megabyte): void {
  const [first, last] = [memory[0] as Memory, memory.at(-1) as Memory];
  const figures = JSON.stringify(memory);
  expect(last.objects - first.objects, figures).toBeLessThan(200);
  expect(last.entries - first.entries, figures).toBeLessThan(50);
  expect(last.bytes - first.bytes, figures).toBeLessThan(noise);
}

describe('ten thousand joins and leaves', () => {
  it('leave nothing behind, and disturb nobody who stays', async () => {
    const server = await ServerProcess.start({
      ...{ heartbeatMs: 1_000, tokenExpiry: 'close', rateLimit: { burst: 1_000, perSecond: 400 }, roomCapacity: 100 },
      ...{ connectionsPerUser: 10, connectionsPerAddress: 1_000 },
    });
    const before = await server.ask('census');
    const conversation = await Conversation.begin('lounge', server);
    const visitors = new Visitors(server);
    const memory: Memory[] = [];
    for (const joins of [2_000, 4_000, 6_000, 8_000, 10_000]) {
      await visitors.comeUntil(joins);
      await expect.poll(() => server.counts(), patience).toEqual({ rooms: 1, participants: 2 });
      await passed(recoveredMs);
      memory.push(await server.ask('memory'));
    }
    expectFlat(memory);
    await visitors.expectHeardBy(conversation.alice);
    await conversation.end();
    await expect.poll(() => server.counts(), patience).toEqual({ rooms: 0, participants: 0 });
    await expect.poll(() => server.ask('census'), patience).toEqual(before);
  }, 120_000);
});

describe.skipIf(lacksRedis)('thousands of joins and leaves at two instances', () => {
  it('leave nothing behind, in either of them or in Redis', async () => {
    const { url } = await startRedis();
    const observer = createClient({ url });
    observer.on('error', () => {});
    endings.push(() => observer.destroy());
    await observer.connect();
    const inRedis = async () =>
      (await Promise.all([observer.keys('webrtc:*'), observer.pubSubChannels('*')])).map((names) => names.sort());

    const options: EnduranceOptions = {
      redis: { url },
      roomCapacity: 100,
      connectionsPerUser: 10,
      tokenExpiry: 'close',
    };
    const [a, b] = await Promise.all([ServerProcess.start(options), ServerProcess.start(options)]);
    const both = <Result>(act: (server: ServerProcess) => Promise<Result>) => Promise.all([act(a), act(b)]);
    const before = [await both((server) => server.ask('census')), await inRedis()];
    const conversation = await Conversation.begin('lounge', a, b);
    const visitors = new Visitors(a, b);
    const memory: [Memory, Memory][] = [];
    for (const joins of [1_000, 2_000, 3_000, 4_000]) {
      await visitors.comeUntil(joins);
      const one = { rooms: 1, participants: 1 };
      await expect.poll(() => both((server) => server.counts()), patience).toEqual([one, one]);
      await passed(recoveredMs);
      memory.push(await both((server) => server.ask('memory')));
    }
    expectFlat(
      memory.map(([ofA]) => ofA),
      2 * megabyte,
    );
    expectFlat(
      memory.map(([, ofB]) => ofB),
      2 * megabyte,
    );
    await visitors.expectHeardBy(conversation.alice);
    await visitors.expectHeardBy(conversation.bob);
    await conversation.end();
    const now = async () => [await both((server) => server.ask('census')), await inRedis()];
    await expect.poll(now, patience).toEqual(before);
    await both((server) => server.close());
    expect(await inRedis()).toEqual([['webrtc:epoch'], []]);
  }, 120_000);
});

const broadcast = JSON.stringify({ type: 'ice_candidate', payload: { candidate: 'flood' } });

/** A thousand messages, every fifth to everybody and the others none that can be understood, and so many pings. */
function floodWith(pings: number): Buffer {
  const texts = numbersBelow(1_000).map((number) => (number % 5 === 0 ? broadcast : 'nonsense'));
  const messages = texts.map((text) => encodeFrame(opcodes.text, Buffer.from(text)));
  return Buffer.concat([...messages, ...Array<Buffer>(pings).fill(encodeFrame(opcodes.ping, Buffer.alloc(125)))]);
}

/** Sends all it can and reads nothing, until the server ends it. */
async function floodUntilCut(socket: Socket, flood: Buffer): Promise<void> {
  const cut = new Promise((resolve) => socket.once('close', resolve));
  for (let floods = 0; !socket.destroyed; floods++) {
    expect(floods).toBeLessThan(2_000); // Else nothing bounds it.
    if (!socket.write(flood)) await Promise.race([once(socket, 'drain').catch(() => {}), cut]); // It ends with an error.
    await turn(); // The others, who are in this process as well, have to read.
  }
}

describe('a client that floods', () => {
  const rateLimit = { burst: 1_000, perSecond: 400 };

  it.each([
    ['messages', { pings: 0, reason: 'timeout' }],
    ['pings among messages', { pings: 1_000, reason: 'disconnected' }],
  ])(
    'with %s and reads nothing is dropped, and nobody else loses any',
    async (_, { pings, reason }) => {
      const server = await ServerProcess.start();
      const before = await server.ask('census');
      const near = await Conversation.begin('standup', server);
      const far = await Conversation.begin('elsewhere', server);
      const sockets = await server.sockets();
      const memory = [await server.ask('memory')];
      for (let time = 1; time <= 3; time++) {
        const mallory = await connectRaw(server, 'mallory');
        await until(() => near.alice.times('user_joined mallory') === time);
        await floodUntilCut(mallory, floodWith(pings));
        await until(() => near.alice.times(`user_left mallory ${reason}`) === time);
        await expect.poll(() => server.sockets(), patience).toBe(sockets);
        memory.push(await server.ask('memory'));
      }
      expectFlat(memory, 4 * megabyte); // What a flood needs is compiled by the first one.
      expectFlat(memory.slice(1));
      expect(far.alice.log.length).toBe(far.alice.of('bob').length + 2); // who is there, and who came
      await Promise.all([near.end(), far.end()]);
      await expect.poll(() => server.ask('census'), patience).toEqual(before);
    },
    60_000,
  );

  it('with messages beyond its limit and reads nothing is read no faster than it may speak', async () => {
    const server = await ServerProcess.start({ rateLimit });
    const near = await Conversation.begin('standup', server);
    const far = await Conversation.begin('elsewhere', server);
    const mallory = await connectRaw(server, 'mallory');
    await until(() => near.alice.times('user_joined mallory') === 1);
    const flood = floodWith(0);
    const began = performance.now();
    while (performance.now() - began < 2_000) {
      if (!mallory.write(flood)) await Promise.race([once(mallory, 'drain'), passed(50)]);
      await turn();
    }
    // What the systems on both sides keep is not read: a megabyte or two for each of them.
    const unread = mallory.writableLength;
    await passed(500);
    expect(mallory.writableLength).toBeGreaterThan(0.9 * unread);
    expect(mallory.destroyed).toBe(false);
    await Promise.all([near.end(), far.end()]);
    mallory.destroy();
  }, 60_000);

  it('all at once costs nobody who reads the connection', async () => {
    const server = await ServerProcess.start({ backlogLimit: megabyte / 4 });
    const near = await Conversation.begin('standup', server);
    // A long name makes much of little: this comes in one piece, and each receiver gets more of it than the limit.
    const name = `mallory${'y'.repeat(400)}`;
    const mallory = await connectRaw(server, name);
    await until(() => near.alice.times(`user_joined ${name}`) === 1);
    mallory.write(Buffer.concat(numbersBelow(350).map(() => encodeFrame(opcodes.text, Buffer.from(broadcast)))));
    await until(() => [near.alice, near.bob].every((peer) => peer.times(`flood of ${name}`) === 350));
    await near.end();
    mallory.destroy();
  }, 60_000);

  it('and reads is answered beyond its limit, and stays', async () => {
    const server = await ServerProcess.start({ rateLimit });
    const near = await Conversation.begin('standup', server);
    const far = await Conversation.begin('elsewhere', server);
    const began = performance.now();
    const mallory = await Peer.join(server, 'mallory', 'standup');
    for (let round = 0; round < 20; round++) {
      for (const number of numbersBelow(300)) mallory.send(number % 5 === 0 ? broadcast : 'nonsense');
      await mallory.settled();
    }
    const handled = () => near.alice.times('flood of mallory') + mallory.times('error INVALID_MESSAGE');
    await until(() => handled() + mallory.times('error RATE_LIMIT_EXCEEDED') === 6_000);
    const seconds = (performance.now() - began) / 1_000;
    await Promise.all([near.end(), far.end()]);
    expect(near.alice.times('flood of mallory')).toBeGreaterThan(0);
    expect(handled()).toBeLessThanOrEqual(rateLimit.burst + rateLimit.perSecond * seconds);
    expect(mallory.socket.readyState).toBe(WebSocket.OPEN);
  }, 60_000);
});

function requestOf(room: string, token: string): string {
  const fields = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  return [`GET ${channelPath(room)}?token=${token} HTTP/1.1`, ...fields, key, '', ''].join('\r\n');
}

/** Sends its request byte by byte until the server has enough of it; returns how the answer begins. */
async function handshakeByDrops({ port }: SignalingServer, token: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // It is cut.
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  const request = requestOf('slow', token);
  let sent = 0;
  const dripping = setInterval(() => socket.write(request.charAt(sent++)), 25);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dripping);
  return answer.slice(0, 'HTTP/1.1 408'.length);
}

/** Goes away at once: before its request, in the middle of it or after it, with a FIN or a reset. */
async function handshakeCutShort({ port }: SignalingServer, token: string, number: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // As likely as not.
  const request = requestOf('fickle', token);
  const part = request.slice(0, [0, request.length / 2, request.length][number % 3]);
  socket.write(part, () => (number % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()));
  await new Promise((resolve) => socket.once('close', resolve));
}

describe('a thousand handshakes at once', () => {
  it('let in who may, cut who is slow, and disturb nobody who is there', async () => {
    const server = await ServerProcess.start({ handshakeTimeoutMs: 1_000 });
    const before = await server.ask('census');
    const conversation = await Conversation.begin('standup', server);
    const sockets = await server.sockets();
    const tokens = await forEach(numbersBelow(500), (number) => tokenFor(`guest-${number}`));
    const guests = tokens.slice(0, 250).map((token, number) => Peer.connect(server, `room-${number % 50}`, token));
    const slow = tokens.slice(250, 400).map((token) => handshakeByDrops(server, token));
    const fickle = tokens.slice(400).map((token, number) => handshakeCutShort(server, token, number));
    const strangers = tokens.map((_, number) => Peer.connect(server, `room-${number % 50}`, 'nonsense'));

    for (const stranger of await Promise.all(strangers)) {
      expect(await stranger.closed).toMatchObject({ code: 1008 });
      expect(stranger.log).toEqual(['error UNAUTHORIZED']);
    }
    const entered = await Promise.all(guests);
    for (const guest of entered) await guest.next('room_state');
    expect(new Set(await Promise.all(slow))).toEqual(new Set(['HTTP/1.1 408']));
    await Promise.all(fickle);
    await expect.poll(() => server.sockets(), patience).toBe(sockets + entered.length);
    await Promise.all(entered.map((guest) => guest.leave()));
    expect(conversation.alice.log.length).toBe(conversation.alice.of('bob').length + 2); // who is there, and who came
    await conversation.end();
    await expect.poll(() => server.ask('census'), patience).toEqual(before);
  }, 60_000);
});

/** Two who are in a room of their own. */
interface Pair {
  room: number;
  alice: Peer;
  bob: Peer;
}

/** How many rooms of two there can be; this process and the server have a file open for each socket. */
function affordable(rooms: number): number {
  const files = Number(execFileSync('sh', ['-c', 'ulimit -n']));
  const most = Number.isNaN(files) ? rooms : Math.min(rooms, Math.floor((files - 500) / 2));
  if (most < rooms)
    console.warn(`CUT DOWN: ${most} rooms and not ${rooms}, as only ${files} files may be open (ulimit -n)`);
  return most;
}

/** Fills so many rooms with two users each, who say all that a call begins with, and hear just that. */
async function callInEach(rooms: number, alices: SignalingServer, bobs: SignalingServer): Promise<Pair[]> {
  const pairs = await forEach(numbersBelow(rooms), async (room) => {
    const alice = await Peer.join(alices, `alice-${room}`, `room-${room}`);
    return { room, alice, bob: await Peer.join(bobs, `bob-${room}`, `room-${room}`) };
  });
  const candidates = ['first', 'second', 'third'];
  const describe = (type: 'offer' | 'answer', room: number, target: string) => ({
    type,
    payload: { type, sdp: `v=${room}`, target_user_id: `${target}-${room}` },
  });
  await until(() => pairs.every(({ alice }) => alice.log.length >= 2));
  for (const { room, alice } of pairs) {
    alice.send(describe('offer', room, 'bob'));
    for (const candidate of candidates) alice.say(`${candidate} ${room}`, `bob-${room}`);
  }
  await until(() => pairs.every(({ bob }) => bob.log.length >= 5));
  for (const { room, bob } of pairs) {
    bob.send(describe('answer', room, 'alice'));
    for (const candidate of candidates) bob.say(`${candidate} ${room}`, `alice-${room}`);
  }
  await until(() => pairs.every(({ alice }) => alice.log.length >= 6));
  for (const pair of pairs) {
    const [alice, bob] = [`alice-${pair.room}`, `bob-${pair.room}`];
    const said = (who: string) => candidates.map((candidate) => `${candidate} ${pair.room} of ${who}`);
    expect(pair.alice.log.splice(0)).toEqual([
      `room_state ${alice}`,
      `user_joined ${bob}`,
      `answer v=${pair.room} of ${bob}`,
      ...said(bob),
    ]);
    expect(pair.bob.log.splice(0)).toEqual([
      `room_state ${alice},${bob}`,
      `offer v=${pair.room} of ${alice}`,
      ...said(alice),
    ]);
  }
  return pairs;
}

describe('three thousand rooms of two', () => {
  it('hear their own calls and no other, and each partner of one who is lost hears of it once', async () => {
    const rooms = affordable(3_000);
    const server = await ServerProcess.start();
    const pairs = await callInEach(rooms, server, server);
    expect(await server.counts()).toEqual({ rooms, participants: 2 * rooms });

    // A third of all: alice in every third room, bob in the next, and nobody in the one after that.
    const struck = pairs.flatMap(({ room, alice, bob }) => {
      if (room % 3 === 0) return [{ room, name: `alice-${room}`, lost: alice, kept: bob }];
      return room % 3 === 1 ? [{ room, name: `bob-${room}`, lost: bob, kept: alice }] : [];
    });
    for (const { lost } of struck) lost.reset();
    await until(() => struck.every(({ kept }) => kept.log.length >= 1));
    // They come back, and that is what is heard next (LEAVE-1).
    await forEach(struck, ({ room, name }) => Peer.join(server, name, `room-${room}`));
    await until(() => struck.every(({ kept }) => kept.log.length >= 2));
    for (const { name, kept } of struck)
      expect(kept.log).toEqual([`user_left ${name} disconnected`, `user_joined ${name}`]);
    const spared = pairs.filter(({ room }) => room % 3 === 2).flatMap(({ alice, bob }) => [alice, bob]);
    await Promise.all(spared.map((peer) => peer.settled()));
    expect(spared.flatMap(({ log }) => log)).toEqual([]);
    expect(await server.counts()).toEqual({ rooms, participants: 2 * rooms });
  }, 60_000);
});

describe.skipIf(lacksRedis)('five hundred rooms of two at two instances', () => {
  it('hear of each participant of one that is killed, once and within the presence time', async () => {
    const redis = { url: (await startRedis()).url, presenceMs: 6_000 };
    const [a, b] = await Promise.all([ServerProcess.start({ redis }), ServerProcess.start({ redis })]);
    const pairs = await callInEach(500, a, b);
    const began = performance.now();
    await a.kill();
    await until(() => pairs.every(({ bob }) => bob.log.length >= 1));
    expect(performance.now() - began).toBeLessThan(redis.presenceMs);
    // They come back elsewhere, and that is what is heard next (LEAVE-1).
    await forEach(pairs, ({ room }) => Peer.join(b, `alice-${room}`, `room-${room}`));
    await until(() => pairs.every(({ bob }) => bob.log.length >= 2));
    for (const { room, bob } of pairs) {
      expect(bob.log).toEqual([`user_left alice-${room} disconnected`, `user_joined alice-${room}`]);
    }
  }, 60_000);
});
