/** Where lines go: a stream, or whatever takes text. */
export interface LineSink {
  write(text: string): unknown;
  /** Bytes that its reader has not taken yet. */
  readonly writableLength?: number;
  on?(event: 'error', listener: () => void): unknown;
  /** Whether people look on. */
  readonly isTTY?: boolean;
}

/** Bytes of the log that wait for a reader who does not take them; later lines are counted and left out. */
const mostWaiting = 1_048_576;

/** Milliseconds between two looks whether the reader took the rest. */
const lookMs = 20;

/** The log of a server, which goes on whatever becomes of the log's reader. */
export class LogOutput {
  readonly #sink: LineSink;
  #leftOut = 0;
  #isDead = false;

  constructor(sink: LineSink) {
    this.#sink = sink;
    // A reader that is gone is no reason to stop.
    sink.on?.('error', () => {
      this.#isDead = true;
    });
  }

  /** Writes a line, as long as the reader keeps up. */
  write(line: string): void {
    if (this.#isDead || this.#waiting > mostWaiting) {
      this.#leftOut += 1;
      return;
    }
    if (this.#leftOut > 0)
      this.#sink.write(
        `${JSON.stringify({ level: 40, time: Date.now(), leftOut: this.#leftOut, msg: 'log lines left out' })}\n`,
      );
    this.#leftOut = 0;
    this.#sink.write(line);
  }

  /** Resolves with whether the reader has taken everything, after so many milliseconds at most. */
  async drained(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (!this.#isDead && this.#waiting > 0) {
      if (performance.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    return true;
  }

  get #waiting(): number {
    return this.#sink.writableLength ?? 0;
  }
}
