import { createHash, createHmac } from 'node:crypto';
import type { UserId, WebrtcConfig } from '../../generated/index.js';

/** What this server and the TURN servers share, as coturn's `use-auth-secret` has it. */
export interface TurnSecret {
  /** The TURN server's `static-auth-secret`. */
  secret: string;
  /** Seconds for which credentials stay valid. */
  lifetime: number;
}

/** What every TURN server takes in a user name: coturn refuses spaces, quotes, backslashes, control characters and long names. */
const plainName = /^[\w.@+~-]{1,128}$/;

/** A name for a user in the log of the TURN server: the user's id, or where that may not be one, a hash of it. */
function turnName(userId: UserId): string {
  return plainName.test(userId) ? userId : createHash('sha256').update(userId).digest('base64url');
}

/**
 * Puts credentials for one user, valid from now on, into each entry with a TURN server (CONFIG-6).
 * The TURN server makes the same ones of its secret, so it grants an allocation (CONFIG-12) and nobody has to store them. `now` is in milliseconds since 1970.
 */
export function withTurnCredentials(
  config: WebrtcConfig,
  userId: UserId,
  { secret, lifetime }: TurnSecret,
  now = Date.now(),
): WebrtcConfig {
  const username = `${Math.floor(now / 1000) + lifetime}:${turnName(userId)}`;
  const credential = createHmac('sha1', secret).update(username).digest('base64');
  const servers = config.ice_servers.map((server) => {
    const isTurn = [server.urls].flat().some((url) => /^turns?:/i.test(url));
    return isTurn ? { ...server, username, credential } : server;
  });
  return { ...config, ice_servers: servers, ttl: lifetime };
}
