import type { TokenSource } from '../inputs/tokens.js';
import { type ConnectOptions, connect, identity, join, joinAll, tryToJoin } from '../kit/lobby.js';
import { NotApplicable } from '../kit/outcome.js';
import { isRoomState, participantIds } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';

/** Tokens with claims of the scenario's own. Throws where only ready ones are at hand. */
function minting({ tokens }: ScenarioContext): NonNullable<TokenSource['having']> {
  if (!tokens.having) throw new NotApplicable('tokens with other claims cannot be made from ready ones');
  return tokens.having.bind(tokens);
}

/** Users who differ in what careless servers do not look at. */
function pairs(run: string): [what: string, one: Record<string, unknown>, other: Record<string, unknown>][] {
  const long = 'x'.repeat(60);
  return [
    ['in case', { sub: `${run}-Ada` }, { sub: `${run}-ada` }],
    ['in white space at the end', { sub: `${run}-ada` }, { sub: `${run}-ada ` }],
    ['behind the 60th character', { sub: `${run}-${long}-1` }, { sub: `${run}-${long}-2` }],
    ['behind the @', { sub: `ada-${run}@one.example` }, { sub: `ada-${run}@two.example` }],
    ['in Unicode normalisation', { sub: `${run}-caf\u00e9` }, { sub: `${run}-cafe\u0301` }],
    ['in an accent', { sub: `${run}-caf\u00e9` }, { sub: `${run}-caf\u00e8` }],
    ['in a letter of another script', { sub: `${run}-\u4f60` }, { sub: `${run}-\u597d` }],
    ['in punctuation', { sub: `auth0|${run}` }, { sub: `auth0/${run}` }],
    ['in leading zeros', { sub: `7${run.replace(/\D/g, '1')}` }, { sub: `07${run.replace(/\D/g, '1')}` }],
    [
      'in nothing but sub',
      { sub: `${run}-1`, name: 'Ada', email: 'a@example.com' },
      { sub: `${run}-2`, name: 'Ada', email: 'a@example.com' },
    ],
  ];
}

export const userScenarios = [
  scenario('users who differ in sub only are different users', ['AUTH-9'], async (t) => {
    const mint = minting(t);
    const table = new Table(t);
    await Promise.all(
      pairs(t.random.hex(8)).map(async ([what, one, other]) => {
        const room = t.newRoom();
        const [first, second] = [await mint(one), await mint(other)];
        const options = { room, credential: 'valid' } as const;
        const early = await connect(t, `one, who differs ${what},`, { ...options, token: first });
        const state = await early.until(isRoomState, { timeoutMs: t.timeoutMs });
        const late = await connect(t, `another, who differs ${what},`, { ...options, token: second });
        const both = await late.until(isRoomState, { timeoutMs: t.timeoutMs });
        // A user whom a server does not take at all is for AUTH-1 to judge.
        if (!state || !both) return;
        const listed = new Set(participantIds(both));
        table.enter(
          `two users who differ ${what}`,
          listed.size === 2 ? undefined : `${[...listed].join(', ')} alone is listed`,
        );
      }),
    );
    table.judge('AUTH-9', 'users with different sub are listed as two', { evidence: 'direct' });
  }),
  scenario('a token that names no user is refused', ['AUTH-9'], async (t) => {
    const mint = minting(t);
    const nameless: [what: string, claims: Record<string, unknown>][] = [
      ['without a sub', { name: 'Nobody' }],
      ['with an empty sub', { name: 'Nobody', sub: '' }],
      ['whose sub is a number', { sub: 42 }],
      ['whose sub is 0', { sub: 0 }],
      ['whose sub is null', { sub: null }],
      ['whose sub is true', { sub: true }],
      ['whose sub is a list', { sub: ['nobody'] }],
      ['whose sub is an object', { sub: { id: 'nobody' } }],
    ];
    const table = new Table(t);
    for (const [what, claims] of nameless) {
      const { outcome } = await tryToJoin(t, 'nobody', { token: await mint(claims), room: t.newRoom() });
      table.enter(`a token ${what}`, outcome === 'admitted' ? 'it is admitted' : undefined);
    }
    table.judge('AUTH-9', 'a token that says of no user whose it is is refused', { evidence: 'direct' });
  }),
  scenario('nothing but the token says who somebody is', ['AUTH-9'], async (t) => {
    const [alice, bob] = [await identity(t, 'alice'), await identity(t, 'bob')];
    const names = ['user_id', 'userId', 'user', 'sub', 'sender_id', 'username'];
    const tries: [what: string, options: ConnectOptions][] = [
      ...names.map((name): [string, ConnectOptions] => [
        `${name} in the query`,
        { query: `${name}=${encodeURIComponent(bob)}` },
      ]),
      ...['x-user-id', 'x-user', 'x-forwarded-user', 'remote-user', 'cookie'].map((name): [string, ConnectOptions] => [
        `the header ${name}`,
        { headers: { [name]: name === 'cookie' ? `user_id=${bob}; user=${bob}` : bob } },
      ]),
    ];
    const table = new Table(t);
    await Promise.all(
      tries.map(async ([what, options]) => {
        const participant = await connect(t, 'alice', { ...options, room: t.newRoom() });
        const state = await participant.until(isRoomState, { timeoutMs: t.timeoutMs });
        // A server may refuse what it does not know.
        if (!state) return;
        const listed = participantIds(state).join(', ');
        table.enter(`alice with ${what}, which names bob`, listed === alice ? undefined : `${listed} is listed`);
      }),
    );
    table.judge('AUTH-9', 'who connects with the token of alice is alice', { evidence: 'direct' });
  }),
  scenario('a valid token is admitted whatever stands in it', ['AUTH-1'], async (t) => {
    const mint = minting(t);
    const run = t.random.hex(8);
    const claims: [what: string, claims: Record<string, unknown>][] = [
      ['of 4 KiB', { sub: `${run}-long`, x_groups: 'g'.repeat(2900) }],
      ['with a name in other scripts', { sub: `${run}-name`, name: 'Zoë 你好 שלום 🎈' }],
      ['with a sub in another script', { sub: `${run}-用户` }],
      ['with a sub like a provider has them', { sub: `auth0|${run}:a/b c@d` }],
      ['without a name', { sub: `${run}-nameless` }],
    ];
    const table = new Table(t);
    await Promise.all(
      claims.map(async ([what, own]) => {
        const token = await mint(own);
        const { outcome, text } = await tryToJoin(t, `one ${what}`, { token, credential: 'valid', room: t.newRoom() });
        table.enter(`a token ${what}`, outcome === 'admitted' ? undefined : text);
      }),
    );
    table.judge('AUTH-1', 'a valid token is admitted', { evidence: 'direct' });
  }),
  scenario('no answer and no close repeats a token', ['AUTH-10'], async (t) => {
    const token = await t.tokens.valid('alice');
    const alice = await join(t, 'alice');
    const [target] = t.shared.targets;
    const query = `?token=${encodeURIComponent(token)}`;
    const headers = { authorization: `Bearer ${token}` };
    const table = new Table(t);
    const look = (what: string, text: string) =>
      table.enter(what, t.carriesSecret(text) ? 'the token is in it' : undefined);
    for (const path of [`/webrtc/ws/${t.newRoom()}${query}`, `/webrtc/elsewhere${query}`, `/webrtc/config${query}`]) {
      const answer = await target?.request('GET', path, headers, t.timeoutMs).catch(() => undefined);
      if (answer) look(`GET ${path.split('?')[0]}`, JSON.stringify(answer.headers) + answer.body);
    }
    look('the answer to a handshake', JSON.stringify(alice.answerHeaders));
    const wrongPath = await tryToJoin(t, 'alice', { room: t.newRoom(), rawRoom: `a/b${query}`, token: null });
    look('the answer to a handshake elsewhere', JSON.stringify(wrongPath.participant.answerHeaders));
    alice.close();
    const closed = await alice.untilClosed(t.timeoutMs);
    // A close reason has 123 bytes, into which no token fits whole.
    const parts = token.match(/.{1,40}/g) ?? [];
    table.enter(
      'the answer to a close',
      parts.some((part) => part.length >= 20 && closed?.reason.includes(part))
        ? 'its reason repeats the token'
        : undefined,
    );
    table.judge('AUTH-10', 'no token in any answer', { evidence: 'direct' });
  }),
  scenario('a refreshed token is of the same user', ['AUTH-9', 'JOIN-8'], async (t) => {
    if (!t.tokens.refreshed) throw new NotApplicable('a second token of a user cannot be made from ready ones');
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const token = await t.tokens.refreshed(t.userOf('alice'));
    const userId = await identity(t, 'alice');
    const again = await connect(t, 'alice', { token, credential: 'valid' });
    const state = await again.until(isRoomState, { timeoutMs: t.timeoutMs });
    const listed = participantIds(state);
    // Who is listed twice is for JOIN-8 to judge.
    const isSame = listed.includes(userId) && listed.every((id) => id === userId || id === bob.userId);
    t.check('AUTH-9', isSame, {
      expected: `with another token, alice is ${userId} still`,
      actual: `room_state lists ${listed.join(', ') || 'nobody'}`,
    });
    const closed = await alice.untilClosed(t.timeoutMs);
    t.check('JOIN-8', closed?.code === 4001, {
      expected: 'the connection with the older token is closed 4001',
      actual: closed ? `it is closed ${closed.code}` : 'it stays open',
    });
  }),
];
