import { checkServerMessage, type RequirementId } from '../../generated/index.js';
import { connect, identity, ownId, settled } from '../kit/lobby.js';
import type { Participant, Sent } from '../kit/participant.js';
import { delivered, expect } from '../kit/proofs.js';
import { hintFrom, isAbout, participantIds, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { fetchValidConfig } from './config.js';
import { checkWelcome } from './join.js';

/** Judges a message by its schema. What other rules demand of every delivered message is left to them. */
function checkValid(t: ScenarioContext, rule: RequirementId, received: Received): void {
  const parsed = checkServerMessage(received.value);
  const errors = parsed.ok ? [] : (parsed.error.details?.errors ?? []);
  const own = errors.filter(({ path }) => !stamps.includes(path));
  t.check(rule, parsed.ok || (errors.length > 0 && own.length === 0), {
    expected: `a valid ${received.type}`,
    actual: shorten(received.text),
    hint: hintFrom([received]),
    schemaErrors: own,
  });
}

/** What RELAY-4, RELAY-8 and RELAY-9 judge. */
const stamps = ['/sender_id', '/payload/sender_id', '/room_id', '/timestamp'];

/** One side's part of a negotiation: the newcomer offers, both trickle candidates, each ends with an empty one. */
async function negotiate(t: ScenarioContext, newcomer: Participant, other: Participant): Promise<void> {
  const relay = async (rule: RequirementId, sent: Sent, to: Participant) => {
    const received = await delivered(t, rule, sent, to);
    checkValid(t, rule, received);
    t.check(
      'RELAY-4',
      received.payload.sender_id === sent.from.userId && received.value?.sender_id === sent.from.userId,
      {
        expected: `sender_id "${sent.from.userId}" in the envelope and in the payload`,
        actual: `envelope ${JSON.stringify(received.value?.sender_id)}, payload ${JSON.stringify(received.payload.sender_id)}`,
      },
    );
  };
  await relay('OFFER-1', await newcomer.offer({ to: other }), other);
  await relay('ANSWER-1', await other.answer({ to: newcomer }), newcomer);
  for (const [from, to] of [
    [newcomer, other],
    [other, newcomer],
  ] as const) {
    for (let index = 0; index < 5; index++) await relay('ICE-1', await from.candidate({ to }), to);
    const mark = to.received.length;
    await from.candidate({ to, candidate: '' });
    const isEnd = ({ payload }: Received) => payload.candidate === '';
    await expect(t, 'ICE-2', to, isEnd, {
      expected: `${to.name} receives the end of candidates of ${from.name}`,
      since: mark,
    });
  }
}

const callRules = [
  'JOIN-1',
  'JOIN-2',
  'JOIN-4',
  'OFFER-1',
  'ANSWER-1',
  'ICE-1',
  'ICE-2',
  'RELAY-4',
  'LEAVE-1',
] as const;

async function enter(t: ScenarioContext, name: string, present: readonly Participant[]): Promise<Participant> {
  const [participant, userId] = await Promise.all([connect(t, name), identity(t, name)]);
  const state = await checkWelcome(t, participant);
  participant.userId = ownId(t, participant, state) ?? userId;
  const listed = participantIds(state);
  const expected = [...present, participant].map((one) => one.userId);
  t.require('JOIN-2', expected.every((id) => listed.includes(id)) && listed.length === expected.length, {
    expected: `${name} finds ${expected.join(', ')}`,
    actual: `its room_state lists ${listed.join(', ')}`,
  });
  for (const other of present) {
    const joined = await expect(t, 'JOIN-4', other, isAbout('user_joined', participant.userId), {
      expected: `${other.name} is told that ${name} joined`,
    });
    checkValid(t, 'JOIN-4', joined);
  }
  await settled(t, participant, present);
  return participant;
}

export const callScenarios = [
  scenario('alice and bob make a call', ['CONFIG-1', ...callRules], async (t) => {
    await fetchValidConfig(t);
    const alice = await enter(t, 'alice', []);
    const bob = await enter(t, 'bob', [alice]);
    await negotiate(t, bob, alice);
    bob.close();
    const left = await expect(t, 'LEAVE-1', alice, isAbout('user_left', bob.userId), {
      expected: 'alice is told that bob left',
    });
    checkValid(t, 'LEAVE-1', left);
  }),
  scenario('alice, bob and carol call each other in a mesh', [...callRules], async (t) => {
    const alice = await enter(t, 'alice', []);
    const bob = await enter(t, 'bob', [alice]);
    await negotiate(t, bob, alice);
    const carol = await enter(t, 'carol', [alice, bob]);
    await Promise.all([negotiate(t, carol, alice), negotiate(t, carol, bob)]);
    bob.close();
    for (const other of [alice, carol]) {
      const left = await expect(t, 'LEAVE-1', other, isAbout('user_left', bob.userId), {
        expected: `${other.name} is told that bob left`,
      });
      checkValid(t, 'LEAVE-1', left);
    }
    await negotiate(t, carol, alice);
  }),
];
