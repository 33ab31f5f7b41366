import type { ErrorCode, ErrorDetails, SchemaViolation } from '../generated/index.js';

/** An {@link ErrorCode}, or a code of a later version of the protocol (CLIENT-17). */
export type RefusalCode = ErrorCode | (string & {});

/**
 * What a program branches on. A {@link RefusalCode} came from the server; the others arose here:
 *
 * - `CONFIG_FETCH_FAILED`: {@link ConfigFetchError}
 * - `CONNECTION_CLOSED`: {@link ClosedError}
 * - `INVALID_OPTION`: {@link InvalidOptionError}
 * - `INVALID_OUTGOING_MESSAGE`: {@link InvalidMessageError}
 * - `JOIN_TIMEOUT`: {@link JoinTimeoutError}
 * - `TOKEN_FAILED`: {@link TokenError}
 */
export type SignalingErrorCode =
  | RefusalCode
  | 'CONFIG_FETCH_FAILED'
  | 'CONNECTION_CLOSED'
  | 'INVALID_OPTION'
  | 'INVALID_OUTGOING_MESSAGE'
  | 'JOIN_TIMEOUT'
  | 'TOKEN_FAILED';

/** Every error this client makes. No message of one contains a token. */
export class SignalingError extends Error {
  override readonly name: string = 'SignalingError';
  /** Stable across releases, unlike `message`. */
  readonly code: SignalingErrorCode;

  constructor(code: SignalingErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** `GET /webrtc/config` gave no usable configuration. */
export class ConfigFetchError extends SignalingError {
  override readonly name = 'ConfigFetchError';
  /** HTTP status of the answer; `undefined` when none came. 200 means that its body was not valid. */
  readonly status: number | undefined;
  /** Where a 200 answer's body differs from its schema. */
  readonly violations: readonly SchemaViolation[];

  constructor(message: string, status?: number, violations: readonly SchemaViolation[] = []) {
    super('CONFIG_FETCH_FAILED', message);
    this.status = status;
    this.violations = violations;
  }
}

/** The server answered `error`: it refused a message, or the connection itself. */
export class RefusedError extends SignalingError {
  override readonly name = 'RefusedError';
  declare readonly code: RefusalCode;
  /** By code, such as `retry_after_ms` with `RATE_LIMIT_EXCEEDED`. */
  readonly details: ErrorDetails | undefined;

  constructor(code: RefusalCode, message: string, details?: ErrorDetails) {
    super(code, message);
    this.details = details;
  }
}

/** The WebSocket closed, or never opened, without an `error` that says why. */
export class ClosedError extends SignalingError {
  override readonly name = 'ClosedError';
  /** WebSocket close code; 1006 when no close frame came, as after a handshake that failed. */
  readonly closeCode: number;
  /** The close frame's reason, often empty. */
  readonly reason: string;

  constructor(closeCode: number, reason: string, failure = '') {
    const why = [reason, failure].filter((text) => text !== '').join('; ');
    super('CONNECTION_CLOSED', `The connection closed with ${closeCode}${why === '' ? '' : `: ${why}`}`);
    this.closeCode = closeCode;
    this.reason = reason;
  }
}

/** A message was not sent because it breaks its schema (CLIENT-14). */
export class InvalidMessageError extends SignalingError {
  override readonly name = 'InvalidMessageError';
  /** What is wrong, by JSON Pointer into the message on the wire, such as `/payload/sdp`. */
  readonly violations: readonly SchemaViolation[];

  constructor(message: string, violations: readonly SchemaViolation[]) {
    super('INVALID_OUTGOING_MESSAGE', message);
    this.violations = violations;
  }
}

/** An option has a value nothing can be done with. Trying again is of no use. */
export class InvalidOptionError extends SignalingError {
  override readonly name = 'InvalidOptionError';
  /** Name of the option. */
  readonly option: string;

  constructor(option: string, problem: string) {
    super('INVALID_OPTION', `${option} ${problem}`);
    this.option = option;
  }
}

/** The connection opened or hung, but no `room_state` came in time (JOIN-1). */
export class JoinTimeoutError extends SignalingError {
  override readonly name = 'JoinTimeoutError';
  /** Milliseconds waited. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super('JOIN_TIMEOUT', `No room_state within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** The token function failed, or gave what cannot be a token. `cause` is what the function threw. */
export class TokenError extends SignalingError {
  override readonly name = 'TokenError';

  constructor(message: string, options?: { cause?: unknown }) {
    super('TOKEN_FAILED', message, options);
  }
}
