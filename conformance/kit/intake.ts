/** What the suite keeps of what a target sends: in one scenario, and in all that are under way. */
const most = { ofScenario: { frames: 40_000, bytes: 64 << 20 }, ofAll: { frames: 60_000, bytes: 80 << 20 } };

/** What is left of that once the target was seen to flood. */
const leftAfterFlood = 1 / 16;

/** Bytes that a frame takes when it is read: as text, in its members, and for each array and object in it. */
export function memoryOf(text: string): number {
  let nested = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === openBracket || code === openBrace) nested += 1;
  }
  return 2 * text.length + 64 * nested;
}

const openBracket = 0x5b;
const openBrace = 0x7b;

/** In words, for reports. */
export const intakeLimit = `${most.ofScenario.frames.toLocaleString('en-US')} messages, or ${most.ofScenario.bytes >> 20} MiB of memory, in a scenario`;

/** Counts what the scenarios under way have received, so that no target fills the memory. */
export class Intake {
  #frames = 0;
  #bytes = 0;
  #share = 1;

  /** The target floods: from now on less is kept. */
  noteFlood(): void {
    this.#share = leftAfterFlood;
  }

  /** Begins to count for one scenario. */
  open(): ScenarioIntake {
    return new ScenarioIntake((frames, bytes) => {
      this.#frames += frames;
      this.#bytes += bytes;
      return this.#frames <= this.#share * most.ofAll.frames && this.#bytes <= this.#share * most.ofAll.bytes;
    });
  }
}

/** What one scenario has received. */
export class ScenarioIntake {
  readonly #add: (frames: number, bytes: number) => boolean;
  #frames = 0;
  #bytes = 0;

  constructor(add: (frames: number, bytes: number) => boolean) {
    this.#add = add;
  }

  /** Counts frames and bytes. Returns false where they are more than is kept. */
  take(frames: number, bytes: number): boolean {
    this.#frames += frames;
    this.#bytes += bytes;
    const fitsAll = this.#add(frames, bytes);
    return fitsAll && this.#frames <= most.ofScenario.frames && this.#bytes <= most.ofScenario.bytes;
  }

  /** Gives back what was counted: the scenario is over. */
  close(): void {
    this.#add(-this.#frames, -this.#bytes);
    this.#frames = 0;
    this.#bytes = 0;
  }
}
