import { channelPath, configPath, roomIdPattern, tokenParameter } from '../generated/index.js';
import { InvalidOptionError } from './errors.js';

/**
 * Address of `GET /webrtc/config`.
 *
 * @param baseUrl - `http:` or `https:`, a path prefix allowed, a trailing slash too.
 * @throws {@link InvalidOptionError}
 */
export function configUrl(baseUrl: string): string {
  const base = parseBaseUrl(baseUrl);
  return `${base.protocol}//${base.host}${prefix(base)}${configPath}`;
}

/**
 * Address of a room's WebSocket, `ws:` or `wss:` as the base is `http:` or `https:`, the token percent-encoded in its
 * query (CLIENT-2).
 *
 * @throws {@link InvalidOptionError}
 */
export function roomUrl(baseUrl: string, roomId: string, token: string): string {
  const base = parseBaseUrl(baseUrl);
  // Checked here too, not by the server alone: URL parsers resolve a room id of ".." (ROOM-2).
  if (typeof roomId !== 'string' || !roomIdPattern.test(roomId)) {
    throw new InvalidOptionError('roomId', `does not match ${roomIdPattern.source}`);
  }
  const protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  const query = `${tokenParameter}=${encodeURIComponent(token)}`;
  return `${protocol}//${base.host}${prefix(base)}${channelPath(roomId)}?${query}`;
}

/** The value is never quoted in an error: it may hold credentials. */
function parseBaseUrl(baseUrl: string): URL {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw new InvalidOptionError('baseUrl', 'is not an absolute URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidOptionError('baseUrl', 'is neither http: nor https:');
  }
  if (url.username !== '' || url.password !== '')
    throw new InvalidOptionError('baseUrl', 'has a user name or password');
  if (url.search !== '' || url.hash !== '') throw new InvalidOptionError('baseUrl', 'has a query or fragment');
  return url;
}

function prefix(base: URL): string {
  return base.pathname.replace(/\/+$/, '');
}
