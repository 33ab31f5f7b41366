import { describeState } from '../kit/describe.js';
import { join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Sent } from '../kit/participant.js';
import { carries } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';

/** Bytes of one message, and how many: more than the buffers of two systems hold. */
const messageBytes = 60_000;
const messages = 300;

/** Milliseconds in which a message between others arrives, whoever does not read. */
const withinMs = 2000;

export const backlogScenarios = [
  scenario(
    'who does not read delays nobody else',
    ['RELAY-13'],
    async (t) => {
      const [alice, bob] = await joinAll(t, 'alice', 'bob');
      const carol = await join(t, 'carol', { noticedBy: [alice, bob] });
      const limit = t.profile.rateLimit;
      const count = limit ? Math.min(messages, Math.max(1, limit.burst - 20)) : messages;
      // Of chance, so that no compression makes it small.
      let filling = '';
      while (filling.length < messageBytes) filling += t.random.hex(64);
      bob.stall();
      const sent: Sent[] = [];
      for (let index = 0; index < count; index++) sent.push(await alice.offer({ to: bob, sdp: filling }));
      const began = t.now();
      const last = await alice.candidate({ to: carol });
      const allowance = withinMs * t.shared.timeoutScale + t.shared.quietMs;
      const arrived = await carol.until(carries(last.nonce), { timeoutMs: Math.max(allowance, t.timeoutMs) });
      const took = Math.round((arrived?.at ?? t.now()) - began);
      if (!arrived && alice.closed) throw new Inconclusive(`alice was closed ${alice.closed.code} while it sent a lot`);
      t.check('RELAY-13', arrived !== undefined && took <= allowance, {
        expected: `what alice sends carol arrives within ${withinMs} ms, while bob does not read ${count} messages of ${messageBytes} bytes`,
        actual: arrived ? `it arrived after ${took} ms` : describeState(t, carol),
      });
      bob.resume();
      await bob.until(carries(sent.at(-1)?.nonce ?? ''), { timeoutMs: t.timeoutMs });
      const order = bob.received.flatMap((received) => {
        const index = sent.findIndex(({ nonce }) => carries(nonce)(received));
        return index < 0 ? [] : [index];
      });
      const gap = order.findIndex((index, position) => index !== position);
      t.check('RELAY-13', gap < 0 && (order.length === count || bob.closed !== undefined), {
        expected: 'what waited for bob arrives in order, or its connection is closed 1013',
        actual:
          gap < 0
            ? `${order.length} of ${count} messages arrived, and the connection stays open`
            : `message ${(order[gap] ?? 0) + 1} arrived where ${gap + 1} was due`,
      });
    },
    { exclusive: true },
  ),
];
