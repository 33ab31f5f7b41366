/** Calls per second of every contender, one figure per round. */
export type Rates = Record<string, number[]>;

/** Least, middle and greatest of a series. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

/**
 * Runs each contender for `milliseconds` per round, every round in a different order. A host that drifts slows all
 * contenders of one round alike, so figures are compared within a round. The first round warms up and does not count.
 */
export function interleave(
  contenders: Record<string, () => unknown>,
  { rounds, milliseconds }: { rounds: number; milliseconds: number },
): Rates {
  const names = Object.keys(contenders);
  const rates: Rates = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] ?? '';
      const rate = callsPerSecond(contenders[name] ?? (() => undefined), milliseconds);
      if (round > 0) rates[name]?.push(rate);
    }
  }
  return rates;
}

// Exported so that no call can be optimized away for having an unused result.
export let sink: unknown;

function callsPerSecond(call: () => unknown, milliseconds: number): number {
  const start = performance.now();
  let batch = 1;
  let calls = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    for (let i = 0; i < batch; i++) sink = call();
    calls += batch;
    elapsed = performance.now() - start;
    // Looks at the clock about once a millisecond, however fast the call is.
    batch = Math.max(1, Math.round(calls / elapsed));
  }
  return (calls / elapsed) * 1000;
}

/** How many times faster `name` was than `baseline`, round by round. */
export function ratios(rates: Rates, name: string, baseline: string): number[] {
  return (rates[name] ?? []).map((rate, round) => rate / (rates[baseline]?.[round] ?? Number.NaN));
}

/** Orders a series and picks its ends and its middle. */
export function spread(series: readonly number[]): Spread {
  const sorted = [...series].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}
