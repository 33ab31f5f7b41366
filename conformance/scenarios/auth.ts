import type { ErrorCode, RequirementId } from '../../generated/index.js';
import type { Forgery } from '../inputs/tokens.js';
import { requestConfig } from '../kit/config-request.js';
import type { Context } from '../kit/context.js';
import { type Attempt, forgedToken, join, joinAll, tryToJoin } from '../kit/lobby.js';
import { control, quiet } from '../kit/proofs.js';
import { isAbout, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';

const announcements = ['user_joined', 'user_left'];

/**
 * Judges one refused attempt. `rule` is the requirement that demands the refusal. AUTH-6 is not judged where the server
 * refuses by HTTP: then no message can arrive.
 */
export async function checkRefused(
  t: Context,
  rule: RequirementId,
  code: ErrorCode,
  attempt: Attempt,
  what: string,
): Promise<void> {
  const { participant, outcome, status, text } = attempt;
  // A server may refuse after it has let somebody in: that breaks AUTH-6, not the rule that demands the refusal.
  const refused = outcome === 'refused' || (await participant.untilClosed(t.timeoutMs / 2))?.code === 1008;
  t.require(rule, refused, { expected: `${what} is refused`, actual: text });
  const others = participant.received.filter(({ type }) => type !== 'error');
  t.check('AUTH-6', others.length === 0, {
    expected: 'a refused connection gets no message but error',
    actual: `received ${shorten(others[0]?.text ?? '')}`,
  });
  const [error] = participant.received.filter(({ type }) => type === 'error');
  const byHttp = status !== undefined && status >= 400 && status < 500;
  const byClose = error !== undefined && participant.closed?.code === 1008;
  t.check('AUTH-7', byHttp || byClose, {
    expected: 'the refusal is an HTTP 4xx to the handshake, or error then close 1008',
    actual: text,
  });
  t.check('AUTH-8', byClose && error.payload.code === code, {
    expected: `the refusal is error ${code}, then close 1008`,
    actual: text,
  });
}

function refusal(
  name: string,
  rule: RequirementId,
  tokens: (t: Context) => Promise<{ what: string; token: string | null }[]>,
) {
  return scenario(name, [rule, 'AUTH-6', 'AUTH-7', 'AUTH-8'], async (t) => {
    const alice = await join(t, 'alice');
    for (const { what, token } of await tokens(t)) {
      await checkRefused(t, rule, 'UNAUTHORIZED', await tryToJoin(t, 'mallory', { token }), what);
    }
    const bob = await join(t, 'bob', { noticedBy: [alice] });
    const stranger = (received: { type: string; payload: Record<string, unknown> }) =>
      announcements.includes(received.type) &&
      typeof received.payload.user_id === 'string' &&
      ![alice.userId, bob.userId].includes(received.payload.user_id);
    await quiet(t, 'AUTH-6', [alice], stranger, { expected: 'the room learns nothing of a refused connection' });
  });
}

const forgery = (kind: Forgery, what: string) => async (t: Context) => [{ what, token: await forgedToken(t, kind) }];

export const authScenarios = [
  scenario('a valid token is admitted', ['AUTH-1'], async (t) => {
    const token = await t.tokens.valid('alice');
    const encoded = token.replace(/[^%]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
    for (const [what, query] of [
      ['', `token=${encodeURIComponent(token)}`],
      [' among other parameters', `x=1&token=${encodeURIComponent(token)}&y=`],
      [', percent-encoded', `token=${encoded}`],
    ] as const) {
      const room = t.newRoom();
      const attempt = await tryToJoin(t, 'alice', {
        room,
        rawRoom: `${room}?${query}`,
        token: null,
        credential: 'valid',
      });
      t.check('AUTH-1', attempt.outcome === 'admitted', {
        expected: `a connection with a valid token${what} is admitted`,
        actual: attempt.text,
      });
    }
  }),
  refusal('a connection without a token is refused', 'AUTH-2', async () => [
    { what: 'a connection without the token parameter', token: null },
    { what: 'a connection with an empty token', token: '' },
  ]),
  refusal('a malformed token is refused', 'AUTH-3', forgery('malformed', 'a malformed token')),
  refusal('a badly signed token is refused', 'AUTH-3', forgery('bad-signature', 'a badly signed token')),
  refusal('an unsigned token is refused', 'AUTH-3', forgery('alg-none', 'a token with alg: none')),
  refusal('an expired token is refused', 'AUTH-4', forgery('expired', 'an expired token')),
  refusal(
    'a token that is not valid yet is refused',
    'AUTH-5',
    forgery('not-yet-valid', 'a token with nbf in the future'),
  ),
  scenario('a user id belongs to the token, on every connection', ['AUTH-9'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const rooms = [t.newRoom(), t.newRoom()];
    for (const room of rooms) {
      const again = await join(t, 'alice', { room });
      t.check('AUTH-9', again.userId === alice.userId, {
        expected: `alice is ${alice.userId} in every room`,
        actual: `she is ${again.userId} on another connection`,
      });
    }
    t.check('AUTH-9', alice.userId !== bob.userId, {
      expected: 'alice and bob have different user ids',
      actual: `both are ${alice.userId}`,
    });
  }),
  scenario('no message and no answer carries a token', ['AUTH-10'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const refused = await tryToJoin(t, 'mallory', { token: await forgedToken(t, 'bad-signature') });
    await control(t, alice, bob);
    await alice.sendText('{');
    await alice.until(({ type }) => type === 'error', { timeoutMs: t.timeoutMs });
    const carol = await join(t, 'carol', { noticedBy: [alice, bob] });
    carol.close();
    await alice.until(isAbout('user_left', carol.userId), { timeoutMs: t.timeoutMs });
    const answers = [await requestConfig(t), await requestConfig(t, { token: await forgedToken(t, 'bad-signature') })];
    const texts = [
      ...[alice, bob, carol, refused.participant].flatMap(({ received }) => received.map(({ text }) => text)),
      ...answers.map(({ headers, body }) => JSON.stringify(headers) + body),
    ];
    const leak = texts.find((text) => t.carriesSecret(text));
    t.check('AUTH-10', leak === undefined, {
      expected: 'no token in any message or answer',
      actual: `found in ${shorten(leak ?? '')}`,
    });
  }),
];
