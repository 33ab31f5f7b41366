import { checkServerMessage, type ErrorCode } from '../../generated/index.js';
import { explainViolations } from '../inputs/near-miss.js';
import { describeState } from '../kit/describe.js';
import { type Fault, judgeFaults } from '../kit/faults.js';
import { joinAll, tryToJoin } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant } from '../kit/participant.js';
import { isError, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { flush, Table, usableForms } from '../kit/table.js';
import {
  brokenEnvelopes,
  brokenPayloads,
  serverMessages,
  textsThatAreNotJson,
  unknownTypes,
} from './faulty-messages.js';

/** One fault of each kind that there is, and for each form of message those that it can have; to one and to everybody. */
function faultsOfEveryKind(
  t: ScenarioContext,
  sender: Participant,
  receiver: Participant,
): { what: string; text: string }[] {
  const ofForms = usableForms(t).flatMap(({ name, type, payload }) => {
    const text = (options: Parameters<Participant['compose']>[1]) =>
      JSON.stringify(sender.compose(type, { ...options, payload: { ...payload, ...options?.payload } }).message);
    const broken = type === 'ice_candidate' ? { candidate: 7 } : { sdp: '' };
    return [{ to: receiver }, {}].flatMap((to) => [
      { what: `an ${name} for another room`, text: text({ ...to, envelope: { room_id: 'another-room' } }) },
      { what: `an ${name} with a wrong payload`, text: text({ ...to, payload: broken }) },
      { what: `an ${name} with a wrong envelope`, text: text({ ...to, envelope: { timestamp: 5 } }) },
      { what: `an ${name} to nobody`, text: text({ to: 'nobody-here' }) },
    ]);
  });
  return [
    { what: 'text that is not JSON', text: '{' },
    { what: 'an unknown type', text: '{"type":"nonsense","payload":{}}' },
    { what: 'a type for the server', text: '{"type":"user_left","payload":{"user_id":"bob"}}' },
    ...ofForms,
  ];
}

/** Sends faults and waits for as many answers. */
async function provoke(
  t: ScenarioContext,
  sender: Participant,
  others: readonly Participant[],
  faults: readonly { text: string }[],
): Promise<Received[]> {
  const mark = sender.received.length;
  for (const { text } of faults) await sender.sendText(text);
  await flush(t, sender, others);
  const answers = () => sender.received.slice(mark).filter(isError);
  const isAnswered = () => answers().length >= faults.length;
  if (!isAnswered()) await sender.until(isAnswered, { since: mark, timeoutMs: t.timeoutMs });
  return answers();
}

/** What is wrong with an error about a message, beside whether its code is the right one. */
function wrongError(error: Received, roomId: string): string | undefined {
  const parsed = checkServerMessage(error.value);
  if (!parsed.ok) {
    const hint = explainViolations(error.value, parsed.error.details?.errors ?? []);
    return `${shorten(error.text)} is not valid: ${hint ?? parsed.error.message}`;
  }
  const named = error.value?.room_id;
  return named === roomId ? undefined : `it names the room ${JSON.stringify(named)}`;
}

export const errorScenarios = [
  scenario('what is no JSON is answered INVALID_MESSAGE', ['ERROR-1'], async (t) => {
    const room = await joinAll(t, 'alice', 'bob');
    await judgeFaults(t, 'ERROR-1', room, textsThatAreNotJson(room[0]));
  }),
  scenario('what is no envelope is answered INVALID_MESSAGE', ['ERROR-1'], async (t) => {
    const room = await joinAll(t, 'alice', 'bob');
    await judgeFaults(t, 'ERROR-1', room, brokenEnvelopes(...room));
  }),
  scenario('an unknown type is answered INVALID_MESSAGE_TYPE', ['ERROR-2'], async (t) => {
    const room = await joinAll(t, 'alice', 'bob');
    const [alice, bob] = room;
    const spoilt = (type: string, options: { to?: Participant }): Fault => {
      const { message, nonce } = alice.compose(type.includes('andidate') ? 'ice_candidate' : 'offer', options);
      return {
        what: `a message of type ${shorten(JSON.stringify(type), 40)} ${options.to ? 'to bob' : 'to everybody'}`,
        text: JSON.stringify({ ...message, type }),
        nonce,
        // No JSON value has this name everywhere.
        codes: type === '__proto__' ? ['INVALID_MESSAGE_TYPE', 'INVALID_MESSAGE'] : ['INVALID_MESSAGE_TYPE'],
      };
    };
    const types = [...unknownTypes(() => t.random.hex(12)), '__proto__'];
    await judgeFaults(
      t,
      'ERROR-2',
      room,
      types.flatMap((type) => [spoilt(type, { to: bob }), spoilt(type, {})]),
    );
  }),
  scenario('a type only servers send is answered INVALID_MESSAGE_TYPE', ['ERROR-3'], async (t) => {
    const room = await joinAll(t, 'alice', 'bob');
    await judgeFaults(t, 'ERROR-3', room, serverMessages(...room));
  }),
  scenario('a payload that breaks its schema is answered INVALID_PAYLOAD', ['ERROR-4', 'ERROR-10'], async (t) => {
    const room = await joinAll(t, 'alice', 'bob');
    await judgeFaults(t, 'ERROR-4', room, brokenPayloads(...room));
  }),
  scenario('an error goes to the offender alone', ['ERROR-5'], async (t) => {
    const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
    const faults = faultsOfEveryKind(t, alice, bob);
    // Which fault is answered how is for other rules to judge; without any answer there is nothing to judge here.
    const answers = await provoke(t, alice, [bob, carol], faults);
    if (answers.length === 0)
      throw new Inconclusive(`none of ${faults.length} faults was answered: ${describeState(t, alice)}`);
    // Some servers tell others later than the offender.
    await Promise.all([bob, carol].map((other) => other.until(isError, { timeoutMs: 1000 * t.shared.timeoutScale })));
    const [again] = await provoke(t, alice, [bob, carol], [{ text: '{' }]);
    const table = new Table(t);
    for (const other of [bob, carol]) {
      const stray = other.received.find(isError);
      table.enter(other.name, stray && `${other.name} received ${shorten(stray.text)}`, stray);
    }
    if (!again) table.block('a fault one second later is not answered', 'ERROR-1');
    table.judge('ERROR-5', `nobody else receives an error for ${faults.length} faults of alice, of every kind`);
  }),
  scenario(
    'a message with several faults is answered for the first of them',
    ['ERROR-1', 'ERROR-2', 'RELAY-8', 'ERROR-4'],
    async (t) => {
      const room = await joinAll(t, 'alice', 'bob');
      const [alice, bob] = room;
      const unknown = `x-${t.random.hex(8)}`;
      const elsewhere = { room_id: t.newRoom() };
      const fault = (what: string, code: ErrorCode, message: object): Fault => {
        const { nonce } = alice.compose('offer');
        return { what, text: JSON.stringify({ ...message, x_nonce: nonce }), nonce, codes: [code] };
      };
      const broken = { type: 'offer', payload: { type: 'offer', target_user_id: bob.userId } };
      await judgeFaults(t, 'ERROR-1', room, [
        fault('an unknown type with a payload that is a number', 'INVALID_MESSAGE', { type: unknown, payload: 5 }),
        fault('an unknown type without a payload', 'INVALID_MESSAGE', { type: unknown }),
      ]);
      await judgeFaults(t, 'ERROR-2', room, [
        fault('an unknown type for another room', 'INVALID_MESSAGE_TYPE', { type: unknown, payload: {}, ...elsewhere }),
      ]);
      await judgeFaults(t, 'RELAY-8', room, [
        fault('an offer without its sdp for another room', 'ROOM_MISMATCH', { ...broken, ...elsewhere }),
      ]);
      await judgeFaults(t, 'ERROR-4', room, [
        fault('an offer with nothing right in its payload', 'INVALID_PAYLOAD', {
          type: 'offer',
          payload: { type: 5, sdp: [], target_user_id: 7 },
        }),
        fault('an offer without its sdp to nobody', 'INVALID_PAYLOAD', {
          ...broken,
          payload: { type: 'offer', target_user_id: `nobody-${t.random.hex(8)}` },
        }),
      ]);
    },
  ),
  scenario('an error names the message that it is about', ['ERROR-13'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const offer = alice.compose('offer', { to: bob }).message;
    const faulty: [what: string, message: object][] = [
      ['a message without a payload', { type: 'offer' }],
      ['an unknown type', { type: `x-${t.random.hex(8)}`, payload: {} }],
      ['an offer without its sdp', { ...offer, payload: { type: 'offer', target_user_id: bob.userId } }],
      ['an offer for another room', { ...offer, room_id: t.newRoom() }],
      ['an offer to nobody', { ...offer, payload: { ...offer.payload, target_user_id: t.random.hex(8) } }],
    ];
    const table = new Table(t);
    // The longest that a schema counts, and a server's own counting may not; and what JSON writes with escapes.
    const ids = ['\u{1f388}'.repeat(64), '"a\\b/\n\u0001', ' <é&\u2028> '];
    for (const [index, [what, message]] of faulty.entries()) {
      const id = ids[index] ?? t.random.hex(16);
      const mark = await alice.sendText(JSON.stringify({ ...message, id }));
      const error = await alice.until(isError, { since: mark, timeoutMs: t.timeoutMs });
      const named = (error?.payload.details as { message_id?: unknown } | undefined)?.message_id;
      if (error === undefined) table.block(`${what} is not answered`);
      else table.enter(what, named === id ? undefined : `details.message_id is ${JSON.stringify(named)}`, error);
    }
    table.judge('ERROR-13', 'details.message_id of the error is the id of the message');
  }),
  scenario('every error is a valid message with a known code', ['ERROR-6'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const faults = faultsOfEveryKind(t, alice, bob);
    const errors = await provoke(t, alice, [bob], faults);
    const refused = await tryToJoin(t, 'mallory', { token: null });
    const table = new Table(t);
    for (const [index, error] of errors.entries()) {
      const what = errors.length === faults.length ? `the answer to ${faults[index]?.what}` : 'an error';
      table.enter(what, wrongError(error, t.room), error);
    }
    const refusals = refused.participant.received.filter(isError);
    // What is not answered at all is for the rules of the faults to judge.
    if (errors.length + refusals.length === 0)
      throw new Inconclusive(`none of ${faults.length} faults was answered: ${describeState(t, alice)}`, 'ERROR-1');
    for (const error of refusals)
      table.enter('the error to a connection without a token', wrongError(error, t.room), error);
    table.judge('ERROR-6', 'each error is valid against schemas/error.json and names the room', { evidence: 'direct' });
  }),
];
