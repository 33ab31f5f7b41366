/** Hears events of one type. What it throws is reported like an uncaught error and disturbs nobody else (CLIENT-8). */
export type Listener<Event> = (event: Event) => void;

/**
 * Delivers events in order, each to all listeners of its type before the next one. Until there is a listener it keeps
 * them; then it waits one microtask, so that all listeners added in one go hear everything.
 */
export class EventQueue<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<{ call: Listener<never> }>>();
  readonly #waiting: (() => void)[] = [];
  /** Position of the next in `#waiting`. */
  #next = 0;
  #flow: 'held' | 'starting' | 'idle' | 'delivering' = 'held';

  /** Adds a listener; the function it returns takes it away again. */
  on<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    const entry = { call: listener };
    listeners.add(entry);
    if (this.#flow === 'held') {
      this.#flow = 'starting';
      queueMicrotask(() => this.#deliver());
    }
    return () => {
      listeners.delete(entry);
    };
  }

  /** Queues an event. `before` runs when its turn has come, just before the listeners. */
  emit<Type extends keyof Events>(type: Type, event: Events[Type], before?: () => void): void {
    this.#waiting.push(() => {
      before?.();
      this.#call(type, event);
    });
    if (this.#flow === 'idle') this.#deliver();
  }

  /** Forgets what is not delivered yet. */
  clear(): void {
    this.#waiting.length = 0;
    this.#next = 0;
  }

  #deliver(): void {
    // An event emitted by a listener waits its turn: nobody hears it before the one that caused it.
    this.#flow = 'delivering';
    // By position: to shift thousands of them one by one takes time in their square.
    while (this.#next < this.#waiting.length) this.#waiting[this.#next++]?.();
    this.clear();
    this.#flow = 'idle';
  }

  #call<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    const listeners = this.#listeners.get(type) as Set<{ call: Listener<Events[Type]> }> | undefined;
    if (listeners === undefined) return;
    for (const entry of [...listeners]) {
      if (!listeners.has(entry)) continue;
      try {
        entry.call(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
