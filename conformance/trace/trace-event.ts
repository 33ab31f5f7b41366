/** Numbers the connections of a trace, in the order in which they were begun; from 0. */
export type ConnectionNumber = number;

/** How a frame's opcode is called (RFC 6455, section 5.2). */
export type FrameKind = 'text' | 'continuation' | 'binary' | 'close' | 'ping' | 'pong';

/** A frame that a scenario wrote to the connection itself. */
export interface RawFrame {
  opcode: FrameKind;
  fin: boolean;
  /** Bytes of payload. */
  bytes: number;
  /** The payload, one character (U+0000 to U+00FF) a byte; absent where it is too long to keep. */
  data?: string;
}

/** With what a connection or a request asks to be admitted: the participant's own token, none, or one that has to be refused. */
export type Credential = 'valid' | 'none' | 'forged';

interface Cut {
  /** Characters of the whole text, where a report has only its beginning. */
  length?: number;
}

interface OfConnection {
  /** Milliseconds since the trace began. */
  at: number;
  /** Name of the participant whose connection it is. */
  participant: string;
  connection: ConnectionNumber;
}

/** One thing that happened on a connection, as its client's end saw it. */
export type ConnectionEvent = OfConnection &
  (
    | {
        kind: 'connect';
        /** Path and query, without the token. */
        requestTarget: string;
        /** The room id that is meant; absent where the path names no possible room. */
        room?: string;
        credential: Credential;
        /** Which of several instances of the service, from 0; absent where it has one. */
        instance?: number;
      }
    | { kind: 'open' /** The subprotocol that the server selected. */; subprotocol?: string }
    /** The handshake was answered with an HTTP status. */
    | { kind: 'refused'; status: number; contentType: string }
    /** No handshake came about: connection refused, TLS, time out. */
    | { kind: 'unreachable'; code?: string; message: string }
    /** A text frame in one piece, to the server. */
    | ({ kind: 'send'; text: string } & Cut)
    /** Frames of the scenario's own making; `message` is the text that they carry, where it is one. */
    | { kind: 'send-frames'; what: string; frames: RawFrame[]; message?: string }
    /** What was to be sent on a connection that was closed already. */
    | ({ kind: 'unsent'; text: string } & Cut)
    /** A text message from the server. */
    | ({ kind: 'receive'; text: string } & Cut)
    | { kind: 'receive-binary'; bytes: number }
    /** More came than the suite keeps, so it ends the connection. */
    | { kind: 'flood' }
    | { kind: 'ping' }
    | { kind: 'pong' }
    /** The client begins the closing handshake; without a code its close frame is empty. */
    | { kind: 'close'; code?: number }
    /** The client ends the TCP connection without a close frame: by FIN, or with `reset` by RST. */
    | { kind: 'cut'; reset: boolean }
    /** The client stops reading: nothing is answered or acknowledged any more. */
    | { kind: 'stall' }
    /** The client reads again. */
    | { kind: 'resume' }
    /** The connection is over; 1006 where no close frame came. */
    | { kind: 'closed'; code: number; reason: string }
  );

/** A request to the configuration endpoint, and its answer. */
export type HttpEvent = {
  /** Milliseconds since the trace began. */
  at: number;
  participant: 'http';
} & (
  | {
      kind: 'request';
      method: string;
      path: string;
      credential: Credential;
      /** Which of several instances of the service, from 0; absent where it has one. */
      instance?: number;
      /** Headers beside `Authorization`. */
      headers?: Record<string, string>;
    }
  | ({ kind: 'response'; status: number; contentType: string; body: string } & Cut)
);

/** Something that is known from elsewhere, or done outside of all connections. */
export type NoteEvent =
  /** Who a participant is: the `user_id` it has on all its connections. */
  | { at: number; kind: 'identity'; participant: string; userId: string }
  /** The scenario does something to the service itself, such as stopping an instance. */
  | { at: number; kind: 'operator'; participant: 'operator'; action: 'shutdown' | 'kill' | 'start'; instance?: number };

/** Events that a report leaves out because there were too many. */
export type LeftOutEvent = { at: number; kind: 'left-out'; participant: 'suite'; events: number };

/** One thing that happened in a scenario. All participants' events stand in one list, in the order in which they happened. */
export type TraceEvent = ConnectionEvent | HttpEvent | NoteEvent | LeftOutEvent;
