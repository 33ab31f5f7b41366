import { type RequirementId, requirements } from '../../generated/index.js';
import type { Result } from '../kit/outcome.js';
import type { Report } from '../run/report.js';

/** One cause of failures: told once, however many requirements and scenarios it breaks. */
export interface Diagnosis {
  /** The first requirement it breaks, in the order of the specification; a MUST before a SHOULD. */
  requirement: RequirementId;
  /** The failure that shows it best: that of the scenario which judges least else. */
  shownBy: Result;
  /** Other requirements that fail for the same cause. */
  alsoBreaks: RequirementId[];
  /** Other scenarios in which they fail. */
  alsoIn: string[];
}

/** Groups the failures of a report by cause: the same near miss, or else the same requirement. */
export function diagnose(report: Report): Diagnosis[] {
  const order = Object.keys(requirements) as RequirementId[];
  const rank = ({ requirement, level }: Result) =>
    (level.startsWith('MUST') ? 0 : order.length) + order.indexOf(requirement);
  const breadth = new Map<string, number>();
  for (const { scenario } of report.results) breadth.set(scenario, (breadth.get(scenario) ?? 0) + 1);
  const unhinted = ({ hint }: Result) => (hint === undefined ? 1 : 0);
  const width = ({ scenario }: Result) => breadth.get(scenario) ?? 0;

  const groups = new Map<string, Result[]>();
  for (const result of report.results) {
    if (result.outcome !== 'fail') continue;
    const cause = result.hint ?? result.requirement;
    groups.set(cause, [...(groups.get(cause) ?? []), result]);
  }
  // A rule is told once: what failed it without a hint stands with what failed it with one.
  for (const [cause, failures] of groups) {
    const other = [...groups].find(
      ([name, others]) => name !== cause && others.some(({ requirement }) => requirement === cause),
    );
    if (other === undefined) continue;
    other[1].push(...failures);
    groups.delete(cause);
  }
  return [...groups.values()]
    .map((failures) => failures.sort((a, b) => rank(a) - rank(b) || unhinted(a) - unhinted(b) || width(a) - width(b)))
    .sort(([a], [b]) => rank(a as Result) - rank(b as Result))
    .map((failures) => {
      const [shownBy, ...others] = failures as [Result, ...Result[]];
      const differing = <Value>(own: Value, values: Value[]) => [...new Set(values)].filter((value) => value !== own);
      return {
        requirement: shownBy.requirement,
        shownBy,
        alsoBreaks: differing(
          shownBy.requirement,
          others.map(({ requirement }) => requirement),
        ),
        alsoIn: differing(
          shownBy.scenario,
          others.map(({ scenario }) => scenario),
        ),
      };
    });
}
