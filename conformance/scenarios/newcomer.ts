import { describeState } from '../kit/describe.js';
import { connect, identity, joinAll } from '../kit/lobby.js';
import { Inconclusive } from '../kit/outcome.js';
import type { Participant, Sent } from '../kit/participant.js';
import { control, delivered, usableType } from '../kit/proofs.js';
import { carries, isAbout, isRoomState, participantIds, type Received } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';

/** Lets somebody join who acts on its `room_state` at once, before anything else can happen on its side. */
async function joinAndAct(
  t: ScenarioContext,
  name: string,
  act: (newcomer: Participant, others: string[]) => void,
): Promise<Participant> {
  const userId = await identity(t, name);
  const newcomer = await connect(t, name);
  newcomer.userId = userId;
  newcomer.onReceive = (received) => {
    if (!isRoomState(received)) return;
    newcomer.onReceive = undefined;
    act(
      newcomer,
      participantIds(received).filter((id) => id !== userId),
    );
  };
  const state = await newcomer.until(isRoomState, { timeoutMs: t.timeoutMs });
  if (!state) throw new Inconclusive(`${name} could not join: ${describeState(t, newcomer)}`);
  return newcomer;
}

/** What is wrong with what one witness was told of a newcomer, in words; undefined where nothing is. */
function disorder(witness: Participant, newcomer: Participant, nonces: readonly string[]): string | undefined {
  const position = (match: (received: Received) => boolean) => witness.received.findIndex(match);
  const joined = position(isAbout('user_joined', newcomer.userId));
  const left = position(isAbout('user_left', newcomer.userId));
  const said = position((received) => nonces.some((nonce) => carries(nonce)(received)));
  if (said >= 0 && (joined < 0 || said < joined)) return 'a message of it came before its user_joined';
  if (left >= 0 && (joined < 0 || left < joined)) return 'its user_left came before its user_joined';
  return undefined;
}

export const newcomerScenarios = [
  scenario(
    'a newcomer offers to everybody on its room_state, and the call goes on',
    ['JOIN-13'],
    async (t) => {
      const [alice, bob] = await joinAll(t, 'alice', 'bob');
      const sent: Sent[] = [];
      const carol = await joinAndAct(t, 'carol', (newcomer, others) => {
        for (const type of [usableType(t, 'offer'), usableType(t)])
          for (const to of others) sent.push(newcomer.signalNow(type, { to }));
      });
      const receiverOf = ({ message }: Sent) => (message.payload.target_user_id === alice.userId ? alice : bob);
      const lost: Sent[] = [];
      await Promise.all(
        sent.map(async (message) => {
          const arrived = await receiverOf(message).until(carries(message.nonce), { timeoutMs: t.timeoutMs });
          if (!arrived) lost.push(message);
        }),
      );
      // That later ones arrive tells a server that is deaf for a while from one that relays nothing.
      if (lost.length > 0) await control(t, carol, receiverOf(lost[0] as Sent));
      t.check('JOIN-13', sent.length === 4 && lost.length === 0, {
        expected: 'the offers and candidates that carol sends on its room_state arrive',
        actual:
          sent.length < 4
            ? `its room_state names ${sent.length / 2} of alice and bob`
            : `of ${sent.length} the ${lost.map(({ message }) => message.type).join(', ')} did not arrive, a later message did`,
      });
      for (const other of [alice, bob])
        await delivered(t, 'JOIN-13', await other.signal(usableType(t, 'answer'), { to: carol }), carol);
    },
    { swift: true },
  ),
  scenario('user_joined comes before anything of the joiner', ['JOIN-11'], async (t) => {
    const [alice, bob] = await joinAll(t, 'alice', 'bob');
    const sent: Sent[] = [];
    const carol = await joinAndAct(t, 'carol', (newcomer, others) => {
      sent.push(newcomer.signalNow('offer'));
      for (const to of others) sent.push(newcomer.signalNow('ice_candidate', { to }));
    });
    for (const other of [alice, bob]) await control(t, carol, other);
    const nonces = sent.map(({ nonce }) => nonce);
    for (const witness of [alice, bob]) {
      const wrong = disorder(witness, carol, nonces);
      t.check('JOIN-11', wrong === undefined, {
        expected: `${witness.name} is told that carol joined before anything of carol`,
        actual: wrong ?? '',
      });
    }
  }),
  scenario(
    'who leaves at once is announced first and then gone',
    ['JOIN-11', 'LEAVE-1', 'LEAVE-3'],
    async (t) => {
      const [alice, bob] = await joinAll(t, 'alice', 'bob');
      const carol = await joinAndAct(t, 'carol', (newcomer) => newcomer.close());
      const left = isAbout('user_left', carol.userId);
      for (const witness of [alice, bob]) {
        const told = await witness.until(left, { timeoutMs: t.timeoutMs });
        const knows = witness.received.some(isAbout('user_joined', carol.userId));
        t.check('LEAVE-1', told !== undefined || !knows, {
          expected: `${witness.name}, who was told that carol joined, is told that it left`,
          actual: describeState(t, witness),
        });
        const wrong = disorder(witness, carol, []);
        t.check('JOIN-11', wrong === undefined, {
          expected: `${witness.name} is told that carol joined before it is told that carol left`,
          actual: wrong ?? '',
        });
      }
      const again = await joinAndAct(t, 'dave', () => {});
      const listed = participantIds(again.received.find(isRoomState));
      t.check('LEAVE-3', !listed.includes(carol.userId), {
        expected: 'carol is in no later room_state',
        actual: `room_state of dave lists ${listed.join(', ')}`,
      });
    },
    { swift: true },
  ),
];
