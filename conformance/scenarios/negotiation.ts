import type { Context } from '../kit/context.js';
import { joinAll } from '../kit/lobby.js';
import type { Sent } from '../kit/participant.js';
import { control, delivered } from '../kit/proofs.js';
import { type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import { descriptions } from './descriptions.js';

type Rule = 'OFFER-1' | 'ANSWER-1';

function checkDescription(t: Context, rule: Rule, sent: Sent, received: Received, what: string): void {
  const { type, sdp } = sent.message.payload as { type: string; sdp: string };
  t.check(rule, received.payload.type === type, {
    expected: `payload.type "${type}" arrives unchanged`,
    actual: `payload.type is ${JSON.stringify(received.payload.type)}`,
  });
  t.check(rule, received.payload.sdp === sdp, {
    expected: `the sdp (${what}) arrives byte for byte: ${shorten(JSON.stringify(sdp))}`,
    actual: shorten(JSON.stringify(received.payload.sdp) ?? 'no sdp'),
    hint: difference(sdp, received.payload.sdp),
  });
}

/** Where two texts part, in words. */
function difference(sent: string, received: unknown): string | undefined {
  if (typeof received !== 'string' || sent === received) return undefined;
  if (received === sent.replaceAll('\r\n', '\n')) return 'CRLF became LF';
  if (received === sent.trim() || received === sent.trimEnd()) return 'white space was trimmed';
  let at = 0;
  while (sent[at] === received[at]) at += 1;
  return `they differ from character ${at} on: ${JSON.stringify(sent.slice(at, at + 20))} became ${JSON.stringify(received.slice(at, at + 20))}`;
}

export const offerScenarios = [
  scenario('an offer arrives with its sdp byte for byte', ['OFFER-1'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    for (const [what, sdp] of Object.entries(descriptions)) {
      const sent = await alice.offer({ to: bob, sdp });
      checkDescription(t, 'OFFER-1', sent, await delivered(t, 'OFFER-1', sent, bob), what);
    }
  }),
  scenario('anybody may offer at any time, again and in both directions', ['OFFER-2'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    await delivered(t, 'OFFER-2', await bob.offer({ to: alice }), alice);
    await delivered(t, 'OFFER-2', await bob.offer({ to: alice }), alice);
    const [one, other] = await Promise.all([alice.offer({ to: bob }), bob.offer({ to: alice })]);
    await delivered(t, 'OFFER-2', one, bob);
    await delivered(t, 'OFFER-2', other, alice);
    await delivered(t, 'OFFER-2', await alice.answer({ to: bob }), bob);
    await delivered(t, 'OFFER-2', await alice.offer({ to: bob }), bob);
    const error = [...alice.received, ...bob.received].find(({ type }) => type === 'error');
    t.check('OFFER-2', error === undefined, { expected: 'no error', actual: shorten(error?.text ?? '') });
  }),
];

export const answerScenarios = [
  scenario('an answer arrives with its sdp byte for byte, provisional ones too', ['ANSWER-1'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    await control(t, alice, bob);
    for (const type of ['answer', 'pranswer']) {
      for (const [what, sdp] of Object.entries(descriptions)) {
        const sent = await bob.answer({ to: alice, sdp, payload: { type } });
        checkDescription(t, 'ANSWER-1', sent, await delivered(t, 'ANSWER-1', sent, alice), what);
      }
    }
  }),
];
