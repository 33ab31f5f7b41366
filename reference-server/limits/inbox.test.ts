import { expect, test } from 'vitest';
import type { RawData, WebSocket } from 'ws';
import { Inbox } from './inbox.js';

/** As much of a socket as an inbox uses. */
function standIn() {
  const calls: string[] = [];
  const socket = { pause: () => calls.push('pause'), resume: () => calls.push('resume') };
  return { calls, socket: socket as unknown as WebSocket };
}

const frame = (number: number): RawData => Buffer.from(String(number));
const numbers = (length: number) => Array.from({ length }, (_, number) => number);

test('what comes is handled as it comes', () => {
  const { calls, socket } = standIn();
  const handled: number[] = [];
  const inbox = new Inbox(socket, (data) => handled.push(Number(data)) && 0);
  for (const number of numbers(10)) inbox.take(frame(number), false);
  expect([handled, calls, inbox.isBusy, inbox.busyMs]).toEqual([numbers(10), [], false, 0]);
});

test('after 64 in a row others have their turn, and the order stays', async () => {
  const { calls, socket } = standIn();
  const handled: number[] = [];
  const inbox = new Inbox(socket, (data) => handled.push(Number(data)) && 0);
  for (const number of numbers(200)) inbox.take(frame(number), false);
  expect([handled, calls, inbox.isBusy]).toEqual([numbers(64), ['pause'], true]);
  await new Promise<void>((resolve) => inbox.whenEmpty(resolve));
  expect([handled, calls.at(-1), inbox.isBusy]).toEqual([numbers(200), 'resume', false]);
});

test('what has to wait is tried again, and nothing overtakes it', async () => {
  const { socket } = standIn();
  const handled: number[] = [];
  let refusals = 3;
  const inbox = new Inbox(socket, (data) => {
    if (Number(data) === 2 && refusals-- > 0) return 2;
    handled.push(Number(data));
    return 0;
  });
  for (const number of numbers(5)) inbox.take(frame(number), false);
  expect(handled).toEqual([0, 1]);
  await new Promise<void>((resolve) => inbox.whenEmpty(resolve));
  expect([handled, refusals]).toEqual([numbers(5), -1]);
});

test('what comes while something is awaited is kept until it is done', async () => {
  const { calls, socket } = standIn();
  const handled: number[] = [];
  const inbox = new Inbox(socket, (data) => handled.push(Number(data)) && 0);
  let finish = (): void => {};
  inbox.holdUntil(new Promise<void>((resolve) => (finish = resolve)));
  for (const number of numbers(3)) inbox.take(frame(number), false);
  expect([handled, calls]).toEqual([[], ['pause']]);
  finish();
  await new Promise<void>((resolve) => inbox.whenEmpty(resolve));
  expect([handled, calls]).toEqual([numbers(3), ['pause', 'resume']]);
});
