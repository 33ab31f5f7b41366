import { channelPath, type ProtocolError, roomIdPattern, tokenParameter } from '../../generated/index.js';

/** Where a WebSocket request wants to go. */
export interface Place {
  /** The room, or with `fault` what was asked for in its stead. */
  roomId: string;
  /** Every `token` of the query. */
  tokens: string[];
  /** Why this is no room. */
  fault?: ProtocolError;
}

/** What begins with the path of a request target, which may be a whole URL (RFC 9112, section 3.2.2). */
export function pathAndQuery(target: string): string {
  return target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
}

/** Reads the room and the tokens out of a raw request target, such as `/webrtc/ws/standup?token=...`. */
export function locate(target: string, basePath: string): Place | undefined {
  const [path = '', ...rest] = pathAndQuery(target).split('?');
  const prefix = basePath + channelPath('');
  if (!path.startsWith(prefix)) return undefined;

  const tokens = new URLSearchParams(rest.join('?')).getAll(tokenParameter);
  // ROOM-2: all that follows is the id, as it stands. A URL parser would turn `x/../room` into `room`.
  // ROOM-1, ROOM-3: only percent-encoding is undone; case stays.
  const segment = path.slice(prefix.length);
  const roomId = percentDecoded(segment);
  if (roomId !== undefined && roomIdPattern.test(roomId)) return { roomId, tokens };

  const message = 'A room id is 1 to 100 letters, digits, hyphens and underscores.';
  return { roomId: nameable(roomId ?? segment), tokens, fault: { code: 'INVALID_ROOM_ID', message } };
}

const tokenLike = /token(=|%3d).*|[\w-]{8,}\.[\w-]{8,}[\w.-]*/gis;

/** As much as may be repeated: of a room id's length, and without a token that stands there by mistake (AUTH-10). */
function nameable(text: string): string {
  // Of a little more than that only: over a long text, looking for tokens would take time in its square.
  return text.slice(0, 300).replace(tokenLike, '...').slice(0, 100);
}

function percentDecoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
