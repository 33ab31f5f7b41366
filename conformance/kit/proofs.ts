import {
  type ClientMessage,
  clientMessageTypes,
  type ErrorCode,
  errorCodes,
  type RequirementId,
} from '../../generated/index.js';
import { misspelling } from '../inputs/near-miss.js';
import { describeState } from './describe.js';
import { Inconclusive } from './outcome.js';
import type { Participant, Sent } from './participant.js';
import { carries, hintFrom, isError, type Matcher, type Received, shorten } from './received.js';
import type { ScenarioContext } from './scenario-context.js';

type Rules = RequirementId | readonly RequirementId[];

/** What a fence is made of: the first of them that arrives. */
const fenceTypes = ['ice_candidate', 'offer', 'answer'] as const;

export const ruleOfType = { offer: 'OFFER-1', answer: 'ANSWER-1', ice_candidate: 'ICE-1' } as const;

/** The type that a scenario would send, or another one where the target is known to lose it. */
export function usableType(
  { shared: { lostTypes } }: ScenarioContext,
  preferred: ClientMessage['type'] = 'ice_candidate',
): ClientMessage['type'] {
  return [preferred, ...fenceTypes].find((type) => !lostTypes.has(type)) ?? preferred;
}

/** Throws {@link Inconclusive} where the target is known to lose messages of a type that everything here is about. */
export function needsType({ shared: { lostTypes } }: ScenarioContext, type: ClientMessage['type']): void {
  const why = lostTypes.get(type);
  if (why !== undefined) throw new Inconclusive(`no ${type} arrives: ${why}`, ruleOfType[type]);
}

/** Waits for a frame that has to come; where it does not, the requirement fails and the scenario ends. */
export async function expect(
  t: ScenarioContext,
  rules: Rules,
  receiver: Participant,
  match: Matcher,
  { expected, since = 0, hint }: { expected: string; since?: number; hint?: () => string | undefined },
): Promise<Received> {
  const began = t.now();
  const received = await receiver.until(match, { since, timeoutMs: t.timeoutMs });
  t.require(rules, received !== undefined, {
    expected,
    actual: describeState(t, receiver, { since }),
    hint: hint?.() ?? hintFrom(receiver.received.slice(since)),
  });
  t.ledger.margin([rules].flat() as RequirementId[], t.timeoutMs - (t.now() - began));
  return received as Received;
}

/** Notes that a message arrived; where the first one after a join was lost on the same way, says whose rule that breaks. */
function noteArrival(t: ScenarioContext, sender: Participant, receiver: Participant): void {
  if (!t.paths.arrived(sender, receiver)) return;
  t.shared.losesFirst = true;
  const joiner = sender.connection > receiver.connection ? sender : receiver;
  t.ledger.find(joiner === sender ? 'JOIN-13' : 'JOIN-9', {
    expected: `what ${sender.name} sends ${receiver.name} right after ${joiner.name} joined arrives`,
    actual: 'the first message was lost, and a later one arrived',
  });
}

/** Waits for a message at its receiver, by its nonce. The rule of its type judges that it arrives with the type sent. */
export async function delivered(
  t: ScenarioContext,
  rules: Rules,
  sent: Sent,
  receiver: Participant,
): Promise<Received> {
  const { type } = sent.message;
  const expected = `${receiver.name} receives the ${type} of ${sent.from.name}`;
  if (rules !== ruleOfType[type] && t.shared.lostTypes.has(type)) {
    if (!(await receiver.until(carries(sent.nonce), { timeoutMs: t.shared.quietMs })))
      throw new Inconclusive(`no ${type} arrives: ${t.shared.lostTypes.get(type)}`, ruleOfType[type]);
  }
  const received = await expect(t, rules, receiver, carries(sent.nonce), { expected, hint: () => errorHint(sent) });
  noteArrival(t, sent.from, receiver);
  if (rules !== ruleOfType[type]) return received;
  t.require(rules, received.type === type, {
    expected: `${expected} with type "${type}"`,
    actual: `received type "${received.type}"`,
    hint: misspelling('type', received.type, clientMessageTypes),
  });
  return received;
}

function errorHint(sent: Sent): string | undefined {
  const error = sent.from.received.slice(sent.mark).find(isError);
  if (error) return `${sent.from.name} was answered ${error.payload.code}: ${error.payload.message}`;
  if (sent.from.closed) return `${sent.from.name} was closed ${sent.from.closed.code} instead`;
  return undefined;
}

/**
 * Proves that something did not arrive: the sender sends the same receiver a fence, which arrives later (RELAY-6).
 * A fence that is lost between two who are connected, where an earlier message arrived, fails the rule that it was to
 * prove. Where nothing ever arrived, the check is inconclusive.
 */
export async function absent(
  t: ScenarioContext,
  rules: Rules,
  forbidden: Matcher,
  {
    sender,
    receiver,
    expected,
    since = 0,
  }: { sender: Participant; receiver: Participant; expected: string; since?: number },
): Promise<void> {
  const worked = t.paths.works(sender, receiver);
  const fence = await sendFence(t, sender, receiver);
  const found = receiver.received
    .slice(since)
    .find((received) => forbidden(received) && (!fence || received.index < fence.index));
  if (!found && !fence && !(worked && !sender.closed && !receiver.closed)) throw lostFence(t, sender, receiver);
  t.check(rules, found === undefined && fence !== undefined, {
    expected: found || fence ? expected : `${expected}; and what ${sender.name} sends next arrives, as before`,
    actual: found ? `${receiver.name} received ${shorten(found.text)}` : describeState(t, receiver),
    evidence: 'fence',
    shownBy: found,
  });
}

function lostFence(t: ScenarioContext, sender: Participant, receiver: Participant): Inconclusive {
  const why = sender.closed
    ? `${sender.name} was closed ${sender.closed.code}`
    : describeState(t, receiver, { since: Math.max(0, receiver.received.length - 3) });
  return new Inconclusive(`a candidate from ${sender.name} did not reach ${receiver.name}: ${why}`);
}

const isSignal = ({ type }: Received) => (clientMessageTypes as readonly string[]).includes(type);

/** How many waits of the time limit a receiver is given while messages keep arriving, one behind the other. */
const mostWaits = 5;

/** Waits for a frame as long as messages keep arriving: a slow way may hold many of them that were sent before. */
export async function arrived(
  t: ScenarioContext,
  receiver: Participant,
  match: Matcher,
  { since = 0, timeoutMs = t.timeoutMs }: { since?: number; timeoutMs?: number } = {},
): Promise<Received | undefined> {
  for (let waits = 1, from = since; ; waits++) {
    const mark = receiver.received.length;
    const found = await receiver.until(match, { since: from, timeoutMs });
    if (found || waits === mostWaits || !receiver.received.slice(mark).some(isSignal)) return found;
    from = mark;
  }
}

/** Throws {@link Inconclusive} where messages still arrive: what is missing is late, and may not be lost. */
export function needsEnd(t: ScenarioContext, receiver: Participant): void {
  const latest = receiver.received.findLast(isSignal);
  if (latest && t.now() - latest.at < t.shared.quietMs)
    throw new Inconclusive(`the target is slow: ${receiver.name} still receives what was sent long ago`);
}

/** Sends a fence and resolves with it at the receiver, or with undefined if it does not arrive. */
export async function sendFence(
  t: ScenarioContext,
  sender: Participant,
  receiver: Participant,
  { timeoutMs = t.timeoutMs }: { timeoutMs?: number } = {},
): Promise<Received | undefined> {
  const sent = await sender.signal(usableType(t), { to: receiver });
  const fence = await arrived(t, receiver, carries(sent.nonce), { timeoutMs });
  if (fence) noteArrival(t, sender, receiver);
  return fence;
}

/** {@link sendFence} as a positive control: throws {@link Inconclusive} when it does not arrive. */
export async function control(t: ScenarioContext, sender: Participant, receiver: Participant): Promise<void> {
  if (!(await sendFence(t, sender, receiver))) throw lostFence(t, sender, receiver);
}

/** Watches for something that must not come where the protocol promises no order to build a fence on. */
export async function quiet(
  t: ScenarioContext,
  rules: Rules,
  watched: readonly Participant[],
  forbidden: Matcher,
  { expected, since = 0 }: { expected: string; since?: number },
): Promise<void> {
  const found = await Promise.all(
    watched.map((participant) => participant.until(forbidden, { since, timeoutMs: t.shared.quietMs })),
  );
  const index = found.findIndex((received) => received !== undefined);
  t.check(rules, index < 0, {
    expected,
    actual: index < 0 ? '' : `${watched[index]?.name} received ${shorten(found[index]?.text ?? '')}`,
    evidence: 'quiet-window',
    shownBy: found[index],
  });
}

/** Waits for the `error` that answers what was sent when so many frames had come, with one of the codes. */
export async function answered(
  t: ScenarioContext,
  rules: Rules,
  sender: Participant,
  codes: readonly ErrorCode[],
  { what, since }: { what: string; since: number },
): Promise<Received> {
  const expected = `${what} is answered with error ${codes.join(' or ')}`;
  const error = await expect(t, rules, sender, isError, { expected, since });
  const code = String(error.payload.code);
  t.require(rules, codes.includes(code as ErrorCode), {
    expected,
    actual: `answered with ${shorten(error.text)}`,
    hint: misspelling('code', code, Object.keys(errorCodes)),
  });
  return error;
}

/** Checks that a connection still works in both ways after something was refused on it. */
export async function staysOpen(
  t: ScenarioContext,
  rules: Rules,
  sender: Participant,
  receiver: Participant,
  { after }: { after: string },
): Promise<void> {
  const there = await sendFence(t, sender, receiver);
  const back = there && (await sendFence(t, receiver, sender));
  const [from, to] = there ? [receiver, sender] : [sender, receiver];
  t.require(rules, back !== undefined, {
    expected: `the connection of ${sender.name} stays open and usable after ${after}`,
    actual: sender.closed
      ? `${sender.name} was closed ${sender.closed.code}`
      : `what ${from.name} sends no longer reaches ${to.name}`,
  });
}

/** Retries until `attempt` resolves with something, for states that only have to come about in time. */
export async function eventually<T>(
  t: ScenarioContext,
  attempt: () => Promise<T | undefined>,
  limitMs = t.timeoutMs,
): Promise<T | undefined> {
  const end = t.now() + limitMs;
  for (let pause = 5, paused = 0; ; pause = Math.min(pause * 2, 200)) {
    const result = await attempt();
    if (result !== undefined) return result;
    // On a busy machine time passes in which nothing could come about; that alone ends no wait.
    if (t.now() >= end && paused >= limitMs / 2) return undefined;
    paused += pause;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
