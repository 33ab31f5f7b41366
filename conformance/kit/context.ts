import { randomBytes } from 'node:crypto';
import {
  checkServerMessage,
  clientMessageTypes,
  type ErrorCode,
  errorCodes,
  type RequirementId,
  requirements,
  serverMessageTypes,
} from '../../generated/index.js';
import { explainViolations, misspelling } from '../inputs/near-miss.js';
import type { Profile } from '../inputs/profile.js';
import type { Secrets } from '../inputs/secrets.js';
import type { HttpAnswer, Target } from '../inputs/target.js';
import type { Forgery, TokenSource } from '../inputs/tokens.js';
import { Aborted, type Evidence, Inconclusive, type Observation, type Result, type TraceEvent } from './outcome.js';
import { Participant, type Received, type Sent } from './participant.js';
import type { Scenario } from './scenario.js';

/** What all scenarios of a run share. */
export interface Shared {
  targets: readonly Target[];
  tokens: TokenSource;
  profile: Profile;
  secrets: Secrets;
  roomPrefix: string;
  /** Longest wait for something that has to come, in milliseconds. */
  timeoutMs: number;
  /** Wait for something that must not come where no fence can prove it, in milliseconds. */
  quietMs: number;
  /** Factor that every wait was multiplied with. */
  timeoutScale: number;
  /** User ids by participant name, each learned once. */
  identities: Map<string, Promise<string>>;
  /** Set when the target was seen to announce no joiner, so that nobody waits for it again. */
  announcesNobody: boolean;
  /** Set when nothing that was sent to a joiner ever arrived, so that nobody waits for it again. */
  relaysNothing?: boolean;
}

/** How an attempt to enter a room ended. */
export interface Attempt {
  participant: Participant;
  outcome: 'admitted' | 'refused' | 'silent';
  /** The refusal in words. */
  text: string;
  /** HTTP status, for a handshake that was refused. */
  status?: number;
}

const ruleOfType = { offer: 'OFFER-1', answer: 'ANSWER-1', ice_candidate: 'ICE-1' } as const;

const weakness: Evidence[] = ['direct', 'fence', 'quiet-window'];

/** What a scenario works with: participants, checks, and the waits between them. */
export class Context {
  readonly room: string;
  readonly profile: Profile;
  readonly tokens: TokenSource;
  readonly timeoutMs: number;
  readonly trace: TraceEvent[] = [];
  readonly #shared: Shared;
  readonly #scenario: Scenario;
  readonly #start = performance.now();
  readonly #participants: Participant[] = [];
  readonly #results = new Map<RequirementId, Result>();
  #seats = 0;

  constructor(scenario: Scenario, shared: Shared) {
    this.#scenario = scenario;
    this.#shared = shared;
    this.profile = shared.profile;
    this.tokens = shared.tokens;
    this.timeoutMs = shared.timeoutMs;
    this.room = this.newRoom();
    this.#seats = Math.floor(Math.random() * shared.targets.length);
  }

  /** A room id nobody uses. */
  newRoom(): string {
    return `${this.#shared.roomPrefix}${randomBytes(8).toString('hex')}`;
  }

  /** Milliseconds since the scenario began. */
  now(): number {
    return performance.now() - this.#start;
  }

  /** Writes down what happened; returns its position in the trace. */
  record(event: TraceEvent): number {
    return this.trace.push(event) - 1;
  }

  /** True when a text carries a token or key of this run. */
  carriesSecret(text: string): boolean {
    return this.#shared.secrets.occursIn(text);
  }

  /** Opens a connection and waits for nothing. Without `token` the participant's own is used; null sends none. */
  async connect(
    name: string,
    options: { room?: string; rawRoom?: string; token?: string | null; autoPong?: boolean } = {},
  ): Promise<Participant> {
    const { targets } = this.#shared;
    const target = targets[this.#seats++ % targets.length] as Target;
    const { token = await this.tokens.valid(name), rawRoom, room = this.room, autoPong } = options;
    const endpoint = { target, room, token: token ?? undefined, ...(rawRoom !== undefined && { rawRoom }) };
    const settings = { handshakeTimeoutMs: this.timeoutMs, ...(autoPong !== undefined && { autoPong }) };
    const participant = new Participant(name, room, endpoint, this, this.profile, settings);
    this.#participants.push(participant);
    return participant;
  }

  /**
   * Lets a participant join, and waits until those given in `noticedBy` know of it. This is a precondition: where it
   * does not come about the scenario is inconclusive.
   */
  async join(
    name: string,
    options: { room?: string; noticedBy?: readonly Participant[]; autoPong?: boolean } = {},
  ): Promise<Participant> {
    const [participant, userId] = await Promise.all([this.connect(name, options), this.identity(name)]);
    const state = await participant.until(isRoomState, { timeoutMs: this.timeoutMs });
    if (!state) throw new Inconclusive(`${name} could not join: ${this.describeState(participant)}`);
    participant.userId = this.ownId(participant, state) ?? userId;
    await this.noticed(participant, options.noticedBy ?? []);
    await this.settled(participant, options.noticedBy ?? []);
    return participant;
  }

  /** Who a joiner is on this connection: whoever its `room_state` lists beside those known to be there (AUTH-9). */
  ownId({ roomId }: Participant, state: Received): string | undefined {
    const known = this.#participants.filter((other) => other.roomId === roomId).map(({ userId }) => userId);
    const [own, ...more] = new Set(participantIds(state).filter((id) => !known.includes(id)));
    return more.length === 0 ? own : undefined;
  }

  /** Joins several participants one after the other, each known to all before. */
  async joinAll<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Index in keyof Names]: Participant }> {
    const joined: Participant[] = [];
    for (const name of names) joined.push(await this.join(name, { noticedBy: joined }));
    return joined as { [Index in keyof Names]: Participant };
  }

  /** Waits until the others have been told of a joiner. What they are told is for the JOIN scenarios to judge. */
  async noticed(joiner: Participant, others: readonly Participant[]): Promise<void> {
    if (this.#shared.announcesNobody) return;
    const told = await Promise.all(
      others.map((other) => other.until(isAbout('user_joined', joiner.userId), { timeoutMs: this.timeoutMs })),
    );
    if (told.some((message) => message === undefined)) this.#shared.announcesNobody = true;
  }

  /** Waits until a joiner and one of the others can write to each other. That they can at once is for JOIN-9 to judge. */
  async settled(joiner: Participant, others: readonly Participant[]): Promise<void> {
    const other = others.at(-1);
    if (other === undefined || this.#shared.relaysNothing) return;
    const reach = async (from: Participant, to: Participant) => {
      const nonces: string[] = [];
      return this.eventually(async () => {
        nonces.push((await from.candidate({ to })).nonce);
        return to.until(({ text }) => nonces.some((nonce) => text.includes(nonce)), {
          timeoutMs: this.#shared.quietMs,
        });
      });
    };
    const arrived = await Promise.all([reach(other, joiner), reach(joiner, other)]);
    if (arrived.every((received) => received === undefined)) this.#shared.relaysNothing = true;
  }

  /** The `user_id` of a participant, learned by joining a fresh room alone. */
  async identity(name: string): Promise<string> {
    const known = this.#shared.identities.get(name) ?? this.#learnIdentity(name);
    this.#shared.identities.set(name, known);
    const userId = await known;
    this.record({
      at: this.now(),
      participant: name,
      kind: 'identity',
      text: `has the user_id ${JSON.stringify(userId)}`,
    });
    return userId;
  }

  /** In a context of its own, so that the sequence of the scenario does not show it. */
  async #learnIdentity(name: string): Promise<string> {
    const context = new Context({ name: `who ${name} is`, requirements: [], run: async () => {} }, this.#shared);
    try {
      const participant = await context.connect(name);
      const state = await participant.until(isRoomState, { timeoutMs: this.timeoutMs });
      const [id, another] = participantIds(state);
      // Where room_state leaves out the joiner, others are told who it is; JOIN-2 judges the list.
      const userId = state && id === undefined ? await context.#askWitness(name) : id;
      if (userId !== undefined && another === undefined) return userId;
      const got = state ? shorten(state.text) : context.describeState(participant);
      throw new Inconclusive(`the user id of ${name} is not known: joining a fresh room alone gave ${got}`);
    } finally {
      await context.dispose();
    }
  }

  async #askWitness(name: string): Promise<string | undefined> {
    const room = this.newRoom();
    const witness = await this.connect(name === 'alice' ? 'bob' : 'alice', { room });
    await witness.until(isRoomState, { timeoutMs: this.timeoutMs });
    await this.connect(name, { room });
    const told = await witness.until(({ type }) => type === 'user_joined', { timeoutMs: this.timeoutMs });
    return typeof told?.payload.user_id === 'string' ? told.payload.user_id : undefined;
  }

  /** Tries to enter and says how it ended: for refusals. */
  async attempt(
    name: string,
    options: { room?: string; rawRoom?: string; token?: string | null } = {},
  ): Promise<Attempt> {
    const participant = await this.connect(name, options);
    const handshake = await participant.untilHandshake(this.timeoutMs);
    if (handshake?.kind === 'http') {
      const text = `HTTP ${handshake.status} to the handshake`;
      return { participant, outcome: 'refused', text, status: handshake.status };
    }
    if (handshake?.kind === 'error') return { participant, outcome: 'refused', text: handshake.message };
    const welcome = await participant.until(({ type }) => type !== 'error', { timeoutMs: this.timeoutMs });
    const closed = participant.closed;
    if (welcome) return { participant, outcome: 'admitted', text: `admitted: ${shorten(welcome.text)}` };
    if (!closed) return { participant, outcome: 'silent', text: 'the connection stays open' };
    return { participant, outcome: 'refused', text: this.describeState(participant) };
  }

  /** A token that must be refused; where none can be made, the scenario is inconclusive. */
  async forged(forgery: Forgery): Promise<string> {
    const token = await this.tokens.forged(forgery);
    if (token !== undefined) return token;
    const flag = forgery === 'expired' ? '; give one with --expired-token-env' : '';
    throw new Inconclusive(`a token that is ${forgery} cannot be made from ready tokens${flag}`);
  }

  /** Sends a request to the configuration endpoint. Without `token` alice's is used; null sends none. */
  async requestConfig({
    method = 'GET',
    token,
    headers = {},
  }: {
    method?: string;
    token?: string | null;
    headers?: Record<string, string>;
  } = {}): Promise<HttpAnswer> {
    const bearer = token === undefined ? await this.tokens.valid('alice') : token;
    const authorization: Record<string, string> = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
    const target = this.#shared.targets[this.#seats++ % this.#shared.targets.length] as Target;
    this.record({ at: this.now(), participant: 'http', kind: 'request', text: `${method} /webrtc/config` });
    try {
      const answer = await target.requestConfig(method, { ...authorization, ...headers }, this.timeoutMs);
      const type = answer.headers['content-type'] ?? 'no content type';
      this.record({
        at: this.now(),
        participant: 'http',
        kind: 'response',
        text: `${answer.status} ${type} ${shorten(answer.body)}`,
      });
      return answer;
    } catch (error) {
      throw new Inconclusive(`${method} /webrtc/config failed: ${(error as Error).message}`);
    }
  }

  /** Records a judgement and goes on. Returns whether it holds. */
  check(requirement: RequirementId | readonly RequirementId[], holds: boolean, observation: Observation): boolean {
    for (const id of [requirement].flat() as RequirementId[]) {
      if (!this.#scenario.requirements.includes(id)) {
        throw new Error(`scenario "${this.#scenario.name}" judges ${id} without declaring it`);
      }
      this.#judge(id, holds, observation);
    }
    return holds;
  }

  /** Records a judgement; where it fails, ends the scenario, because what follows builds on it. */
  require(requirement: RequirementId | readonly RequirementId[], holds: boolean, observation: Observation): void {
    if (!this.check(requirement, holds, observation)) throw new Aborted([requirement].flat()[0] as RequirementId);
  }

  #judge(id: RequirementId, holds: boolean, { evidence = 'direct', ...observation }: Observation): void {
    const before = this.#results.get(id);
    if (before?.outcome === 'fail') return;
    const strongest = before?.evidence ?? 'direct';
    const result: Result = {
      scenario: this.#scenario.name,
      requirement: id,
      level: requirements[id].level,
      outcome: holds ? 'pass' : 'fail',
      evidence: weakness[Math.max(weakness.indexOf(evidence), weakness.indexOf(strongest))] ?? evidence,
    };
    if (before?.marginMs !== undefined) result.marginMs = before.marginMs;
    if (!holds) {
      result.expected = observation.expected;
      result.actual = observation.actual;
      result.failedEvent = observation.shownBy?.event ?? this.trace.length - 1;
      if (observation.hint !== undefined) result.hint = observation.hint;
      if (observation.schemaErrors?.length) result.schemaErrors = observation.schemaErrors;
    }
    this.#results.set(id, result);
  }

  #margin(ids: readonly RequirementId[], waitedMs: number): void {
    for (const id of ids) {
      const result = this.#results.get(id);
      if (!result) continue;
      const margin = Math.round(this.timeoutMs - waitedMs);
      result.marginMs = Math.min(result.marginMs ?? margin, margin);
    }
  }

  /** Waits for a frame that has to come; where it does not, the requirement fails and the scenario ends. */
  async expect(
    requirement: RequirementId | readonly RequirementId[],
    receiver: Participant,
    match: (received: Received) => boolean,
    expected: string,
    { from = 0, hint }: { from?: number; hint?: () => string | undefined } = {},
  ): Promise<Received> {
    const began = this.now();
    const received = await receiver.until(match, { from, timeoutMs: this.timeoutMs });
    this.require(requirement, received !== undefined, {
      expected,
      actual: `${this.describeState(receiver, from)}`,
      hint: hint?.() ?? this.hintFrom(receiver, from),
    });
    this.#margin([requirement].flat() as RequirementId[], this.now() - began);
    return received as Received;
  }

  /** Waits for a message at its receiver, by its nonce. The rule of its type judges that it arrives with the type sent. */
  async delivered(
    requirement: RequirementId | readonly RequirementId[],
    sent: Sent,
    receiver: Participant,
  ): Promise<Received> {
    const what = `${receiver.name} receives the ${sent.message.type} of ${sent.from.name}`;
    const received = await this.expect(requirement, receiver, carries(sent.nonce), what, {
      hint: () => this.#errorHint(sent),
    });
    if (requirement !== ruleOfType[sent.message.type]) return received;
    this.require(requirement, received.type === sent.message.type, {
      expected: `${what} with type "${sent.message.type}"`,
      actual: `received type "${received.type}"`,
      hint: misspelling('type', received.type, clientMessageTypes),
    });
    return received;
  }

  #errorHint(sent: Sent): string | undefined {
    const error = sent.from.received.slice(sent.mark).find(({ type }) => type === 'error');
    if (error) return `${sent.from.name} was answered ${error.payload.code}: ${error.payload.message}`;
    if (sent.from.closed) return `${sent.from.name} was closed ${sent.from.closed.code} instead`;
    return undefined;
  }

  /**
   * Proves that something did not arrive: the sender sends the same receiver a fence, which arrives later (RELAY-6).
   * Without a fence to hold on to, the check is inconclusive.
   */
  async absent(
    requirement: RequirementId | readonly RequirementId[],
    forbidden: (received: Received) => boolean,
    {
      from: sender,
      at: receiver,
      expected,
      since = 0,
    }: { from: Participant; at: Participant; expected: string; since?: number },
  ): Promise<void> {
    const fence = await this.fence(sender, receiver);
    const found = receiver.received
      .slice(since)
      .find((received) => forbidden(received) && (!fence || received.index < fence.index));
    if (!found && !fence) {
      throw new Inconclusive(
        `the fence from ${sender.name} did not reach ${receiver.name}: ${this.describeState(receiver)}`,
      );
    }
    this.check(requirement, found === undefined, {
      expected,
      actual: found ? `${receiver.name} received ${shorten(found.text)}` : '',
      evidence: 'fence',
      shownBy: found,
    });
  }

  /** Sends a fence and resolves with it at the receiver, or with undefined if it does not arrive. */
  async fence(sender: Participant, receiver: Participant): Promise<Received | undefined> {
    const sent = await sender.candidate({ to: receiver });
    return receiver.until(carries(sent.nonce), { from: 0, timeoutMs: this.timeoutMs });
  }

  /** {@link fence} as a positive control: throws {@link Inconclusive} when it does not arrive. */
  async control(sender: Participant, receiver: Participant): Promise<void> {
    if (await this.fence(sender, receiver)) return;
    throw new Inconclusive(
      `a candidate from ${sender.name} did not reach ${receiver.name}: ${this.describeState(receiver)}`,
    );
  }

  /** Watches for something that must not come where the protocol promises no order to build a fence on. */
  async quiet(
    requirement: RequirementId | readonly RequirementId[],
    watched: Participant | readonly Participant[],
    forbidden: (received: Received) => boolean,
    expected: string,
    since = 0,
  ): Promise<void> {
    const participants = [watched].flat() as Participant[];
    const found = await Promise.all(
      participants.map((participant) => participant.until(forbidden, { from: since, timeoutMs: this.#shared.quietMs })),
    );
    const index = found.findIndex((received) => received !== undefined);
    this.check(requirement, index < 0, {
      expected,
      actual: index < 0 ? '' : `${participants[index]?.name} received ${shorten(found[index]?.text ?? '')}`,
      evidence: 'quiet-window',
      shownBy: found[index],
    });
  }

  /** Waits for the `error` that answers what was sent at `mark`, with one of the codes. */
  async answered(
    requirement: RequirementId | readonly RequirementId[],
    sender: Participant,
    mark: number,
    codes: readonly ErrorCode[],
    what: string,
  ): Promise<Received> {
    const wanted = codes.join(' or ');
    const expected = `${what} is answered with error ${wanted}`;
    const error = await this.expect(requirement, sender, ({ type }) => type === 'error', expected, { from: mark });
    const code = String(error.payload.code);
    this.require(requirement, codes.includes(code as ErrorCode), {
      expected,
      actual: `answered with ${shorten(error.text)}`,
      hint: misspelling('code', code, Object.keys(errorCodes)),
    });
    return error;
  }

  /** Checks that a connection still works in both ways after something was refused on it. */
  async staysOpen(
    requirement: RequirementId | readonly RequirementId[],
    sender: Participant,
    peer: Participant,
    after: string,
  ): Promise<void> {
    const fence = await this.fence(sender, peer);
    this.require(requirement, fence !== undefined, {
      expected: `the connection of ${sender.name} stays open and usable after ${after}`,
      actual: sender.closed
        ? `${sender.name} was closed ${sender.closed.code}`
        : `what ${sender.name} sends no longer reaches ${peer.name}`,
    });
  }

  /** Retries until `attempt` resolves with something, for states that only have to come about in time. */
  async eventually<T>(attempt: () => Promise<T | undefined>, limitMs = this.timeoutMs): Promise<T | undefined> {
    const end = this.now() + limitMs;
    for (let pause = 5, paused = 0; ; pause = Math.min(pause * 2, 200)) {
      const result = await attempt();
      if (result !== undefined) return result;
      // On a busy machine time passes in which nothing could come about; that alone ends no wait.
      if (this.now() >= end && paused >= limitMs / 2) return undefined;
      paused += pause;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** What a participant has to show, in words: for "actual". */
  describeState(participant: Participant, since = 0): string {
    const { handshake, closed, received, name } = participant;
    const frames = received.slice(since);
    const last = frames.slice(-3).map(({ text }) => shorten(text));
    const got =
      frames.length === 0
        ? 'nothing'
        : `${frames.length > 3 ? `${frames.length} messages, the last ` : ''}${last.join(', ')}`;
    if (handshake?.kind === 'http')
      return `the handshake of ${name} was answered HTTP ${handshake.status} (${handshake.contentType})`;
    if (handshake?.kind === 'error' && received.length === 0)
      return `the connection of ${name} failed: ${handshake.message}`;
    if (!handshake) return `the handshake of ${name} was not answered within ${this.timeoutMs} ms`;
    if (closed)
      return `${name} received ${got} and was closed ${closed.code}${closed.reason ? ` (${closed.reason})` : ''}`;
    return `within ${this.timeoutMs} ms ${name} received ${got}`;
  }

  /** A likely cause in what a participant received instead: a misspelt type, or members the schema has elsewhere. */
  hintFrom(participant: Participant, since = 0): string | undefined {
    for (const { type, value } of participant.received.slice(since)) {
      if (type === '') continue;
      if (!(serverMessageTypes as readonly string[]).includes(type))
        return misspelling('type', type, serverMessageTypes);
      const parsed = checkServerMessage(value);
      const hint = parsed.ok ? undefined : explainViolations(value, parsed.error.details?.errors ?? []);
      if (hint) return hint;
    }
    return undefined;
  }

  /** Records that a rule says nothing about this target, and why. */
  notApplicable(requirement: RequirementId, reason: string): void {
    const { level } = requirements[requirement];
    this.#results.set(requirement, {
      scenario: this.#scenario.name,
      requirement,
      level,
      outcome: 'not_applicable',
      actual: reason,
    });
  }

  /** One result for each declared requirement. `ended` is why the scenario stopped early, where it did. */
  results(ended?: { outcome: 'inconclusive' | 'harness_error'; text: string; blockedBy?: RequirementId }): Result[] {
    return this.#scenario.requirements.map((requirement) => {
      const judged = this.#results.get(requirement);
      if (judged && (judged.outcome === 'fail' || !ended)) return judged;
      const { outcome, text, blockedBy } = ended ?? {
        outcome: 'harness_error' as const,
        text: 'the scenario ended without judging it',
      };
      const result: Result = {
        scenario: this.#scenario.name,
        requirement,
        level: requirements[requirement].level,
        outcome,
        actual: text,
      };
      // The first requirement stands for the scenario: it stays open, the others may be judged elsewhere.
      const blocker = blockedBy ?? this.#scenario.requirements[0];
      if (blocker !== undefined && blocker !== requirement) result.blockedBy = blocker;
      return result;
    });
  }

  /** Frees every connection. */
  async dispose(): Promise<void> {
    await Promise.all(this.#participants.map((participant) => participant.dispose(1000)));
  }
}

/** Matches by nonce: whatever became of the message, it is this one. */
export function carries(nonce: string): (received: Received) => boolean {
  return ({ text }) => text.includes(nonce);
}

/** Matches an announcement about one user. */
export function isAbout(type: 'user_joined' | 'user_left', userId: string): (received: Received) => boolean {
  return (received) => received.type === type && received.payload.user_id === userId;
}

/** Matches `room_state` with a list of participants. */
export function isRoomState(received: Received): boolean {
  return received.type === 'room_state' && Array.isArray(received.payload.participants);
}

/** The user ids a `room_state` lists. */
export function participantIds(state: Received | undefined): string[] {
  const list = state?.payload.participants;
  if (!Array.isArray(list)) return [];
  const ids = list.map((entry) => (entry as Record<string, unknown> | null)?.user_id);
  return ids.filter((id) => typeof id === 'string');
}

/** At most 160 characters of a frame, on one line. */
export function shorten(text: string, length = 160): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line;
}
