import { type RequirementId, requirements } from '../../generated/index.js';
import type { Ending } from '../kit/ledger.js';
import { Aborted, Inconclusive, NotApplicable, type Result } from '../kit/outcome.js';
import { stopCodes } from '../kit/participant.js';
import type { Scenario } from '../kit/scenario.js';
import { ScenarioContext } from '../kit/scenario-context.js';
import type { Shared } from '../kit/shared.js';
import { judgeTrace } from '../monitor/monitor.js';
import type { TraceEvent } from '../trace/trace-event.js';
import { type Excuse, excuseResults, findExcuse, floods, limitsMessages, meetsRateLimit } from './excuses.js';
import { type MessageLimit, observeMessageLimit } from './message-limit.js';
import type { Cause, TraceMode } from './report.js';
import { StandstillWatch } from './standstill.js';
import { trimTrace } from './trim-trace.js';

/** What a scenario gave. */
interface Execution {
  results: Result[];
  trace: TraceEvent[];
}

/** Runs one scenario and gives its results; never throws. */
export async function runScenario(scenario: Scenario, shared: Shared, mode: TraceMode = 'fail'): Promise<Result[]> {
  const { results, trace } = await execute(scenario, shared);
  return withTraces(results, trace, mode);
}

/** Scenarios under way at once that look for what lasts for milliseconds. */
const mostSwift = 6;

async function execute(scenario: Scenario, shared: Shared, onBegin?: (t: ScenarioContext) => void): Promise<Execution> {
  const t = new ScenarioContext(scenario, shared);
  onBegin?.(t);
  let ending: Ending | undefined;
  try {
    await scenario.run(t);
  } catch (error) {
    ending = endOf(error);
  }
  t.ledger.close();
  await t.dispose();
  try {
    watch(t);
  } catch (error) {
    ending = endOf(error);
  }
  return { results: t.ledger.results(ending), trace: t.trace };
}

/** Judges everything that was received, whatever the scenario looked at. */
function watch({ trace, shared, ledger }: ScenarioContext): void {
  // What is spelt in another way is read as it was meant in the scenarios only.
  if (shared.dialect) return;
  const { findings } = judgeTrace(trace, {
    features: shared.profile.features,
    // Rooms of this run hold nobody but its participants.
    closedWorld: (room) => shared.roomPrefix !== '' && room.startsWith(shared.roomPrefix),
    isSecret: (text) => shared.secrets.occursIn(text),
  });
  for (const { requirement, expected, actual, event, schemaErrors } of findings)
    ledger.find(requirement, { expected, actual, shownBy: { event }, schemaErrors });
}

function endOf(error: unknown): Ending {
  if (error instanceof Aborted) {
    return {
      outcome: 'inconclusive',
      text: `not reached, because ${error.requirement} failed before`,
      blockedBy: error.requirement,
    };
  }
  if (error instanceof NotApplicable) return { outcome: 'not_applicable', text: error.message };
  if (error instanceof Inconclusive) {
    const { message, blockedBy } = error;
    return { outcome: 'inconclusive', text: message, ...(blockedBy && { blockedBy }) };
  }
  return { outcome: 'harness_error', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

const isBad = ({ outcome }: Result) => outcome === 'fail' || outcome === 'harness_error';

function withTraces(results: readonly Result[], trace: readonly TraceEvent[], mode: TraceMode): Result[] {
  if (mode === 'off' || (mode === 'fail' && !results.some(isBad))) return [...results];
  const events = trace.map((event) => ({ ...event, at: Math.round(event.at * 10) / 10 }));
  return results.map((result) => {
    if (mode !== 'all' && !isBad(result)) return result;
    const { trace: trimmed, failedEvent } = trimTrace({ trace: events, failedEvent: result.failedEvent });
    return { ...result, trace: [...trimmed], ...(failedEvent !== undefined && { failedEvent }) };
  });
}

/** Connections of so many scenarios that end within {@link atOnceMs}, and of others none that lasts, end because the target did. */
const manyScenarios = 3;
const atOnceMs = 100;

/** From so many milliseconds on without an answer to anybody, a target stands still; one that is slow anyway has longer. */
const standstillMs = 1000;

/** Milliseconds after which a target that accepts a request and does not answer it is away; one that is gone refuses at once. */
const leastPatienceMs = 5000;

const wentAway = 'the target went away and did not come back';

/** Milliseconds that one sender waits in all to keep within a limit that the profile does not state. */
const patienceMs = 45_000;

/** After so many flooded scenarios the others are not run any more. */
const mostFloods = 3;

/** A connection that ended as it does where a server stops. */
interface Drop {
  at: number;
  scenario: string;
  instance: number;
  /** A connection of a scenario that has ended outlived it. */
  isOutlived?: boolean;
}

/** Whether a connection of a scenario was open when others were dropped, and some time later, or until it was closed in order. */
function outlived(t: ScenarioContext, { at, instance }: Drop): boolean {
  const dropAt = at - (performance.now() - t.now());
  const open = new Set<number>();
  const others = new Set<number>();
  for (const event of t.trace) {
    if (event.at > dropAt + atOnceMs) break;
    if (!('connection' in event)) continue;
    if (event.kind === 'connect' && (event.instance ?? 0) !== instance) others.add(event.connection);
    if (event.kind === 'open' && event.at < dropAt && !others.has(event.connection)) open.add(event.connection);
    if (event.kind === 'closed' && event.code === 1000 && event.at > dropAt && open.has(event.connection)) return true;
    if (event.kind === 'close' && event.at > dropAt) continue;
    if (['close', 'cut', 'stall', 'closed'].includes(event.kind)) open.delete(event.connection);
  }
  return open.size > 0 && t.now() > dropAt + atOnceMs;
}

/**
 * Runs scenarios side by side. Where the target goes away meanwhile, it waits for it to come back and runs those that
 * were under way again, one at a time: what takes the target down alone is named.
 */
export class Executor {
  readonly causes: Cause[] = [];
  readonly #shared: Shared;
  readonly #mode: TraceMode;
  readonly #waitMs: number;
  readonly #finish: (scenario: Scenario, results: Result[]) => void;
  readonly #began = performance.now();
  readonly #underWay = new Map<string, ScenarioContext>();
  readonly #drops: Drop[] = [];
  readonly #again: Scenario[] = [];
  /** Scenarios in which somebody was told that it sends too much, to be judged when all have run. */
  readonly #limited: { scenario: Scenario; execution: Execution }[] = [];
  /** Scenarios with failures: with a limit of each user, those of one may have used up what another needed. */
  readonly #failed = new Set<Scenario>();
  /** Set when all who send keep within a limit that was observed. */
  #isPaced = false;
  #watch: StandstillWatch | undefined;
  /** While the target is away: resolves with whether it came back. */
  #away: Promise<boolean> | undefined;
  /** Why nothing more is run. */
  #gone: string | undefined;
  #floods = 0;

  constructor(
    shared: Shared,
    options: { trace: TraceMode; waitMs: number; finish: (scenario: Scenario, results: Result[]) => void },
  ) {
    this.#shared = shared;
    this.#mode = options.trace;
    this.#waitMs = options.waitMs;
    this.#finish = options.finish;
    shared.onDrop = (scenario, instance) => this.#drops.push({ at: performance.now(), scenario, instance });
  }

  /** Runs all of them, so many at once. */
  async runAll(scenarios: readonly Scenario[], workers: number): Promise<void> {
    let tellDone = () => {};
    this.#shared.othersDone = new Promise((resolve) => {
      tellDone = resolve;
    });
    this.#watch = new StandstillWatch(
      () => Math.max(standstillMs, this.#shared.quietMs),
      () => this.#answers(),
    );
    this.#shared.onEvent = (scenario, event) => this.#watch?.note(scenario, event);
    const dwelling = scenarios.filter((scenario) => scenario.dwelling).map((scenario) => this.#runOne(scenario));
    const others = scenarios.filter((scenario) => !scenario.dwelling);
    const slow = others.filter(({ swift }) => !swift);
    await this.#runSideBySide([...slow.filter(({ long }) => long), ...slow.filter(({ long }) => !long)], workers);
    await this.#runSideBySide(
      others.filter(({ swift }) => swift),
      Math.min(workers, mostSwift),
    );
    tellDone();
    await Promise.all(dwelling);
    this.#watch.stop();
    this.#shared.onEvent = undefined;
    // Whose id could not be learned while the target was away may be learned now.
    if (this.#again.length > 0) this.#shared.identities.clear();
    await this.#runAgainAlone();
    await this.#judgeLimited(workers);
  }

  async #runSideBySide(queue: Scenario[], workers: number): Promise<void> {
    const work = async () => {
      for (let scenario = queue.shift(); scenario; scenario = queue.shift()) await this.#runOne(scenario);
    };
    await Promise.all(Array.from({ length: Math.max(1, workers) }, work));
  }

  async #runAgainAlone(): Promise<void> {
    for (const scenario of this.#again.splice(0)) await this.#runAlone(scenario);
  }

  /** Finds out the limit that some scenarios met, and runs them again within it; where none is found, they stand as they are. */
  async #judgeLimited(workers: number): Promise<void> {
    const shared = this.#shared;
    const isUnknown = this.#limited.length > 0 && shared.profile.rateLimit === undefined && this.#gone === undefined;
    const limit = isUnknown ? await observeMessageLimit(shared) : undefined;
    if (limit === 'none') return this.#concludeUnlimited();
    if (limit === undefined) return this.#concludeLimited();
    this.#addCause({ text: describeLimit(limit) });
    shared.profile = { ...shared.profile, rateLimit: limit.pace };
    shared.patienceMs = patienceMs;
    shared.usersOfItsOwn ||= shared.tokens.capacity === Number.POSITIVE_INFINITY;
    // What was lost because of the limit is no longer lost.
    Object.assign(shared, { announcesNobody: false, relaysNothing: false, losesFirst: false });
    this.#isPaced = true;
    const hidden = this.#limited.splice(0).map(({ scenario }) => scenario);
    const again = new Set([...hidden, ...(limit.claim.per === 'user' ? this.#failed : [])]);
    await this.#runSideBySide([...again], shared.usersOfItsOwn ? workers : 1);
    await this.#runAgainAlone();
  }

  /** Where there is no limit, its code was the answer to something else. */
  #concludeUnlimited(): void {
    for (const { scenario, execution } of this.#limited.splice(0)) {
      const excuse = findExcuse(execution.trace, this.#shared);
      this.#conclude(scenario, execution, excuse?.because === limitsMessages ? undefined : excuse);
    }
  }

  #concludeLimited(): void {
    const limited = this.#limited
      .splice(0)
      .map((entry) => ({ ...entry, excuse: findExcuse(entry.execution.trace, this.#shared) }));
    // Whether a limit that was met after a few messages is one, other scenarios tell: those before may have used it up.
    const limit = limited.find(({ excuse }) => excuse?.because === limitsMessages)?.excuse;
    for (const { scenario, execution, excuse = limit } of limited) this.#conclude(scenario, execution, excuse);
  }

  /** Runs one that needs the target for itself, and may stop it. */
  async runExclusively(scenario: Scenario): Promise<void> {
    if (this.#gone !== undefined) return this.#giveUp(scenario);
    this.#end(scenario, await execute(scenario, this.#shared));
    this.#concludeLimited();
  }

  async #runOne(scenario: Scenario): Promise<void> {
    if (this.#away && !(await this.#away)) return this.#giveUp(scenario);
    if (this.#gone !== undefined) return this.#giveUp(scenario);
    const began = performance.now();
    const execution = await execute(scenario, this.#shared, (t) => this.#underWay.set(scenario.name, t));
    this.#noteSurvivors(scenario, began);
    if ((await this.#wentAway(scenario, execution, began)) || (await this.#stoodStill(execution, began)))
      this.#again.push(scenario);
    else this.#end(scenario, execution);
    this.#underWay.delete(scenario.name);
  }

  async #runAlone(scenario: Scenario): Promise<void> {
    if (this.#gone !== undefined) return this.#giveUp(scenario);
    const execution = await execute(scenario, this.#shared);
    if (!(await this.#isAway(execution))) return this.#end(scenario, execution);
    const text = `The target goes away in "${scenario.name}", run alone; ${lastSent(execution.trace)}.`;
    this.causes.push({ text });
    const [first] = scenario.requirements as [RequirementId];
    const blamed = execution.results.map((result) =>
      result.requirement === first
        ? { ...result, outcome: 'fail' as const, expected: requirements[first].text, actual: text }
        : result,
    );
    this.#end(scenario, { ...execution, results: blamed });
    if (!(await this.#cameBack())) this.#gone = wentAway;
  }

  #end(scenario: Scenario, execution: Execution): void {
    const { results, trace } = execution;
    const isAboutLimit = scenario.feature === 'rate-limit';
    const isFailed = results.some(({ outcome }) => outcome === 'fail') && !isAboutLimit;
    const isOpen = isFailed || results.some(({ outcome }) => outcome === 'inconclusive');
    const isFlooded = trace.some(({ kind }) => kind === 'flood');
    if (isOpen && !isAboutLimit && !isFlooded && !this.#isPaced && meetsRateLimit(trace))
      this.#limit(scenario, execution);
    else this.#conclude(scenario, execution, isFailed || isFlooded ? findExcuse(trace, this.#shared) : undefined);
  }

  #limit(scenario: Scenario, execution: Execution): void {
    // Where it is no mishap of a single scenario, those to come shall not use up what others need.
    const mayBeOfUser = this.#limited.push({ scenario, execution }) >= manyScenarios;
    if (mayBeOfUser && this.#shared.profile.rateLimit === undefined)
      this.#shared.usersOfItsOwn ||= this.#shared.tokens.capacity === Number.POSITIVE_INFINITY;
  }

  #conclude(scenario: Scenario, { results, trace }: Execution, excuse: Excuse | undefined): void {
    if (excuse && excuse.cause.text !== '') this.#addCause(excuse.cause);
    if (excuse?.because === floods && ++this.#floods >= mostFloods) this.#gone = floods;
    if (!this.#isPaced && results.some(({ outcome }) => outcome !== 'pass' && outcome !== 'not_applicable'))
      this.#failed.add(scenario);
    this.#finish(scenario, withTraces(excuse ? excuseResults(results, excuse) : results, trace, this.#mode));
  }

  /** One of a kind is enough: the sentence up to its first colon says which kind it is. */
  #addCause(cause: Cause): void {
    const kind = (text: string) => text.slice(0, text.indexOf(':'));
    if (!this.causes.some(({ text }) => kind(text) === kind(cause.text))) this.causes.push(cause);
  }

  /** Whether the target went away while a scenario was under way. */
  async #wentAway({ name }: Scenario, execution: Execution, began: number): Promise<boolean> {
    if (execution.results.every(({ outcome }) => outcome === 'pass' || outcome === 'not_applicable')) return false;
    const ended = await this.#findStop(began);
    if (!ended && !(await this.#isAway(execution))) return false;
    if (!this.#away) {
      const cause = this.#describeAway(name, ended);
      this.#away = this.#cameBack().then((isBack) => {
        // A target that kept its connections and answers again did not go away.
        if (ended || !isBack || !this.#watch?.found.some(({ to }) => to >= began)) this.causes.push(cause);
        return isBack;
      });
    }
    const isBack = await this.#away;
    if (isBack) this.#away = undefined;
    if (isBack) await this.#stoodStill(execution, began);
    if (!isBack) this.#gone = wentAway;
    return true;
  }

  /** Whether something failed while the target stood still; then it is tried again alone. */
  async #stoodStill({ results }: Execution, began: number): Promise<boolean> {
    if (!results.some(({ outcome }) => outcome === 'fail' || outcome === 'inconclusive')) return false;
    await this.#watch?.untilKnown();
    const found = this.#watch?.found.find(({ to }) => to >= began);
    if (found === undefined) return false;
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const names = found.waiting.slice(0, 5).map((name) => `"${name}"`);
    const more = found.waiting.length - names.length;
    this.#addCause({
      text: `The target stood still: for ${seconds(found.to - found.from)}, ${seconds(found.from - this.#began)} into the run, nothing came on any connection, though ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''} waited. What failed meanwhile is run again alone.`,
    });
    return true;
  }

  /** The first connection since a moment that ended because the target stopped, even if it answers again. */
  async #findStop(since: number): Promise<Drop | undefined> {
    for (const drop of this.#drops) {
      if (drop.at < since || !this.#isOneOfMany(drop)) continue;
      const early = drop.at + atOnceMs - performance.now();
      if (early >= 0) await new Promise((resolve) => setTimeout(resolve, early + 1));
      if (!this.#hasSurvivor(drop)) return drop;
    }
    return undefined;
  }

  #isOneOfMany({ at, instance }: Drop): boolean {
    const around = this.#drops.filter((drop) => drop.instance === instance && Math.abs(drop.at - at) <= atOnceMs);
    return new Set(around.map(({ scenario }) => scenario)).size >= manyScenarios;
  }

  /** Keeps in mind what the connections of a scenario that ends have to say of each drop. */
  #noteSurvivors({ name }: Scenario, began: number): void {
    const t = this.#underWay.get(name);
    for (const drop of this.#drops) if (t && !drop.isOutlived && drop.at >= began) drop.isOutlived = outlived(t, drop);
  }

  /** Whether a connection that was open at the time outlived it: then the target closed the others, and did not stop. */
  #hasSurvivor(drop: Drop): boolean {
    return drop.isOutlived === true || Array.from(this.#underWay.values()).some((t) => outlived(t, drop));
  }

  /** Whether a connection broke or none came about in a scenario, and the target answers nobody now. */
  async #isAway({ trace }: Execution): Promise<boolean> {
    const broke = trace.some(
      (event) => event.kind === 'unreachable' || (event.kind === 'closed' && stopCodes.includes(event.code)),
    );
    return broke && !(await this.#answers());
  }

  async #answers(): Promise<boolean> {
    const answers = await Promise.all(
      this.#shared.targets.map((target) =>
        target.requestConfig('GET', {}, Math.max(leastPatienceMs, this.#shared.timeoutMs)).then(
          () => true,
          () => false,
        ),
      ),
    );
    return answers.every(Boolean);
  }

  async #cameBack(): Promise<boolean> {
    const end = performance.now() + this.#waitMs;
    for (let pause = 50; ; pause = Math.min(2 * pause, 1000)) {
      if (await this.#answers()) return true;
      if (performance.now() + pause > end) return false;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #describeAway(noticedIn: string, ended: Drop | undefined): Cause {
    const at = ended?.at ?? performance.now();
    const what = ended ? 'its connections ended' : 'it answered no more';
    const seconds = ((at - this.#began) / 1000).toFixed(1);
    const suspects = Array.from(this.#underWay)
      .map(([name, t]) => ({ name, trace: t.trace, sentAt: lastSending(t.trace)?.at ?? -1, now: t.now() }))
      .sort((a, b) => a.now - a.sentAt - (b.now - b.sentAt))
      .slice(0, 5)
      .map(({ name, trace }) => `"${name}" (${lastSent(trace)})`);
    return {
      text: `The target went away: ${seconds} s into the run ${what}, noticed in "${noticedIn}". Under way, the likeliest first: ${suspects.join(', ')}. What was under way is run again alone, if the target comes back within ${Math.round(this.#waitMs / 1000)} s (--wait-for-target); by hand: --workers 1 --only ID.`,
    };
  }

  #giveUp(scenario: Scenario): void {
    const results = scenario.requirements.map(
      (requirement): Result => ({
        scenario: scenario.name,
        requirement,
        level: requirements[requirement].level,
        outcome: 'inconclusive',
        actual: this.#gone ?? wentAway,
      }),
    );
    this.#finish(scenario, results);
  }
}

function describeLimit({ claim: { burst, perSecond, per }, text }: MessageLimit): string {
  const claim = `rateLimit: {burst: ${burst}, perSecond: ${perSecond}${per ? `, per: ${per}` : ''}}`;
  return `The target limits messages: it takes ${text}. What met the limit was run again within it. The profile claims none: state it as ${claim}, and the suite keeps within it from the start.`;
}

function lastSending(trace: readonly TraceEvent[]) {
  return trace.findLast((event) => ['send', 'send-frames', 'connect', 'request'].includes(event.kind));
}

function lastSent(trace: readonly TraceEvent[]): string {
  const event = lastSending(trace);
  if (event?.kind === 'send') return `the last that ${event.participant} sent was ${event.text.slice(0, 120)}`;
  if (event?.kind === 'send-frames') return `the last that ${event.participant} sent was ${event.what}`;
  if (event?.kind === 'connect') return `${event.participant} was connecting`;
  return 'nothing was sent';
}
