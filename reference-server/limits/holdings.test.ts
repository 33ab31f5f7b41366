import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Holdings } from './holdings.js';

async function close(socket: PassThrough): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.destroy();
  await closed;
}

describe('a limit of two things', () => {
  it('grants each holder two and no third', () => {
    const holdings = new Holdings<string>(2);
    const socket = new PassThrough();
    expect(holdings.take('alice', 'a', socket)).toBe(true);
    expect(holdings.take('alice', 'b', socket)).toBe(true);
    expect(holdings.take('alice', 'c', socket)).toBe(false);
    expect(holdings.take('bob', 'c', socket)).toBe(true);
  });

  it('grants what is held already, and frees it when all sockets that hold it are closed', async () => {
    const holdings = new Holdings<string>(2);
    const [older, newer, other] = [new PassThrough(), new PassThrough(), new PassThrough()];
    holdings.take('alice', 'a', older);
    holdings.take('alice', 'a', newer);
    holdings.take('alice', 'b', other);
    await close(older);
    expect(holdings.take('alice', 'c', other)).toBe(false);
    await close(newer);
    expect(holdings.take('alice', 'c', other)).toBe(true);
  });

  it('holds nothing for a socket that is closed already', async () => {
    const holdings = new Holdings<string>(1);
    for (let round = 0; round < 3; round++) {
      const socket = new PassThrough();
      await close(socket);
      expect(holdings.take('alice', `room-${round}`, socket)).toBe(true);
    }
  });

  it('remembers nobody who holds nothing', async () => {
    const holdings = new Holdings<string>(1);
    for (let round = 0; round < 3; round++) {
      const socket = new PassThrough();
      expect(holdings.take('alice', `room-${round}`, socket)).toBe(true);
      await close(socket);
    }
  });
});
