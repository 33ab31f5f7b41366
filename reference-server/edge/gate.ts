import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { ProtocolError } from '../../generated/index.js';
import type { Identity, Verify } from '../core/admission.js';
import { type Answer, problem } from '../core/config-answer.js';
import type { Place } from '../core/place.js';
import { isAllowedOrigin } from '../limits/allowed-origin.js';
import { clientAddress } from '../limits/client-address.js';
import { Holdings } from '../limits/holdings.js';
import { Remembered } from '../limits/remembered.js';
import { type RateLimit, TokenBucket } from '../limits/token-bucket.js';
import type { Decisions } from './decisions.js';

/** What a gate decides by. */
export interface GateOptions {
  decisions: Decisions;
  verify: Verify;
  basePath: string;
  allowedOrigins?: readonly string[] | undefined;
  connectionsPerUser?: number | undefined;
  connectionsPerAddress?: number | undefined;
  /** How often a user may enter a room. */
  joinRate: RateLimit;
  trustedProxies: number;
  log: Logger;
}

/** What becomes of a handshake: an HTTP answer, a connection that is refused in words, or one that enters a room. */
export type HandshakeDecision =
  | { type: 'answer'; answer: Answer; address: string }
  | { type: 'refuse'; roomId: string; error: ProtocolError; address: string }
  | { type: 'enter'; roomId: string; identity: Identity; address: string };

/** Those who came too often that are known by their token. */
const mostTurnedAway = 1_000;

function tooOften(waitMs: number): Answer {
  return problem(429, 'You enter this room too often.', { 'retry-after': String(Math.ceil(waitMs / 1000)) });
}

/** Decides on WebSocket handshakes. */
export class Gate {
  readonly #options: GateOptions;
  readonly #roomsOfUser: Holdings<string> | undefined;
  readonly #socketsOfAddress: Holdings<Duplex> | undefined;
  readonly #joins: Remembered<TokenBucket>;
  /** When those who came too often may come again, by room and token. */
  readonly #turnedAway = new Map<string, number>();

  constructor(options: GateOptions) {
    this.#options = options;
    const { connectionsPerUser, connectionsPerAddress } = options;
    this.#roomsOfUser = connectionsPerUser === undefined ? undefined : new Holdings(connectionsPerUser);
    this.#joins = new Remembered(() => new TokenBucket(options.joinRate));
    this.#socketsOfAddress = connectionsPerAddress === undefined ? undefined : new Holdings(connectionsPerAddress);
  }

  /** Decides before the handshake ends, so that joining is one step with becoming able to speak (AUTH-6). */
  async decide(request: IncomingMessage, socket: Duplex): Promise<HandshakeDecision> {
    const { decisions, basePath, trustedProxies } = this.#options;
    const address = clientAddress(request, trustedProxies);
    const place = decisions.locate(request.url ?? '', basePath);
    if (place === undefined)
      return { type: 'answer', answer: problem(404, 'There is no WebSocket at this path.'), address };

    // Before the token costs anything; and not in words, which would tell all behind one address to stay away (CLIENT-11).
    if (this.#socketsOfAddress?.take(address, socket, socket) === false) {
      const answer = problem(429, 'This address has too many connections.', { 'retry-after': '5' });
      return { type: 'answer', answer, address };
    }

    const { roomId } = place;
    // Whoever was turned away for that is so before its token costs anything again.
    const key = `${roomId}\n${place.tokens[0]}`;
    const early = (this.#turnedAway.get(key) ?? 0) - performance.now();
    if (early > 0) return { type: 'answer', answer: tooOften(early), address };
    const admission = await this.#admitUser(place, request.headers);
    if (!admission.ok) return { type: 'refuse', roomId, error: admission.error, address };
    const { identity } = admission;
    const waitMs = this.#join(`${roomId}\n${identity.userId}`);
    if (waitMs > 0) {
      if (this.#turnedAway.size >= mostTurnedAway) this.#turnedAway.clear();
      this.#turnedAway.set(key, performance.now() + waitMs);
      return { type: 'answer', answer: tooOften(waitMs), address };
    }
    this.#turnedAway.delete(key);
    if (this.#roomsOfUser?.take(identity.userId, roomId, socket) === false) {
      const error: ProtocolError = {
        code: 'RATE_LIMIT_EXCEEDED',
        message: 'You are in too many rooms; leave one first.',
      };
      return { type: 'refuse', roomId, error, address };
    }
    return { type: 'enter', roomId, identity, address };
  }

  /** Counts one more time that somebody enters a room: 0, or the milliseconds that it is too early. */
  #join(key: string): number {
    const waitMs = this.#joins.hold(key).take();
    this.#joins.release(key);
    return waitMs;
  }

  async #admitUser(
    place: Place,
    { origin, host }: IncomingMessage['headers'],
  ): Promise<{ ok: true; identity: Identity } | { ok: false; error: ProtocolError }> {
    const { decisions, verify, allowedOrigins, log } = this.#options;
    if (!isAllowedOrigin(origin, allowedOrigins, host)) {
      const message = `Pages of the origin ${JSON.stringify(origin?.slice(0, 200))} may not connect.`;
      return { ok: false, error: { code: 'UNAUTHORIZED', message } };
    }
    try {
      const admission = await decisions.admit(place.tokens, verify);
      if (!admission.ok) return { ok: false, error: { code: 'UNAUTHORIZED', message: admission.reason } };
      // AUTH-8: only who is known is told that the room is none.
      return place.fault === undefined ? admission : { ok: false, error: place.fault };
    } catch (error) {
      log.error({ err: error }, 'token not checked');
      return { ok: false, error: { code: 'INTERNAL_ERROR', message: 'The token cannot be checked at the moment.' } };
    }
  }
}
