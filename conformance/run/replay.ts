import { readFile } from 'node:fs/promises';
import { roomIdPattern } from '../../generated/index.js';
import { UsageError } from '../inputs/usage-error.js';
import { Context, type Shared } from '../kit/context.js';
import type { Result, TraceEvent } from '../kit/outcome.js';
import type { Participant, Received } from '../kit/participant.js';
import { scenario } from '../kit/scenario.js';

/** The wire transcript of one scenario, out of a JSON report. */
export interface Transcript {
  scenario: string;
  events: TraceEvent[];
}

/** What a replay of one transcript gave. */
export interface Replay {
  scenario: string;
  /** Why it was not replayed. */
  skipped?: string;
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
    results = JSON.parse(text).results;
  } catch {
    throw new UsageError(`replay: ${file} is not JSON; make it with --reporter json=${file} --trace all`);
  }
  if (!Array.isArray(results)) throw new UsageError(`replay: ${file} is no report of this suite`);
  const transcripts = new Map<string, TraceEvent[]>();
  for (const { scenario: name, trace } of results as Result[]) if (trace) transcripts.set(name, trace);
  if (transcripts.size === 0) throw new UsageError(`replay: ${file} holds no transcripts; make it with --trace all`);
  return Array.from(transcripts, ([name, events]) => ({ scenario: name, events }));
}

/** Does again what the participants of a transcript did, in the same order, and compares what they receive. */
export async function replay({ scenario: name, events }: Transcript, shared: Shared): Promise<Replay> {
  const obstacle = whyNot(events);
  if (obstacle !== undefined) return { scenario: name, skipped: obstacle, differences: [] };
  const context = new Context(
    scenario(name, [], async () => {}),
    shared,
  );
  const player = new Player(events, context, shared.timeoutMs);
  try {
    return { scenario: name, differences: await player.play() };
  } finally {
    await context.dispose();
  }
}

/** Frames of the suite's own making and forged tokens are not in a transcript. */
function whyNot(events: readonly TraceEvent[]): string | undefined {
  if (events.some(({ kind }) => kind === 'send-frame')) return 'it sends frames that a transcript does not hold';
  if (events.some(({ kind }) => kind === 'refused')) return 'a handshake was refused in it';
  if (events.some(({ participant }) => participant === 'mallory'))
    return 'it uses tokens that a transcript does not hold';
  const crowd = events.findIndex(({ kind }, index) => kind === 'connect' && events[index + 1]?.kind === 'connect');
  if (crowd >= 0) return 'several connect at the same moment in it';
  if (!events.some(({ kind }) => kind === 'connect')) return 'nobody connects in it';
  return undefined;
}

const roomInPath = /\/webrtc\/ws\/([^?\s]*)/;

class Player {
  readonly #events: readonly TraceEvent[];
  readonly #context: Context;
  readonly #timeoutMs: number;
  /** What stands in the transcript, and what stands for it now: rooms and user ids. */
  readonly #names = new Map<string, string>();
  /** The latest connection of each participant, and how many frames of the transcript it should have received. */
  readonly #actors = new Map<string, { participant: Participant; expected: string[]; from: number }>();
  readonly #differences: string[] = [];

  constructor(events: readonly TraceEvent[], context: Context, timeoutMs: number) {
    this.#events = events;
    this.#context = context;
    this.#timeoutMs = timeoutMs;
  }

  async play(): Promise<string[]> {
    for (const { participant, kind, text } of this.#events) {
      if (kind !== 'identity') continue;
      const id = JSON.parse(text.slice(text.indexOf('"'))) as string;
      if (!this.#names.has(id)) this.#names.set(id, await this.#context.identity(participant));
    }
    for (const event of this.#events) {
      await this.#perform(event);
      if (this.#differences.length > 0) return this.#differences;
    }
    await this.#caughtUp();
    return this.#differences;
  }

  async #perform({ participant: name, kind, text }: TraceEvent): Promise<void> {
    const actor = this.#actors.get(name);
    switch (kind) {
      case 'connect':
        await this.#caughtUp();
        return this.#connect(name, text);
      case 'receive':
        actor?.expected.push(text);
        return;
      case 'send':
        await this.#caughtUp();
        await actor?.participant.untilHandshake(this.#timeoutMs);
        await actor?.participant.sendText(this.#translate(text));
        return;
      case 'ping':
        await actor?.participant.untilHandshake(this.#timeoutMs);
        await actor?.participant.ping(this.#timeoutMs);
        return;
      case 'close':
        await this.#caughtUp();
        await actor?.participant.untilHandshake(this.#timeoutMs);
        // What still comes to one who is leaving is a matter of luck.
        this.#actors.delete(name);
        if (text.startsWith('cuts')) actor?.participant.cut();
        else actor?.participant.close(Number(/\d+/.exec(text)?.[0] ?? 1000));
        return;
      default:
        return;
    }
  }

  async #connect(name: string, text: string): Promise<void> {
    const rawRoom = roomInPath.exec(text)?.[1] ?? '';
    // A short id, which a scenario chose for its shortness, would be found in other words too.
    const replaceable = roomIdPattern.test(rawRoom) && rawRoom.length >= 8;
    if (replaceable && !this.#names.has(rawRoom))
      this.#names.set(rawRoom, this.#context.newRoom().padEnd(rawRoom.length, 'x'));
    const token = text.includes('token=') ? {} : { token: null };
    const participant = await this.#context.connect(name, { rawRoom: this.#translate(rawRoom), ...token });
    this.#actors.set(name, { participant, expected: [], from: 0 });
  }

  #translate(text: string): string {
    let translated = text;
    for (const [old, now] of this.#names) if (old !== '') translated = translated.replaceAll(old, now);
    return translated;
  }

  /** Waits until everybody has received as much as in the transcript up to here, and compares it. */
  async #caughtUp(): Promise<void> {
    for (const [name, actor] of this.#actors) {
      const { participant, expected } = actor;
      const count = actor.from + expected.length;
      if (expected.length === 0) continue;
      await participant.until(({ index }) => index === count - 1, { timeoutMs: this.#timeoutMs });
      const received = participant.received.slice(actor.from, count);
      this.#compare(name, expected, received);
      actor.from = count;
      actor.expected = [];
    }
  }

  /** The order between senders is free, so the messages are compared by what they are, not by where they stand. */
  #compare(name: string, expected: readonly string[], received: readonly Received[]): void {
    const missing = expected.map(kindOf);
    const strange: string[] = [];
    for (const { text } of received) {
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
