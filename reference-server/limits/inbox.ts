import type { RawData, WebSocket } from 'ws';

/** Frames of one connection that are handled in a row; then others have their turn, so that nobody's flood holds them up (ERROR-9). */
const framesInARow = 64;

/** Milliseconds that stand for the next turn of the event loop: less than any timer waits. */
const nextTurn = 0.5;

/** Handles a frame, or returns the milliseconds after which it may be tried again: then it is untouched. */
export type HandleFrame = (data: RawData, isBinary: boolean) => number;

/** What one connection sends, in order: handled as it comes, as long as that is not too much at once. */
export class Inbox {
  readonly #socket: WebSocket;
  readonly #handle: HandleFrame;
  readonly #readOn: () => void;
  /** Frames that came and were not handled yet; undefined where none waits, and the next is handled as it comes. */
  #waiting: [data: RawData, isBinary: boolean][] | undefined;
  #handledInRow = 0;
  /** Set when nothing that comes has an effect any more. */
  isMuted = false;
  #isHeld = false;
  #busySince = 0;
  #whenEmpty: (() => void) | undefined;

  /** `readOn` is called when all is handled, to read what was left unread meanwhile. */
  constructor(socket: WebSocket, handle: HandleFrame, readOn: () => void = () => {}) {
    this.#socket = socket;
    this.#handle = handle;
    this.#readOn = readOn;
  }

  /** Whether more is not to be read for now: something waits, or nothing has an effect any more. */
  get isBusy(): boolean {
    return this.#waiting !== undefined || this.isMuted;
  }

  /** Says that what comes now was read in one go. */
  begin(): void {
    this.#handledInRow = 0;
  }

  /** Milliseconds for which something has been waiting without a break. */
  get busyMs(): number {
    return this.#waiting === undefined ? 0 : performance.now() - this.#busySince;
  }

  /** Takes a frame in. */
  take(data: RawData, isBinary: boolean): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push([data, isBinary]);
      return;
    }
    const waitMs = this.#handledInRow++ < framesInARow ? this.#handle(data, isBinary) : nextTurn;
    if (waitMs === 0) return;
    this.#waiting = [[data, isBinary]];
    this.#busySince = performance.now();
    this.#stop(waitMs);
  }

  /** Keeps everything until a promise is done. */
  holdUntil(done: Promise<unknown>): void {
    this.#waiting ??= [];
    this.#isHeld = true;
    this.#socket.pause();
    done.then(() => {
      this.#isHeld = false;
      this.#goOn();
    });
  }

  /** Calls back when all that came is handled: at once where nothing waits. */
  whenEmpty(then: () => void): void {
    if (this.#waiting === undefined) then();
    else this.#whenEmpty = then;
  }

  /** Reads no more from the connection, for now. */
  #stop(waitMs: number): void {
    this.#socket.pause();
    if (waitMs <= nextTurn) setImmediate(this.#goOn);
    else setTimeout(this.#goOn, waitMs);
  }

  readonly #goOn = (): void => {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#isHeld) return;
    let waitMs = 0;
    let done = 0;
    for (; done < waiting.length && waitMs === 0; done++) {
      const [data, isBinary] = waiting[done] as [RawData, boolean];
      waitMs = done < framesInARow ? this.#handle(data, isBinary) : nextTurn;
    }
    // The one that has to wait is still to be handled.
    this.#waiting = waitMs > 0 ? waiting.slice(done - 1) : undefined;
    if (waitMs > 0) {
      this.#stop(waitMs);
      return;
    }
    this.#readOn();
    if (this.#waiting !== undefined) return;
    this.#socket.resume();
    this.#whenEmpty?.();
  };
}
