import type { ConnectionNumber } from '../trace/trace-event.js';

type End = { readonly connection: ConnectionNumber };

/** From whom to whom messages arrived in a scenario, and where the first message after a join was lost. */
export class Paths {
  readonly #working = new Set<string>();
  readonly #lost = new Set<string>();

  /** True when an earlier message arrived. */
  works(sender: End, receiver: End): boolean {
    return this.#working.has(keyOf(sender, receiver));
  }

  /** A message arrived. Returns true when the first one after a join was lost on the same way. */
  arrived(sender: End, receiver: End): boolean {
    const key = keyOf(sender, receiver);
    this.#working.add(key);
    return this.#lost.delete(key);
  }

  /** The first message after a join did not arrive. */
  lost(sender: End, receiver: End): void {
    this.#lost.add(keyOf(sender, receiver));
  }
}

function keyOf(sender: End, receiver: End): string {
  return `${sender.connection}>${receiver.connection}`;
}
