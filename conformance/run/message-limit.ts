import { connect } from '../kit/lobby.js';
import type { RateLimit } from '../kit/pace.js';
import type { Participant } from '../kit/participant.js';
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

/** Messages sent before one looks what became of them, at first; twice as many the next time. */
const firstChunk = 8;

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
  const first = await countPassed(t, alice, bob, mostMessages);
  if (first === undefined) return 'none';
  if (first.passed === 0) return undefined;
  const burst = first.passed;
  for (const pauseMs of pausesMs) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if ((await countPassed(t, alice, bob, 1)) !== undefined) {
      if (alice.closed) return undefined;
      continue;
    }
    const seconds = (t.now() - first.endedAt) / 1000;
    const again = () => countPassed(t, alice, bob, burst);
    const second = await again();
    // Who may send all of them again has a window, not a bucket; in one, both the burst and what follows have to fit.
    const isWindow = second === undefined || second.passed >= burst - 1;
    const perSecond = isWindow ? burst / 2 / seconds : await refill(second, burst * seconds, again);
    const perUser = await isSharedByConnections(t, alice);
    const per = perUser ? ({ per: 'user' } as const) : {};
    const scope = perUser ? 'all connections of a user together' : 'a connection';
    if (isWindow) {
      const claim = { burst: Math.max(1, Math.floor(burst / 2)), perSecond: round(perSecond), ...per };
      const pace = { ...claim, burst, windowMs: 1.1 * seconds * 1000 };
      return { claim, pace, text: `${burst} messages in each ${round(seconds)} s at most, counted for ${scope}` };
    }
    const claim = { burst, perSecond: round(perSecond), ...per };
    const text = `${burst} messages at once, then ${claim.perSecond} a second, counted for ${scope}`;
    return { claim, pace: claim, text };
  }
  return undefined;
}

/** Messages per second that pass once a burst is used up: as many as pass after a pause that refills less than a burst. */
async function refill(
  { endedAt }: Passed,
  refilledS: number,
  again: () => Promise<Passed | undefined>,
): Promise<number> {
  let from: Passed | undefined = { passed: 0, endedAt };
  for (let pauseMs = Math.min(2_000, 500 * refilledS); from && pauseMs > 20; pauseMs /= 2) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const next = await again();
    if (next) return Math.max(1, next.passed) / ((next.endedAt - from.endedAt) / 1000);
    // It had refilled as a whole.
    from = await again();
  }
  return 1 / refilledS;
}

/** Two digits are as much as the network lets one know, and never more than was seen. */
function round(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.floor(value / unit) * unit).toPrecision(2));
}

interface Passed {
  passed: number;
  /** When the first was refused, in milliseconds since the beginning. */
  endedAt: number;
}

/** How many messages pass until one is refused, and when; undefined where none of them is. */
async function countPassed(
  t: ScenarioContext,
  alice: Participant,
  bob: Participant,
  most: number,
): Promise<Passed | undefined> {
  const since = alice.received.length;
  let passed = 0;
  let chunk = firstChunk;
  for (let left = most; left > 0; left -= chunk, chunk *= 2) {
    const messages = Array.from({ length: Math.min(chunk, left) }, () => alice.signalNow(usableType(t)));
    const refused = alice.until(isLimitError, { since, timeoutMs: t.timeoutMs });
    const arrived = await Promise.all(
      messages.map(({ nonce }) => {
        const arrives = (timeoutMs: number) => bob.until(carries(nonce), { timeoutMs });
        return Promise.race([arrives(t.timeoutMs), refused.then(() => arrives(t.shared.quietMs))]);
      }),
    );
    passed += arrived.filter((received) => received !== undefined).length;
    const error = alice.received.slice(since).find(isLimitError);
    if (error || alice.closed) return { passed, endedAt: error?.at ?? t.now() };
  }
  return undefined;
}

/** Whether a second connection of one who is over the limit is over it as well. */
async function isSharedByConnections(t: ScenarioContext, alice: Participant): Promise<boolean> {
  const since = alice.received.length;
  for (let sent = 0; sent < mostMessages; sent += firstChunk) {
    for (let index = 0; index < firstChunk; index++) alice.signalNow(usableType(t));
    if (await alice.until(isLimitError, { since, timeoutMs: t.shared.quietMs })) break;
  }
  const second = await enter(t, 'alice', t.newRoom());
  // What is no message is answered in any case: where the limit is met, one of the two is.
  second?.signalNow(usableType(t));
  second?.sendTextNow('{"type":"no_such_type","payload":{}}');
  const answer = await second?.until(isError, { timeoutMs: t.timeoutMs });
  return answer !== undefined && isLimitError(answer);
}
