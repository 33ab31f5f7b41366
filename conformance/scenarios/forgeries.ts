import type { RequirementId } from '../../generated/index.js';
import { type Forgery, mistimings, type Tampering, tamperings } from '../inputs/tokens.js';
import { requestConfig } from '../kit/config-request.js';
import { forgedToken, join, joinAll, tryToJoin } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import { sendFence } from '../kit/proofs.js';
import { isAbout, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';

const words: Record<Forgery, string> = { ...tamperings, ...mistimings };
const spoilt = Object.keys(tamperings) as Tampering[];

/** The forged tokens of alice that can be made; where none of them can be, the scenario is inconclusive. */
async function forgedOf(t: ScenarioContext, kinds: readonly Forgery[]): Promise<{ what: string; token: string }[]> {
  const made = await Promise.all(
    kinds.map(async (kind) => {
      const token = await t.tokens.forged(kind, t.userOf('alice'));
      return token === undefined ? [] : [{ what: `a token of alice ${words[kind]}`, token }];
    }),
  );
  if (made.flat().length === 0) await forgedToken(t, kinds[0] as Forgery);
  return made.flat();
}

/** Tries to come in as alice, who is there, with forged tokens: none is let in, and nothing changes for alice. */
async function checkPresent(t: ScenarioContext, rule: RequirementId, kinds: readonly Forgery[]): Promise<void> {
  const forged = await forgedOf(t, kinds);
  const [alice, bob] = await joinAll(t, 'alice', 'bob');
  const mark = bob.received.length;
  const table = new Table(t);
  const attempts = await Promise.all(
    forged.map(async ({ what, token }) => ({
      what,
      attempt: await tryToJoin(t, 'alice', { token, credential: 'forged' }),
    })),
  );
  for (const { what, attempt } of attempts)
    table.enter(what, attempt.outcome === 'admitted' ? 'it is admitted' : undefined);
  table.judge(rule, 'a forged token of somebody who is in the room is refused', { evidence: 'direct' });
  if (table.failed) return;
  const fence = await sendFence(t, bob, alice);
  const told = bob.received.slice(mark).find((received) => isAbout('user_left', alice.userId)(received));
  t.check('AUTH-6', fence !== undefined && told === undefined && !alice.closed, {
    expected: 'alice stays in the room, and reachable, whoever tries to come in with forged tokens of hers',
    actual: alice.closed
      ? `alice was closed ${alice.closed.code}`
      : told
        ? `bob received ${shorten(told.text)}`
        : 'what bob sends alice does not arrive any more',
  });
}

export const forgeryScenarios = [
  scenario('forged tokens of somebody who is present are refused, and change nothing', ['AUTH-3', 'AUTH-6'], (t) =>
    checkPresent(t, 'AUTH-3', spoilt),
  ),
  scenario('expired tokens of somebody who is present are refused, and change nothing', ['AUTH-4', 'AUTH-6'], (t) =>
    checkPresent(t, 'AUTH-4', ['expired', 'expired-90-s', 'expired-fraction']),
  ),
  scenario('early tokens of somebody who is present are refused, and change nothing', ['AUTH-5', 'AUTH-6'], (t) =>
    checkPresent(t, 'AUTH-5', ['not-yet-valid', 'not-yet-valid-90-s']),
  ),
  scenario('no forged token of somebody who is present gets the configuration', ['CONFIG-3'], async (t) => {
    const forged = await forgedOf(t, [...spoilt, ...(Object.keys(mistimings) as Forgery[])]);
    await join(t, 'alice');
    const table = new Table(t);
    await Promise.all(
      forged.map(async ({ what, token }) => {
        const { status } = await requestConfig(t, { token });
        table.enter(what, status === 401 ? undefined : `it is answered ${status}`);
      }),
    );
    table.judge('CONFIG-3', 'a request with a forged token is answered 401', { evidence: 'direct' });
  }),
  scenario('valid tokens are admitted after forged ones were refused', ['AUTH-1'], async (t) => {
    const room = t.newRoom();
    const forged = await forgedOf(t, spoilt);
    const attempts = await Promise.all(
      forged.map(({ token }) => tryToJoin(t, 'alice', { token, credential: 'forged', room })),
    );
    if (attempts.some(({ outcome }) => outcome === 'admitted'))
      throw new Inconclusive('a forged token is admitted', 'AUTH-3');
    const { outcome, text } = await tryToJoin(t, 'alice', { room });
    t.check('AUTH-1', outcome === 'admitted', {
      expected: 'alice is admitted with a valid token, though others tried forged ones',
      actual: text,
    });
  }),
  scenario('of a bad token and a bad room the token is told', ['AUTH-8'], async (t) => {
    const token = await forgedToken(t, 'bad-signature', 'alice');
    const { participant, text } = await tryToJoin(t, 'alice', { token, rawRoom: 'no.room', credential: 'forged' });
    const code = participant.received[0]?.payload.code;
    t.check('AUTH-8', code === 'UNAUTHORIZED' && participant.closed?.code === 1008, {
      expected: 'a bad token for a bad room is refused with error UNAUTHORIZED, then close 1008',
      actual: text,
    });
  }),
];
