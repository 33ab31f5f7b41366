import { type ClientMessage, clientMessageTypes } from '../../generated/index.js';
import { misspelling } from '../inputs/near-miss.js';
import { jsonDifferences } from '../kit/json-difference.js';
import { joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Sent } from '../kit/participant.js';
import { arrived, needsEnd, needsType } from '../kit/proofs.js';
import { carries, isError, type Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import {
  arrivals,
  eachForm,
  flush,
  judgeArrivals,
  type Letter,
  type Plan,
  post,
  Table,
  usableForms,
} from '../kit/table.js';

/** What a candidate may carry beside its line; undefined leaves a member out. */
const mediaSections: readonly Record<string, unknown>[] = [
  { sdp_mid: '0', sdp_m_line_index: 0 },
  { sdp_mid: 'audio', sdp_m_line_index: 65535, username_fragment: 'EEtu' },
  { sdp_mid: '', sdp_m_line_index: 1, username_fragment: '' },
  { sdp_mid: null, sdp_m_line_index: null },
  { sdp_mid: null, sdp_m_line_index: 2, username_fragment: null },
  { sdp_mid: undefined, sdp_m_line_index: null },
  { sdp_mid: '1', sdp_m_line_index: undefined },
  { sdp_mid: undefined, sdp_m_line_index: undefined },
  { sdp_mid: 'm'.repeat(64), username_fragment: 'u'.repeat(256) },
  { sdp_mid: '007', username_fragment: ' +/e\u0301 ' },
];

/** Changes to the candidate line, which no server looks into. */
const lines: Readonly<Record<string, (line: string) => string>> = {
  'of 2,000 characters': (line) => line.padEnd(2000, ' generation 0'),
  'with white space around it': (line) => `  ${line} \r\n`,
  'with an a= before it': (line) => `a=${line}`,
  'that is none': (line) => `\u{1f388} <&"'/\\> \u0001 ${line}`,
};

const members = ['candidate', 'sdp_mid', 'sdp_m_line_index', 'username_fragment'];
const own = (payload: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(payload).filter(([name]) => members.includes(name)));

function withLine(message: ClientMessage, change: (line: string) => string): string {
  const payload = message.payload as { candidate: string };
  return JSON.stringify({ ...message, payload: { ...payload, candidate: change(payload.candidate) } });
}

function changed(received: Received, { sent, form }: Letter): string | undefined {
  if (received.type !== form.type) {
    const hint = misspelling('type', received.type, clientMessageTypes);
    return `it arrived with type ${JSON.stringify(received.type)}${hint ? ` (${hint})` : ''}`;
  }
  return jsonDifferences(own(JSON.parse(sent.text).payload), own(received.payload), '/payload')[0];
}

export const iceScenarios = [
  scenario('a candidate arrives unchanged, null and absent kept apart', ['ICE-1'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    const cases: Omit<Plan, 'form'>[] = [
      ...mediaSections.map((payload) => ({ what: `with ${JSON.stringify(payload)}`, options: { payload } })),
      ...Object.entries(lines).map(([what, change]) => ({
        what: `with a line ${what}`,
        write: (message: ClientMessage) => withLine(message, change),
      })),
    ];
    await judgeArrivals(t, 'ICE-1', pair, eachForm(t, pair[1], cases, 'ice_candidate'), changed, {
      expected: 'each member of a candidate arrives as it was sent, null as null and absent as absent',
    });
  }),
  scenario('the end of candidates is relayed', ['ICE-2'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const [form] = usableForms(t).filter(({ type }) => type === 'ice_candidate');
    if (!form) throw new Inconclusive('no candidate arrives', 'ICE-1');
    const table = new Table(t);
    const sections = [
      {},
      { sdp_mid: null, sdp_m_line_index: null },
      { sdp_mid: undefined, sdp_m_line_index: undefined },
    ];
    for (const to of [bob, undefined]) {
      const mark = bob.received.length;
      const addressed = to ? { to } : {};
      // The empty candidate leaves no room for a nonce: they are counted.
      const [plain] = await post(alice, [{ form, options: addressed }]);
      const letters = await post(
        alice,
        sections.map((payload) => ({
          form,
          what: `with the candidate "" and ${JSON.stringify(payload)}`,
          options: { ...addressed, payload },
          write: (message) => withLine(message, () => ''),
        })),
      );
      await flush(t, alice, [bob]);
      if (plain && arrivals(plain, bob).length === 0) {
        table.block('no such candidate arrives', to ? 'ICE-1' : 'RELAY-2');
        continue;
      }
      const ended = bob.received.slice(mark).filter(({ payload }) => payload.candidate === '').length;
      const error = alice.received.find(isError);
      table.enter(
        `${letters.length} of them to ${to ? 'bob' : 'everybody'}`,
        ended === letters.length
          ? undefined
          : `bob received ${ended}${error ? `; alice was answered ${error.text}` : ''}`,
      );
    }
    table.judge('ICE-2', 'each candidate "" arrives');
  }),
  scenario('a burst of 100 candidates arrives whole and in order', ['ICE-3'], async (t) => {
    needsType(t, 'ice_candidate');
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const sent: Sent[] = [];
    for (let index = 0; index < 100; index++) sent.push(await alice.candidate({ to: bob }));
    const last = sent.at(-1) as Sent;
    if (!(await arrived(t, bob, carries(last.nonce)))) needsEnd(t, bob);
    const positions = bob.received.flatMap((received) => {
      const position = sent.findIndex(({ nonce }) => carries(nonce)(received));
      return position < 0 ? [] : [position];
    });
    const lost = sent.findIndex((_, position) => !positions.includes(position));
    t.check('ICE-3', lost < 0, {
      expected: 'all 100 candidates arrive',
      actual: `${new Set(positions).size} arrived; the first lost is number ${lost + 1}`,
    });
    t.check(
      'ICE-3',
      positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? -1)),
      {
        expected: 'they arrive once each, in the order sent',
        actual: `they arrived as ${positions.slice(0, 20).join(', ')}…`,
      },
    );
  }),
];
