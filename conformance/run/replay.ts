import { readFile } from 'node:fs/promises';
import { roomIdPattern } from '../../generated/index.js';
import { UsageError } from '../inputs/usage-error.js';
import { requestConfig } from '../kit/config-request.js';
import { connect, identity } from '../kit/lobby.js';
import type { Result } from '../kit/outcome.js';
import type { Participant } from '../kit/participant.js';
import { ScenarioContext } from '../kit/scenario-context.js';
import type { Shared } from '../kit/shared.js';
import type { ConnectionNumber, TraceEvent } from '../trace/trace-event.js';

/** The wire transcript of one scenario, out of a JSON report. */
export interface Transcript {
  scenario: string;
  events: TraceEvent[];
}

/** What a replay of one transcript gave. */
export interface Replay {
  scenario: string;
  /** Why it was not reproduced; nothing is known of the target then. */
  notReproduced?: string;
  /** Where the target answered otherwise than in the transcript; empty if nowhere. */
  differences: string[];
}

/** Reads the transcripts of a JSON report, one a scenario. Throws {@link UsageError}. */
export async function readTranscripts(file: string): Promise<Transcript[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`replay: cannot read ${file} (${error.code})`);
  });
  let results: unknown;
  try {
    results = JSON.parse(text)?.results;
  } catch {
    throw new UsageError(`replay: ${file} is not JSON; make it with --reporter json=${file} --trace all`);
  }
  if (!Array.isArray(results)) throw new UsageError(`replay: ${file} is no report of this suite`);
  const transcripts = new Map<string, TraceEvent[]>();
  for (const { scenario: name, trace } of results as Result[]) {
    if (!trace) continue;
    if (!trace.every(isTyped)) {
      throw new UsageError(
        `replay: ${file} was written by another version of the suite; make it again with --reporter json=${file} --trace all`,
      );
    }
    transcripts.set(name, trace);
  }
  if (transcripts.size === 0) throw new UsageError(`replay: ${file} holds no transcripts; make it with --trace all`);
  return Array.from(transcripts, ([name, events]) => ({ scenario: name, events }));
}

/** Earlier versions of the suite wrote down what happened in words. */
function isTyped(event: TraceEvent): boolean {
  return event.kind !== 'connect' || typeof event.requestTarget === 'string';
}

/** Does again what the participants of a transcript did, in the same order, and compares what they receive. */
export async function replay({ scenario, events }: Transcript, shared: Shared): Promise<Replay> {
  const obstacle = whyNot(events);
  if (obstacle !== undefined) return { scenario, notReproduced: obstacle, differences: [] };
  const context = new ScenarioContext({ name: scenario, requirements: [] }, shared);
  try {
    return { scenario, differences: await new Player(events, context).play() };
  } finally {
    await context.dispose();
  }
}

/** What a transcript does not hold cannot be done again, and what depended on chance need not come out the same. */
function whyNot(events: readonly TraceEvent[]): string | undefined {
  const names = new Set(events.flatMap((event) => (event.kind === 'identity' ? [event.userId] : [])));
  for (const [index, event] of events.entries()) {
    if ((event.kind === 'connect' || event.kind === 'request') && event.credential === 'forged')
      return 'it uses tokens that a transcript does not hold';
    if (event.kind === 'connect' && event.requestTarget.includes('token='))
      if (event.credential !== 'valid' || !event.requestTarget.endsWith('token=[redacted]'))
        return 'it writes the token in a way that a transcript does not hold';
    if (event.kind === 'connect' && events[index + 1]?.kind === 'connect')
      return 'several connect at the same moment in it';
    if (event.kind === 'left-out' || ('length' in event && event.length !== undefined))
      return 'the transcript was cut, for it was too large for a report';
    if (event.kind === 'operator') return 'the service itself is stopped in it';
    if (event.kind !== 'send-frames') continue;
    if (event.frames.some(({ data }) => data === undefined)) return 'it sends frames too long for a transcript';
    const text = Buffer.concat(event.frames.map(({ data }) => Buffer.from(data ?? '', 'latin1'))).toString();
    if ([...names].some((userId) => text.includes(userId))) return 'it sends frames of its own that name users';
  }
  if (!events.some(({ kind }) => kind === 'connect' || kind === 'request')) return 'nobody connects in it';
  return undefined;
}

const roomInPath = /\/webrtc\/ws\/([^?]*)/;

/** One connection of the transcript, and the one that stands for it now. */
interface Actor {
  participant: Participant;
  /** What it received in the transcript and is not compared yet. */
  expected: { text: string; at: number }[];
  /** How many frames are compared already. */
  compared: number;
  /** How many binary frames it received in the transcript. */
  binaryFrames: number;
  /** It ended the connection itself, or reads no more: what still comes is a matter of luck. */
  gone: boolean;
}

class Player {
  readonly #events: readonly TraceEvent[];
  readonly #t: ScenarioContext;
  /** What stands in the transcript, and what stands for it now: rooms and user ids. */
  readonly #names = new Map<string, string>();
  readonly #actors = new Map<ConnectionNumber, Actor>();
  readonly #differences: string[] = [];
  /** When the participants last did something, in milliseconds of the transcript. */
  #actedAt = 0;

  constructor(events: readonly TraceEvent[], context: ScenarioContext) {
    this.#events = events;
    this.#t = context;
  }

  async play(): Promise<string[]> {
    for (const event of this.#events) {
      if (event.kind !== 'identity' || this.#names.has(event.userId)) continue;
      this.#names.set(event.userId, await identity(this.#t, event.participant));
    }
    for (const [position, event] of this.#events.entries()) {
      await this.#perform(event, position);
      if (this.#differences.length > 0) return this.#differences;
    }
    await this.#caughtUp();
    return this.#differences;
  }

  async #perform(event: TraceEvent, position: number): Promise<void> {
    if (event.kind === 'request') {
      await this.#caughtUp();
      return this.#request(
        event,
        this.#events.slice(position).find(({ kind }) => kind === 'response'),
      );
    }
    if (!('connection' in event)) return;
    if (event.kind === 'connect') {
      await this.#caughtUp();
      this.#actedAt = event.at;
      return this.#connect(event);
    }
    const actor = this.#actors.get(event.connection);
    if (!actor) return;
    switch (event.kind) {
      case 'receive':
        actor.expected.push(event);
        return;
      case 'receive-binary':
        actor.binaryFrames += 1;
        return;
      case 'refused':
        return this.#expectRefusal(actor.participant, event.status);
      case 'closed':
        await this.#caughtUp();
        return this.#expectClosed(actor, event);
      case 'send':
      case 'send-frames':
      case 'ping':
      case 'close':
      case 'cut':
      case 'stall':
      case 'resume':
        await this.#caughtUp();
        await actor.participant.untilHandshake(this.#t.timeoutMs);
        this.#actedAt = event.at;
        return this.#act(actor, event);
      default:
        return;
    }
  }

  async #act(actor: Actor, event: TraceEvent): Promise<void> {
    const { participant } = actor;
    switch (event.kind) {
      case 'send':
        await participant.sendText(this.#translate(event.text));
        return;
      case 'send-frames':
        await participant.sendFrames(
          event.what,
          event.frames.map(({ opcode, fin, data = '' }) => [opcode, Buffer.from(data, 'latin1'), fin]),
        );
        return;
      case 'ping':
        await participant.ping(this.#t.timeoutMs);
        return;
      case 'close':
        actor.gone = true;
        return participant.close(event.code ?? null);
      case 'cut':
        actor.gone = true;
        return participant.cut({ reset: event.reset });
      case 'stall':
        actor.gone = true;
        return participant.stall();
      case 'resume':
        return participant.resume();
      default:
        return;
    }
  }

  async #connect(event: Extract<TraceEvent, { kind: 'connect' }>): Promise<void> {
    const rawRoom = roomInPath.exec(event.requestTarget)?.[1] ?? '';
    // A short id, which a scenario chose for its shortness, would be found in other words too.
    const replaceable = roomIdPattern.test(rawRoom) && rawRoom.length >= 8;
    if (replaceable && !this.#names.has(rawRoom))
      this.#names.set(rawRoom, this.#t.newRoom().padEnd(rawRoom.length, 'x'));
    const participant = await connect(this.#t, event.participant, {
      rawRoom: this.#translate(rawRoom),
      ...(event.credential === 'none' && { token: null }),
      ...this.#sameInstance(event),
    });
    this.#actors.set(event.connection, { participant, expected: [], compared: 0, binaryFrames: 0, gone: false });
  }

  /** The instance that it was then, where the target has as many now. */
  #sameInstance({ instance = 0 }: { instance?: number }): { instance?: number } {
    return instance < this.#t.shared.targets.length ? { instance } : {};
  }

  async #request(
    { method, credential, headers }: Extract<TraceEvent, { kind: 'request' }>,
    before: TraceEvent | undefined,
  ): Promise<void> {
    const answer = await requestConfig(this.#t, {
      method,
      ...(credential === 'none' && { token: null }),
      ...(headers && { headers }),
    });
    if (before?.kind === 'response' && before.status !== answer.status)
      this.#differences.push(`${method} was answered ${answer.status}, in the transcript ${before.status}`);
  }

  async #expectRefusal(participant: Participant, status: number): Promise<void> {
    const handshake = await participant.untilHandshake(this.#t.timeoutMs);
    const now = handshake?.kind === 'http' ? `HTTP ${handshake.status}` : (handshake?.kind ?? 'no answer');
    if (now !== `HTTP ${status}`)
      this.#differences.push(
        `the handshake of ${participant.name} was answered ${now}, in the transcript HTTP ${status}`,
      );
  }

  async #expectClosed({ participant, gone, binaryFrames }: Actor, { code, at }: { code: number; at: number }) {
    if (gone) return;
    const closed = await participant.untilClosed(this.#patience(at));
    if (closed?.code !== code) {
      const now = closed ? `was closed ${closed.code}` : 'stayed connected';
      this.#differences.push(`${participant.name} ${now}, in the transcript it was closed ${code}`);
    }
    if (participant.binaryFrames !== binaryFrames)
      this.#differences.push(
        `${participant.name} received ${participant.binaryFrames} binary frames, in the transcript ${binaryFrames}`,
      );
  }

  /** As long as it took in the transcript, and the time limit beyond. */
  #patience(at: number): number {
    return this.#t.timeoutMs + Math.max(0, at - this.#actedAt);
  }

  #translate(text: string): string {
    let translated = text;
    for (const [old, now] of this.#names) if (old !== '') translated = translated.replaceAll(old, now);
    return translated;
  }

  /** Waits until everybody has received as much as in the transcript up to here, and compares it. */
  async #caughtUp(): Promise<void> {
    for (const actor of this.#actors.values()) {
      const { participant, expected, gone } = actor;
      const last = expected.at(-1);
      if (last === undefined || gone) continue;
      const count = actor.compared + expected.length;
      await participant.until(({ index }) => index === count - 1, { timeoutMs: this.#patience(last.at) });
      this.#compare(
        participant.name,
        expected.map(({ text }) => text),
        participant.received.slice(actor.compared, count).map(({ text }) => text),
      );
      actor.compared = count;
      actor.expected = [];
    }
  }

  /** The order between senders is free, so the messages are compared by what they are, not by where they stand. */
  #compare(name: string, expected: readonly string[], received: readonly string[]): void {
    const missing = expected.map(kindOf);
    const strange: string[] = [];
    for (const text of received) {
      const at = missing.indexOf(kindOf(text));
      if (at >= 0) missing.splice(at, 1);
      else strange.push(kindOf(text));
    }
    for (const kind of missing) this.#differences.push(`${name} did not receive ${kind}`);
    for (const kind of strange) this.#differences.push(`${name} received ${kind}, which is not in the transcript`);
  }
}

/** What a frame is: its type, and for an error its code. */
function kindOf(text: string): string {
  try {
    const { type, payload } = JSON.parse(text);
    return type === 'error' ? `error ${payload?.code}` : String(type);
  } catch {
    return 'a frame that is not JSON';
  }
}
