import { createSignalingServer, redisBackplane } from '../../../reference-server/edge/server.js';
import { secret } from '../secret.js';

/** A load's users say more, and come oftener, than any user. */
const unlimited = { burst: Number.POSITIVE_INFINITY, perSecond: 1 };

/** The reference server as it comes but for limits of single users, on a Redis if one is given. */
export async function start(redis?: { url: string; prefix: string }): Promise<number> {
  const backplane = redis === undefined ? undefined : redisBackplane(redis);
  const { port } = await createSignalingServer({
    ...{ admission: { secret }, backplane },
    ...{ byteRate: unlimited, joinRate: unlimited },
  });
  return port;
}
