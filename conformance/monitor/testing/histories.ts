import type { TraceEvent } from '../../trace/trace-event.js';
import { type Rewrite, Simulator } from './simulator.js';

const names = ['alice', 'bob', 'carol', 'dave'] as const;
const faulty = ['{', '{"type":"ping","payload":{}}', '{"type":"offer","payload":{"type":"offer","sdp":"","x":1}}'];

/** A history as the numbers choose, of at most 4 users in 2 rooms, with any legal order of arrival. It keeps every rule unless `rewrite` breaks one. */
export function history(choices: readonly number[], rewrite?: Rewrite): TraceEvent[] {
  const simulator = new Simulator(names, rewrite);
  const pick = <T>(list: readonly T[], number: number): T | undefined => list[number % list.length];
  for (const choice of choices) {
    const [kind, detail] = [choice % 16, Math.floor(choice / 16)];
    const seat = pick(
      simulator.seats.filter(({ isOpen }) => isOpen),
      detail,
    );
    const other = pick(names, Math.floor(detail / 7));
    if (kind < 2) simulator.connect(other ?? 'alice', `room-${detail % 2}`);
    else if (kind < 7) {
      const busy = pick(
        simulator.seats.filter(({ up }) => up.length > 0),
        detail,
      );
      if (busy) simulator.serve(busy);
    } else if (kind < 12) {
      const busy = pick(
        simulator.seats.filter(({ down }) => down.length > 0),
        detail,
      );
      if (busy) simulator.hear(busy);
    } else if (seat === undefined) simulator.connect('alice', 'room-0');
    else if (kind < 14) {
      const type = pick(['offer', 'answer', 'ice_candidate'] as const, Math.floor(detail / 3));
      simulator.send(seat, type, pick([undefined, null, other, other, other], Math.floor(detail / 11)));
    } else if (kind === 14) {
      if (detail % 2 === 0) simulator.end(seat, detail % 4 === 0 ? 'close' : 'cut');
      else simulator.sendText(seat, pick(faulty.slice(0, 2), detail) ?? '{');
    } else simulator.settle();
  }
  simulator.settle();
  return simulator.events;
}
