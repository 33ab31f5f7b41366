import { exec } from 'node:child_process';
import { describeState } from '../kit/describe.js';
import { join, joinAll } from '../kit/lobby.js';
import type { Sent } from '../kit/participant.js';
import { delivered, eventually, expect } from '../kit/proofs.js';
import { carries, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';

export const connectionScenarios = [
  scenario(
    'messages beyond the rate limit are answered, and pass again after the time named',
    ['LIMIT-1'],
    async (t) => {
      const [alice, bob] = await joinAll(t, 'alice', 'bob');
      const limit = t.profile.rateLimit ?? { burst: 0, perSecond: 0 };
      const mark = alice.received.length;
      const sent: Sent[] = [];
      const total = limit.burst * 2 + Math.ceil(limit.perSecond);
      for (let index = 0; index < total; index++) sent.push(alice.signalNow('ice_candidate', { to: bob }));
      const error = await expect(t, 'LIMIT-1', alice, ({ type }) => type === 'error', {
        expected: `one of ${total} messages at once is answered`,
        since: mark,
      });
      const { retry_after_ms: wait } = (error.payload.details ?? {}) as { retry_after_ms?: unknown };
      t.require('LIMIT-1', error.payload.code === 'RATE_LIMIT_EXCEEDED' && Number.isInteger(wait), {
        expected: 'RATE_LIMIT_EXCEEDED with an integer details.retry_after_ms',
        actual: shorten(error.text),
      });
      const refused = () => alice.received.slice(mark).filter(({ type }) => type === 'error').length;
      const relayed = () => sent.filter(({ nonce }) => bob.received.some(carries(nonce))).length;
      await eventually(t, async () => (refused() + relayed() >= total ? true : undefined));
      t.check('LIMIT-1', refused() + relayed() === total, {
        expected: `each of ${total} messages is either relayed or answered`,
        actual: `${relayed()} relayed, ${refused()} answered`,
      });
      const latest = alice.received.filter(({ type }) => type === 'error').at(-1) as Received;
      const pause = Number((latest.payload.details as { retry_after_ms?: number } | undefined)?.retry_after_ms ?? wait);
      await new Promise((resolve) => setTimeout(resolve, pause));
      const after = alice.signalNow('ice_candidate', { to: bob });
      await delivered(t, 'LIMIT-1', after, bob);
      t.check('LIMIT-1', !alice.closed, {
        expected: 'the connection stays open',
        actual: `it was closed ${alice.closed?.code}`,
      });
    },
    { feature: 'rate-limit', exclusive: true },
  ),
  scenario('who answers pings and says nothing stays connected', ['LIVE-4'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    // It dwells while the other scenarios run, and longer where the profile says so.
    const seconds = t.profile.idleSeconds ?? 1.5;
    await Promise.all([alice, bob].map((quietOne) => quietOne.untilClosed(seconds * 1000)));
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const sent = await from.candidate({ to });
      await expect(t, 'LIVE-4', to, carries(sent.nonce), {
        expected: `${from.name} and ${to.name} are connected after ${seconds} s of silence, and what ${from.name} sends arrives`,
      });
    }
  }),
  scenario('a ping is answered with its pong', ['LIVE-1'], async (t) => {
    const alice = await join(t, 'alice');
    for (let round = 0; round < 3; round++) {
      t.check('LIVE-1', await alice.ping(t.timeoutMs), { expected: 'a pong', actual: describeState(t, alice) });
    }
  }),
  scenario('a close frame is answered and the connection closed', ['LIVE-2'], async (t) => {
    for (const code of [1000, 1001, 4000]) {
      const alice = await join(t, 'alice');
      alice.close(code);
      const closed = await alice.untilClosed(t.timeoutMs);
      t.check('LIVE-2', closed !== undefined && closed.code !== 1006, {
        expected: `close ${code} is answered with a close frame`,
        actual: closed ? 'the connection ended without one' : `no answer within ${t.timeoutMs} ms`,
      });
      t.check('LIVE-2', closed === undefined || closed.code === code || closed.code === 1000, {
        expected: `the answer to close ${code} has code ${code} or 1000`,
        actual: `it has ${closed?.code}`,
      });
    }
  }),
  scenario(
    'a server that shuts down says so to each client',
    ['LIVE-3'],
    async (t) => {
      const participants = await joinAll(t, 'alice', 'bob');
      const elsewhere = await join(t, 'carol', { room: t.newRoom() });
      await new Promise<void>((resolve, reject) => {
        exec(t.profile.shutdownCommand ?? 'false', (error) => (error ? reject(error) : resolve()));
      });
      for (const participant of [...participants, elsewhere]) {
        const closed = await participant.untilClosed(t.timeoutMs);
        t.check('LIVE-3', closed?.code === 1001 || closed?.code === 1012, {
          expected: `${participant.name} is closed 1001 or 1012`,
          actual: closed ? `closed ${closed.code}` : 'the connection stays open',
        });
      }
    },
    { feature: 'shutdown', exclusive: true },
  ),
];
