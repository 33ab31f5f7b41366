import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { detached, textFrame } from './text-frame.js';

it('texts of all lengths are read as they were', async () => {
  const texts = [0, 1, 124, 125, 126, 127, 8_190, 65_534, 65_535, 65_536, 200_000].map((length) =>
    'ë'.repeat(Math.floor(length / 2)).padEnd(Math.ceil(length / 2), 'x'),
  );
  const http = createServer().listen(0, '127.0.0.1');
  const server = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, transport, head) =>
    server.handleUpgrade(request, transport, head, (socket) => {
      for (const text of texts) transport.write(textFrame(Buffer.from(text)));
      socket.close();
    }),
  );
  await once(http, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const received: string[] = [];
  client.on('message', (data, isBinary) => received.push(isBinary ? 'binary' : data.toString()));
  await once(client, 'close');
  http.close();
  expect(received).toEqual(texts);
});

it('frames made one after the other do not touch', () => {
  const texts = Array.from({ length: 1_000 }, (_, i) => String(i).repeat(60));
  const frames = texts.map((text) => textFrame(Buffer.from(text)));
  expect(frames.map((frame, i) => frame.toString('latin1').endsWith(texts[i] ?? ''))).not.toContain(false);
});

it('a detached frame keeps no memory but its own', () => {
  const frame = textFrame(Buffer.from('x'.repeat(300)));
  expect(detached(frame)).toEqual(frame);
  expect(detached(frame).buffer.byteLength).toBe(frame.length);
});
