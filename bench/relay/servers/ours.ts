import { createSignalingServer, redisBackplane } from '../../../reference-server/edge/server.js';
import { secret } from '../secret.js';

/** The reference server as it comes, on a Redis if one is given. */
export async function start(redis?: { url: string; prefix: string }): Promise<number> {
  const backplane = redis === undefined ? undefined : redisBackplane(redis);
  const { port } = await createSignalingServer({ admission: { secret }, backplane });
  return port;
}
