import type { RequirementId } from '../../generated/index.js';
import { describeState } from '../kit/describe.js';
import { join, joinAll } from '../kit/lobby.js';
import type { Participant } from '../kit/participant.js';
import { isAbout, isError, isRoomState, participantIds } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';
import { Table } from '../kit/table.js';

/** One way in which a connection ends. */
interface Ending {
  what: string;
  rule: RequirementId;
  /** Resolves when it has ended, or with false where the server does not end it: that is for other rules to judge. */
  end(participant: Participant, t: ScenarioContext): Promise<boolean>;
}

const byItself = (what: string, code: number | null): Ending => ({
  what,
  rule: 'LEAVE-1',
  async end(participant) {
    participant.close(code);
    return true;
  },
});

const thrownOut = (what: string, provoke: (participant: Participant) => Promise<unknown>): Ending => ({
  what,
  rule: 'LEAVE-1',
  async end(participant, t) {
    await provoke(participant);
    const since = participant.received.length;
    await Promise.race([
      participant.untilClosed(t.timeoutMs),
      participant.until(isError, { since, timeoutMs: t.timeoutMs }),
    ]);
    // An error may come before the close.
    return (await participant.untilClosed(t.shared.quietMs)) !== undefined;
  },
});

const endings: readonly Ending[] = [
  byItself('closed without a code', null),
  byItself('closed 1000', 1000),
  byItself('closed 1001', 1001),
  byItself('closed 1002', 1002),
  byItself('closed 1011', 1011),
  byItself('closed 3000', 3000),
  byItself('closed 4000', 4000),
  byItself('closed 4999', 4999),
  thrownOut('thrown out for text that is not UTF-8', (participant) =>
    participant.sendFrames('a text frame that is not UTF-8', [['text', Buffer.from([0xff])]]),
  ),
  thrownOut('thrown out for a binary frame', (participant) =>
    participant.sendFrames('a binary frame', [['binary', 'x']]),
  ),
  thrownOut('thrown out for a continuation of nothing', (participant) =>
    participant.sendFrames('a continuation of nothing', [['continuation', 'x']]),
  ),
  thrownOut('thrown out for a message of 2 MiB', (participant) =>
    participant.sendFrames('a message of 2 MiB', [['text', Buffer.alloc(2 * 1024 * 1024, 'x')]]),
  ),
  thrownOut('thrown out in the middle of a fragmented message', (participant) =>
    participant.sendFrames('a message in a message', [
      ['text', '{"type":', false],
      ['text', '{}', true],
    ]),
  ),
  {
    what: 'cut off (FIN)',
    rule: 'LEAVE-2',
    async end(participant) {
      participant.cut();
      return true;
    },
  },
  {
    what: 'reset (RST)',
    rule: 'LEAVE-2',
    async end(participant) {
      participant.cut({ reset: true });
      return true;
    },
  },
];

/** What is wrong about how a witness was told that somebody left, in words; undefined where nothing is. */
function wrongTold(t: ScenarioContext, witness: Participant, leaver: Participant, since: number): string | undefined {
  const told = witness.received.slice(since).filter(isAbout('user_left', leaver.userId)).length;
  if (told === 1) return undefined;
  return told === 0
    ? `${witness.name}: ${describeState(t, witness, { since })}`
    : `${witness.name} is told ${told} times`;
}

export const endingScenarios = [
  scenario('however a connection ends, it is announced once', ['LEAVE-1', 'LEAVE-2', 'LEAVE-3'], async (t) => {
    const tables = { 'LEAVE-1': new Table(t), 'LEAVE-2': new Table(t) } as Record<string, Table>;
    const ghosts = new Table(t);
    const watched = await Promise.all(
      endings.map(async ({ what, rule, end }) => {
        const room = t.newRoom();
        const alice = await join(t, 'alice', { room });
        const bob = await join(t, 'bob', { room, noticedBy: [alice] });
        const since = alice.received.length;
        const hasEnded = await end(bob, t);
        if (!hasEnded) return undefined;
        await alice.until(isAbout('user_left', bob.userId), { since, timeoutMs: t.timeoutMs });
        return { what, rule, alice, bob, since, room };
      }),
    );
    // A second announcement has as long to come as all the others took, and the ghost of nobody is listed.
    await Promise.all(
      watched.map(async (one) => {
        if (one === undefined) return;
        const { what, rule, alice, bob, since, room } = one;
        const carol = await join(t, t.profile.capacity === 2 ? 'bob' : 'carol', { room });
        await alice.until(isAbout('user_joined', carol.userId), { since, timeoutMs: t.timeoutMs });
        const isGhost = carol.name !== 'bob' && participantIds(carol.received.find(isRoomState)).includes(bob.userId);
        const wrong = wrongTold(t, alice, bob, since);
        tables[rule]?.enter(`bob, ${what}`, wrong);
        // Who was never told of as gone is a matter of the announcement alone.
        if (wrong === undefined) ghosts.enter(`bob, ${what}`, isGhost ? 'it is listed still' : undefined);
      }),
    );
    for (const rule of ['LEAVE-1', 'LEAVE-2'] as const)
      tables[rule]?.judge(rule, 'alice is told once that bob left', { evidence: 'direct' });
    ghosts.judge('LEAVE-3', 'who joins after bob has left does not find bob', { evidence: 'direct' });
  }),
  scenario(
    'of several who leave at once each is announced once to each',
    ['LEAVE-1', 'LEAVE-3'],
    async (t) => {
      const [alice, bob, carol, heidi, ...leavers] = await joinAll(
        t,
        ...['alice', 'bob', 'carol', 'heidi', 'dave', 'erin', 'frank'],
      );
      const stayers = [alice, bob, carol, heidi] as [Participant, ...Participant[]];
      const marks = stayers.map(({ received }) => received.length);
      const [dave, erin, frank] = leavers as [Participant, Participant, Participant];
      dave.close();
      erin.cut();
      frank.close(null);
      await Promise.all(
        stayers.flatMap((stayer, index) =>
          leavers.map((leaver) =>
            stayer.until(isAbout('user_left', leaver.userId), { since: marks[index] ?? 0, timeoutMs: t.timeoutMs }),
          ),
        ),
      );
      const grace = await join(t, 'grace', { noticedBy: stayers });
      const table = new Table(t);
      for (const [index, stayer] of stayers.entries())
        for (const leaver of leavers)
          table.enter(`${leaver.name} at ${stayer.name}`, wrongTold(t, stayer, leaver, marks[index] ?? 0));
      table.judge('LEAVE-1', 'each of four who stay is told once of each of three who leave at once', {
        evidence: 'direct',
      });
      const listed = participantIds(grace.received.find(isRoomState));
      const isTold = (leaver: Participant) =>
        stayers.every(({ received }) => received.some(isAbout('user_left', leaver.userId)));
      const ghosts = leavers.filter((leaver) => listed.includes(leaver.userId) && isTold(leaver));
      t.check('LEAVE-3', ghosts.length === 0, {
        expected: 'who joins then finds none of those who were announced as gone',
        actual: `room_state lists ${ghosts.map(({ name }) => name).join(', ')} still`,
      });
    },
    { users: 8 },
  ),
];
