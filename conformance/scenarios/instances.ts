import type { Profile } from '../inputs/profile.js';
import { parseTarget } from '../inputs/target.js';
import { join } from '../kit/lobby.js';
import { Inconclusive, NotApplicable } from '../kit/outcome.js';
import { delivered } from '../kit/proofs.js';
import { isAbout } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { runShellCommand } from '../kit/shell-command.js';
import { Table } from '../kit/table.js';

/** Resolves when the target of this number answers; throws {@link Inconclusive} if it does not in time. */
async function answersAgain(t: ScenarioContext, instance: number): Promise<void> {
  const target = t.shared.targets[instance];
  const end = t.now() + 2 * t.timeoutMs + 10_000;
  for (let pause = 50; target; pause = Math.min(2 * pause, 1000)) {
    const answer = await target.requestConfig('GET', {}, t.timeoutMs).catch(() => undefined);
    if (answer) return;
    if (t.now() + pause > end) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Inconclusive(`${target?.url.href} did not answer again after its start command`);
}

/** Kills one instance, judges what those on another one are told and can do, and starts it again. */
async function judgeKilled(
  t: ScenarioContext,
  { url, stop, start }: NonNullable<Profile['instances']>[number],
  presenceSeconds: number,
): Promise<void> {
  if (!t.shared.sharesRooms) throw new Inconclusive('the instances share no rooms', 'JOIN-7');
  const { href } = parseTarget(url).url;
  const instance = t.shared.targets.findIndex((target) => target.url.href === href);
  const elsewhere = t.shared.targets.findIndex((_, index) => index !== instance);
  if (instance < 0 || elsewhere < 0) throw new NotApplicable(`${url} is no target beside another one`);

  const room = t.newRoom();
  const alice = await join(t, 'alice', { room, instance: elsewhere });
  const bob = await join(t, 'bob', { room, instance, noticedBy: [alice] });
  const carol = await join(t, 'carol', { room, instance: elsewhere, noticedBy: [bob, alice] });
  const lost = [bob, await join(t, 'dave', { room, instance, noticedBy: [bob, carol, alice] })];

  await runShellCommand(t, 'instances[].stop', stop, { action: 'kill', instance });
  try {
    const timeoutMs = presenceSeconds * 1000 + t.timeoutMs;
    const pairs = [alice, carol].flatMap((witness) => lost.map((gone) => ({ witness, gone })));
    const told = await Promise.all(
      pairs.map(({ witness, gone }) => witness.until(isAbout('user_left', gone.userId), { timeoutMs })),
    );
    const table = new Table(t);
    for (const [index, { witness, gone }] of pairs.entries()) {
      const wrong = `nothing came within ${timeoutMs} ms`;
      table.enter(`${witness.name} about ${gone.name}`, told[index] ? undefined : wrong);
    }
    table.judge(
      'LEAVE-1',
      `who is on another instance is told within ${presenceSeconds} s who left with the killed one`,
    );
    await delivered(t, 'RELAY-2', await carol.offer(), alice);
  } finally {
    await runShellCommand(t, 'instances[].start', start, { action: 'start', instance });
    await answersAgain(t, instance);
  }
  // Who comes back over the new instance finds the room as it is.
  await join(t, 'bob', { room, instance, noticedBy: [alice, carol] });
}

export const instanceScenarios = [
  scenario(
    'the participants of an instance that is killed have left, and its room goes on',
    ['LEAVE-1', 'RELAY-2'],
    async (t) => {
      const { instances = [], presenceSeconds = 60 } = t.profile;
      if (instances.length === 0) throw new NotApplicable('the profile names no instance that may be killed');
      for (const doomed of instances) await judgeKilled(t, doomed, presenceSeconds);
    },
    { instances: true, exclusive: true, users: 4 },
  ),
];
