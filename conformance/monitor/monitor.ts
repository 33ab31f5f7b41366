import type { RequirementId } from '../../generated/index.js';
import type { ConnectionEvent, TraceEvent } from '../trace/trace-event.js';
import { judgeAdmitted, judgeSecrets } from './auth.js';
import { connect, identify, leave } from './connections.js';
import { judgeError, judgeForged, judgeUnknown } from './error.js';
import type { Finding, MonitorOptions } from './finding.js';
import { judgeEarly, judgeUserJoined } from './join.js';
import { judgeUserLeft } from './leave.js';
import { type Message, readMessage } from './message.js';
import { type Model, report } from './model.js';
import type { Connection } from './people.js';
import { judgeRelayed, judgeRoomId } from './relay.js';
import { judgeAnnounced, judgeClosed, judgeForeign } from './room.js';
import { judgeRoomState } from './room-state.js';
import { isRelayed, judgeSchema, ruleOfType } from './schema.js';
import { takeSent, takeUnclear } from './sent.js';
import { SentIndex } from './sent-index.js';

/** Judges a server by everything that the participants of one scenario send and receive. */
export interface Monitor {
  /** Takes in the next event. */
  accept(event: TraceEvent): void;
  /** What was found so far, in the order in which it became certain. */
  findings(): readonly Finding[];
  /** Says that the trace is over, and returns all findings in the order of their events. */
  end(): Finding[];
  /** Rules that the traffic gave occasion for; the others were not judged. */
  exercised(): RequirementId[];
  /** How many steps it took, apart from reading the events. Grows with their number. */
  readonly steps: number;
}

/**
 * Makes a monitor: a pure function over events, without sockets and clock. It reports only what is certain from the order
 * in which things were sent and received. Connections with the same participant name are of the same user.
 */
export function createMonitor(options: MonitorOptions = {}): Monitor {
  const model: Model = {
    options,
    users: new Map(),
    usersById: new Map(),
    rooms: new Map(),
    connections: new Map(),
    sent: new SentIndex(),
    now: -1,
    firstFault: undefined,
    firstTargeted: undefined,
    isDisrupted: false,
    secretWasSent: false,
    binaryWasSent: false,
    findings: [],
    exercised: new Set(),
    steps: 0,
  };
  let hasEnded = false;
  return {
    accept: (event) => accept(model, event),
    findings: () => model.findings,
    end: () => {
      if (!hasEnded) {
        judgeAdmitted(model);
        judgeAnnounced(model);
      }
      hasEnded = true;
      return [...model.findings].sort((a, b) => a.event - b.event);
    },
    exercised: () => [...model.exercised].sort(),
    get steps() {
      return model.steps;
    },
  };
}

/** Judges a whole trace. */
export function judgeTrace(
  events: Iterable<TraceEvent>,
  options: MonitorOptions = {},
): { findings: Finding[]; exercised: RequirementId[] } {
  const monitor = createMonitor(options);
  for (const event of events) monitor.accept(event);
  return { findings: monitor.end(), exercised: monitor.exercised() };
}

function accept(model: Model, event: TraceEvent): void {
  model.now += 1;
  model.steps += 1;
  judgeSecrets(model, event);
  if (event.kind === 'identity') {
    identify(model, event.participant, event.userId);
    return;
  }
  if (event.kind === 'operator') model.isDisrupted = true;
  if (!('connection' in event)) return;
  if (event.kind === 'connect') {
    connect(model, event);
    return;
  }
  const connection = model.connections.get(event.connection);
  if (connection !== undefined) happen(model, connection, event);
}

function happen(model: Model, connection: Connection, event: Exclude<ConnectionEvent, { kind: 'connect' }>): void {
  switch (event.kind) {
    case 'refused':
      connection.answer ??= 'HTTP';
      return;
    // A server may count pings as messages.
    case 'ping':
      connection.sent += 1;
      return;
    case 'send':
      takeSent(model, connection, event.text);
      return;
    case 'send-frames': {
      const isBinary = event.frames.some(({ opcode }) => opcode === 'binary');
      if (isBinary) model.binaryWasSent = true;
      if (event.message !== undefined) takeSent(model, connection, event.message, isBinary);
      else takeUnclear(model, connection);
      // A close frame of the scenario's own making ends the connection too.
      if (event.frames.some(({ opcode }) => opcode === 'close')) leave(model, connection, true);
      return;
    }
    case 'receive':
      judgeFrame(model, connection, readMessage(event.text));
      return;
    case 'receive-binary':
      report(model, {
        requirement: model.binaryWasSent ? 'ERROR-7' : 'RELAY-8',
        expected: 'frames from the server are text',
        actual: `${connection.user.name} received a binary frame of ${event.bytes} bytes`,
      });
      return;
    case 'close':
    case 'cut':
      leave(model, connection, true);
      return;
    case 'closed':
      judgeClosed(model, connection, event.code);
      leave(model, connection, false);
      return;
  }
}

function judgeFrame(model: Model, connection: Connection, message: Message): void {
  const { type } = message;
  const { room } = connection;
  if (!isRelayed(type)) judgeSchema(model, message);
  if (type === 'room_state') {
    if (room) judgeRoomId(model, connection, message, room);
    judgeRoomState(model, connection, message);
  } else if (connection.stateAt === undefined || room === undefined) {
    if (isRelayed(type)) judgeSchema(model, message);
    judgeEarly(model, connection, message);
  } else if (isRelayed(type)) {
    if (judgeRelayed(model, connection, message)) judgeSchema(model, message);
  } else if (!judgeForged(model, connection, message) && !judgeForeign(model, connection, message, room)) {
    judgeOwn(model, connection, message);
    if (ruleOfType[type] !== undefined) judgeRoomId(model, connection, message, room);
  }
}

function judgeOwn(model: Model, connection: Connection, message: Message): void {
  if (message.type === 'error') judgeError(model, connection, message);
  else if (message.type === 'user_joined') judgeUserJoined(model, connection, message);
  else if (message.type === 'user_left') judgeUserLeft(model, connection, message);
  else judgeUnknown(model, connection, message);
}
