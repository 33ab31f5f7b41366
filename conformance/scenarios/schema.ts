import {
  type ClientMessage,
  checkClientMessage,
  clientMessageTypes,
  type ErrorCode,
  type RequirementId,
} from '../../generated/index.js';
import { passedOn, type SchemaCase, schemaCases } from '../../generated/schema-cases.js';
import { misspelling } from '../inputs/near-miss.js';
import { type Example, examplesOf } from '../kit/examples.js';
import { type Fault, judgeFaults } from '../kit/faults.js';
import { jsonDifferences } from '../kit/json-difference.js';
import { joinAll } from '../kit/lobby.js';
import type { Participant } from '../kit/participant.js';
import { ruleOfType } from '../kit/proofs.js';
import type { Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { formsOf, judgeArrivals, type Letter, type Plan } from '../kit/table.js';

type Type = ClientMessage['type'];
type Pair = readonly [sender: Participant, receiver: Participant];
type Json = Record<string, unknown>;

/** Writes a correct message with the change that a case makes; the nonce stands beside what is changed. */
function applied(schemaCase: SchemaCase, message: ClientMessage, nonce: string): string {
  const changed = structuredClone(message) as unknown as Json;
  (changed.payload as Json).x_nonce = nonce;
  const path = schemaCase.pointer.split('/').slice(1);
  const name = path.pop() ?? '';
  const parent = (path.length === 0 ? changed : changed.payload) as Json;
  if ('value' in schemaCase) parent[name] = schemaCase.value;
  else delete parent[name];
  // On the envelope as well where the payload may be what is broken (ERROR-1).
  return JSON.stringify({ ...changed, ...(schemaCase.code === 'INVALID_MESSAGE' && { x_nonce: nonce }) });
}

function faultOf(schemaCase: SchemaCase & { code: ErrorCode }, [sender, receiver]: Pair): Fault {
  const { message, nonce } = sender.compose(schemaCase.type, { to: receiver });
  const { type, what, pointer, code } = schemaCase;
  return {
    what: `an ${type} in which ${what}`,
    text: applied(schemaCase, message, nonce),
    nonce,
    codes: [code],
    ...(code === 'INVALID_PAYLOAD' && { path: pointer }),
  };
}

function derivedFaults(type: Type, code: ErrorCode, pair: Pair): Fault[] {
  const cases = schemaCases.filter((one) => one.type === type && one.code === code);
  return cases.map((one) => faultOf({ ...one, code }, pair));
}

function derivedPlans(type: Type, receiver: Participant): Plan[] {
  const [form] = formsOf(type);
  return schemaCases
    .filter((one) => one.type === type && one.code === undefined && one.pointer !== '/payload/target_user_id')
    .map((one) => ({
      form,
      what: `in which ${one.what}`,
      options: { to: receiver },
      write: (message, nonce) => applied(one, message, nonce),
    }));
}

/** An example as one participant would send it to the other in this room. */
function addressed({ value }: Example, nonce: string, { roomId }: Participant, receiver: Participant): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { payload, ...rest } = value as Json;
  const message: Json = { ...value, x_nonce: nonce };
  if (typeof rest.room_id === 'string') message.room_id = roomId;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return message;
  const target = isTargeted(payload as Json) ? { target_user_id: receiver.userId } : {};
  return { ...message, payload: { ...payload, ...target, x_nonce: nonce } };
}

/** A target that is null is for RELAY-2 to judge. */
const isTargeted = ({ target_user_id: target }: Json) => typeof target === 'string' || target === null;

/** The faults among the examples, with the answers that the documents give them. */
function exampleFaults(type: Type, rule: RequirementId, [sender, receiver]: Pair): Fault[] {
  return examplesOf(type, 'invalid').flatMap((example) => {
    const { nonce } = sender.compose(type);
    const value = addressed(example, nonce, sender, receiver);
    const checked = checkClientMessage(value, sender.roomId);
    if (checked.ok || ruleOfCode[checked.error.code] !== rule) return [];
    const { code, details } = checked.error;
    const [violation, another] = details?.errors ?? [];
    if (violation && passedOn.includes(violation.path)) return [];
    return {
      what: `the example ${type}/invalid/${example.name}`,
      text: JSON.stringify(value),
      nonce,
      codes: [code],
      ...(code === 'INVALID_PAYLOAD' && violation && !another && { path: violation.path }),
    };
  });
}

const ruleOfCode: Partial<Record<ErrorCode, RequirementId>> = {
  INVALID_MESSAGE: 'ERROR-1',
  INVALID_MESSAGE_TYPE: 'ERROR-2',
  INVALID_PAYLOAD: 'ERROR-4',
};

/** A payload found again by its opaque text, as an unknown member may get lost (RELAY-5). */
function marked({ x_nonce: _, ...payload }: Json, nonce: string): Json {
  return 'candidate' in payload
    ? { ...payload, candidate: `${payload.candidate} x-nonce ${nonce}` }
    : { ...payload, sdp: `${payload.sdp}a=x-nonce:${nonce}\r\n` };
}

/** The correct examples; unknown members of their envelopes are for RELAY-12 to judge, the end of candidates for ICE-2. */
function examplePlans(type: Type, [sender, receiver]: Pair): Plan[] {
  const [form] = formsOf(type);
  const envelope = ['type', 'payload', 'room_id', 'timestamp', 'sender_id'];
  const payloadOf = ({ value }: Example) => (value as { payload: Json }).payload;
  const examples = examplesOf(type, 'valid').filter((example) => payloadOf(example).candidate !== '');
  return examples.map((example) => ({
    form,
    what: `(the example ${type}/valid/${example.name})`,
    ...(isTargeted(payloadOf(example)) && { options: { to: receiver } }),
    write: (_, nonce) => {
      const { payload, ...rest } = addressed(example, nonce, sender, receiver) as Json & { payload: Json };
      const members = Object.entries({ ...rest, payload: marked(payload, nonce) });
      return JSON.stringify(Object.fromEntries(members.filter(([name]) => envelope.includes(name))));
    },
  }));
}

/** Members that the schema of the type names; RELAY-5 is about all others. */
const named = ['type', 'sdp', 'candidate', 'sdp_mid', 'sdp_m_line_index', 'username_fragment'];

function changed(received: Received, { sent }: Letter): string | undefined {
  const written = JSON.parse(sent.text) as { type: string; payload: Json };
  if (received.type !== written.type) {
    const hint = misspelling('type', received.type, clientMessageTypes);
    return `it arrived with type ${JSON.stringify(received.type)}${hint ? ` (${hint})` : ''}`;
  }
  const own = (payload: Json) => Object.fromEntries(named.map((name) => [name, payload[name] ?? null]));
  return jsonDifferences(own(written.payload), own(received.payload), '/payload')[0];
}

async function judgeFitting(t: ScenarioContext, type: Type, pair: Pair, plans: readonly Plan[]): Promise<void> {
  await judgeArrivals(t, ruleOfType[type], pair, plans, changed, {
    expected: `every ${type} that the schema allows is relayed, with the members that it names`,
  });
}

/** Cases derived from the schemas and from their examples: a new constraint in the documents brings its own. */
export const schemaScenarios = clientMessageTypes.flatMap((type) => [
  scenario(`every envelope fault of an ${type} is answered INVALID_MESSAGE`, ['ERROR-1'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    await judgeFaults(t, 'ERROR-1', pair, [
      ...derivedFaults(type, 'INVALID_MESSAGE', pair),
      ...exampleFaults(type, 'ERROR-1', pair),
    ]);
  }),
  scenario(
    `every example with a wrong type for an ${type} is answered INVALID_MESSAGE_TYPE`,
    ['ERROR-2'],
    async (t) => {
      const pair = await joinAll(t, 'alice', 'bob');
      await judgeFaults(t, 'ERROR-2', pair, exampleFaults(type, 'ERROR-2', pair));
    },
  ),
  scenario(`every payload fault of an ${type} is answered INVALID_PAYLOAD`, ['ERROR-4', 'ERROR-10'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    await judgeFaults(t, 'ERROR-4', pair, [
      ...derivedFaults(type, 'INVALID_PAYLOAD', pair),
      ...exampleFaults(type, 'ERROR-4', pair),
    ]);
  }),
  scenario(`every form of an ${type} that the schema allows is relayed`, [ruleOfType[type]], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    await judgeFitting(t, type, pair, [...derivedPlans(type, pair[1]), ...examplePlans(type, pair)]);
  }),
]);
