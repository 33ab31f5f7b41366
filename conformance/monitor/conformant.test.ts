import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMonitor, judgeTrace } from './monitor.js';
import { history } from './testing/histories.js';
import { Simulator } from './testing/simulator.js';

const choices = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 150, size: 'max' });

describe('a server that keeps every rule', () => {
  it('gives no finding, whatever happens in which order', () => {
    fc.assert(
      fc.property(choices, (numbers) => {
        expect(judgeTrace(history(numbers), { closedWorld: true }).findings).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives no finding when only some of its participants are seen', () => {
    const unseen = fc.constantFrom('alice', 'bob', 'carol', 'dave');
    fc.assert(
      fc.property(choices, unseen, (numbers, name) => {
        const seen = history(numbers).filter(({ participant }) => participant !== name);
        expect(judgeTrace(seen).findings).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('gives no finding when its trace is cut off anywhere', () => {
    fc.assert(
      fc.property(choices, fc.nat(), (numbers, length) => {
        const events = history(numbers);
        const part = events.slice(0, length % (events.length + 1));
        expect(judgeTrace(part, { closedWorld: true }).findings).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

describe('the cost', () => {
  function crowded(messages: number): Simulator {
    const simulator = new Simulator();
    const seats = ['alice', 'bob', 'carol', 'dave'].map((name) => simulator.connect(name));
    simulator.settle();
    for (let index = 0; index < messages; index++) {
      const seat = seats[index % 4];
      if (seat) simulator.send(seat, index % 2 === 0 ? 'offer' : 'ice_candidate');
      simulator.settle();
    }
    return simulator;
  }

  it('grows with the number of events, and no faster', () => {
    const perEvent = [2_500, 12_500].map((messages) => {
      const { events } = crowded(messages);
      const monitor = createMonitor({ closedWorld: true });
      for (const event of events) monitor.accept(event);
      expect(monitor.end()).toEqual([]);
      return { events: events.length, steps: monitor.steps / events.length };
    });
    expect(perEvent[1]?.events).toBeGreaterThan(50_000 - 100);
    expect(perEvent[1]?.steps).toBeLessThan((perEvent[0]?.steps ?? 0) * 1.1);
  });

  it('stays so where users come and go', () => {
    const simulator = new Simulator();
    simulator.connect('alice');
    for (let round = 0; round < 2_000; round++) {
      const seat = simulator.connect('bob');
      simulator.settle();
      simulator.send(seat, 'ice_candidate');
      simulator.end(seat, 'close');
      simulator.settle();
    }
    const monitor = createMonitor({ closedWorld: true });
    for (const event of simulator.events) monitor.accept(event);
    expect(monitor.end()).toEqual([]);
    expect(monitor.steps).toBeLessThan(5 * simulator.events.length);
  });
});
