/** Pings and pongs that one connection may send within {@link spanMs}: hundreds at once are answered (LIVE-1). */
const mostFrames = 2_000;
const spanMs = 10_000;

/** Counts the pings and pongs of one connection, which cost nothing to send and time to take. */
export class ControlFrames {
  #count = 0;
  #since = 0;

  /** Counts one more; true where they are too many. */
  areTooMany(): boolean {
    const now = performance.now();
    if (now - this.#since > spanMs) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count > mostFrames;
  }
}
