import type { TraceEvent } from '../trace/trace-event.js';
import { exercise, type Model, report } from './model.js';

/** Judges that what comes from the server carries no token (AUTH-10). Where a client sent one, others may receive it. */
export function judgeSecrets(model: Model, event: TraceEvent): void {
  const { isSecret } = model.options;
  const text = textOf(event);
  if (isSecret === undefined || text === undefined) return;
  exercise(model, 'AUTH-10');
  if (model.secretWasSent || !isSecret(text)) return;
  // What was received is not shown: it is a secret.
  const actual = `found in ${event.kind === 'closed' ? 'the reason of a close' : `a ${event.kind} of ${event.participant}`}`;
  report(model, { requirement: 'AUTH-10', expected: 'no message and no answer carries a token', actual });
}

function textOf(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'receive':
      return event.text;
    case 'closed':
      return event.reason;
    case 'response':
      return `${event.contentType} ${event.body}`;
    case 'open':
      return event.subprotocol;
    default:
      return undefined;
  }
}

/**
 * Judges, when the trace is over, that nobody was let in without a token. What is wrong with a forged token, and so which
 * rule it breaks to let it in, is not in the trace.
 */
export function judgeAdmitted(model: Model): void {
  for (const { credential, mayEnter, room, stateAt, answer, user } of model.connections.values()) {
    model.steps += 1;
    if (credential !== 'none' || mayEnter || room === undefined || stateAt === undefined || answer !== undefined)
      continue;
    const expected = `${user.name}, who has no token, is refused`;
    report(model, { requirement: 'AUTH-2', expected, actual: 'it received room_state', event: stateAt });
  }
}
