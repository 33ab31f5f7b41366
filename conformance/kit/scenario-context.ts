import type { RequirementId } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import type { TokenSource } from '../inputs/tokens.js';
import type { TraceEvent } from '../trace/trace-event.js';
import type { Dialect } from './dialect.js';
import type { ScenarioIntake } from './intake.js';
import { Ledger, type ScenarioHead } from './ledger.js';
import { NotApplicable, type Observation } from './outcome.js';
import { Pace } from './pace.js';
import type { Participant } from './participant.js';
import { Paths } from './paths.js';
import { Random } from './random.js';
import type { Shared } from './shared.js';

/**
 * What a scenario works with: a room of its own, the time, the trace, and the judgements. How to join stands in `lobby`,
 * how to prove something in `proofs`.
 */
export class ScenarioContext {
  readonly shared: Shared;
  readonly profile: Profile;
  readonly tokens: TokenSource;
  readonly timeoutMs: number;
  readonly random: Random;
  readonly room: string;
  readonly trace: TraceEvent[] = [];
  readonly ledger: Ledger;
  /** Every connection of the scenario, in the order in which they were begun. */
  readonly participants: Participant[] = [];
  readonly paths = new Paths();
  /** Set when its connections are freed. */
  isOver = false;
  /** Counts the connections and requests, so that they go round the instances of the target. */
  #turn: number;
  readonly #name: string;
  /** Participants of a room, where the profile claims a number and the scenario is not about it. */
  readonly #capacity: number;
  /** Tells the users of this scenario from those of others. */
  readonly #own: string;
  readonly #start = performance.now();
  readonly #intake: ScenarioIntake;

  constructor(scenario: ScenarioHead, shared: Shared) {
    const begun = shared.begun.get(scenario.name) ?? 0;
    shared.begun.set(scenario.name, begun + 1);
    this.shared = shared;
    this.#intake = shared.intake.open();
    this.#name = scenario.name;
    const { capacity = Number.POSITIVE_INFINITY } = shared.profile;
    this.#capacity = scenario.feature === 'capacity' ? Number.POSITIVE_INFINITY : capacity;
    this.profile = shared.profile;
    this.tokens = shared.tokens;
    this.timeoutMs = shared.timeoutMs;
    this.random = new Random(`${shared.seed}\n${scenario.name}\n${begun}`);
    this.ledger = new Ledger(scenario, () => this.trace.length - 1, shared.onJudgement);
    this.#own = this.random.hex(8);
    this.room = this.newRoom();
    this.#turn = this.random.below(shared.targets.length);
  }

  /** A room id nobody uses. */
  newRoom(): string {
    return `${this.shared.roomPrefix}${this.random.hex(16)}`;
  }

  /** The number of the instance whose turn it is, from 0. */
  nextInstance(): number {
    const instance = this.#turn % this.shared.targets.length;
    if (this.shared.sharesRooms) this.#turn += 1;
    return instance;
  }

  get dialect(): Dialect | undefined {
    return this.shared.dialect;
  }

  takeIn(frames: number, bytes: number): boolean {
    const fits = this.#intake.take(frames, bytes);
    if (!fits) this.shared.intake.noteFlood();
    return fits;
  }

  onDrop(instance: number): void {
    this.shared.onDrop?.(this.#name, instance);
  }

  /** The user who plays a participant: of this scenario alone, where a user can be in one room only. */
  userOf(name: string): string {
    return this.shared.usersOfItsOwn ? `${name}-${this.#own}` : name;
  }

  /** Throws {@link NotApplicable} where one more user in a room would be more than the profile claims to take. */
  claimPlace(name: string, room: string): void {
    const inside = this.participants.filter(
      ({ roomId, closed, name: other }) => roomId === room && !closed && other !== name,
    );
    if (new Set(inside.map((participant) => participant.name)).size < this.#capacity) return;
    throw new NotApplicable(`the profile claims rooms for ${this.#capacity}; this needs one place more`);
  }

  /** Milliseconds since the scenario began. */
  now(): number {
    return performance.now() - this.#start;
  }

  /** Writes down what happened; returns its position in the trace. */
  record(event: TraceEvent): number {
    this.shared.onEvent?.(this.#name, event);
    return this.trace.push(event) - 1;
  }

  /** True when a text carries a token or key of this run. */
  carriesSecret(text: string): boolean {
    return this.shared.secrets.occursIn(text);
  }

  /** Records a judgement and goes on. Returns whether it holds. */
  check(requirement: RequirementId | readonly RequirementId[], holds: boolean, observation: Observation): boolean {
    return this.ledger.check(requirement, holds, observation);
  }

  /** Records a judgement; where it fails, ends the scenario, because what follows builds on it. */
  require(requirement: RequirementId | readonly RequirementId[], holds: boolean, observation: Observation): void {
    this.ledger.require(requirement, holds, observation);
  }

  /** What keeps one more connection of a participant within the rate limit that the profile claims. */
  paceOf(name: string): Pace | undefined {
    const { rateLimit } = this.profile;
    const { patienceMs, paces } = this.shared;
    if (rateLimit === undefined) return undefined;
    if (rateLimit.per !== 'user') return new Pace(rateLimit, patienceMs);
    const user = this.userOf(name);
    const pace = paces.get(user) ?? new Pace(rateLimit, patienceMs);
    paces.set(user, pace);
    return pace;
  }

  /** Frees every connection. What still runs beside the scenario can begin none from now on. */
  async dispose(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.participants.map((participant) => participant.dispose(1000)));
    this.#intake.close();
  }
}
