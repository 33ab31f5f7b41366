import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { channelPath, configPath, tokenParameter } from '../../generated/index.js';
import { UsageError } from './usage-error.js';

/** Where a handshake goes: a room, or a path as it stands; then the token, and what follows it in the query. */
export interface RoomAddress {
  room?: string;
  rawRoom?: string;
  token?: string | undefined;
  query?: string;
}

/** An HTTP answer with its whole body. */
export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** Bytes of a body that are read: the largest configuration is a thousandth of it. */
const largestBody = 1 << 20;

/** One instance of the service under test, by its base URL. */
export class Target {
  readonly url: URL;
  readonly ca: Buffer | undefined;

  constructor(url: URL, ca?: Buffer) {
    this.url = url;
    this.ca = ca;
  }

  /** The WebSocket URL of a room. `rawRoom` is put into the path as it is, for ids that need no or wrong encoding. */
  socketUrl({ room, rawRoom, token, query: more = '' }: RoomAddress): {
    url: string;
    requestTarget: string;
  } {
    const base = this.url.pathname.replace(/\/$/, '');
    const path = rawRoom === undefined ? channelPath(room ?? '') : channelPath('') + rawRoom;
    const own = token === undefined ? [] : [`${tokenParameter}=${encodeURIComponent(token)}`];
    const parts = [...own, ...(more === '' ? [] : [more])];
    const query = parts.length === 0 ? '' : `?${parts.join('&')}`;
    const origin = this.url.origin.replace(/^http/, 'ws');
    return { url: `${origin}${base}/webrtc/ws/`, requestTarget: `${base}${path}${query}` };
  }

  /** Sends one request to the configuration endpoint. Rejects on connection failure and when `timeoutMs` is over. */
  requestConfig(method: string, headers: Record<string, string>, timeoutMs: number): Promise<HttpAnswer> {
    return this.request(method, configPath, headers, timeoutMs);
  }

  /** Sends one request to a path below the base URL. Rejects on connection failure and when `timeoutMs` is over. */
  request(method: string, below: string, headers: Record<string, string>, timeoutMs: number): Promise<HttpAnswer> {
    const path = `${this.url.pathname.replace(/\/$/, '')}${below}`;
    const client = this.url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const request = client.request(
        new URL(path, this.url.origin),
        { method, headers, agent: false, ...(this.ca && { ca: this.ca }) },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > largestBody) request.destroy(new Error(`the answer to ${method} ${path} is larger than 1 MiB`));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('end', () => {
            clearTimeout(timer);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      const timer = setTimeout(() => {
        request.destroy(new Error(`no complete answer to ${method} ${path} within ${timeoutMs} ms`));
      }, timeoutMs);
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.end();
    });
  }
}

/** Reads a base URL as a user writes it. Throws {@link UsageError}. */
export function parseTarget(text: string, caFile?: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) {
    throw new UsageError(`--target wants a base URL such as http://localhost:8000, not "${text}"`);
  }
  if (url.search || url.hash)
    throw new UsageError(`--target takes no query and no fragment: "${url.origin}${url.pathname}"`);
  if (url.username || url.password) throw new UsageError('--target takes no user name or password');
  const schemed = new URL(url.href.replace(/^ws/, 'http'));
  if (/\/webrtc(\/ws|\/config)?\/?$/.test(schemed.pathname)) {
    const base = schemed.href.replace(/\/webrtc(\/ws|\/config)?\/?$/, '');
    throw new UsageError(`--target wants the base URL, without /webrtc: try --target ${base}`);
  }
  return new Target(schemed, caFile === undefined ? undefined : readCa(caFile));
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--ca: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
