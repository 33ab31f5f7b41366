import { checkServerMessage } from '../../generated/index.js';
import { explainViolations } from '../inputs/near-miss.js';
import { identity, join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant } from '../kit/participant.js';
import { answered, control, expect, quiet } from '../kit/proofs.js';
import { carries, isAbout, isRoomState, participantIds, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';

type Rule = 'LEAVE-1' | 'LEAVE-2' | 'LEAVE-5';

async function checkLeft(
  t: ScenarioContext,
  rule: Rule,
  leaver: Participant,
  witness: Participant,
  mark: number,
): Promise<Received> {
  const left = isAbout('user_left', leaver.userId);
  const what = `${witness.name} receives user_left about ${leaver.name}`;
  const first = await expect(t, rule, witness, left, { expected: what, since: mark });
  const parsed = checkServerMessage(first.value);
  const errors = parsed.ok ? [] : (parsed.error.details?.errors ?? []);
  t.check(rule, parsed.ok, {
    expected: 'a valid user_left',
    actual: shorten(first.text),
    hint: explainViolations(first.value, errors),
    schemaErrors: errors,
  });
  return first;
}

/** Two stay and one leaves: each is told once, and a fence between those who stay proves that it is not told again. */
async function checkLeftOnce(t: ScenarioContext, rule: Rule, leave: (participant: Participant) => void): Promise<void> {
  const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
  const marks = [alice.received.length, bob.received.length] as const;
  leave(carol);
  const first = [await checkLeft(t, rule, carol, alice, marks[0]), await checkLeft(t, rule, carol, bob, marks[1])];
  await control(t, alice, bob);
  await control(t, bob, alice);
  const again = (received: Received) => isAbout('user_left', carol.userId)(received) && !first.includes(received);
  await quiet(t, rule, [alice, bob], again, { expected: 'each is told once that carol left' });
}

export const leaveScenarios = [
  scenario('whoever closes its connection is announced once as left', ['LEAVE-1'], (t) =>
    checkLeftOnce(t, 'LEAVE-1', (carol) => carol.close(1000)),
  ),
  scenario('a connection closed with 1001 is announced the same way', ['LEAVE-1'], (t) =>
    checkLeftOnce(t, 'LEAVE-1', (carol) => carol.close(1001)),
  ),
  scenario('whoever is cut off is announced once as left', ['LEAVE-2'], (t) =>
    checkLeftOnce(t, 'LEAVE-2', (carol) => carol.cut()),
  ),
  scenario(
    'whoever left is no target and in no later room_state',
    ['LEAVE-3'],
    async (t) => {
      const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
      await control(t, alice, carol);
      // Where a message to nobody gets no such answer, RELAY-7 says so, and there is nothing to tell carol's absence by.
      const stray = await alice.offer({ to: 'nobody-here' });
      const isNotFound = ({ payload }: Received) => payload.code === 'TARGET_NOT_FOUND';
      const tellsAbsence = await alice.until(isNotFound, { since: stray.mark, timeoutMs: t.timeoutMs });
      await identity(t, 'dave');
      carol.close();
      const told = await alice.until(isAbout('user_left', carol.userId), { timeoutMs: t.timeoutMs });
      if (!told) await carol.untilClosed(t.timeoutMs);
      // Both at once: what is taken out a moment later is there still.
      const callCarol = async () => {
        const sent = await alice.offer({ to: carol });
        await answered(t, 'LEAVE-3', alice, ['TARGET_NOT_FOUND'], {
          what: 'an offer to carol, who left,',
          since: sent.mark,
        });
      };
      const [dave] = await Promise.all([
        join(t, 'dave', { noticedBy: [alice, bob] }),
        tellsAbsence ? callCarol() : undefined,
      ]);
      const listed = participantIds(dave.received.find(isRoomState));
      t.check('LEAVE-3', !listed.includes(carol.userId), {
        expected: 'carol is in no later room_state',
        actual: `room_state of dave lists ${listed.join(', ')}`,
      });
    },
    { swift: true },
  ),
  scenario('nothing follows the announcement that its sender left', ['LEAVE-4'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    const nonces: string[] = [];
    for (let index = 0; index < 40; index++) {
      const { nonce } = await carol.candidate(index % 2 === 0 ? { to: bob } : {});
      nonces.push(nonce);
    }
    carol.close();
    const left = await bob.until(isAbout('user_left', carol.userId), { timeoutMs: t.timeoutMs });
    await control(t, alice, bob);
    const mark = left === undefined ? bob.received.length : left.index + 1;
    const late = (received: Received) => nonces.some((nonce) => carries(nonce)(received));
    await quiet(t, 'LEAVE-4', [bob], late, { expected: 'nothing carol sent arrives after user_left', since: mark });
  }),
  scenario(
    'a silent peer is dropped and announced',
    ['LEAVE-5'],
    async (t) => {
      const alice = await join(t, 'alice');
      const bob = await join(t, 'bob', { noticedBy: [alice], autoPong: false });
      const mark = alice.received.length;
      bob.stall();
      const limitMs = t.profile.heartbeatSeconds * 1000 + t.timeoutMs;
      const left = await alice.until(isAbout('user_left', bob.userId), { since: mark, timeoutMs: limitMs });
      t.check('LEAVE-5', left !== undefined, {
        expected: `alice is told within ${t.profile.heartbeatSeconds} s that bob, who answers no ping, left`,
        actual: `no user_left within ${Math.round(limitMs / 1000)} s`,
      });
    },
    { feature: 'heartbeat' },
  ),
  scenario('a departure is announced within two seconds', ['LEAVE-6'], async (t) => {
    const ways: [what: string, leave: (participant: Participant) => void][] = [
      ['a close', (participant) => participant.close()],
      ['a close without a code', (participant) => participant.close(null)],
      ['close 4000', (participant) => participant.close(4000)],
    ];
    const table = new Table(t);
    let isTold = false;
    await Promise.all(
      ways.map(async ([what, leave]) => {
        const room = t.newRoom();
        const alice = await join(t, 'alice', { room });
        const bob = await join(t, 'bob', { room, noticedBy: [alice] });
        const closedAt = t.now();
        leave(bob);
        const left = await alice.until(isAbout('user_left', bob.userId), { timeoutMs: Math.max(t.timeoutMs, 4000) });
        // That it comes at all is for LEAVE-1 to judge.
        if (!left) return;
        isTold = true;
        const took = Math.round(left.at - closedAt);
        table.enter(`after ${what}`, took <= 2000 ? undefined : `it came after ${took} ms`);
      }),
    );
    if (!isTold) throw new Inconclusive('no user_left came at all');
    table.judge('LEAVE-6', 'user_left comes within 2000 ms', { evidence: 'direct' });
  }),
];
