import { isDeepStrictEqual } from 'node:util';
import { joinAll } from '../kit/lobby.js';
import type { Sent } from '../kit/participant.js';
import { delivered, expect } from '../kit/proofs.js';
import { carries, hintFrom } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';

/** What a candidate may carry beside its line; undefined leaves a member out. */
const mediaSections = [
  { sdp_mid: '0', sdp_m_line_index: 0 },
  { sdp_mid: 'audio', sdp_m_line_index: 65535, username_fragment: 'EEtu' },
  { sdp_mid: '', sdp_m_line_index: 1 },
  { sdp_mid: null, sdp_m_line_index: null },
  { sdp_mid: null, sdp_m_line_index: 2, username_fragment: null },
  { sdp_mid: undefined, sdp_m_line_index: null },
  { sdp_mid: '1', sdp_m_line_index: undefined },
  { sdp_mid: undefined, sdp_m_line_index: undefined },
];

const state = (object: Record<string, unknown>, name: string) =>
  Object.hasOwn(object, name) ? JSON.stringify(object[name]) : 'absent';

export const iceScenarios = [
  scenario('a candidate arrives unchanged, null and absent kept apart', ['ICE-1'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const payload of mediaSections) {
      const sent = await alice.candidate({ to: bob, payload });
      const received = await delivered(t, 'ICE-1', sent, bob);
      const written = JSON.parse(sent.text).payload as Record<string, unknown>;
      for (const name of ['candidate', 'sdp_mid', 'sdp_m_line_index', 'username_fragment']) {
        const same = Object.hasOwn(written, name) === Object.hasOwn(received.payload, name);
        t.check('ICE-1', same && isDeepStrictEqual(written[name], received.payload[name]), {
          expected: `${name} arrives as it was sent: ${state(written, name)}`,
          actual: `it arrived ${Object.hasOwn(received.payload, name) ? `as ${state(received.payload, name)}` : 'not at all'}`,
        });
      }
    }
  }),
  scenario('the end of candidates is relayed', ['ICE-2'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const payload of [{}, { sdp_mid: null, sdp_m_line_index: null }]) {
      const mark = bob.received.length;
      await alice.candidate({ to: bob, candidate: '', payload });
      const ends = (received: { payload: Record<string, unknown> }) => received.payload.candidate === '';
      await expect(t, 'ICE-2', bob, ends, {
        expected: 'bob receives the candidate ""',
        since: mark,
        hint: () => hintFrom(alice.received),
      });
    }
  }),
  scenario('a burst of 100 candidates arrives whole and in order', ['ICE-3'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const sent: Sent[] = [];
    for (let index = 0; index < 100; index++) sent.push(await alice.candidate({ to: bob }));
    const last = sent.at(-1) as Sent;
    await bob.until(carries(last.nonce), { timeoutMs: t.timeoutMs });
    const arrived = bob.received.flatMap((received) => {
      const position = sent.findIndex(({ nonce }) => carries(nonce)(received));
      return position < 0 ? [] : [position];
    });
    const lost = sent.findIndex((_, position) => !arrived.includes(position));
    t.check('ICE-3', lost < 0, {
      expected: 'all 100 candidates arrive',
      actual: `${new Set(arrived).size} arrived; the first lost is number ${lost + 1}`,
    });
    t.check(
      'ICE-3',
      arrived.every((position, index) => index === 0 || position > (arrived[index - 1] ?? -1)),
      {
        expected: 'they arrive once each, in the order sent',
        actual: `they arrived as ${arrived.slice(0, 20).join(', ')}…`,
      },
    );
  }),
];
