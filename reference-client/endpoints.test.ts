import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configUrl, roomUrl } from './endpoints.js';

describe('endpoints', () => {
  it.each([
    ['http://localhost:8000', 'http://localhost:8000/webrtc/config', 'ws://localhost:8000/webrtc/ws/r?token=t'],
    ['https://example.com/', 'https://example.com/webrtc/config', 'wss://example.com/webrtc/ws/r?token=t'],
    ['https://example.com/a/b//', 'https://example.com/a/b/webrtc/config', 'wss://example.com/a/b/webrtc/ws/r?token=t'],
    ['HTTP://[::1]:80/x', 'http://[::1]/x/webrtc/config', 'ws://[::1]/x/webrtc/ws/r?token=t'],
  ])('of %s keep its path prefix', (baseUrl, config, room) => {
    expect(configUrl(baseUrl)).toBe(config);
    expect(roomUrl(baseUrl, 'r', 't')).toBe(room);
  });

  it('carry every token so that it is read back unchanged, and nothing else changes (CLIENT-2)', () => {
    const token = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(token, (value) => {
        const url = new URL(roomUrl('http://localhost', 'room-1', value));
        expect(url.pathname).toBe('/webrtc/ws/room-1');
        expect(url.hash).toBe('');
        expect([...url.searchParams]).toEqual([['token', value]]);
        expect(url.search).not.toContain('+');
      }),
    );
  });

  it.each(['', '..', '.', 'a/b', 'a b', 'ü', 'r'.repeat(101)])('refuse the room id %j (ROOM-2)', (roomId) => {
    expect(() => roomUrl('http://localhost', roomId, 't')).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'roomId' }),
    );
  });

  it.each(['', 'localhost:8000', 'ws://h', 'http://user:secret@h', 'http://h?token=secret', 'http://h#secret'])(
    'refuse the base URL %j without quoting it',
    (baseUrl) => {
      const expected = { code: 'INVALID_OPTION', option: 'baseUrl', message: expect.not.stringContaining('secret') };
      expect(() => configUrl(baseUrl)).toThrow(expect.objectContaining(expected));
    },
  );
});
