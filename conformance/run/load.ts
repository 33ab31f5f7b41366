import type { Target } from '../inputs/target.js';
import type { TokenSource } from '../inputs/tokens.js';
import { UnreachableError } from '../inputs/unreachable.js';
import { describeState } from '../kit/describe.js';
import { Participant } from '../kit/participant.js';
import { Random } from '../kit/random.js';
import { isError, isRoomState, participantIds, type Received, shorten } from '../kit/received.js';

/** The target lets participants in, but not as the protocol says: there is no load to put on it. */
export class LoadError extends Error {
  override name = 'LoadError';
}

/** What load to make. */
export interface LoadOptions {
  targets: readonly Target[];
  tokens: TokenSource;
  rooms: number;
  /** Participants of each room. */
  peers: number;
  /** Messages per second of each participant. */
  rate: number;
  /** Seconds of sending, after all have joined. */
  duration: number;
  /** `targeted`: each message goes to one other; `broadcast`: to all others of the room. */
  mode: 'targeted' | 'broadcast';
  /** Bytes of each message, about. */
  bytes: number;
  /** Milliseconds to wait for a join, and for messages still under way at the end. */
  timeoutMs: number;
  onProgress?: (progress: LoadProgress) => void;
}

/** How far the load has come. */
export interface LoadProgress {
  phase: 'joining' | 'sending' | 'draining';
  joined: number;
  sent: number;
  received: number;
}

/** What a load found: times in milliseconds. */
export interface LoadReport {
  participants: number;
  joinsPerSecond: number;
  joinMs: Quantiles;
  sent: number;
  expected: number;
  received: number;
  deliveriesPerSecond: number;
  relayMs: Quantiles;
  /** Deliveries that never came. */
  lost: number;
  /** Deliveries that came twice, or to somebody they were not for. */
  strayed: number;
  /** Deliveries that came before an earlier one of the same sender (RELAY-6). */
  outOfOrder: number;
  /** `error` messages, by code. */
  errors: Record<string, number>;
  /** Connections that were closed while they were needed. */
  dropped: number;
}

/** Smallest value that so many percent of all do not exceed. */
export interface Quantiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

interface Peer {
  index: number;
  room: Peer[];
  participant: Participant;
  sent: number;
  /** Last number seen from each sender of the room. */
  seen: Map<number, number>;
}

interface Tally {
  joined: number;
  sent: number;
  received: number;
  strayed: number;
  outOfOrder: number;
  errors: Record<string, number>;
  relayMs: number[];
  /** Called when one more message has arrived. */
  onReceived?: () => void;
}

const mark = /load (\d+) (\d+) ([\d.]+) /;

/**
 * Fills rooms, lets everybody send for a while, and counts what arrived, when and in which order. Rejects with
 * UnreachableError or {@link LoadError} when somebody cannot join.
 */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const tally: Tally = {
    joined: 0,
    sent: 0,
    received: 0,
    strayed: 0,
    outOfOrder: 0,
    errors: {},
    relayMs: [],
  };
  const joinMs: number[] = [];
  const rooms: Peer[][] = Array.from({ length: options.rooms }, () => []);
  const report = (phase: LoadProgress['phase']) =>
    options.onProgress?.({ phase, joined: tally.joined, sent: tally.sent, received: tally.received });
  const began = performance.now();
  const prefix = `load-${Date.now().toString(36)}-`;
  try {
    await fill(rooms, options, tally, prefix, (ms) => {
      joinMs.push(ms);
      report('joining');
    });
    const joinSeconds = (performance.now() - began) / 1000;
    const sendingBegan = performance.now();
    await send(rooms.flat(), options, tally, () => report('sending'));
    const perMessage = options.mode === 'targeted' ? 1 : options.peers - 1;
    const expected = tally.sent * perMessage;
    await drained(tally, expected, options.timeoutMs, () => report('draining'));
    const seconds = (performance.now() - sendingBegan) / 1000;
    return {
      participants: tally.joined,
      joinsPerSecond: tally.joined / joinSeconds,
      joinMs: quantiles(joinMs),
      sent: tally.sent,
      expected,
      received: tally.received,
      deliveriesPerSecond: tally.received / seconds,
      relayMs: quantiles(tally.relayMs),
      lost: Math.max(0, expected - tally.received),
      strayed: tally.strayed,
      outOfOrder: tally.outOfOrder,
      errors: tally.errors,
      dropped: rooms.flat().filter(({ participant }) => participant.closed).length,
    };
  } finally {
    await Promise.all(rooms.flat().map(({ participant }) => participant.dispose(2000)));
  }
}

/** Joins all rooms side by side, each room's peers one after the other, so that each learns who it is. */
async function fill(
  rooms: Peer[][],
  options: LoadOptions,
  tally: Tally,
  prefix: string,
  onJoin: (ms: number) => void,
): Promise<void> {
  const queue = rooms.entries();
  const work = async () => {
    for (const [roomIndex, room] of queue) {
      for (let seat = 0; seat < options.peers; seat++) {
        const began = performance.now();
        const index = roomIndex * options.peers + seat;
        room.push(await join(index, room, `${prefix}${roomIndex}`, options, tally));
        tally.joined += 1;
        onJoin(performance.now() - began);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(32, rooms.length) }, work));
}

async function join(index: number, room: Peer[], roomId: string, options: LoadOptions, tally: Tally): Promise<Peer> {
  const { targets, timeoutMs } = options;
  const instance = index % targets.length;
  const participant = new Participant(
    {
      name: `participant ${index + 1}`,
      roomId,
      target: targets[instance] as Target,
      address: { room: roomId, token: await options.tokens.valid(`load${index}`) },
      connection: { number: index, room: roomId, credential: 'valid' },
      handshakeTimeoutMs: timeoutMs,
    },
    { random: new Random(roomId), now: () => performance.now(), record: () => -1 },
  );
  const first = await participant.until(() => true, { timeoutMs });
  const { name, handshake } = participant;
  try {
    participant.userId = ownId(participant, first, room, timeoutMs);
  } catch (error) {
    await participant.dispose(timeoutMs);
    const entered = handshake?.kind === 'open';
    const text = `${name} could not join: ${(error as Error).message}`;
    if (!entered || first?.payload.code === 'UNAUTHORIZED') throw new UnreachableError(text);
    throw new LoadError(text);
  }
  const peer: Peer = { index, room, participant, sent: 0, seen: new Map() };
  participant.onReceive = (received) => {
    receive(peer, received, tally);
    participant.forget();
  };
  participant.forget();
  return peer;
}

/** Who a joiner is: whoever its `room_state` lists beside those who joined before. Throws where it does not say. */
function ownId(participant: Participant, first: Received | undefined, room: readonly Peer[], timeoutMs: number) {
  if (first === undefined) throw new Error(describeState({ timeoutMs }, participant));
  if (isError(first)) throw new Error(shorten(first.text));
  if (!isRoomState(first)) {
    throw new Error(`the first message has to be room_state with a list of participants, not ${shorten(first.text)}`);
  }
  const others = room.map((peer) => peer.participant.userId);
  const own = participantIds(first).find((id) => !others.includes(id));
  if (own === undefined) throw new Error(`its room_state does not list it: ${shorten(first.text)}`);
  return own;
}

function receive(peer: Peer, { text, type, payload }: Received, tally: Tally): void {
  const found = mark.exec(text);
  if (!found) {
    const code = String(payload.code);
    if (type === 'error') tally.errors[code] = (tally.errors[code] ?? 0) + 1;
    return;
  }
  const [sender, number, sentAt] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const last = peer.seen.get(sender) ?? 0;
  const ofRoom = peer.room.some(({ index }) => index === sender) && sender !== peer.index;
  if (!ofRoom || number === last) {
    tally.strayed += 1;
    return;
  }
  if (number < last) tally.outOfOrder += 1;
  peer.seen.set(sender, Math.max(last, number));
  tally.received += 1;
  tally.relayMs.push(performance.now() - sentAt);
  tally.onReceived?.();
}

/** Lets every peer send at its rate, all of them spread over the second. */
async function send(peers: readonly Peer[], options: LoadOptions, tally: Tally, onTick: () => void): Promise<void> {
  const began = performance.now();
  const total = Math.floor(options.rate * options.duration);
  const phase = (peer: Peer) => peer.index / peers.length / options.rate;
  while (peers.some(({ sent }) => sent < total)) {
    const elapsed = (performance.now() - began) / 1000;
    for (const peer of peers) {
      const due = Math.min(total, Math.floor((elapsed - phase(peer)) * options.rate + 1));
      while (peer.sent < due) sendOne(peer, options, tally);
    }
    onTick();
    if (elapsed > options.duration + options.timeoutMs / 1000) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function sendOne(peer: Peer, { mode, bytes }: LoadOptions, tally: Tally): void {
  peer.sent += 1;
  if (peer.participant.closed) return;
  const others = peer.room.filter((other) => other !== peer);
  const target = mode === 'targeted' ? { target_user_id: others[peer.sent % others.length]?.participant.userId } : {};
  const label = `load ${peer.index} ${peer.sent} ${performance.now()} `;
  const candidate = label.padEnd(Math.max(label.length, bytes - 120), 'x');
  peer.participant.sendTextNow(
    JSON.stringify({ type: 'ice_candidate', payload: { candidate, sdp_mid: '0', sdp_m_line_index: 0, ...target } }),
  );
  tally.sent += 1;
}

/** Resolves when all has arrived, or nothing more has for so many milliseconds. */
function drained(tally: Tally, expected: number, timeoutMs: number, onTick: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    tally.onReceived = () => {
      onTick();
      timer.refresh();
      if (tally.received < expected) return;
      clearTimeout(timer);
      resolve();
    };
    if (tally.received >= expected) tally.onReceived();
  });
}

function quantiles(values: number[]): Quantiles {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
