import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventQueue } from './event-queue.js';

interface Events {
  number: number;
  word: string;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('EventQueue', () => {
  it('keeps events until a listener comes, then gives all listeners added in one go everything in order', async () => {
    const queue = new EventQueue<Events>();
    queue.emit('number', 1);
    queue.emit('word', 'two');
    const heard: unknown[] = [];
    queue.on('word', (word) => heard.push(word));
    queue.on('number', (number) => heard.push(number));
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual([1, 'two']);
    queue.emit('number', 3);
    expect(heard).toEqual([1, 'two', 3]);
  });

  it('delivers what a listener emits after the event it heard', async () => {
    const queue = new EventQueue<Events>();
    const heard: string[] = [];
    queue.on('number', (number) => {
      heard.push(`first ${number}`);
      if (number === 1) queue.emit('number', 2);
    });
    queue.on('number', (number) => heard.push(`second ${number}`));
    await Promise.resolve();
    queue.emit('number', 1);
    expect(heard).toEqual(['first 1', 'second 1', 'first 2', 'second 2']);
  });

  it('runs before just before the listeners', async () => {
    const queue = new EventQueue<Events>();
    const order: string[] = [];
    queue.emit('number', 1, () => order.push('before'));
    expect(order).toEqual([]);
    queue.on('number', () => order.push('listener'));
    await Promise.resolve();
    expect(order).toEqual(['before', 'listener']);
  });

  it('calls a listener no more once it is taken away, even by a listener of the same event', async () => {
    const queue = new EventQueue<Events>();
    const heard: string[] = [];
    const stop = { second: () => {} };
    const stopFirst = queue.on('number', () => {
      heard.push('first');
      stop.second();
    });
    stop.second = queue.on('number', () => heard.push('second'));
    await Promise.resolve();
    queue.emit('number', 1);
    stopFirst();
    queue.emit('number', 2);
    expect(heard).toEqual(['first']);
  });

  it('adds the same function as often as it is given', async () => {
    const queue = new EventQueue<Events>();
    const listener = vi.fn();
    queue.on('number', listener);
    const stop = queue.on('number', listener);
    await Promise.resolve();
    queue.emit('number', 1);
    expect(listener).toHaveBeenCalledTimes(2);
    stop();
    queue.emit('number', 2);
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it('reports what a listener throws as uncaught, and goes on (CLIENT-8)', async () => {
    const queue = new EventQueue<Events>();
    const heard: number[] = [];
    queue.on('number', () => {
      throw new Error('a bug of the app');
    });
    queue.on('number', (number) => heard.push(number));
    await Promise.resolve();
    const reports: (() => void)[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((report) => reports.push(report));
    queue.emit('number', 1);
    queue.emit('number', 2);
    expect(heard).toEqual([1, 2]);
    expect(reports).toHaveLength(2);
    expect(reports[0]).toThrow('a bug of the app');
  });
});
