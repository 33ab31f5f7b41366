import { ruleOfType } from '../../kit/proofs.js';
import { changeEffects, changeReceived } from '../alter.js';
import type { Mutant } from '../mutant.js';

const types = ['offer', 'answer', 'ice_candidate'] as const;

/** Servers that do not take one type of message at all: what else is judged must not suffer by it. */
export const lostTypeMutants: readonly Mutant[] = types.flatMap((type): Mutant[] => {
  const name = type.replace('_', '-');
  return [
    {
      name: `${name}-closes-the-connection`,
      breaks: ruleOfType[type],
      summary: `Whoever sends a valid message of the type \`${type}\` is closed 1011.`,
      decisions: changeEffects((event, { effects }) =>
        event.type === 'message' && event.message.type === type
          ? [{ type: 'close', connectionId: event.connectionId, code: 1011, reason: '' }]
          : effects,
      ),
    },
    {
      name: `${name}-goes-nowhere`,
      breaks: ruleOfType[type],
      summary: `A message of the type \`${type}\` is taken and goes nowhere.`,
      decisions: changeReceived(({ message }) => (message.type === type ? undefined : message)),
    },
  ];
});
