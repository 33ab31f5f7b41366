import { closeCodes, type ErrorMessage, type ServerMessage } from '../generated/index.js';
import { type Backoff, backoffDelay } from './backoff.js';
import { roomUrl } from './endpoints.js';
import { InvalidOptionError, SignalingError, TokenError } from './errors.js';
import { EventQueue, type Listener } from './event-queue.js';
import {
  type ClosedEvent,
  type RoomEvents,
  type RoomParticipant,
  toIceCandidateInit,
  toRoomParticipant,
} from './events.js';
import { Offers } from './offers.js';
import { Outbox } from './outbox.js';
import { checkedMessage, descriptionMessage, iceCandidateMessage } from './outgoing.js';
import type { IceCandidate, SessionDescription } from './rtc.js';
import type { Schedule } from './scheduler.js';
import { noCloseFrame, Session, type SessionEnd, toRefusedError } from './session.js';
import { resolveToken, type TokenSource, tokenSubject } from './token.js';
import type { WebSocketConstructor } from './web-socket.js';

/** What a room connection is made from: `JoinRoomOptions` with nothing left open. */
export interface RoomConnectionSettings {
  readonly baseUrl: string;
  readonly roomId: string;
  readonly token: TokenSource;
  readonly userId: string | undefined;
  readonly WebSocket: WebSocketConstructor;
  readonly joinTimeoutMs: number;
  readonly backoff: Backoff;
  readonly schedule: Schedule;
}

/** Told once how the first attempt went. */
export interface JoinObserver {
  joined(room: RoomConnection): void;
  failed(error: SignalingError): void;
}

/**
 * A place in a room: who is there, what they signal, and the way to signal them. Made by `joinRoom`.
 *
 * After a lost connection it joins again by itself, except after close codes 1000, 1008 and 4001 (CLIENT-11,
 * CLIENT-12). A new `room_state` event then says that everything starts afresh.
 */
export class RoomConnection {
  readonly #settings: RoomConnectionSettings;
  readonly #events = new EventQueue<RoomEvents>();
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => {};
  #joinObserver: JoinObserver | undefined;
  #state: 'joined' | 'reconnecting' | 'closed' = 'reconnecting';
  #left = false;
  #session: Session | undefined;
  #cancelReconnect: (() => void) | undefined;
  #failedAttempts = 0;
  #cancelReset: (() => void) | undefined;
  #userId = '';
  #participants = new Map<string, RoomParticipant>();
  readonly #offers = new Offers();
  readonly #outbox: Outbox;

  /** Starts the first attempt. @internal */
  constructor(settings: RoomConnectionSettings, joinObserver: JoinObserver) {
    this.#settings = settings;
    this.#joinObserver = joinObserver;
    this.#outbox = new Outbox((text) => this.#session?.send(text), settings.schedule);
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    void this.#connect();
  }

  /** The room, as it was asked for. */
  get roomId(): string {
    return this.#settings.roomId;
  }

  /** This client's own user, the one that `others` of a `room_state` event leaves out. */
  get userId(): string {
    return this.#userId;
  }

  /**
   * `joined`: messages can be sent. `reconnecting`: an attempt is waited for or under way. `closed`: over, by `leave()`
   * or by the server.
   */
  get state(): 'joined' | 'reconnecting' | 'closed' {
    return this.#state;
  }

  /**
   * Who is in the room, this client's user included, as of the last event delivered; so a listener finds it in step
   * with its event. While reconnecting it stays as it was. Do not offer to those in it: a newcomer offers to the
   * `others` of its `room_state` event and to nobody else (CLIENT-3, CLIENT-4).
   */
  get participants(): readonly RoomParticipant[] {
    return [...this.#participants.values()];
  }

  /**
   * Adds a listener and returns the function that takes it away again. Everything since the join, its `room_state`
   * event first, is kept until the first listener is added, and delivered right after the code that adds it: add all
   * listeners in one go, without an `await` between them.
   */
  on<Type extends keyof RoomEvents>(type: Type, listener: Listener<RoomEvents[Type]>): () => void {
    return this.#events.on(type, listener);
  }

  /**
   * Sends an offer to one participant.
   *
   * @param description - such as `pc.localDescription`; its type must be `offer`.
   * @returns Whether it was handed to the WebSocket. `false` while reconnecting and after `leave()`: it would belong to
   * a peer connection that the next `room_state` makes void, so it is dropped.
   * @throws {@link InvalidMessageError} when it breaks the schema; nothing is sent then (CLIENT-14).
   */
  sendOffer(targetUserId: string, description: SessionDescription): boolean {
    const offerId = this.#offers.newId();
    const isSent = this.#send(descriptionMessage('offer', targetUserId, description, offerId));
    if (isSent) this.#offers.sent(targetUserId, offerId);
    return isSent;
  }

  /**
   * Sends an answer to the participant whose offer it answers (CLIENT-5); it names its last one (CLIENT-20).
   *
   * @param description - of type `answer` or `pranswer`.
   * @returns As {@link RoomConnection.sendOffer}.
   * @throws {@link InvalidMessageError} when it breaks the schema; nothing is sent then (CLIENT-14).
   */
  sendAnswer(targetUserId: string, description: SessionDescription): boolean {
    const offerId = this.#offers.idToAnswer(targetUserId);
    const isSent = this.#send(descriptionMessage('answer', targetUserId, description, offerId));
    if (isSent) this.#offers.answered(targetUserId);
    return isSent;
  }

  /**
   * Sends a candidate to the participant it was found for (CLIENT-6). It names its media section (CLIENT-16).
   *
   * @param candidate - such as `event.candidate` of `icecandidate`; null is the end of candidates (ICE-2).
   * @returns As {@link RoomConnection.sendOffer}.
   * @throws {@link InvalidMessageError} when it breaks the schema; nothing is sent then (CLIENT-14).
   */
  sendIceCandidate(targetUserId: string, candidate: IceCandidate | null): boolean {
    return this.#send(iceCandidateMessage(targetUserId, candidate));
  }

  /**
   * Leaves the room: closes with 1000 and sends nothing after (CLIENT-10). Of events only `closed` is delivered from
   * now on. Can be called again, and after the server closed.
   *
   * @returns Resolves when the connection is closed; never rejects. With a server that does not answer the closing
   * handshake that takes as long as the WebSocket waits for it (ws: 30 s).
   */
  leave(): Promise<void> {
    if (this.#state !== 'closed') {
      this.#state = 'closed';
      this.#left = true;
      this.#events.clear();
      this.#cancelReconnect?.();
      if (this.#session === undefined) this.#finish({ closeCode: closeCodes.NORMAL.code, reason: '' });
      else this.#session.close();
    }
    return this.#closed;
  }

  async #connect(): Promise<void> {
    const { baseUrl, roomId, WebSocket, joinTimeoutMs, schedule } = this.#settings;
    try {
      const token = await resolveToken(this.#settings.token, { timeoutMs: joinTimeoutMs, schedule });
      if (this.#left) return;
      const url = roomUrl(baseUrl, roomId, token);
      this.#session = new Session(
        { url, roomId, token, WebSocket, joinTimeoutMs, schedule },
        {
          received: (message) => this.#received(message, token),
          unknown: (event) => {
            if (!this.#left) this.#events.emit('unknown', event);
          },
          ended: (end) => this.#ended(end),
        },
      );
    } catch (error) {
      if (this.#left) return;
      if (!(error instanceof SignalingError)) throw error;
      // The next token may be there; a wrong option stays wrong.
      this.#ended({ closeCode: noCloseFrame, reason: '', error, reconnect: error instanceof TokenError });
    }
  }

  #received(message: ServerMessage, token: string): void {
    if (this.#left) return;
    switch (message.type) {
      case 'room_state': {
        // JOIN-12: only a server that does not say leaves it to be read from the token.
        const ownId = this.#settings.userId ?? message.payload.your_user_id ?? tokenSubject(token);
        if (ownId === undefined) {
          this.#session?.giveUp(new InvalidOptionError('userId', unknownUser));
          return;
        }
        this.#userId = ownId;
        this.#offers.clear();
        const { schedule } = this.#settings;
        const participants = message.payload.participants.map(toRoomParticipant);
        const others = participants.filter(({ userId }) => userId !== this.#userId);
        const present = new Map(participants.map((participant) => [participant.userId, participant]));
        this.#state = 'joined';
        // CLIENT-12: a server that lets in and throws out at once is not to be stormed.
        this.#cancelReset = schedule(() => {
          this.#failedAttempts = 0;
        }, heldMs);
        this.#events.emit('room_state', { participants, others, message }, () => {
          this.#participants = present;
        });
        if (this.#joinObserver !== undefined) {
          // Before any listener can be there: whoever awaits joinRoom finds the room filled.
          this.#participants = present;
          this.#joinObserver.joined(this);
          this.#joinObserver = undefined;
        }
        return;
      }
      case 'user_joined': {
        const participant = toRoomParticipant(message.payload);
        this.#offers.forget(participant.userId);
        this.#events.emit('user_joined', { participant, message }, () => {
          this.#participants.set(participant.userId, participant);
        });
        return;
      }
      case 'user_left': {
        const { user_id: userId, username, reason } = message.payload;
        this.#offers.forget(userId);
        const known = { ...(username !== undefined && { username }), ...(reason !== undefined && { reason }) };
        this.#events.emit('user_left', { userId, ...known, message }, () => {
          this.#participants.delete(userId);
        });
        return;
      }
      case 'offer': {
        const { type, sdp, offer_id: offerId } = message.payload;
        this.#offers.received(message.sender_id, offerId);
        this.#events.emit('offer', { senderId: message.sender_id, description: { type, sdp }, message });
        return;
      }
      case 'answer': {
        const { type, sdp, offer_id: offerId } = message.payload;
        if (!this.#offers.takes(message.sender_id, offerId, type === 'answer')) {
          const error = { code: 'INVALID_MESSAGE', message: 'An answer to an offer that is not waited for' } as const;
          this.#events.emit('unknown', { data: JSON.stringify(message), error });
          return;
        }
        this.#events.emit('answer', { senderId: message.sender_id, description: { type, sdp }, message });
        return;
      }
      case 'ice_candidate':
        this.#events.emit('ice_candidate', {
          senderId: message.sender_id,
          candidate: toIceCandidateInit(message),
          message,
        });
        return;
      case 'error':
        this.#events.emit('error', {
          error: toRefusedError(message, token),
          isResent: this.#resends(message),
          message,
        });
    }
  }

  #resends({ payload: { code, details } }: ErrorMessage): boolean {
    return (
      code === 'RATE_LIMIT_EXCEEDED' && this.#outbox.refused(details?.message_id, details?.retry_after_ms ?? 1_000)
    );
  }

  #ended({ closeCode, reason, error, reconnect }: SessionEnd): void {
    this.#session = undefined;
    this.#cancelReset?.();
    this.#outbox.clear();
    if (this.#left) {
      this.#finish({ closeCode, reason });
      return;
    }
    if (this.#joinObserver !== undefined) {
      // Whoever called joinRoom decides: a browser cannot tell an outage from an HTTP refusal (AUTH-7).
      this.#joinObserver.failed(error);
      this.#joinObserver = undefined;
      this.#finish({ closeCode, reason, error });
      return;
    }
    const { backoff, schedule } = this.#settings;
    if (!reconnect || this.#failedAttempts >= backoff.maxAttempts) {
      this.#finish({ closeCode, reason, error });
      return;
    }
    this.#state = 'reconnecting';
    const delayMs = backoffDelay(this.#failedAttempts, backoff);
    this.#failedAttempts += 1;
    // Before the event: its listener may leave.
    this.#cancelReconnect = schedule(() => void this.#connect(), delayMs);
    this.#events.emit('reconnecting', { attempt: this.#failedAttempts, delayMs, error });
  }

  #finish(event: ClosedEvent): void {
    this.#state = 'closed';
    this.#events.emit('closed', event);
    this.#resolveClosed();
  }

  #send(draft: Parameters<typeof checkedMessage>[0]): boolean {
    const id = this.#outbox.newId();
    const message = checkedMessage(draft, this.roomId, id);
    if (this.#left || this.#session?.joined !== true) return false;
    return this.#outbox.send(id, message);
  }
}

/** Milliseconds after which a connection counts as one that holds: the next loss is waited for as little as the first. */
const heldMs = 10_000;

const unknownUser = 'is needed: neither the server nor the sub claim of the token says who the user is';
