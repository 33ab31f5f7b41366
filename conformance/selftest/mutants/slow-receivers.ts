import type { Buffer } from 'node:buffer';
import { defaultDecisions, type ServerDecisions } from '../../run/embedded.js';
import { changeEffects } from '../alter.js';
import type { Mutant } from '../mutant.js';

type Wire = Parameters<ServerDecisions['write']>[0];

const manyBytes = 512 * 1024;

/** Far more than any scenario lets wait. */
const noLimit = { backlogLimit: 1024 ** 3 };

/** The room that a frame belongs to, as far as its text says. */
function roomOf(frame: Buffer): string {
  return /"room_id":"([^"]*)"/.exec(frame.toString('latin1'))?.[1] ?? '';
}

/** Decisions under which all that is said in a room waits for the one receiver that does not take it. */
function takeTurns(): Partial<ServerDecisions> {
  const queues = new Map<string, (() => Promise<void> | undefined)[]>();
  const work = async (queue: (() => Promise<void> | undefined)[]) => {
    for (let next = queue[0]; next; next = queue[0]) {
      await next();
      queue.shift();
    }
  };
  const put = (wire: Wire, frame: Buffer) => {
    defaultDecisions.write(wire, frame);
    const { transport } = wire;
    if (transport.writableLength < manyBytes || transport.destroyed) return undefined;
    return new Promise<void>((resolve) => {
      transport.once('drain', resolve);
      transport.once('close', resolve);
    });
  };
  return {
    write(wire, frame) {
      const room = roomOf(frame);
      const queue = queues.get(room) ?? [];
      queues.set(room, queue);
      queue.push(() => put(wire, frame));
      if (queue.length === 1) void work(queue);
    },
  };
}

/** Servers that handle a receiver who does not read in a wrong way. */
export const slowReceiverMutants: readonly Mutant[] = [
  {
    name: 'waits-for-slow-receivers',
    breaks: 'RELAY-13',
    summary: 'Whatever is said in a room waits until each receiver has taken what came before.',
    options: noLimit,
    decisions: takeTurns,
  },
  {
    name: 'drops-what-waits',
    breaks: 'RELAY-13',
    summary: 'What a receiver does not take in time is dropped, and its connection goes on.',
    options: noLimit,
    decisions: {
      write(wire, frame) {
        if (wire.transport.writableLength < manyBytes || frame.length < 50_000) defaultDecisions.write(wire, frame);
      },
    },
  },
  {
    name: 'slow-receivers-have-failed',
    breaks: 'RELAY-13',
    summary: 'A receiver that does not take what is sent is closed 1011.',
    options: noLimit,
    decisions: {
      write(wire, frame) {
        defaultDecisions.write(wire, frame);
        if (wire.transport.writableLength > manyBytes) wire.socket.close(1011);
      },
    },
  },
  {
    name: 'slow-receivers-vanish',
    breaks: 'LEAVE-1',
    summary: 'Nobody is told of a receiver that was closed because it did not read.',
    decisions: changeEffects((event, { effects }) =>
      event.type === 'leave' && event.reason === 'timeout' ? [] : effects,
    ),
  },
];
