import { describeState } from '../kit/describe.js';
import { join, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { MessageOptions, Participant } from '../kit/participant.js';
import { control, needsEnd, quiet } from '../kit/proofs.js';
import { carries, isAbout, type Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { arrivals, awaitAll, type Form, flush, type Letter, post, Table, usableForms } from '../kit/table.js';

/** How many messages a sender may send in two seconds or so, of those that are wanted. */
function affordable({ profile: { rateLimit } }: ScenarioContext, wanted: number): number {
  return rateLimit ? Math.min(wanted, Math.floor(0.8 * (rateLimit.burst + 2 * rateLimit.perSecond))) : wanted;
}

/** Sends so many messages of these forms, one right after the other. */
async function stream(
  forms: readonly Form[],
  sender: Participant,
  count: number,
  options: readonly MessageOptions[],
): Promise<Letter[]> {
  if (forms.length === 0) throw new Inconclusive('no message arrives at all');
  return post(
    sender,
    Array.from({ length: count }, (_, index) => ({
      form: forms[index % forms.length] as Form,
      options: options[index % options.length] as MessageOptions,
    })),
  );
}

/** Position of each message at its receiver, or -1. */
const positions = (letters: readonly Letter[], receiver: Participant) =>
  letters.map((letter) => arrivals(letter, receiver)[0]?.index ?? -1);

/** The first message that arrived before one that was sent earlier. */
const firstOvertaking = (order: readonly number[]) =>
  order.findIndex((index, position) => position > 0 && index < (order[position - 1] ?? 0));

/** A description of 60 kB that no compression makes smaller. */
function largeSdp({ random }: ScenarioContext): string {
  return `v=0\r\n${random.hex(58_000)}\r\n`;
}

/** Messages of 60 kB that a receiver who does not read is sent, and how many of them between two looks at the others. */
const flood = { waves: 8, perWave: 50 } as const;

/** What a receiver has to be sent so that no buffer on the way takes it in, in messages of 60 kB. */
const leastFlood = 250;

export const volumeScenarios = [
  scenario(
    'what several send at once arrives whole, each sender in its own order',
    ['RELAY-1', 'RELAY-2', 'RELAY-6'],
    async (t) => {
      const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
      const forms = usableForms(t).filter(({ name }) => name !== 'pranswer');
      // Offers in both directions are for OFFER-2 to judge.
      const noOffers = forms.filter(({ type }) => type !== 'offer');
      // One sender in a burst; two to one receiver; to one and to everybody in turn.
      const streams = await Promise.all([
        stream(forms, alice, affordable(t, 400), [{ to: carol }, {}]),
        stream(forms, bob, affordable(t, 150), [{ to: carol }]),
        stream(noOffers, carol, affordable(t, 100), [{ to: alice }]),
      ]);
      const receivers = [carol, carol, alice];
      const order = new Table(t);
      const targeted = Table.ofForms(t);
      const broadcast = Table.ofForms(t);
      for (const [index, letters] of streams.entries()) {
        const receiver = receivers[index] as Participant;
        const from = letters[0]?.sent.from;
        if (from === undefined) continue;
        const what = `${letters.length} messages from ${from.name} to ${receiver.name}`;
        if (await flush(t, from, [receiver])) needsEnd(t, receiver);
        await awaitAll(t, letters, receiver);
        const found = positions(letters, receiver);
        const lost = (isTargeted: boolean) => {
          const numbers = letters.flatMap(({ options }, at) =>
            found[at] === -1 && (options?.to !== undefined) === isTargeted ? [at + 1] : [],
          );
          if (numbers.length === 0) return undefined;
          const closed = from.closed ? `; ${from.name} was closed ${from.closed.code}` : '';
          return `${numbers.length} did not arrive, the first of them number ${numbers.slice(0, 5).join(', ')}${closed}`;
        };
        targeted.enter(what, lost(true));
        broadcast.enter(what, lost(false));
        const swapped = firstOvertaking(found.filter((position) => position >= 0));
        order.enter(
          what,
          swapped < 0 ? undefined : `number ${swapped + 1} of those that arrived came before number ${swapped}`,
        );
      }
      order.judge('RELAY-6', 'they arrive in the order sent');
      targeted.judge('RELAY-1', 'all of those with a target arrive');
      broadcast.judge('RELAY-2', 'all of those without a target arrive');
    },
    { users: 3 },
  ),
  scenario('what somebody says right before it leaves arrives', ['RELAY-1', 'RELAY-2'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const forms = usableForms(t).filter(({ name }) => name !== 'pranswer');
    const letters = await post(
      alice,
      forms.flatMap((form) => [{ form, options: { to: bob } }, { form }]),
    );
    if (letters.length === 0) throw new Inconclusive('no message arrives at all');
    alice.close();
    const hasAll = () => letters.every((letter) => arrivals(letter, bob).length > 0);
    const mark = bob.received.length;
    if (!hasAll()) await bob.until(hasAll, { since: mark, timeoutMs: t.timeoutMs });
    const [targeted, broadcast] = [Table.ofForms(t), Table.ofForms(t)];
    for (const letter of letters) {
      const wrong = arrivals(letter, bob).length > 0 ? undefined : 'it did not arrive';
      (letter.options?.to ? targeted : broadcast).enter(letter.what, wrong);
    }
    targeted.judge('RELAY-1', 'what alice sends and then closes 1000 arrives', { evidence: 'direct' });
    broadcast.judge('RELAY-2', 'what alice sends and then closes 1000 arrives', { evidence: 'direct' });
  }),
  scenario(
    'nothing follows the announcement that its sender left, of whatever type',
    ['LEAVE-4'],
    async (t) => {
      const [alice, bob, carol] = await joinAll(t, 'alice', 'bob', 'carol');
      const letters = await stream(usableForms(t), carol, affordable(t, 80), [{ to: bob }, {}]);
      carol.close();
      const left = await bob.until(isAbout('user_left', carol.userId), { timeoutMs: t.timeoutMs });
      // That it comes at all is for LEAVE-1 to judge.
      if (!left) throw new Inconclusive('bob is not told that carol left', 'LEAVE-1');
      await control(t, alice, bob);
      const late = (received: Received) => letters.some(({ sent }) => carries(sent.nonce)(received));
      await quiet(t, 'LEAVE-4', [bob], late, {
        expected: `none of ${letters.length} messages of carol, of every type, arrives after her user_left`,
        since: left.index + 1,
      });
    },
    { users: 3 },
  ),
  scenario('a small message does not overtake a large one', ['RELAY-6'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const forms = usableForms(t).filter(({ name }) => name !== 'pranswer');
    const large = forms.filter(({ type }) => type !== 'ice_candidate');
    const small = forms.find(({ type }) => type === 'ice_candidate') ?? forms[0];
    const plans = [
      ...large.map((form) => ({ form, to: { to: bob } })),
      ...large.slice(0, 1).map((form) => ({ form, to: {} })),
    ].flatMap(({ form, to }) => [
      { form, options: { ...to, sdp: largeSdp(t) } },
      { form: small ?? form, options: to },
    ]);
    const letters = await post(alice, plans);
    await flush(t, alice, [bob]);
    await awaitAll(t, letters, bob);
    const arrived = letters.filter((letter) => arrivals(letter, bob).length > 0);
    if (arrived.length < letters.length) throw new Inconclusive('not all of the messages arrive', 'RELAY-10');
    const order = arrived.map((letter) => arrivals(letter, bob)[0]?.index ?? 0);
    const swapped = firstOvertaking(order);
    t.check('RELAY-6', swapped < 0, {
      expected: 'messages of 60 kB and small ones arrive in the order sent',
      actual: `${letters[swapped]?.what} arrived before ${letters[swapped - 1]?.what}, which has 60 kB and was sent before it`,
      evidence: 'fence',
    });
  }),
  scenario(
    'a message without a target reaches each of fifteen others',
    ['RELAY-2'],
    async (t) => {
      const size = Math.min(16, t.profile.capacity ?? 16);
      const names = [
        'alice',
        'bob',
        'carol',
        'dave',
        ...Array.from({ length: 12 }, (_, index) => `guest-${index + 1}`),
      ];
      const [alice, ...others] = (await joinAll(t, ...names.slice(0, size))) as unknown as [
        Participant,
        ...Participant[],
      ];
      for (const other of others.slice(0, 1)) await control(t, alice, other);
      const letters = await post(
        alice,
        usableForms(t)
          .filter(({ name }) => name !== 'pranswer')
          .map((form) => ({ form })),
      );
      await flush(t, alice, others);
      await Promise.all(others.map((other) => awaitAll(t, letters, other)));
      const table = Table.ofForms(t);
      for (const letter of letters) {
        const missing = others.filter((other) => arrivals(letter, other).length === 0);
        const twice = others.filter((other) => arrivals(letter, other).length > 1);
        const wrong = [
          ...(missing.length > 0 ? [`not received by ${missing.map(({ name }) => name).join(', ')}`] : []),
          ...(twice.length > 0 ? [`received more than once by ${twice.map(({ name }) => name).join(', ')}`] : []),
        ];
        table.enter(letter.what, wrong.length > 0 ? wrong.join('; ') : undefined);
      }
      table.judge('RELAY-2', `each of ${others.length} others receives it once`);
    },
    { users: 16 },
  ),
  scenario(
    'a participant that does not read delays nobody',
    ['RELAY-13'],
    async (t) => {
      const total = flood.waves * flood.perWave;
      if (affordable(t, total) < leastFlood)
        return t.ledger.notApplicable(
          'RELAY-13',
          'the rate limit that the profile claims keeps one from being flooded',
        );
      const [carol, dave, alice] = await joinAll(t, 'carol', 'dave', 'alice');
      const bob = await join(t, 'bob', { noticedBy: [carol, dave, alice], deflate: false });
      await takesLarge(t, alice, bob);
      const mark = carol.received.length;
      const hasLeft = () => carol.received.slice(mark).some(isAbout('user_left', bob.userId));
      bob.stall();
      const nonces: string[] = [];
      for (let wave = 0; wave < flood.waves && !hasLeft(); wave++) {
        nonces.push(...(await floodOnce(t, alice, bob)));
        await undelayed(t, [dave, alice], carol);
      }
      bob.resume();
      await checkDrained(t, bob, carol, nonces, { mark });
    },
    { users: 4, long: true },
  ),
  scenario(
    'a participant that reads in bursts gets everything in order, or is closed',
    ['RELAY-13'],
    async (t) => {
      const [carol, alice] = await joinAll(t, 'carol', 'alice');
      const bob = await join(t, 'bob', { noticedBy: [carol, alice], deflate: false });
      await takesLarge(t, alice, bob);
      const mark = carol.received.length;
      const nonces: string[] = [];
      const waves = Math.ceil(affordable(t, 4 * flood.perWave) / flood.perWave);
      for (let wave = 0; wave < waves && !bob.closed; wave++) {
        bob.stall();
        nonces.push(...(await floodOnce(t, alice, bob, affordable(t, flood.perWave))));
        await control(t, alice, carol);
        bob.resume();
        const last = nonces.at(-1) ?? '';
        // Every other burst begins while the one before is still being read.
        if (wave % 2 === 1) await bob.until(carries(last), { timeoutMs: t.timeoutMs });
      }
      await checkDrained(t, bob, carol, nonces, { mark });
    },
    { users: 3, long: true },
  ),
];

/** Sends a wave of large offers; the trace keeps their size only. Gives their nonces. */
async function floodOnce(
  t: ScenarioContext,
  sender: Participant,
  receiver: Participant,
  count: number = flood.perWave,
): Promise<string[]> {
  const nonces: string[] = [];
  const sdp = largeSdp(t);
  for (let index = 0; index < count; index++) {
    const { message, nonce } = sender.compose('offer', { to: receiver, sdp });
    await sender.sendFrames('an offer of 60 kB', [['text', JSON.stringify(message)]]);
    nonces.push(nonce);
  }
  return nonces;
}

/** Without large messages nobody can be flooded. */
async function takesLarge(t: ScenarioContext, sender: Participant, receiver: Participant): Promise<void> {
  const [nonce = ''] = await floodOnce(t, sender, receiver, 1);
  if (!(await receiver.until(carries(nonce), { timeoutMs: t.timeoutMs })))
    throw new Inconclusive('an offer of 60 kB does not arrive', 'RELAY-10');
}

/** Checks that others write to each other as if nobody were stalled; the first of them has nothing to do with the flood. */
async function undelayed(t: ScenarioContext, senders: readonly Participant[], receiver: Participant): Promise<void> {
  const table = new Table(t);
  const [form] = usableForms(t);
  if (!form) throw new Inconclusive('no message arrives');
  const limitMs = Math.max(2000 * t.shared.timeoutScale, t.shared.quietMs);
  await Promise.all(
    senders.map(async (sender, index) => {
      const [letter] = await post(sender, [{ form, options: { to: receiver } }]);
      const nonce = letter?.sent.nonce ?? '';
      const arrived = await receiver.until(carries(nonce), {
        // Who floods waits for its own flood to be read as well.
        timeoutMs: index === 0 ? Math.min(limitMs, t.timeoutMs) : t.timeoutMs,
      });
      const state = sender.closed
        ? `${sender.name} was closed ${sender.closed.code}`
        : describeState(t, receiver, { since: receiver.received.length });
      table.enter(`${letter?.what} from ${sender.name}`, arrived ? undefined : state);
    }),
  );
  table.judge('RELAY-13', `others reach ${receiver.name} while bob does not read`, { evidence: 'direct' });
}

/** What waited for bob arrives, in order, or bob's connection ends and that is announced. */
async function checkDrained(
  t: ScenarioContext,
  bob: Participant,
  witness: Participant,
  nonces: readonly string[],
  { mark }: { mark: number },
): Promise<void> {
  const last = nonces.at(-1) ?? '';
  await bob.until(carries(last), { timeoutMs: t.timeoutMs });
  const wanted = new Map(nonces.map((nonce, index) => [nonce, index]));
  const all = bob.received.map(({ text }) => wanted.get(/a=x-nonce:([0-9a-f]{18})/.exec(text)?.[1] ?? ''));
  // That each comes once is for RELAY-1 to judge.
  const arrived = [...new Set(all)].filter((number) => number !== undefined);
  const gap = arrived.findIndex((index, position) => index !== position);
  t.check('RELAY-13', gap < 0, {
    expected: 'what waits for bob arrives in order, without a gap',
    actual: `number ${gap + 1} that bob received is number ${(arrived[gap] ?? 0) + 1} of those that alice sent`,
  });
  if (arrived.length === nonces.length) return;
  const ended = bob.closed ?? (await bob.untilClosed(t.timeoutMs));
  t.require('RELAY-13', ended !== undefined && (ended.code === 1013 || ended.code === 1006), {
    expected: `all ${nonces.length} offers arrive, or the connection is closed 1013`,
    actual: `${arrived.length} arrived, and ${ended ? `the connection was closed ${ended.code}` : 'the connection is open'}`,
  });
  const left = await witness.until(isAbout('user_left', bob.userId), { since: mark, timeoutMs: t.timeoutMs });
  if (left) return;
  t.ledger.find('LEAVE-1', {
    expected: `${witness.name} is told that bob, whose connection was ended, left`,
    actual: describeState(t, witness, { since: Math.max(mark, witness.received.length - 3) }),
  });
}
