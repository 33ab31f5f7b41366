import { type ClientMessage, clientMessageTypes, type ErrorCode, type RequirementId } from '../../generated/index.js';
import { type SchemaCase, schemaCases } from '../../generated/schema-cases.js';
import { misspelling } from '../inputs/near-miss.js';
import type { Context } from '../kit/context.js';
import { joinAll } from '../kit/lobby.js';
import type { Participant } from '../kit/participant.js';
import { absent, answered, expect, sendFence } from '../kit/proofs.js';
import { carries, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';

/** A case made into a message; the nonce stands in the SDP or candidate, or beside it where the case changes that. */
interface Attempt {
  schemaCase: SchemaCase;
  text: string;
  nonce: string;
}

type Pair = readonly [sender: Participant, receiver: Participant];

function compose(schemaCase: SchemaCase, [sender, receiver]: Pair): Attempt {
  const { message, nonce } = sender.compose(schemaCase.type, { to: receiver, payload: { x_nonce: '' } });
  const changed = structuredClone(message) as unknown as Record<string, unknown>;
  (changed.payload as Record<string, unknown>).x_nonce = nonce;
  const path = schemaCase.pointer.split('/').slice(1);
  const name = path.pop() ?? '';
  const parent = (path.length === 0 ? changed : changed.payload) as Record<string, unknown>;
  if ('value' in schemaCase) parent[name] = schemaCase.value;
  else delete parent[name];
  // On the envelope as well where the payload may be what is broken (ERROR-1).
  const outside = schemaCase.code === 'INVALID_MESSAGE' ? { x_nonce: nonce } : {};
  return { schemaCase, nonce, text: JSON.stringify({ ...changed, ...outside }) };
}

/** Sends one faulty message and judges its answer; the pair is used for nothing else meanwhile. */
async function checkOne(t: Context, rule: RequirementId, pair: Pair, attempt: Attempt, code: ErrorCode): Promise<void> {
  const [sender, receiver] = pair;
  const { what, pointer, type } = attempt.schemaCase;
  const description = `${type} in which ${what}`;
  const mark = await sender.sendText(attempt.text);
  const error = await answered(t, rule, sender, [code], { what: `an ${description}`, since: mark });
  await absent(t, rule, carries(attempt.nonce), {
    sender: sender,
    receiver,
    expected: `an ${description} is not relayed`,
  });
  if (code !== 'INVALID_PAYLOAD') return;
  const { errors } = (error.payload.details ?? {}) as { errors?: { path?: unknown; message?: unknown }[] };
  const named =
    Array.isArray(errors) && errors.some(({ path, message }) => path === pointer && typeof message === 'string');
  t.check('ERROR-10', named, {
    expected: `details.errors names ${pointer} with a message, for an ${description}`,
    actual: `details is ${JSON.stringify(error.payload.details)}`,
    shownBy: error,
  });
}

/**
 * Sends faulty messages in one go and counts the answers: where all is well, that is a single round trip. Where it is not,
 * each is sent again alone, so that the failure names its case.
 */
async function checkBroken(
  t: Context,
  rule: RequirementId,
  pair: Pair,
  code: ErrorCode,
  cases: readonly SchemaCase[],
): Promise<void> {
  const [sender, receiver] = pair;
  const attempts = cases.map((schemaCase) => compose(schemaCase, pair));
  const mark = sender.received.length;
  for (const { text } of attempts) await sender.sendText(text);
  const fence = await sendFence(t, sender, receiver);
  const answers = () => sender.received.slice(mark).filter(({ type }) => type === 'error');
  await sender.until(() => answers().length >= attempts.length, { since: mark, timeoutMs: t.timeoutMs });
  const named = ({ payload }: { payload: Record<string, unknown> }, pointer: string) => {
    const { errors } = (payload.details ?? {}) as { errors?: unknown };
    return Array.isArray(errors) && errors.some(({ path }) => path === pointer);
  };
  const asExpected =
    fence !== undefined &&
    answers().length === attempts.length &&
    answers().every(({ payload }) => payload.code === code) &&
    (code !== 'INVALID_PAYLOAD' || answers().every((answer, index) => named(answer, cases[index]?.pointer ?? ''))) &&
    !receiver.received.some(({ text }) => attempts.some(({ nonce }) => text.includes(nonce)));
  if (!asExpected) {
    for (const schemaCase of cases) await checkOne(t, rule, pair, compose(schemaCase, pair), code);
    return;
  }
  t.check(code === 'INVALID_PAYLOAD' ? [rule, 'ERROR-10'] : rule, true, {
    expected: '',
    actual: '',
    evidence: 'fence',
  });
}

/** Sends correct messages in one go and judges that each arrives. */
async function checkFitting(
  t: Context,
  rules: readonly RequirementId[],
  pair: Pair,
  cases: readonly SchemaCase[],
): Promise<void> {
  const [sender, receiver] = pair;
  const attempts = cases.map((schemaCase) => compose(schemaCase, pair));
  const mark = sender.received.length;
  for (const { text } of attempts) await sender.sendText(text);
  for (const { schemaCase, nonce } of attempts) {
    const { type, what } = schemaCase;
    const errorHint = () =>
      shorten(sender.received.slice(mark).find((received) => received.type === 'error')?.text ?? '') || undefined;
    const received = await expect(t, rules, receiver, carries(nonce), {
      expected: `an ${type} in which ${what} is relayed`,
      hint: errorHint,
    });
    t.check(rules, received.type === type, {
      expected: `it arrives as ${type}`,
      actual: shorten(received.text),
      hint: misspelling('type', received.type, clientMessageTypes),
      shownBy: received,
    });
  }
}

const ruleOf: Record<ClientMessage['type'], RequirementId> = {
  offer: 'OFFER-1',
  answer: 'ANSWER-1',
  ice_candidate: 'ICE-1',
};

/** Cases derived from the schemas: a new constraint in the documents brings its own. */
export const schemaScenarios = clientMessageTypes.flatMap((type) => {
  const own = schemaCases.filter((schemaCase) => schemaCase.type === type);
  const having = (code: ErrorCode | undefined) => own.filter((schemaCase) => schemaCase.code === code);
  return [
    scenario(`every envelope fault of an ${type} is answered INVALID_MESSAGE`, ['ERROR-1'], async (t) => {
      await checkBroken(t, 'ERROR-1', await joinAll(t, 'alice', 'bob'), 'INVALID_MESSAGE', having('INVALID_MESSAGE'));
    }),
    scenario(`every payload fault of an ${type} is answered INVALID_PAYLOAD`, ['ERROR-4', 'ERROR-10'], async (t) => {
      await checkBroken(t, 'ERROR-4', await joinAll(t, 'alice', 'bob'), 'INVALID_PAYLOAD', having('INVALID_PAYLOAD'));
    }),
    scenario(`every form of an ${type} that the schema allows is relayed`, [ruleOf[type]], async (t) => {
      const addressed = having(undefined).filter(({ pointer }) => pointer !== '/payload/target_user_id');
      await checkFitting(t, [ruleOf[type]], await joinAll(t, 'alice', 'bob'), addressed);
    }),
  ];
});
