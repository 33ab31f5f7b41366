import { type ClientMessage, clientMessageTypes } from '../../generated/index.js';
import { misspelling } from '../inputs/near-miss.js';
import { textDifference } from '../kit/json-difference.js';
import { joinAll } from '../kit/lobby.js';
import { control, delivered } from '../kit/proofs.js';
import { isError, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import { eachForm, judgeArrivals, type Letter, type Plan } from '../kit/table.js';
import { descriptions } from './descriptions.js';

/** Ends of an SDP; the nonce stands before them. */
const ends: Readonly<Record<string, string>> = { 'no line end': '', 'empty lines at its end': '\n\r\n \t\r\n' };

const cases: readonly Omit<Plan, 'form'>[] = [
  ...Object.entries(descriptions).map(([what, sdp]) => ({ what: `(${what})`, options: { sdp } })),
  ...Object.entries(ends).map(([what, end]) => ({
    what: `(${what})`,
    write: (message: ClientMessage) => {
      const { sdp, ...payload } = message.payload as { sdp: string };
      return JSON.stringify({ ...message, payload: { ...payload, sdp: sdp.trimEnd() + end } });
    },
  })),
];

function changed(received: Received, { sent, form }: Letter): string | undefined {
  if (received.type !== form.type) {
    const hint = misspelling('type', received.type, clientMessageTypes);
    return `it arrived with type ${JSON.stringify(received.type)}${hint ? ` (${hint})` : ''}`;
  }
  const written = JSON.parse(sent.text).payload as Record<string, string>;
  const { type, sdp } = received.payload;
  if (type !== written.type) return `payload.type ${JSON.stringify(written.type)} → ${JSON.stringify(type)}`;
  if (sdp === written.sdp) return undefined;
  return typeof sdp === 'string' ? `sdp: ${textDifference(written.sdp ?? '', sdp)}` : `sdp → ${JSON.stringify(sdp)}`;
}

const expected = 'payload.type and sdp arrive unchanged, byte for byte';

export const offerScenarios = [
  scenario('an offer arrives with its sdp byte for byte', ['OFFER-1'], async (t) => {
    const pair = await joinAll(t, 'alice', 'bob');
    await judgeArrivals(t, 'OFFER-1', pair, eachForm(t, pair[1], cases, 'offer'), changed, { expected });
  }),
  scenario('anybody may offer at any time, again and in both directions', ['OFFER-2'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    // The one who joined last offers first, and both at once; each offer may be answered by another.
    const rounds = [
      () => [bob.offer({ to: alice })],
      () => [bob.offer({ to: alice })],
      () => [alice.offer({ to: bob }), bob.offer({ to: alice })],
      () => [alice.answer({ to: bob })],
      () => [alice.offer({ to: bob })],
    ];
    for (const round of rounds)
      for (const sent of await Promise.all(round()))
        await delivered(t, 'OFFER-2', sent, sent.from === alice ? bob : alice);
    const error = [...alice.received, ...bob.received].find(isError);
    t.check('OFFER-2', error === undefined, { expected: 'no error', actual: shorten(error?.text ?? '') });
  }),
];

export const answerScenarios = [
  scenario('an answer arrives with its sdp byte for byte, provisional ones too', ['ANSWER-1'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    await control(t, alice, bob);
    await judgeArrivals(t, 'ANSWER-1', [bob, alice], eachForm(t, alice, cases, 'answer'), changed, { expected });
  }),
];
