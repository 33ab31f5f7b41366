import type { Stage } from './process.js';
import { type Contender, carried, comparedWork, type Work } from './work.js';

/** Microseconds of CPU time for one person to join a room of one and to leave it, by the number of rooms and round. */
export async function measureJoins(
  stage: Stage,
  { rounds, rooms, joins }: { rounds: number; rooms: readonly number[]; joins: number },
): Promise<Map<number, number[]>> {
  const contender: Contender = 'ours';
  const client = await stage.client();
  const servers = [];
  for (const count of rooms) {
    const server = await stage.server(contender);
    const work: Work = { ...(comparedWork[0] as Work), rooms: count, size: 1, isTargeted: false };
    const request = { contender, ports: [server.port], work, carried: carried('candidate') };
    await client.call('open', [`${count} rooms`, request], 120_000);
    servers.push({ ...server, rooms: count });
  }
  const costs = new Map<number, number[]>(rooms.map((count) => [count, []]));
  for (let round = 0; round <= rounds; round++) {
    for (let place = 0; place < servers.length; place++) {
      const server = servers[(round + place) % servers.length];
      if (server === undefined) continue;
      const { process, port, rooms: count } = server;
      const before = await process.call('usage', []);
      await client.call('comeAndGo', [{ contender, port, count: joins, rooms: count }]);
      const after = await process.call('usage', []);
      if (round > 0) costs.get(count)?.push((after.cpu - before.cpu) / joins);
    }
  }
  await client.stop();
  for (const { process } of servers) await process.stop();
  return costs;
}
