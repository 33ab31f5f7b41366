import { type Requirement, type RequirementId, requirements } from '../../generated/index.js';
import type { Outcome, Result } from '../kit/outcome.js';
import type { Report } from '../run/report.js';
import type { Diagnosis } from './diagnosis.js';
import { visible } from './markup.js';
import { sequenceLines } from './sequence.js';

/** What a report does not say itself. */
export interface ReportOptions {
  /** Levels whose failure makes the run fail: `must` by default. */
  level?: 'must' | 'should';
  /** The command that ran, without a selection, for "run only this again". */
  command?: string;
}

/** What became of a requirement, in the words of the reports: not every failure counts. */
export type Standing = 'broken' | 'warning' | 'expected' | Exclude<Outcome, 'fail'>;

/** The words for people, worst first. */
export const standings: Readonly<Record<Standing, string>> = {
  broken: 'broken',
  harness_error: 'suite error',
  warning: 'warning',
  expected: 'expected failure',
  inconclusive: 'inconclusive',
  pass: 'passed',
  not_applicable: 'not applicable',
  skipped: 'skipped',
};

/** Tells a failure that counts from an expected one, and from a SHOULD that only warns. */
export function standingOf({ level, outcome, baseline }: Result, options: ReportOptions): Standing {
  if (outcome !== 'fail') return outcome;
  if (baseline !== undefined) return 'expected';
  return options.level !== 'should' && level.startsWith('SHOULD') ? 'warning' : 'broken';
}

function worstOf(found: readonly Standing[]): Standing | undefined {
  return (Object.keys(standings) as Standing[]).find((standing) => found.includes(standing));
}

/** What became of each requirement that binds servers. */
export function standingsOf(report: Report, options: ReportOptions): Map<RequirementId, Standing> {
  const bound = report.coverage.requirements.filter(({ id }) => requirements[id].party === 'server');
  return new Map(
    bound.map(({ id, outcome }) => {
      if (outcome !== 'fail') return [id, outcome];
      const failures = report.results.filter((result) => result.requirement === id && result.outcome === 'fail');
      return [id, worstOf(failures.map((result) => standingOf(result, options))) ?? 'broken'];
    }),
  );
}

/** What a cause amounts to: it counts as soon as one of its failures does. */
export function standingOfCause({ shownBy, alsoBreaks }: Diagnosis, report: Report, options: ReportOptions): Standing {
  const failures = report.results.filter(
    ({ outcome, requirement, hint }) =>
      outcome === 'fail' &&
      hint === shownBy.hint &&
      (requirement === shownBy.requirement || alsoBreaks.includes(requirement)),
  );
  return worstOf(failures.map((result) => standingOf(result, options))) ?? 'broken';
}

/** `asyncapi.yaml:257 (operation relaySignal)` */
export function placeOf({ document, line, subject }: Requirement): string {
  return `${document}:${line} (${subject})`;
}

const countable: readonly Standing[] = ['warning', 'expected', 'harness_error'];

/** The verdict on a run in one sentence, with what it rests on. */
export interface Verdict {
  tone: 'good' | 'bad' | 'open';
  text: string;
  /** `70 passed`, `1 broken` and so on: of the requirements that bind servers. */
  facts: string[];
}

/** Says in words how a run ended. */
export function verdictOf(report: Report, options: ReportOptions): Verdict {
  const { conformant, exitCode } = report.summary;
  const found = [...standingsOf(report, options).values()];
  const order: Standing[] = ['pass', 'broken', 'expected', 'warning', 'harness_error'];
  const facts = [...order, ...(['inconclusive', 'not_applicable', 'skipped'] as const)]
    .map((standing) => [standing, found.filter((other) => other === standing).length] as const)
    .filter(([standing, count]) => count > 0 || standing === 'pass' || standing === 'broken')
    .map(
      ([standing, count]) => `${count} ${standings[standing]}${countable.includes(standing) && count > 1 ? 's' : ''}`,
    );
  const unjudged = report.coverage.requirements.filter(
    ({ id, outcome }) => outcome === 'inconclusive' && requirements[id].level.startsWith('MUST'),
  ).length;
  const [tone, text]: [Verdict['tone'], string] =
    exitCode === 5
      ? ['open', 'The suite itself failed; this says nothing about the server.']
      : conformant === true
        ? ['good', 'Conformant']
        : conformant === false
          ? exitCode === 0
            ? ['open', 'Not conformant, as expected']
            : ['bad', 'Not conformant']
          : exitCode === 0
            ? unjudged === 0
              ? ['good', 'Everything selected passed']
              : ['open', `No verdict, as allowed: ${unjudged} required ${unjudged === 1 ? 'rule' : 'rules'} not judged`]
            : ['open', 'No verdict'];
  return { tone, text, facts };
}

/** The command that runs one requirement again. */
export function rerunCommand(
  id: RequirementId,
  { command = 'npx webrtc-room-signaling conformance' }: ReportOptions,
): string {
  return `${command} --only ${id}`;
}

/** Why a result is neither a pass nor a failure. */
export function reasonOf({ actual, blockedBy }: Result): string {
  const text = actual ?? '';
  return blockedBy === undefined || text.includes(blockedBy) ? text : `${text} (${blockedBy})`;
}

/** Where a message differs from its schema, in words. */
export function schemaErrorLines({ schemaErrors = [] }: Result): string[] {
  return schemaErrors.map(({ path, message }) => `${path || '(the whole message)'} ${message}`);
}

/** Entries of the baseline that do not hold, in words. */
export function staleLines({ staleBaseline = [] }: Report): string[] {
  return staleBaseline.map(({ check, problem }) => `${check} ${problem}`);
}

/** Judgements that changed from run to run, in words. */
export function unstableLines({ run, unstable = [] }: Report): string[] {
  return unstable.map(({ scenario, requirement, outcomes }) => {
    const counts = Object.entries(outcomes).map(([outcome, times]) => `${outcome} ${times}`);
    return `${requirement} changed over ${run.repeats ?? 1} runs: ${counts.join(', ')} in "${scenario}"`;
  });
}

/** Everything that is known of a failure, as lines of plain text. */
export function failureLines(result: Result, options: ReportOptions): string[] {
  const requirement = requirements[result.requirement];
  const field = (name: string, value: string) => `${`${name}:`.padEnd(11)}${value}`;
  return [
    `${requirement.id} ${requirement.level}: ${requirement.text}`,
    field('stated at', placeOf(requirement)),
    field('scenario', result.scenario),
    field('expected', visible(result.expected ?? '')),
    field('actual', visible(result.actual ?? '')),
    ...(result.hint === undefined ? [] : [field('hint', visible(result.hint))]),
    ...schemaErrorLines(result).map((line) => field('schema', visible(line))),
    ...(result.trace === undefined ? [] : ['sequence:', ...sequenceLines(result, 40, 4).map((line) => `  ${line}`)]),
    field('rerun', rerunCommand(requirement.id, options)),
  ];
}
