import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Something in front of a server, at a port of its own on 127.0.0.1. */
export interface Front {
  port: number;
  close(): Promise<void>;
}

/** Puts something in front of the server at a port. */
export type PutInFront = (port: number) => Promise<Front>;

/** Takes what comes from one side, and has `pass` hand it to the other, now or later, in order. */
type Handle = (chunk: Buffer, pass: (chunk: Buffer) => void) => void;

/** One direction of a connection; what is to be done after all that came before goes to `after`. */
interface Direction {
  handle: Handle;
  after(action: () => void): void;
}

/** What handles the two directions of one connection; `end` ends it. */
type Handling = (client: Socket, end: () => void) => { toServer: Direction; toClient: Direction };

/** How long a way is: what arrives goes on in pieces, each a while after it came. */
export interface Way {
  /** Milliseconds until a piece goes on; never before the one ahead of it. */
  delayMs?: () => number;
  /** Milliseconds between the moments at which all that waits goes on. */
  everyMs?: number;
  /** Bytes of the next piece. */
  pieceBytes?: () => number;
}

const atOnce = (action: () => void) => action();
const passOn: Direction = { handle: (chunk, pass) => pass(chunk), after: atOnce };

/** A TCP way to the server that is slow, uneven or bumpy, in both directions; no byte is lost, and none overtakes another. */
export function byWay(way: Way): PutInFront {
  return (port) => startFront(port, () => ({ toServer: slowed(way), toClient: slowed(way) }));
}

/**
 * A front that refuses by HTTP what the server behind it refuses by `error` and a close (AUTH-8). `statusOf` gives the
 * status for the code of the error; undefined passes the refusal on as it is.
 */
export function refuseByHttp(statusOf: (code: string) => number | undefined): PutInFront {
  return (port) =>
    startFront(port, (client, end) => {
      let held: Buffer | undefined = Buffer.alloc(0);
      const handle: Handle = (chunk, pass) => {
        if (held === undefined) return pass(chunk);
        held = Buffer.concat([held, chunk]);
        const [head = '', ...rest] = held.toString('latin1').split('\r\n\r\n');
        const isUpgrade = head.startsWith('HTTP/1.1 101');
        const frames = rest.join('\r\n\r\n');
        // After the 101 the first frame tells whether this is a refusal.
        if (isUpgrade && frames.length === 0) return;
        const status = isUpgrade ? statusOf(/"type":"error".*"code":"([A-Z_]+)"/.exec(frames)?.[1] ?? '') : undefined;
        if (status !== undefined) {
          client.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
          return end();
        }
        pass(held);
        held = undefined;
      };
      return { toServer: passOn, toClient: { handle, after: atOnce } };
    });
}

function slowed({ delayMs = () => 0, everyMs, pieceBytes }: Way): Direction {
  const waiting: { at: number; action: () => void }[] = [];
  let isTimed = false;
  const run = () => {
    isTimed = false;
    for (let next = waiting[0]; next; next = waiting[0]) {
      const wait = next.at - performance.now();
      if (wait > 0) {
        isTimed = true;
        setTimeout(run, Math.ceil(wait));
        return;
      }
      waiting.shift();
      next.action();
    }
  };
  const after = (action: () => void, ownDelay = 0) => {
    const now = performance.now();
    const at = everyMs === undefined ? now + ownDelay : Math.ceil((now + 1) / everyMs) * everyMs;
    waiting.push({ at: Math.max(at, waiting.at(-1)?.at ?? 0), action });
    if (!isTimed) run();
  };
  return {
    after,
    handle(chunk, pass) {
      for (let start = 0; start < chunk.length; ) {
        const end = Math.min(chunk.length, start + (pieceBytes?.() ?? chunk.length));
        const piece = chunk.subarray(start, end);
        start = end;
        after(() => pass(piece), delayMs());
      }
    },
  };
}

async function startFront(port: number, handle: Handling): Promise<Front> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const { toServer, toClient } = handle(client, () => upstream.destroy());
    join(client, upstream, toServer);
    join(upstream, client, toClient);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function join(from: Socket, to: Socket, { handle, after }: Direction): void {
  from.on('data', (chunk) =>
    handle(chunk, (piece) => {
      // Whoever does not read is not read for either.
      if (!to.destroyed && !to.write(piece)) from.pause();
    }),
  );
  to.on('drain', () => from.resume());
  from.on('error', () => {}); // The close that follows is passed on.
  from.on('end', () => after(() => to.end()));
  // A reset stays a reset: LEAVE-2 is about connections that end without a close frame.
  from.on('close', (hadError) => after(() => (hadError ? to.resetAndDestroy() : to.destroySoon())));
}
