import type { ErrorCode, RequirementId } from '../../generated/index.js';
import type { Forgery } from '../inputs/tokens.js';
import { requestConfig } from '../kit/config-request.js';
import { type Attempt, type ConnectOptions, forgedToken, join, joinAll, tryToJoin } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import { control, quiet } from '../kit/proofs.js';
import { isAbout, isError, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';

const announcements = ['user_joined', 'user_left'];

/**
 * Judges one refused attempt. `rule` is the requirement that demands the refusal. AUTH-6 is not judged where the server
 * refuses by HTTP: then no message can arrive.
 */
export async function checkRefused(
  t: ScenarioContext,
  rule: RequirementId,
  code: ErrorCode,
  attempt: Attempt,
  what: string,
  /** True where an HTTP stack refuses the request line by itself, before the server could say anything in words. */
  { isNoUri = false }: { isNoUri?: boolean } = {},
): Promise<void> {
  const { participant, outcome, status, text } = attempt;
  // A server may refuse after it has let somebody in: that breaks AUTH-6, not the rule that demands the refusal.
  // Nor does a refusal that is told and leaves the connection open: AUTH-7 is about how to refuse.
  const isTold = outcome === 'silent' && participant.received.some(isError);
  const refused = isTold || outcome === 'refused' || (await participant.untilClosed(t.timeoutMs / 2))?.code === 1008;
  t.require(rule, refused, { expected: `${what} is refused`, actual: text });
  const others = participant.received.filter(({ type }) => type !== 'error');
  t.check('AUTH-6', others.length === 0, {
    expected: `a connection that is refused, for ${what}, gets no message but error`,
    actual: `received ${shorten(others[0]?.text ?? '')}`,
  });
  const [error] = participant.received.filter(({ type }) => type === 'error');
  const byHttp = status !== undefined && status >= 400 && status < 500;
  const byClose = error !== undefined && participant.closed?.code === 1008;
  t.check('AUTH-7', byHttp || byClose, {
    expected: `the refusal of ${what} is an HTTP 4xx to the handshake, or error then close 1008`,
    actual: text,
  });
  if (byHttp && isNoUri) return;
  t.check('AUTH-8', byClose && error.payload.code === code, {
    expected: `the refusal of ${what} is error ${code}, then close 1008`,
    actual: text,
  });
}

function refusal(
  name: string,
  rule: RequirementId,
  tokens: (t: ScenarioContext) => Promise<{ what: string; token: string | null }[]>,
) {
  return scenario(name, [rule, 'AUTH-6', 'AUTH-7', 'AUTH-8'], async (t) => {
    const alice = await join(t, 'alice');
    for (const { what, token } of await tokens(t)) {
      await checkRefused(t, rule, 'UNAUTHORIZED', await tryToJoin(t, 'mallory', { token }), what);
    }
    const bob = await join(t, 'bob', { noticedBy: [alice] });
    const stranger = (received: { type: string; payload: Record<string, unknown> }) =>
      received.type === 'error' ||
      (announcements.includes(received.type) &&
        typeof received.payload.user_id === 'string' &&
        ![alice.userId, bob.userId].includes(received.payload.user_id));
    await quiet(t, 'AUTH-6', [alice], stranger, { expected: 'the room learns nothing of a refused connection' });
  });
}

const forgery = (kind: Forgery, what: string) => async (t: ScenarioContext) => [
  { what, token: await forgedToken(t, kind) },
];

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
    const alice = await join(t, 'alice');
    const rooms = [t.newRoom(), t.newRoom()];
    for (const room of rooms) {
      const again = await join(t, 'alice', { room });
      t.check('AUTH-9', again.userId === alice.userId, {
        expected: `alice is ${alice.userId} in every room`,
        actual: `she is ${again.userId} on another connection`,
      });
    }
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
  scenario(
    'a handshake selects no subprotocol that it was not offered, and none with a token',
    ['AUTH-12'],
    async (t) => {
      const token = await t.tokens.valid('alice');
      const offers = [
        [],
        ['chat'],
        [token],
        ['token', token],
        ['access_token', token, 'chat'],
        [`bearer.${token}`],
        [`bearer.${token}`, 'chat'],
        ['x-unknown-protocol', `bearer.${token}`],
      ];
      const wrong: string[] = [];
      await Promise.all(
        offers.map(async (protocols) => {
          const offered = protocols.length === 0 ? {} : { protocols };
          const { participant } = await tryToJoin(t, 'alice', { ...offered, room: t.newRoom() });
          const selected = String(participant.answerHeaders['sec-websocket-protocol'] ?? '');
          const shown = (text: string) => text.replace(token, '(token)');
          const of = protocols.length === 0 ? 'where none was offered' : `of ${protocols.map(shown).join(' and ')}`;
          if (selected !== '') wrong.push(`${shown(selected)}, ${of}`);
        }),
      );
      t.check('AUTH-12', wrong.length === 0, {
        expected: 'the answer selects no subprotocol: no server speaks those that are offered',
        actual: `it selects ${wrong.join('; ')}`,
      });
    },
  ),
  scenario('what a browser offers in its handshake keeps nobody out', ['AUTH-13'], async (t) => {
    const { corsOrigin, origins = corsOrigin ? [corsOrigin] : ['https://app.example.com', 'http://localhost:5173'] } =
      t.profile;
    const origin = origins[0] ?? '';
    const other = origins.at(-1) ?? '';
    type Handshake = [what: string, options: Pick<ConnectOptions, 'headers' | 'protocols' | 'deflate'>];
    // Pages in a sandbox and those of files have no origin of their own.
    const ofNone: Handshake[] =
      t.profile.origins || corsOrigin ? [] : [['with the origin null', { headers: { origin: 'null' } }]];
    const handshakes: Handshake[] = [
      ...ofNone,
      [`with the origin ${origin}`, { headers: { origin } }],
      [`with the origin ${other}`, { headers: { origin: other } }],
      ['with compression offered', { deflate: true, headers: { origin } }],
      [
        'with an extension offered that nobody knows',
        { headers: { origin, 'sec-websocket-extensions': 'x-unknown; level=3' } },
      ],
      ['with subprotocols offered', { protocols: ['webrtc-room-signaling', 'chat'], headers: { origin } }],
      [
        'with the headers of a browser',
        {
          headers: {
            origin,
            'user-agent':
              'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
            'accept-language': 'en-GB,en;q=0.9',
            'accept-encoding': 'gzip, deflate, br, zstd',
            'cache-control': 'no-cache',
            pragma: 'no-cache',
            cookie: 'theme=dark',
          },
          deflate: true,
        },
      ],
    ];
    const plain = await tryToJoin(t, 'alice', { room: t.newRoom() });
    if (plain.outcome !== 'admitted') throw new Inconclusive(`alice is not admitted at all: ${plain.text}`);
    const refused = await Promise.all(
      handshakes.map(async ([what, options]) => {
        const { outcome, text } = await tryToJoin(t, 'alice', { ...options, room: t.newRoom() });
        return outcome === 'admitted' ? [] : [`${what}: ${text}`];
      }),
    );
    t.check('AUTH-13', refused.flat().length === 0, {
      expected: 'a handshake with an origin, extensions or subprotocols is admitted as one without',
      actual: refused.flat().join('; '),
      hint: t.profile.origins ? undefined : 'a server that admits some origins only names them in its profile: origins',
    });
  }),
];
