import { describeState } from '../kit/describe.js';
import { join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Sent } from '../kit/participant.js';
import { delivered, eventually, expect } from '../kit/proofs.js';
import { carries, type Received, shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import { runShellCommand } from '../kit/shell-command.js';
import { Table } from '../kit/table.js';

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
      if (pause > Math.max(10_000, t.timeoutMs))
        throw new Inconclusive(`retry_after_ms is ${pause}, longer than this run waits`);
      await new Promise((resolve) => setTimeout(resolve, pause));
      const after = alice.signalNow('ice_candidate', { to: bob });
      await delivered(t, 'LIMIT-1', after, bob);
      // A close may follow what was relayed.
      await alice.untilClosed(t.shared.quietMs);
      t.check('LIMIT-1', !alice.closed, {
        expected: 'the connection stays open',
        actual: `it was closed ${alice.closed?.code}`,
      });
    },
    { feature: 'rate-limit', exclusive: true },
  ),
  scenario('a ping is answered with its pong', ['LIVE-1'], async (t) => {
    const alice = await join(t, 'alice');
    const bytes = [Buffer.alloc(0), Buffer.from('p'), Buffer.from([0xff, 0x00, 0xfe]), Buffer.alloc(125, 'x')];
    const table = new Table(t);
    for (const payload of bytes) {
      const before = alice.pongs.length;
      await alice.sendFrames(`a ping of ${payload.length} bytes`, [['ping', payload]]);
      await alice.untilPongs(before + 1, t.timeoutMs);
      const pong = alice.pongs[before];
      const wrong =
        pong === undefined ? describeState(t, alice) : `the pong has the payload ${shorten(JSON.stringify(pong))}`;
      table.enter(`a ping of ${payload.length} bytes`, pong === payload.toString('latin1') ? undefined : wrong);
    }
    table.judge('LIVE-1', 'each ping is answered with a pong of the same payload', { evidence: 'direct' });
  }),
  scenario('hundreds of pings at once are answered, between fragments too', ['LIVE-1'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const { message, nonce } = alice.compose('offer', { to: bob });
    const text = JSON.stringify(message);
    const pings = Array.from({ length: 150 }, (_, index): ['ping', string] => ['ping', `ping ${index}`]);
    await alice.sendFrames(
      `${2 * pings.length} pings, half of them in the middle of an offer`,
      [...pings, ['text', text.slice(0, 20), false], ...pings, ['continuation', text.slice(20), true]],
      { message: text },
    );
    const arrived = await bob.until(carries(nonce), { timeoutMs: t.timeoutMs });
    // Pongs come in order: with the last, all others are there.
    await alice.sendFrames('a last ping', [['ping', 'the last']]);
    await eventually(t, async () => (alice.pongs.includes('the last') || alice.closed ? true : undefined));
    // A pong may answer several pings at once, the latest of them (RFC 6455, section 5.5.3).
    const last = `ping ${pings.length - 1}`;
    const between = alice.pongs.filter((pong) => pong === last).length;
    t.check('LIVE-1', between >= 2 && !alice.closed, {
      expected: `the last of ${pings.length} pings is answered, and so is the last of those in the middle of a message`,
      actual: alice.closed
        ? `the connection was closed ${alice.closed.code}`
        : `${alice.pongs.length} pongs came, ${between} of them to a last ping; the offer ${arrived ? 'arrived' : 'did not arrive'}`,
    });
  }),
  scenario('a close frame is answered and the connection closed', ['LIVE-2'], async (t) => {
    for (const code of [1000, 1001, 3000, 4000, null]) {
      const alice = await join(t, 'alice');
      alice.leaveEndToServer();
      alice.close(code);
      const closed = await alice.untilClosed(t.timeoutMs);
      const what = code === null ? 'a close without a code' : `close ${code}`;
      t.check('LIVE-2', closed !== undefined && closed.code !== 1006, {
        expected: `${what} is answered with a close frame, and the server ends the TCP connection (RFC 6455, section 7.1.1)`,
        actual: closed
          ? 'the connection ended without one'
          : `the TCP connection is open ${t.timeoutMs} ms later, answered or not`,
      });
      // A close frame may be answered with an empty one.
      t.check('LIVE-2', closed === undefined || [code, 1000, 1005].includes(closed.code), {
        expected: `the answer to ${what} has the same code, 1000 or none`,
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
      await runShellCommand(t, 'shutdownCommand', t.profile.shutdownCommand ?? 'false', { action: 'shutdown' });
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
