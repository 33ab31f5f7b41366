import { connect } from '../kit/lobby.js';
import type { RateLimit } from '../kit/pace.js';
import type { Participant, Sent } from '../kit/participant.js';
import { usableType } from '../kit/proofs.js';
import { carries, isError, isRoomState } from '../kit/received.js';
import { ScenarioContext } from '../kit/scenario-context.js';
import type { Shared } from '../kit/shared.js';

/** A limit of messages as it was observed. */
export interface MessageLimit {
  /** What a profile may state: keeping to it, nobody meets the limit. */
  claim: { burst: number; perSecond: number; per?: 'user' };
  /** The same as the suite keeps to it for the rest of the run. */
  pace: RateLimit & { per?: 'user' };
  /** What was seen, in words. */
  text: string;
}

/** Messages sent to find a limit; one that lets more through at once hides nothing from the scenarios. */
const mostMessages = 1_000;

/** Messages sent before the first pause to see what became of them. */
const chunk = 50;

/** Milliseconds between tries to be let through again: a limiter may count those that it refuses. */
const pausesMs = [100, 200, 400, 600, 800, ...Array<number>(12).fill(1000)];

const isLimitError = ({ type, payload }: { type: string; payload: Record<string, unknown> }) =>
  type === 'error' && payload.code === 'RATE_LIMIT_EXCEEDED';

/**
 * Finds out how many messages the target takes of one user at once and after that, with users whom no scenario has, where
 * there can be any. Resolves with 'none' where no limit is met, and with undefined where it cannot be told, such as where
 * nothing passes again within 14 s.
 */
export async function observeMessageLimit(shared: Shared): Promise<MessageLimit | 'none' | undefined> {
  const usersOfItsOwn = shared.tokens.capacity === Number.POSITIVE_INFINITY;
  const t = new ScenarioContext({ name: 'a limit of messages', requirements: [] }, { ...shared, usersOfItsOwn });
  try {
    const bob = await enter(t, 'bob');
    const alice = bob && (await enter(t, 'alice'));
    return alice && (await observe(t, alice, bob));
  } finally {
    await t.dispose();
  }
}

async function enter(t: ScenarioContext, name: string, room = t.room): Promise<Participant | undefined> {
  const participant = await connect(t, name, { room });
  return (await participant.until(isRoomState, { timeoutMs: t.timeoutMs })) && participant;
}

async function observe(
  t: ScenarioContext,
  alice: Participant,
  bob: Participant,
): Promise<MessageLimit | 'none' | undefined> {
  const type = usableType(t);
  const send = (count: number) => Array.from({ length: count }, () => alice.signalNow(type));
  const first = await countPassed(t, alice, bob, () => send(chunk), mostMessages);
  if (first === undefined) return 'none';
  if (first.passed === 0) return undefined;
  const burst = first.passed;
  for (const pauseMs of pausesMs) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if ((await countPassed(t, alice, bob, () => send(1), 1)) !== undefined) {
      if (alice.closed) return undefined;
      continue;
    }
    const seconds = (t.now() - first.endedAt) / 1000;
    const more = (await countPassed(t, alice, bob, () => send(burst), burst))?.passed ?? burst;
    const perUser = await isSharedByConnections(t, alice);
    const per = perUser ? ({ per: 'user' } as const) : {};
    const scope = perUser ? 'all connections of a user together' : 'a connection';
    // Who may send all of them again has a window, not a bucket; in one, both the burst and what follows have to fit.
    if (more >= burst - 1) {
      const claim = { burst: Math.max(1, Math.floor(burst / 2)), perSecond: round(burst / 2 / seconds), ...per };
      const pace = { ...claim, burst, windowMs: 1.1 * seconds * 1000 };
      return { claim, pace, text: `${burst} messages in each ${round(seconds)} s at most, counted for ${scope}` };
    }
    const claim = { burst, perSecond: round((1 + more) / seconds), ...per };
    return {
      claim,
      pace: claim,
      text: `${burst} messages at once, then ${claim.perSecond} a second, counted for ${scope}`,
    };
  }
  return undefined;
}

/** Two digits are as much as the network lets one know, and never more than was seen. */
function round(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.floor(value / unit) * unit).toPrecision(2));
}

/** How many messages pass until one is refused, and when; undefined where none of them is. */
async function countPassed(
  t: ScenarioContext,
  alice: Participant,
  bob: Participant,
  send: () => Sent[],
  most: number,
): Promise<{ passed: number; endedAt: number } | undefined> {
  const since = alice.received.length;
  let passed = 0;
  for (let sent = 0; sent < most; ) {
    const messages = send();
    sent += messages.length;
    const refused = alice.until(isLimitError, { since, timeoutMs: t.timeoutMs });
    const arrived = await Promise.all(
      messages.map(({ nonce }) => {
        const arrives = (timeoutMs: number) => bob.until(carries(nonce), { timeoutMs });
        return Promise.race([arrives(t.timeoutMs), refused.then(() => arrives(t.shared.quietMs))]);
      }),
    );
    passed += arrived.filter((received) => received !== undefined).length;
    if (alice.closed || alice.received.slice(since).some(isLimitError)) return { passed, endedAt: t.now() };
  }
  return undefined;
}

/** Whether a second connection of one who is over the limit is over it as well. */
async function isSharedByConnections(t: ScenarioContext, alice: Participant): Promise<boolean> {
  const since = alice.received.length;
  for (let sent = 0; sent < mostMessages; sent += chunk) {
    for (let index = 0; index < chunk; index++) alice.signalNow(usableType(t));
    if (await alice.until(isLimitError, { since, timeoutMs: t.shared.quietMs })) break;
  }
  const second = await enter(t, 'alice', t.newRoom());
  // What is no message is answered in any case: where the limit is met, one of the two is.
  second?.signalNow(usableType(t));
  second?.sendTextNow('{"type":"no_such_type","payload":{}}');
  const answer = await second?.until(isError, { timeoutMs: t.timeoutMs });
  return answer !== undefined && isLimitError(answer);
}
