import type { Outcome, Result } from '../kit/outcome.js';
import type { Report, Unstable } from './report.js';

const worstFirst: Outcome[] = ['harness_error', 'fail', 'inconclusive', 'not_applicable', 'skipped', 'pass'];
// The precedence of exit codes: bad usage never gets here.
const exitCodes = [5, 3, 1, 4, 0];

/** Makes one report of several runs: of each judgement the worst, and which of them changed from run to run. */
export function mergeRuns(reports: readonly [Report, ...Report[]]): Report {
  const [first] = reports;
  if (reports.length === 1) return first;
  const worst = (results: readonly Result[]) =>
    [...results].sort((a, b) => worstFirst.indexOf(a.outcome) - worstFirst.indexOf(b.outcome))[0] as Result;
  const rows = new Map<string, Result[]>();
  for (const result of reports.flatMap((report) => report.results)) {
    const key = `${result.scenario}\n${result.requirement}`;
    rows.set(key, [...(rows.get(key) ?? []), result]);
  }
  const results = Array.from(rows.values(), worst);
  const unstable = Array.from(rows.values()).flatMap((found): Unstable[] => {
    const { scenario, requirement } = found[0] as Result;
    const outcomes: Partial<Record<Outcome, number>> = {};
    for (const { outcome } of found) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    // What was seen in passing in some runs only was not seen in the others.
    if (found.length < reports.length) outcomes.pass = (outcomes.pass ?? 0) + reports.length - found.length;
    return Object.keys(outcomes).length > 1 ? [{ scenario, requirement, outcomes }] : [];
  });
  // Of runs that end alike, one without a verdict decides: with it, all of them together have none.
  const rank = ({ summary }: Report) => 2 * exitCodes.indexOf(summary.exitCode) + (summary.conformant === true ? 1 : 0);
  const decisive = [...reports].sort((a, b) => rank(a) - rank(b))[0] as Report;
  const durationMs = reports.reduce((sum, { run }) => sum + run.durationMs, 0);
  return {
    ...decisive,
    run: { ...first.run, durationMs, repeats: reports.length },
    results,
    ...(unstable.length > 0 && { unstable }),
  };
}
