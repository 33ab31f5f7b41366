import type { ClientMessage, RequirementId } from '../../generated/index.js';
import type { FrameKind } from '../trace/trace-event.js';
import { type Evidence, Inconclusive } from './outcome.js';
import type { MessageOptions, Participant, Sent } from './participant.js';
import { arrived, ruleOfType, sendFence } from './proofs.js';
import { isError, type Received, shorten } from './received.js';
import type { ScenarioContext } from './scenario-context.js';

/** One of the kinds of message that a rule about "a message" has to hold for. */
export interface Form {
  name: 'offer' | 'answer' | 'pranswer' | 'ice_candidate';
  type: ClientMessage['type'];
  payload: Record<string, unknown>;
}

const forms: readonly Form[] = [
  { name: 'offer', type: 'offer', payload: {} },
  { name: 'answer', type: 'answer', payload: {} },
  { name: 'pranswer', type: 'answer', payload: { type: 'pranswer' } },
  { name: 'ice_candidate', type: 'ice_candidate', payload: {} },
];

/** The forms of message that arrive at all, as far as is known. */
export function usableForms({ shared: { lostTypes } }: ScenarioContext): readonly Form[] {
  return forms.filter(({ type }) => !lostTypes.has(type));
}

/** The forms of one type. The first of an answer is a final one. */
export function formsOf(type: ClientMessage['type']): [Form, ...Form[]] {
  return forms.filter((form) => form.type === type) as [Form, ...Form[]];
}

/** Cases that are judged together: those that fail are collected, and one check names them all. */
export class Table {
  readonly #t: ScenarioContext;
  readonly #failing: { what: string; actual: string; shownBy: Received | undefined }[] = [];
  #cases = 0;
  #blocked: Inconclusive | undefined;

  constructor(t: ScenarioContext) {
    this.#t = t;
  }

  /** For a rule about messages of all forms: says nothing as a whole where one of them never arrives. */
  static ofForms(t: ScenarioContext): Table {
    const table = new Table(t);
    for (const [type, why] of t.shared.lostTypes) table.block(`no ${type} arrives: ${why}`, ruleOfType[type]);
    return table;
  }

  get failed(): boolean {
    return this.#failing.length > 0;
  }

  /** Enters one case, with what is wrong about it if anything is. */
  enter(what: string, wrong: string | undefined, shownBy?: Received): void {
    this.#cases += 1;
    if (wrong !== undefined) this.#failing.push({ what, actual: wrong, shownBy });
  }

  /** Notes that part of the cases says nothing, because another rule is broken. */
  block(why: string, rule?: RequirementId): void {
    this.#blocked ??= new Inconclusive(why, rule);
  }

  /** Judges all cases at once. Throws {@link Inconclusive} where none fails and some could not be tried. */
  judge(
    rules: RequirementId | readonly RequirementId[],
    expected: string,
    { evidence = 'fence', hint }: { evidence?: Evidence; hint?: string | undefined } = {},
  ): void {
    const shown = this.#failing.slice(0, 4).map(({ what, actual }) => `${what}: ${actual}`);
    const more = this.#failing.length - shown.length;
    const total = `${this.#failing.length} of ${this.#cases} cases: `;
    if (this.#cases > 0 || this.#blocked === undefined) {
      this.#t.check(rules, !this.failed, {
        expected,
        actual: `${this.#cases > 1 ? total : ''}${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
        evidence,
        hint,
        shownBy: this.#failing.find(({ shownBy }) => shownBy !== undefined)?.shownBy,
      });
    }
    if (!this.failed && this.#blocked) throw this.#blocked;
  }
}

/** A message to be sent, as one case of a table. */
export interface Plan {
  form: Form;
  /** What is particular about it, as it follows "an offer to bob". */
  what?: string;
  options?: MessageOptions;
  /** The text to be sent, where it is not what `JSON.stringify` writes. */
  write?(message: ClientMessage, nonce: string): string;
  /** Its size, where that is large. */
  bytes?: number;
  /** The frames that carry the text, where it is not a single one. */
  frames?(text: Buffer): [opcode: FrameKind, payload: Uint8Array | string, fin?: boolean][];
}

/** A message that was sent as one case of a table. */
export interface Letter extends Plan {
  what: string;
  sent: Sent;
}

const isBroadcast = ({ options }: Plan) => typeof (options?.to ?? undefined) === 'undefined';

function describe({ form, what, options }: Plan): string {
  const to = options?.to;
  const target = typeof to === 'string' ? `to ${JSON.stringify(to)}` : to ? `to ${to.name}` : 'to everybody';
  const article = /^[aoi]/.test(form.name) ? 'an' : 'a';
  return `${article} ${form.name} ${target}${what === undefined ? '' : ` ${what}`}`;
}

/** Composes and sends messages, one right after the other. */
export async function post(sender: Participant, plans: readonly Plan[]): Promise<Letter[]> {
  const letters: Letter[] = [];
  for (const plan of plans) {
    const { form, options = {}, write = (message) => JSON.stringify(message), frames } = plan;
    const payload = { ...form.payload, ...options.payload };
    const { message, nonce } = sender.compose(form.type, { ...options, payload });
    const text = write(message, nonce);
    const what = describe(plan);
    const mark = frames
      ? await sender.sendFrames(what, frames(Buffer.from(text)), { message: text })
      : await sender.sendText(text);
    letters.push({ ...plan, what, sent: { from: sender, message, text, nonce, mark } });
  }
  return letters;
}

/** Waits until whatever a sender sent has arrived at each of them, which a fence proves. Names the first at whom none arrives. */
export async function flush(
  t: ScenarioContext,
  sender: Participant,
  receivers: readonly Participant[],
): Promise<Participant | undefined> {
  const fences = await Promise.all(receivers.map((receiver) => sendFence(t, sender, receiver)));
  return receivers.find((_, index) => fences[index] === undefined);
}

/** Waits until each message has arrived at a receiver. Where order is not kept (RELAY-6) some come after the fence. */
export async function awaitAll(t: ScenarioContext, letters: readonly Letter[], receiver: Participant): Promise<void> {
  const hasArrived = (letter: Letter) => arrivals(letter, receiver).length > 0;
  const missing = letters.filter((letter) => !hasArrived(letter));
  const isComplete = () => missing.every(hasArrived);
  if (missing.length > 0 && !missing[0]?.sent.from.closed)
    await arrived(t, receiver, isComplete, { since: receiver.received.length });
}

/** What arrived of a message at one participant. */
export function arrivals({ sent }: Letter, receiver: Participant): readonly Received[] {
  return arrivedByNonce(receiver).get(sent.nonce) ?? [];
}

interface Arrived {
  /** How many frames were looked at. */
  looked: number;
  byNonce: Map<string, Received[]>;
}

/** What was found so far: to look for each of many messages in each of many frames takes longer than to send them. */
const arrivedAt = new WeakMap<Participant, Arrived>();

function arrivedByNonce(receiver: Participant): Arrived['byNonce'] {
  const found = arrivedAt.get(receiver) ?? { looked: 0, byNonce: new Map() };
  arrivedAt.set(receiver, found);
  for (const received of receiver.received.slice(found.looked)) {
    // An error may quote what it answers.
    const nonces = isError(received) ? [] : (received.text.match(/[0-9a-f]{18}/g) ?? []);
    for (const nonce of new Set(nonces)) {
      const before = found.byNonce.get(nonce);
      if (before) before.push(received);
      else found.byNonce.set(nonce, [received]);
    }
  }
  found.looked = receiver.received.length;
  return found.byNonce;
}

/** Why a message may have been lost, as far as its sender can tell. */
export function fateOf({ sent }: Letter): string {
  const error = sent.from.received.slice(sent.mark).find(isError);
  if (sent.from.closed) return `it did not arrive, and ${sent.from.name} was closed ${sent.from.closed.code}`;
  return error ? `it did not arrive; ${sent.from.name} was answered ${shorten(error.text)}` : 'it did not arrive';
}

/** Bytes that are sent without looking whether the receiver keeps up, of whom a server may think that it is too slow (RELAY-13). */
const portionBytes = 128 * 1024;

/** Plans in portions that any receiver takes. */
function portions(plans: readonly Plan[]): Plan[][] {
  const found: Plan[][] = [[]];
  let room = portionBytes;
  for (const plan of plans) {
    room -= plan.bytes ?? 0;
    if (room < 0) {
      found.push([]);
      room = portionBytes - (plan.bytes ?? 0);
    }
    found.at(-1)?.push(plan);
  }
  return found;
}

/** Sent along with the cases: where a plain message of its form does not arrive, a case says nothing. */
function controlsFor(plans: readonly Plan[], rule: RequirementId): Plan[] {
  const seen = new Set<string>();
  return plans.flatMap((plan) => {
    const { form, options } = plan;
    const key = keyOf(plan);
    // Without a target a message may be lost by RELAY-2; a plain one with a target is what the rule of its type is about.
    if (seen.has(key) || (!isBroadcast(plan) && rule === ruleOfType[form.type])) return [];
    seen.add(key);
    return [{ form, ...(options?.to ? { options: { to: options.to } } : {}) }];
  });
}

const keyOf = (plan: Plan) => `${plan.form.name} ${isBroadcast(plan)}`;

/**
 * Sends a table of messages to one receiver and judges what arrives: that each does, once, and that `wrong` finds nothing
 * in it. Losses that are another rule's breach are not blamed on this one.
 */
export async function judgeArrivals(
  t: ScenarioContext,
  rule: RequirementId,
  [sender, receiver]: readonly [Participant, Participant],
  plans: readonly Plan[],
  wrong: (received: Received, letter: Letter) => string | undefined,
  { expected }: { expected: string },
): Promise<void> {
  const isOfOneType = (Object.values(ruleOfType) as RequirementId[]).includes(rule);
  const table = isOfOneType ? new Table(t) : Table.ofForms(t);
  const controls = await post(sender, controlsFor(plans, rule));
  const letters: Letter[] = [];
  let unreached: Participant | undefined;
  for (const portion of portions(plans)) {
    letters.push(...(await post(sender, portion)));
    unreached ??= await flush(t, sender, [receiver]);
    if (unreached) break;
  }
  if (unreached) table.block(`what ${sender.name} sends no longer reaches ${receiver.name}`);
  await awaitAll(t, [...controls, ...letters], receiver);
  const lost = new Set(controls.filter((letter) => arrivals(letter, receiver).length === 0).map(keyOf));
  for (const letter of letters) {
    const [received] = arrivals(letter, receiver);
    const { form, what } = letter;
    if (received) table.enter(what, wrong(received, letter), received);
    else if (lost.has(keyOf(letter)))
      table.block(
        `${what} does not arrive even where it is plain`,
        isBroadcast(letter) ? 'RELAY-2' : ruleOfType[form.type],
      );
    else if (receiver.closed?.code === 1013) table.block(`${receiver.name} was closed 1013 in between`);
    else table.enter(what, fateOf(letter));
  }
  table.judge(rule, expected);
}

/** The product of the forms that arrive, of one type or of all, and of ways to address a message: to one, and to everybody. */
export function eachForm(
  t: ScenarioContext,
  receiver: Participant,
  cases: readonly Omit<Plan, 'form'>[],
  type?: ClientMessage['type'],
): Plan[] {
  // A type that never arrives is tried all the same where it is the one to be judged.
  const chosen = type === undefined ? usableForms(t) : formsOf(type);
  return chosen.flatMap((form) =>
    cases.flatMap((one) => [
      { ...one, form, options: { to: receiver, ...one.options } },
      { ...one, form },
    ]),
  );
}
