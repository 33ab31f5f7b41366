import {
  checkServerMessage,
  clientMessageTypes,
  type RequirementId,
  type SchemaViolation,
} from '../../generated/index.js';
import { excerpt } from './finding.js';
import type { Message } from './message.js';
import { exercise, type Model, report } from './model.js';

/** The rule by which messages of a type are valid. */
export const ruleOfType: Readonly<Record<string, RequirementId | undefined>> = Object.assign(Object.create(null), {
  room_state: 'JOIN-1',
  user_joined: 'JOIN-4',
  user_left: 'LEAVE-1',
  error: 'ERROR-6',
  offer: 'OFFER-1',
  answer: 'ANSWER-1',
  ice_candidate: 'ICE-1',
} satisfies Record<string, RequirementId>);

/** The rules of what a server writes into what it relays, by place. */
const ruleOfPlace: readonly (readonly [place: RegExp, rule: RequirementId])[] = [
  [/^\/room_id$/, 'RELAY-8'],
  [/^\/timestamp$/, 'RELAY-9'],
  [/^(\/payload)?\/sender_id$/, 'RELAY-4'],
];

/** True for what clients say to each other. */
export function isRelayed(type: string): boolean {
  return (clientMessageTypes as readonly string[]).includes(type);
}

/**
 * Judges a frame by the schema of its type; each rule at most once. What has a type that this protocol does not know is
 * for clients to ignore (CLIENT-8), and breaks no rule.
 */
export function judgeSchema(model: Model, message: Message): void {
  const { type, text, value } = message;
  const rule = ruleOfType[type];
  if (rule === undefined) {
    if (typeof value?.type === 'string') return;
    // No rule has an ID for this; what is no message at all carries no `room_id` either.
    const expected = 'each frame is a JSON object with `type`, `payload`, `room_id` and `timestamp`';
    report(model, { requirement: 'RELAY-8', expected, actual: excerpt(text) });
    return;
  }
  exercise(model, rule);
  const checked = checkServerMessage(value);
  if (checked.ok) return;
  const violations = checked.error.details?.errors ?? [];
  for (const [requirement, schemaErrors] of byRule(type, rule, violations)) {
    const what = schemaErrors.map(({ path, message }) => `${path || 'it'} ${message}`).join('; ');
    report(model, { requirement, expected: `a valid ${type}`, actual: `${what}: ${excerpt(text)}`, schemaErrors });
  }
}

function byRule(
  type: string,
  rule: RequirementId,
  violations: SchemaViolation[],
): Map<RequirementId, SchemaViolation[]> {
  const places = isRelayed(type) ? ruleOfPlace : [];
  const found = new Map<RequirementId, SchemaViolation[]>();
  for (const violation of violations) {
    const id = places.find(([place]) => place.test(violation.path))?.[1] ?? rule;
    found.set(id, [...(found.get(id) ?? []), violation]);
  }
  return found;
}
