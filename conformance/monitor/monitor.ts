import type { RequirementId } from '../../generated/index.js';
import type { ConnectionEvent, TraceEvent } from '../trace/trace-event.js';
import { judgeSecrets } from './auth.js';
import { judgeError, judgeForged, judgeUnknown } from './error.js';
import { excerpt, type Finding, type MonitorOptions } from './finding.js';
import { judgeEarly, judgeRoomState, judgeUserJoined } from './join.js';
import { judgeUserLeft } from './leave.js';
import { type Message, readMessage } from './message.js';
import { type Connection, exercise, type Model, type Room, report, type User, type Visitor } from './model.js';
import { judgeRelayed, judgeRoomId } from './relay.js';
import { judgeAnnounced, judgeClosed } from './room.js';
import { isRelayed, judgeSchema } from './schema.js';
import { SentIndex, takeSent, takeUnclear } from './sent.js';

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
      if (!hasEnded) judgeAnnounced(model);
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
    case 'unreachable':
      connection.refusal ??= event.kind;
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
      connection.closedAt = model.now;
      leave(model, connection, false);
      return;
  }
}

function judgeFrame(model: Model, connection: Connection, message: Message): void {
  const { type, text } = message;
  const { room } = connection;
  judgeSchema(model, message);
  if (type === 'room_state') {
    if (room) judgeRoomId(model, connection, message, room);
    judgeRoomState(model, connection, message);
    return;
  }
  if (connection.stateAt === undefined) {
    judgeEarly(model, connection, message);
    return;
  }
  if (isRelayed(type)) {
    judgeRelayed(model, connection, message);
    return;
  }
  if (judgeForged(model, connection, message) || room === undefined) return;
  const named = message.value?.room_id;
  if (typeof named === 'string' && named !== room.id && model.rooms.has(named)) {
    const expected = `nothing of room ${named} reaches room ${room.id}`;
    report(model, {
      requirement: 'ROOM-4',
      expected,
      actual: `${connection.user.name} received ${excerpt(text)}`,
    });
    return;
  }
  if (type === 'error') judgeError(model, connection, message);
  else if (type === 'user_joined') judgeUserJoined(model, connection, message);
  else if (type === 'user_left') judgeUserLeft(model, connection, message);
  else {
    judgeUnknown(model, connection, message);
    return;
  }
  judgeRoomId(model, connection, message, room);
}

function leave(model: Model, connection: Connection, byItself: boolean): void {
  if (byItself && connection.leavingAt === undefined) connection.leavesByItself = true;
  connection.leavingAt ??= model.now;
  connection.room?.present.delete(connection);
}

function identify(model: Model, name: string, id: string): void {
  const user = userOf(model, name);
  user.id ??= id;
  model.usersById.set(id, user);
}

function connect(model: Model, event: ConnectionEvent & { kind: 'connect' }): void {
  const user = userOf(model, event.participant);
  const room = event.room === undefined ? undefined : roomOf(model, event.room);
  const visitor = room && visitorOf(room, user);
  const { connection: number, instance, credential } = event;
  // A scenario may write the token into the path itself.
  const hasToken = credential === 'valid' || (credential === 'none' && /[?&]token=/.test(event.requestTarget));
  if (credential !== 'valid' || room === undefined) exercise(model, 'AUTH-6');
  const connection: Connection = {
    ...{ number, user, room, visitor, instance, credential },
    mayEnter: hasToken && room !== undefined,
    begunAt: model.now,
    ...{ stateAt: undefined, leavingAt: undefined, closedAt: undefined, leavesByItself: false, refusal: undefined },
    ...{ roster: undefined, departures: new Map(), ownId: undefined },
    ...{ sent: 0, sentFaulty: 0, sentTargeted: 0, latestFrom: new Map(), doubts: [] },
  };
  model.connections.set(number, connection);
  if (visitor === undefined) return;
  const before = visitor.connections.at(-1);
  if (before && before.stateAt === undefined && before.refusal === undefined) visitor.inOrder = false;
  visitor.connections.push(connection);
  visitor.goneAt = undefined;
}

function userOf(model: Model, name: string): User {
  const user = model.users.get(name) ?? { name, id: undefined };
  model.users.set(name, user);
  return user;
}

function roomOf(model: Model, id: string): Room {
  const { closedWorld = false } = model.options;
  const isClosed = typeof closedWorld === 'function' ? closedWorld(id) : closedWorld;
  const room = model.rooms.get(id) ?? { id, isClosed, visitors: new Map(), present: new Set(), announced: new Map() };
  model.rooms.set(id, room);
  if (model.rooms.size > 1) exercise(model, 'ROOM-4');
  return room;
}

function visitorOf(room: Room, user: User): Visitor {
  const fresh = { user, connections: [], inOrder: true, isUnclear: false, goneAt: undefined };
  const visitor: Visitor = room.visitors.get(user) ?? fresh;
  room.visitors.set(user, visitor);
  return visitor;
}
