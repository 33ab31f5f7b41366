import { type ErrorCode, errorCodes, type RequirementId } from '../../generated/index.js';
import { misspelling } from '../inputs/near-miss.js';
import { join } from './lobby.js';
import { Inconclusive } from './outcome.js';
import type { Participant } from './participant.js';
import { sendFence } from './proofs.js';
import { carries, isError, type Received, shorten } from './received.js';
import type { ScenarioContext } from './scenario-context.js';
import { flush, Table } from './table.js';

/** A message that is to be refused. */
export interface Fault {
  /** Its fault in words, such as "an offer without sdp". */
  what: string;
  text: string;
  /** Tells it from other messages, where it can carry one. */
  nonce?: string;
  /** What it may be answered with. */
  codes: readonly ErrorCode[];
  /** JSON Pointer of the member that is wrong, for ERROR-10. */
  path?: string;
  /** The rule to be blamed where it is answered INVALID_PAYLOAD. */
  blockedBy?: RequirementId;
}

type Room = readonly [offender: Participant, ...others: Participant[]];

/** How often a connection is made again to name what closes it. */
const mostReconnects = 3;

/**
 * Sends faulty messages in one go, and judges that each is answered with its code and reaches nobody, and that the
 * connection goes on. Where answers are missing, each is sent again alone, so that every failing case is named. With
 * `path`, ERROR-10 is judged as well.
 */
export async function judgeFaults(
  t: ScenarioContext,
  rule: RequirementId,
  room: Room,
  faults: readonly Fault[],
): Promise<void> {
  const kinds = new Map<string, Fault[]>();
  for (const fault of faults) kinds.set(fault.codes.join(), [...(kinds.get(fault.codes.join()) ?? []), fault]);
  // Answers that are right for one kind would be taken for those that another kind lacks.
  if (kinds.size > 1) {
    for (const kind of kinds.values()) await judgeFaults(t, rule, room, kind);
    return;
  }
  const [offender, ...others] = room;
  const table = new Table(t);
  const mark = offender.received.length;
  for (const { text } of faults) await offender.sendText(text);
  const unreached = await flush(t, offender, others);
  // An offender stays one of the room: others reach it as before.
  const deaf = unreached ? undefined : await firstUnheard(t, others, offender);
  const answers = () => offender.received.slice(mark).filter(isError);
  const isAnswered = () => answers().length >= faults.length;
  if (!isAnswered()) await offender.until(isAnswered, { since: mark, timeoutMs: t.timeoutMs });
  const got = answers();
  const leaks = faults.filter((fault) => leakOf(fault, others) !== undefined);
  if (deaf && !offender.closed) {
    table.enter(`after ${faults.length} faults`, `what ${deaf.name} sends no longer reaches ${offender.name}`);
  } else if (!unreached && leaks.length === 0 && got.length === faults.length) {
    // No order of errors is promised: they count by their kind, and are told apart by their order only to name the wrong.
    const isFine = matchInAnyOrder(faults, got, isAnswerTo);
    for (const [index, fault] of faults.entries()) enter(table, fault, isFine ? undefined : got[index]);
  } else {
    for (const fault of leaks) table.enter(fault.what, leakOf(fault, others));
    await tryEach(t, table, room, leaks.length > 0 ? faults.filter((fault) => !leaks.includes(fault)) : faults);
    if (got.length > faults.length)
      table.enter('all of them', `there are ${got.length} answers to ${faults.length} messages`);
  }
  const pointed = faults.filter(({ path }) => path !== undefined);
  const isPointed = pointed.length === 0 || judgePointers(t, pointed, got);
  const codes = [...new Set(faults.flatMap((fault) => fault.codes))].join(' or ');
  table.judge(rule, `answered ${codes} and not relayed, and the connection goes on`, {
    hint: got.map(({ payload: { code } }) => misspelling('code', String(code), Object.keys(errorCodes))).find(Boolean),
  });
  if (!isPointed) throw new Inconclusive('not every fault was answered INVALID_PAYLOAD', rule);
}

/** The first of several whose message does not reach a receiver; undefined where all do. */
async function firstUnheard(
  t: ScenarioContext,
  senders: readonly Participant[],
  receiver: Participant,
): Promise<Participant | undefined> {
  const fences = await Promise.all(senders.map((sender) => sendFence(t, sender, receiver)));
  return senders.find((_, index) => fences[index] === undefined);
}

const isAnswerTo = ({ codes }: Fault, { payload }: Received) => codes.includes(payload.code as ErrorCode);

/** Whether so many answers can be given to as many faults that each fits; all that may differ is their order. */
function matchInAnyOrder(
  faults: readonly Fault[],
  answers: readonly Received[],
  fits: (fault: Fault, answer: Received) => boolean,
): boolean {
  const left = [...answers];
  return faults.every((fault, index) => {
    const own = answers[index];
    const taken = own && left.includes(own) && fits(fault, own) ? own : left.find((answer) => fits(fault, answer));
    if (taken) left.splice(left.indexOf(taken), 1);
    return taken !== undefined;
  });
}

/** Enters a fault with its answer; without one it is as it should be. */
function enter(table: Table, fault: Fault, answer: Received | undefined): void {
  const actual = answer && !isAnswerTo(fault, answer) ? `answered with ${shorten(answer.text)}` : undefined;
  if (fault.blockedBy && actual && answer?.payload.code === 'INVALID_PAYLOAD')
    table.block(`${fault.what} is ${actual}`, fault.blockedBy);
  else table.enter(fault.what, actual, answer);
}

function leakOf({ nonce }: Fault, others: readonly Participant[]): string | undefined {
  if (nonce === undefined) return undefined;
  const receiver = others.find(({ received }) => received.some((one) => !isError(one) && carries(nonce)(one)));
  return receiver && `${receiver.name} received it`;
}

/** Sends each fault alone and enters what becomes of it. */
async function tryEach(
  t: ScenarioContext,
  table: Table,
  [first, ...others]: Room,
  faults: readonly Fault[],
): Promise<void> {
  let offender = first;
  let reconnects = 0;
  // Once one fault was not answered in full time, the next are waited for as long as an answer takes.
  let timeoutMs = t.timeoutMs;
  for (const fault of faults) {
    if (offender.closed) {
      if (reconnects++ === mostReconnects) return;
      offender = await join(t, offender.name, { noticedBy: others });
    }
    const mark = await offender.sendText(fault.text);
    const answer = await offender.until(isError, { since: mark, timeoutMs });
    if (!answer && !offender.closed) timeoutMs = Math.min(timeoutMs, t.shared.quietMs);
    const unreached = await flush(t, offender, others);
    if (offender.closed) table.enter(fault.what, `the connection was closed ${offender.closed.code}`, answer);
    else if (answer) enter(table, fault, answer);
    else table.enter(fault.what, 'there is no answer');
    if (!unreached || offender.closed) continue;
    table.enter(fault.what, `what ${offender.name} sends after it no longer reaches ${unreached.name}`);
    return;
  }
}

/** Judges that answers name the member that is wrong, and say something of it. Returns whether there was anything to judge. */
function judgePointers(t: ScenarioContext, faults: readonly Fault[], answers: readonly Received[]): boolean {
  const table = new Table(t);
  const names = ({ path }: Fault, { payload }: Received) => {
    const { errors } = (payload.details ?? {}) as { errors?: unknown };
    return Array.isArray(errors) && errors.some((one) => one?.path === path && typeof one.message === 'string');
  };
  const refused = answers.filter(({ payload }) => payload.code === 'INVALID_PAYLOAD');
  // What is answered otherwise is for the rule of the fault to judge.
  if (refused.length !== faults.length) return false;
  const isFine = matchInAnyOrder(faults, refused, names);
  for (const [index, fault] of faults.entries()) {
    const answer = refused[index] as Received;
    const wrong =
      isFine || names(fault, answer)
        ? undefined
        : `details is ${shorten(JSON.stringify(answer.payload.details) ?? 'absent')}`;
    table.enter(`${fault.what} (${fault.path})`, wrong, answer);
  }
  table.judge('ERROR-10', 'details.errors names the wrong member by its JSON Pointer, with a message', {
    evidence: 'direct',
  });
  return true;
}
