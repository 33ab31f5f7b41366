import { type RequirementId, requirements } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import type { Outcome, Result } from '../kit/outcome.js';
import type { Coverage, Report } from './report.js';

const precedence: Outcome[] = ['fail', 'harness_error', 'inconclusive', 'pass', 'not_applicable', 'skipped'];

/** Every requirement of the documents with its outcome: nothing vanishes because no scenario ran for it. */
export function coverRequirements(results: readonly Result[], profile: Profile): Coverage[] {
  return Object.values(requirements).map(({ id, party, feature, untestable }) => {
    const own = results.filter(({ requirement }) => requirement === id);
    // What could not be judged because something else failed first does not hide that it passed elsewhere.
    const judged = own.filter(
      ({ outcome, blockedBy, notRun }) =>
        (!blockedBy && !notRun) || outcome === 'fail' || !own.some((other) => other.outcome === 'pass'),
    );
    const [worst] = [...judged].sort((a, b) => precedence.indexOf(a.outcome) - precedence.indexOf(b.outcome));
    if (!worst) {
      const unclaimed =
        feature && !profile.features.has(feature) ? `the profile does not claim the feature ${feature}` : undefined;
      const reason =
        party === 'client'
          ? 'it binds clients; this suite tests servers'
          : (untestable ?? unclaimed ?? 'no scenario judges it');
      return { id, outcome: party === 'client' || unclaimed || untestable ? 'not_applicable' : 'skipped', reason };
    }
    if (worst.outcome === 'pass' || worst.outcome === 'fail') return { id, outcome: worst.outcome };
    return { id, outcome: worst.outcome, reason: worst.actual ?? '' };
  });
}

export function countOutcomes(coverage: readonly Coverage[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = {
    pass: 0,
    fail: 0,
    inconclusive: 0,
    not_applicable: 0,
    skipped: 0,
    harness_error: 0,
  };
  for (const { outcome } of coverage) counts[outcome] += 1;
  return counts;
}

/**
 * Exit code and verdict: 5 the kit failed, 1 a failure that counts and is not expected, or a stale expectation, 2 a command
 * of the profile that fails, 4 a MUST without judgement or nothing judged. Expected failures change the exit code, never the
 * verdict, and so does `allowUnjudged`, with which a MUST without judgement is no 4.
 */
export function conclude(
  report: Report,
  { level, allowUnjudged }: { level: 'must' | 'should'; allowUnjudged: boolean },
): { exitCode: number; conformant: boolean | null } {
  const { results, staleBaseline = [] } = report;
  const coverage = report.coverage.requirements;
  const counts = (id: RequirementId) => level === 'should' || requirements[id].level.startsWith('MUST');
  const failed = results.filter(({ outcome, requirement }) => outcome === 'fail' && counts(requirement));
  const openMust = (outcome: Outcome) =>
    coverage.some((entry) => entry.outcome === outcome && requirements[entry.id].level.startsWith('MUST'));
  if (coverage.some(({ outcome }) => outcome === 'harness_error')) return { exitCode: 5, conformant: null };
  const conformant = failed.length > 0 ? false : null;
  if (failed.some(({ baseline }) => baseline === undefined) || staleBaseline.length > 0)
    return { exitCode: 1, conformant };
  if (report.causes?.some(({ isUsage }) => isUsage)) return { exitCode: 2, conformant: null };
  const isOpen = openMust('inconclusive');
  if (isOpen && !allowUnjudged) return { exitCode: 4, conformant };
  if (!coverage.some(({ outcome }) => outcome === 'pass' || outcome === 'fail')) return { exitCode: 4, conformant };
  return { exitCode: 0, conformant: conformant ?? (isOpen || openMust('skipped') ? null : true) };
}
