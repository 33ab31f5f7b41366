import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that makes the way long and bumpy. */
export interface SlowProxy {
  url: string;
  close(): Promise<void>;
}

/** Forwards to `port`; each byte takes `delayMs` each way and what is written together is split at random places. */
export async function startSlowProxy(port: number, { delayMs }: { delayMs: number }): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {}); // the other side is closed below
      socket.on('close', () => sockets.delete(socket));
    }
    forward(client, upstream, delayMs);
    forward(upstream, client, delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function forward(from: Socket, to: Socket, delayMs: number): void {
  const later = (action: () => void) => setTimeout(action, delayMs);
  from.on('data', (chunk) =>
    later(() => {
      for (const piece of split(chunk)) if (!to.destroyed) to.write(piece);
    }),
  );
  from.on('end', () => later(() => to.end()));
  // A reset stays a reset: LEAVE-2 is about connections cut without a close frame.
  from.on('close', (hadError) => later(() => (hadError ? to.resetAndDestroy() : to.destroy())));
}

function* split(chunk: Buffer): Iterable<Buffer> {
  let start = 0;
  while (start < chunk.length) {
    const length = chunk.length - start > 4096 ? 4096 : 1 + Math.floor(Math.random() * (chunk.length - start));
    yield chunk.subarray(start, start + length);
    start += length;
  }
}
