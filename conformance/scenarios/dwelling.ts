import { join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant, Sent } from '../kit/participant.js';
import { answered, usableType } from '../kit/proofs.js';
import { carries } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';

/** Milliseconds that a room stays quiet at the least. */
const shortest = 3200;

/** Resolves when all other scenarios are done, and after as long as the profile claims that idle connections stay. */
async function dwell(t: ScenarioContext): Promise<void> {
  const least = Math.max(shortest, (t.profile.idleSeconds ?? 0) * 1000);
  await Promise.all([t.shared.othersDone, new Promise((resolve) => setTimeout(resolve, least))]);
}

/** What two send each other, to one and to all. */
async function converse(
  t: ScenarioContext,
  alice: Participant,
  bob: Participant,
): Promise<(Sent & { to: Participant })[]> {
  const said = [];
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const)
    for (const options of [{ to }, {}]) said.push({ ...(await from.signal(usableType(t), options)), to });
  return said;
}

export const dwellingScenarios = [
  scenario(
    'a room that stays open and quiet is as it was',
    ['LIVE-4', 'ERROR-1', 'RELAY-1', 'RELAY-2'],
    async (t) => {
      const [alice, bob] = await joinAll(t, 'alice', 'bob');
      await converse(t, alice, bob);
      // Elsewhere: who leaves and comes back, and who is answered with an error.
      const aside = t.newRoom();
      const witness = await join(t, 'alice', { room: aside });
      const guest = await join(t, 'bob', { room: aside, noticedBy: [witness] });
      guest.close();
      await guest.untilClosed(t.timeoutMs);
      const back = await join(t, 'bob', { room: aside, noticedBy: [witness] });
      const [clumsy, hermit] = [
        await join(t, 'carol', { room: t.newRoom() }),
        await join(t, 'dave', { room: t.newRoom() }),
      ];
      const mark = await clumsy.sendText('not JSON');
      await answered(t, 'ERROR-1', clumsy, ['INVALID_MESSAGE'], { what: 'text that is not JSON', since: mark });
      const innocent = [alice, bob, witness, back, hermit];
      if (innocent.some(({ closed }) => closed))
        throw new Inconclusive('a connection ended before the pause', 'JOIN-8');
      const began = t.now();

      await dwell(t);

      const seconds = ((t.now() - began) / 1000).toFixed(1);
      // Doubles, echoes and announcements that come late are seen by whoever watches all frames.
      const ended = innocent.filter(({ closed }) => closed);
      const shown = ended.map(
        ({ name, closed }) => `${name} was closed ${closed?.code} after ${Math.round(closed?.at ?? 0)} ms`,
      );
      const table = new Table(t);
      table.enter('connections', shown.length > 0 ? shown.join(', ') : undefined);
      if (ended.length === 0) {
        // Where idleness ends connections it has ended the others as well.
        t.check('ERROR-1', !clumsy.closed, {
          expected: 'a connection on which something was wrong stays open',
          actual: `it was closed ${clumsy.closed?.code} ${Math.round((clumsy.closed?.at ?? 0) - began)} ms later`,
        });
        const said = await converse(t, alice, bob);
        const [toOne, toAll] = [new Table(t), new Table(t)];
        await Promise.all(
          said.map(async ({ to, nonce, from, message }, index) => {
            const arrived = await to.until(carries(nonce), { timeoutMs: t.timeoutMs });
            const isTargeted = message.payload.target_user_id !== undefined;
            (isTargeted ? toOne : toAll).enter(
              `message ${index + 1} after the pause, from ${from.name} to ${isTargeted ? to.name : 'everybody'}`,
              arrived ? undefined : `${to.name} did not receive it`,
            );
          }),
        );
        const expected = `after ${seconds} s of silence, what is sent arrives`;
        toOne.judge('RELAY-1', expected, { evidence: 'direct' });
        toAll.judge('RELAY-2', expected, { evidence: 'direct' });
      }
      table.judge('LIVE-4', `after ${seconds} s of silence connections are open`, { evidence: 'direct' });
    },
    { dwelling: true },
  ),
];
