import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { startEmbedded } from '../run/embedded.js';
import { useWebSocket } from '../selftest/alter.js';

/** A server that no scenario can be run against. */
export interface HopelessServer {
  url: string;
  /** The secret that it checks tokens with, where it does. */
  secret?: string;
  close(): Promise<void>;
}

/** Accepts connections and says nothing. */
export function startSilent(): Promise<HopelessServer> {
  return startEmbedded({ write() {} });
}

/** Sends back whatever it receives, and nothing else. */
export function startEcho(): Promise<HopelessServer> {
  return startEmbedded({
    write() {},
    ...useWebSocket(
      class extends WebSocket {
        override emit(event: string | symbol, ...details: unknown[]): boolean {
          if (event === 'message') this.send(details[0] as Buffer, { binary: details[1] as boolean });
          return event === 'message' || super.emit(event, ...details);
        }
      },
    ),
  });
}

/** Closes each connection as soon as it is open. */
export function startClosing(code = 1000): Promise<HopelessServer> {
  return startEmbedded({
    write({ socket }) {
      socket.close(code);
    },
  });
}

/** Answers HTML to every handshake and every request. */
export function startHtml(status: number, ofRequests = status): Promise<HopelessServer> {
  const page = '<!doctype html><title>Welcome</title><p>It works!';
  const server = http.createServer((_request, response) => {
    response.writeHead(ofRequests, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  server.on('upgrade', (_request, socket) => {
    const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\ncontent-type: text/html\r\nconnection: close\r\n`;
    socket.end(`${head}content-length: ${page.length}\r\n\r\n${page}`);
  });
  return listen(server);
}

/** Accepts TCP connections and never writes a byte. */
export function startMute(): Promise<HopelessServer> {
  return listen(net.createServer());
}

/** A port at which nothing listens any more. */
export async function findClosedPort(): Promise<HopelessServer> {
  const { url, close } = await startMute();
  await close();
  return { url, close: async () => {} };
}

async function listen(server: net.Server): Promise<HopelessServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
