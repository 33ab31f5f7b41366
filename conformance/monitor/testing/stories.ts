import type { MonitorOptions } from '../finding.js';
import { judgeTrace } from '../monitor.js';
import { type Frame, idOf, type Rewrite, type Seat, Simulator } from './simulator.js';

/** What happens in a history. */
export type Play = (simulator: Simulator) => void;

/** Three come one after the other, talk, and one leaves; then one comes back. */
export const usual: Play = (s) => {
  const [alice, bob, carol] = joinAll(s, 'alice', 'bob', 'carol');
  for (const type of ['offer', 'answer', 'ice_candidate'] as const) {
    s.send(alice, type);
    s.send(alice, type, 'bob');
    s.send(bob, type, 'alice');
  }
  s.settle();
  s.end(carol, 'close');
  s.settle();
  s.send(alice, 'offer', 'bob');
  const [again] = joinAll(s, 'carol');
  s.send(again, 'offer');
  s.settle();
};

/** Lets users join one after the other. */
export function joinAll(s: Simulator, ...names: string[]): [Seat, Seat, Seat] {
  const seats = names.map((name) => {
    const seat = s.connect(name);
    s.settle();
    return seat;
  });
  return seats as [Seat, Seat, Seat];
}

/** Does something to the first message that fits, and leaves the others as they are. */
export function once(fits: (frame: Frame, to: Seat) => boolean, change: Rewrite): Rewrite {
  let isDone = false;
  return (frame, to, simulator) => {
    if (isDone || !fits(frame, to)) return [frame];
    isDone = true;
    return change(frame, to, simulator);
  };
}

/** Tells messages of a type, to whoever or to one. */
export const isType = (type: string, name?: string) => (frame: Frame, to: Seat) =>
  frame.type === type && (name === undefined || to.name === name);

/** Says it again. */
export const twice: Rewrite = (frame) => [frame, frame];

/** Changes members of the payload. */
export const withPayload =
  (members: Record<string, unknown>): Rewrite =>
  (frame) => [{ ...frame, payload: { ...frame.payload, ...members } }];

/** To whom it is for, and to another. */
export const alsoTo =
  (name: string): Rewrite =>
  (frame, _to, simulator) => {
    const other = simulator.seats.find((seat) => seat.name === name && !seat.isOver);
    if (other) simulator.push(other, frame);
    return [frame];
  };

/** Tells what is for one user. */
export const isTargeted = ({ payload }: Frame) => typeof payload.target_user_id === 'string';
/** Tells what is for all others. */
export const isBroadcast = (frame: Frame) => frame.sender_id !== undefined && !isTargeted(frame);
/** Who is listed. */
export const participantsOf = ({ payload }: Frame) => payload.participants as { user_id: string }[];

/** The rules that a history breaks, each once; what breaks them is what the server says in place of its messages. */
export function broken(rewrite: Rewrite, play: Play = usual, options: MonitorOptions = {}) {
  const simulator = new Simulator(['alice', 'bob', 'carol', 'dave'], rewrite);
  play(simulator);
  const { findings, exercised } = judgeTrace(simulator.events, { closedWorld: true, ...options });
  const broken = [...new Set(findings.map(({ requirement }) => requirement))];
  const unnoticed = broken.filter((id) => !exercised.includes(id));
  if (unnoticed.length > 0) throw new Error(`broken, and not exercised: ${unnoticed}`);
  return broken;
}

/** Changes nothing. */
export const asItIs: Rewrite = (frame) => [frame];

/** A message of the server's own. */
export function own(type: string, payload: Record<string, unknown>): Frame {
  return { type, payload, room_id: 'room', timestamp: '2026-03-01T09:30:00.000Z' };
}

/** A message of a user, as it is relayed. */
export function relayed(sender: string, type: string, payload: Record<string, unknown>): Frame {
  const sender_id = idOf(sender);
  return { ...own(type, { ...payload, sender_id }), sender_id };
}
