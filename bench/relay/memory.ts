import type { Stage } from './process.js';
import { type Contender, carried, comparedWork, type Work } from './work.js';

/**
 * Bytes of memory that each idle connection takes, by server and round. Every round starts every server anew; connections
 * that came and went before, and collected garbage, leave their mark before the first figure is taken.
 */
export async function measureMemory(
  stage: Stage,
  names: readonly Contender[],
  { rounds, connections }: { rounds: number; connections: number },
): Promise<Record<string, number[]>> {
  const bytes: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  const client = await stage.client();
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < names.length; place++) {
      const contender = names[(round + place) % names.length] ?? 'ours';
      const { process, port } = await stage.server(contender, { node: ['--expose-gc'] });
      const idle = (count: number): Work => ({ ...(comparedWork[0] as Work), rooms: Math.ceil(count / 10), size: 10 });
      const request = { contender, ports: [port], carried: carried('candidate') };
      await client.call('open', ['warm', { ...request, work: idle(Math.min(connections, 400)) }]);
      await client.call('close', ['warm']);
      const before = await process.call('usageWithoutGarbage', []);
      await client.call('open', ['idle', { ...request, work: idle(connections) }], 120_000);
      const after = await process.call('usageWithoutGarbage', []);
      bytes[contender]?.push((after.rss - before.rss) / (Math.ceil(connections / 10) * 10));
      await client.call('close', ['idle']);
      await process.stop();
    }
  }
  await client.stop();
  return bytes;
}
