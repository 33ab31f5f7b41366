import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Congestion } from './congestion.js';

const limit = 262_144;
const large = 200_000;
let door: net.Server;
let receiver: net.Socket;
let reader: net.Socket;

beforeEach(async () => {
  door = net.createServer().listen(0, '127.0.0.1');
  await once(door, 'listening');
  reader = net.connect((door.address() as net.AddressInfo).port, '127.0.0.1');
  [receiver] = (await once(door, 'connection')) as [net.Socket];
});

afterEach(() => {
  receiver.destroy();
  reader.destroy();
  door.close();
});

/** Fills the receiver, who reads nothing, until its system takes no more and as much as this waits here. */
async function fall(behind: number): Promise<void> {
  reader.pause();
  const chunk = Buffer.alloc(65_536);
  while (receiver.writableLength < behind) {
    receiver.write(chunk);
    await new Promise(setImmediate);
  }
}

/** Has the receiver read until more was taken from here. */
async function readSome(): Promise<void> {
  const taken = () => receiver.bytesWritten - receiver.writableLength;
  const before = taken();
  reader.resume();
  await expect.poll(taken, { interval: 1 }).toBeGreaterThan(before);
  reader.pause();
}

/** How often one is told to wait, up to so many times. */
const waits = (congestion: Congestion, most: number) => {
  let count = 0;
  while (count < most && congestion.wait() > 0) count += 1;
  return count;
};

test('who sent much to somebody that is behind waits until it has caught up', async () => {
  const congestion = new Congestion(limit);
  await fall(4_194_304);
  congestion.note(receiver, large);
  expect(congestion.wait()).toBeGreaterThan(0);
  reader.resume();
  await expect.poll(() => receiver.writableLength).toBe(0);
  expect(congestion.wait()).toBe(0);
});

test('who says little waits for nobody, however much others sent', async () => {
  const congestion = new Congestion(limit);
  await fall(4_194_304);
  for (let number = 0; number < 100; number++) {
    congestion.note(receiver, 300);
    expect(congestion.wait()).toBe(0);
  }
});

test('nobody waits for long for somebody who does not read, until it does', async () => {
  const [one, other] = [new Congestion(limit), new Congestion(limit)];
  await fall(limit / 2);
  one.note(receiver, large);
  const count = waits(one, 1_000);
  expect(count).toBeGreaterThan(5);
  expect(count).toBeLessThan(50);
  // Whoever comes after knows.
  other.note(receiver, large);
  expect(other.wait()).toBe(0);
  await readSome();
  await fall(limit / 2);
  other.note(receiver, large);
  expect(other.wait()).toBeGreaterThan(0);
});

test('who sends more to somebody who does not read is slower, and no more than that', async () => {
  const congestion = new Congestion(limit);
  await fall(3 * limit);
  congestion.note(receiver, large);
  waits(congestion, 1_000);
  congestion.note(receiver, large);
  expect(waits(congestion, 1_000)).toBe(1);
});

test('who was reset is waited for no more', async () => {
  const congestion = new Congestion(limit);
  await fall(4_194_304);
  congestion.note(receiver, large);
  receiver.destroy();
  expect(congestion.wait()).toBe(0);
});
