interface UWebSocket {
  getUserData(): { room: string };
  subscribe(topic: string): boolean;
  publish(topic: string, message: ArrayBuffer, isBinary: boolean): boolean;
}

interface UResponse {
  upgrade(data: { room: string }, key: string, protocol: string, extensions: string, context: unknown): void;
}

interface UApp {
  ws(pattern: string, behavior: Record<string, unknown>): UApp;
  listen(host: string, port: number, done: (token: unknown) => void): UApp;
}

interface UModule {
  App(): UApp;
  us_socket_local_port(token: unknown): number;
}

/** The same as the raw `ws` relay, on uWebSockets.js, which is not on the registry and hence not typed here. */
export async function start(): Promise<number> {
  const name = 'uWebSockets.js';
  const loaded = (await import(name)) as UModule & { default?: UModule };
  const uWebSockets = loaded.default ?? loaded;
  return new Promise((resolve, reject) => {
    uWebSockets
      .App()
      .ws('/*', {
        maxBackpressure: 64 * 1024 * 1024,
        upgrade(response: UResponse, request: { getUrl(): string; getHeader(name: string): string }, context: unknown) {
          const [key, protocol, extensions] = ['key', 'protocol', 'extensions'].map((field) =>
            request.getHeader(`sec-websocket-${field}`),
          );
          response.upgrade({ room: request.getUrl() }, key ?? '', protocol ?? '', extensions ?? '', context);
        },
        open(socket: UWebSocket) {
          socket.subscribe(socket.getUserData().room);
        },
        message(socket: UWebSocket, message: ArrayBuffer, isBinary: boolean) {
          socket.publish(socket.getUserData().room, message, isBinary);
        },
      })
      .listen('127.0.0.1', 0, (token) => {
        if (token) resolve(uWebSockets.us_socket_local_port(token));
        else reject(new Error('uWebSockets.js cannot listen'));
      });
  });
}
