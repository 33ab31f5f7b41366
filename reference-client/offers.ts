/** Tells which answer belongs to which offer; with each other participant one offer is under way at a time (CLIENT-20). */
export class Offers {
  /** Unlike those of the same user's earlier connections, whose answers may still be on their way. */
  readonly #prefix = Math.random().toString(36).slice(2, 12);
  #count = 0;
  /** Offers sent that have no final answer yet, by the user they went to. */
  readonly #sent = new Map<string, string>();
  /** The last offer of each user, where it had an id. */
  readonly #received = new Map<string, string>();

  /** Makes the id of an offer. */
  newId(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }

  /** An offer went out; an earlier one to the same user is no longer waited for. */
  sent(userId: string, offerId: string): void {
    this.#sent.set(userId, offerId);
  }

  /** An offer came in. */
  received(userId: string, offerId: string | null | undefined): void {
    if (typeof offerId === 'string') this.#received.set(userId, offerId);
    else this.#received.delete(userId);
  }

  /** The id for an answer to the last offer of this user. */
  idToAnswer(userId: string): string | undefined {
    return this.#received.get(userId);
  }

  /** An answer went out: whoever answers has given up an offer of its own (perfect negotiation, CLIENT-13). */
  answered(userId: string): void {
    this.#sent.delete(userId);
  }

  /** Tells whether an answer is the one that is waited for. One without an id is: older peers send it. */
  takes(userId: string, offerId: string | null | undefined, isFinal: boolean): boolean {
    if (typeof offerId === 'string' && offerId !== this.#sent.get(userId)) return false;
    if (isFinal) this.#sent.delete(userId);
    return true;
  }

  /** The user is gone, or came back as another connection. */
  forget(userId: string): void {
    this.#sent.delete(userId);
    this.#received.delete(userId);
  }

  /** All are gone. */
  clear(): void {
    this.#sent.clear();
    this.#received.clear();
  }
}
