import { spread } from '../interleave.js';

/** What a ratio is to be at least, or at most. */
export type Goal = { atLeast: number } | { atMost: number };

/** Rows of the table of goals. */
export type GoalRow = Record<'ratio' | 'goal' | 'result', string> & Record<'min' | 'median' | 'max', number>;

/** Says how a ratio spread over the rounds, and whether its median meets the goal. */
export function goalRow(ratio: string, series: readonly number[], goal?: Goal): GoalRow {
  const { min, median, max } = spread(series);
  if (goal === undefined) return { ratio, min, median, max, goal: '', result: '' };
  const isMet = 'atLeast' in goal ? median >= goal.atLeast : median <= goal.atMost;
  const text = 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  return { ratio, min, median, max, goal: text, result: isMet ? 'met' : 'NOT MET' };
}

/** Divides two series, round by round. */
export function paired(above: readonly number[] = [], below: readonly number[] = []): number[] {
  return above.slice(0, below.length).map((value, round) => value / (below[round] ?? Number.NaN));
}
