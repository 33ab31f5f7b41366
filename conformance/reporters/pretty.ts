import pc from 'picocolors';
import { areaOf, type RequirementId, requirements } from '../../generated/index.js';
import type { Outcome, Result } from '../kit/outcome.js';
import { shorten } from '../kit/received.js';
import type { Report } from '../run/report.js';
import { type Diagnosis, diagnose } from './diagnosis.js';
import { visible, visibleDeep, withoutCommands } from './markup.js';
import { sequenceLines } from './sequence.js';
import { verdictOf } from './wording.js';

/** What the pretty report needs to know about where it is printed. */
export interface PrettyOptions {
  color: boolean;
  /** Columns to keep within. */
  width: number;
  /** The command that ran, without a selection, for "run only this again". */
  command: string;
  level: 'must' | 'should';
}

const marks: Record<Outcome, string> = {
  pass: '✓',
  fail: '✗',
  inconclusive: '?',
  not_applicable: '–',
  skipped: '–',
  harness_error: '!',
};

/** The report as text for people: failures in full first, then the requirements by area, then the verdict. */
export function renderPretty(raw: Report, options: PrettyOptions): string {
  const report = visibleDeep(raw);
  const colors = pc.createColors(options.color);
  const paint: Record<Outcome, (text: string) => string> = {
    pass: colors.green,
    fail: colors.red,
    inconclusive: colors.yellow,
    not_applicable: colors.dim,
    skipped: colors.dim,
    harness_error: colors.magenta,
  };
  const lines: string[] = [];
  const stale = report.staleBaseline ?? [];
  const { version } = report.suite;
  lines.push(
    `${colors.bold('webrtc-room-signaling')} ${version}, protocol ${report.spec.version}: ${nameTargets(report)}`,
    '',
  );

  lines.push(...renderCauses(report, options, colors));
  const diagnoses = diagnose(report);
  for (const diagnosis of diagnoses) lines.push(...renderFailure(diagnosis, options, colors), '');
  for (const [error, broken] of harnessErrors(report)) {
    lines.push(
      colors.magenta(`! the suite itself failed in "${broken.scenario}"`),
      ...wrap(error, options.width, '    '),
      '',
    );
  }
  for (const { check, problem } of stale) lines.push(colors.red(`✗ expected failure ${check} ${problem}`));
  if (stale.length > 0) lines.push('');
  lines.push(...renderAreas(report, paint), '');
  lines.push(...renderOpenQuestions(report, colors), ...renderRepeats(report, colors));
  if (lines.length > longOutput) lines.push(...renderSummary(report, diagnoses, options, colors));
  lines.push(...renderVerdict(report, options, colors));
  return withoutCommands(`${lines.join('\n')}\n`);
}

/** Where there are several, with the numbers by which the sequences call them. */
function nameTargets({ target: { urls } }: Report): string {
  return urls.length === 1 ? urls.join() : urls.map((url, index) => `instance ${index + 1} ${url}`).join(', ');
}

/** Lines after which the beginning is out of sight, so that the end says it again. */
const longOutput = 60;

type Colors = ReturnType<typeof pc.createColors>;

/** What makes further judgement meaningless, before anything that follows from it. */
function renderCauses({ causes = [] }: Report, { width }: PrettyOptions, colors: Colors): string[] {
  return causes.flatMap(({ text, requirement }) => {
    const [head = '', ...rest] = wrap(visible(text), width, '  ');
    const breaks = requirement === undefined ? '' : colors.bold(` (${requirement})`);
    return [colors.yellow(`! ${head.trimStart()}`), ...rest.map((line) => colors.yellow(line))]
      .map((line, index, all) => (index === all.length - 1 ? line + breaks : line))
      .concat('');
  });
}

/** Each cause in one line, the first to mend first. */
function renderSummary(
  { causes = [] }: Report,
  diagnoses: readonly Diagnosis[],
  { width, level }: PrettyOptions,
  colors: Colors,
): string[] {
  if (diagnoses.length + causes.length === 0) return [];
  const short = (line: string) => (line.length > width ? `${line.slice(0, width - 1)}…` : line);
  const lines = [
    ...causes.map(({ text }) => colors.yellow(short(`  ! ${visible(text)}`))),
    ...diagnoses.map(({ requirement, shownBy }) => {
      const warning = isWarning(requirement, level);
      const what = shownBy.hint ?? shownBy.actual ?? '';
      const line = short(`  ${warning ? '▲' : '✗'} ${requirement.padEnd(9)} ${visible(what).replace(/\s+/g, ' ')}`);
      return warning ? colors.yellow(line) : colors.red(line);
    }),
  ];
  return [colors.bold('To mend, the first of them first:'), ...lines, ''];
}

function isWarning(id: RequirementId, level: 'must' | 'should'): boolean {
  return level === 'must' && requirements[id].level.startsWith('SHOULD');
}

function harnessErrors(report: Report): Map<string, Result> {
  return new Map(
    report.results.filter(({ outcome }) => outcome === 'harness_error').map((result) => [result.actual ?? '', result]),
  );
}

function renderFailure(diagnosis: Diagnosis, options: PrettyOptions, colors: Colors): string[] {
  const { requirement: id, shownBy: first, alsoBreaks, alsoIn } = diagnosis;
  const { level, text, document, line, subject } = requirements[id];
  const warning = isWarning(id, options.level);
  const tone = warning ? colors.yellow : colors.red;
  const field = (name: string, value: string, paint = (part: string) => part) => {
    const [head = '', ...rest] = wrap(visible(value), options.width, ' '.repeat(13));
    return [`  ${colors.dim(name.padEnd(10))} ${paint(head.trimStart())}`, ...rest.map(paint)];
  };
  const lines = [
    `${tone(warning ? '▲' : '✗')} ${colors.bold(`${id} ${level}`)}${warning ? colors.yellow(' (a warning: --level should makes it count)') : ''}`,
    ...field('rule', text, colors.bold),
    ...field('stated at', `${document}:${line} (${subject})`),
    ...field('scenario', first.scenario),
    ...field('expected', first.expected ?? ''),
    ...field('actual', first.actual ?? '', tone),
  ];
  if (first.hint) lines.push(...field('hint', first.hint, colors.cyan));
  for (const { path, message } of first.schemaErrors ?? [])
    lines.push(...field('schema', `${path || '(the whole message)'} ${message}`));
  if (first.trace) lines.push(...field('sequence', ''), ...renderTrace(first, options.width, colors));
  if (first.baseline) lines.push(...field('baseline', 'expected, and so not counted', colors.yellow));
  if (alsoBreaks.length > 0) lines.push(...field('breaks too', alsoBreaks.join(', '), tone));
  if (alsoIn.length > 0)
    lines.push(
      ...field(
        'also in',
        listSome(
          alsoIn.map((name) => `"${name}"`),
          3,
        ),
      ),
    );
  lines.push(...field('rerun', `${options.command} --only ${id}`));
  return lines;
}

const eventsBefore = 12;
const eventsAfter = 2;

/** The part of the sequence around the failure, which is marked. */
function renderTrace(result: Result, width: number, colors: Colors): string[] {
  return sequenceLines(result, eventsBefore, eventsAfter, width - 2).map((line) =>
    line.startsWith('▶') ? colors.bold(`  ${line}`) : line.startsWith('(') ? colors.dim(`    ${line}`) : `  ${line}`,
  );
}

function renderAreas(report: Report, paint: Record<Outcome, (text: string) => string>): string[] {
  const areas = new Map<string, { cells: string[]; selected: boolean }>();
  for (const { id, outcome, reason } of report.coverage.requirements) {
    const area = areaOf(id);
    const number = id.slice(area.length + 1);
    if (requirements[id].party === 'client') continue;
    const row = areas.get(area) ?? { cells: [], selected: false };
    row.cells.push(paint[outcome](`${marks[outcome]}${number}`));
    row.selected ||= !(outcome === 'skipped' && reason === 'not selected');
    areas.set(area, row);
  }
  return Array.from(areas).flatMap(([area, { cells, selected }]) =>
    selected ? `  ${area.padEnd(7)} ${cells.join(' ')}` : [],
  );
}

/** Characters of a reason why something was not judged; the other reporters have all of it. */
const longestReason = 240;

const openOutcomes: readonly Outcome[] = ['inconclusive', 'not_applicable', 'skipped'];

/** What was not judged, grouped by the reason; features that were not claimed share a line. */
function renderOpenQuestions(report: Report, colors: Colors): string[] {
  const groups = new Map<string, string[]>();
  for (const { id, outcome, reason = '' } of report.coverage.requirements) {
    const { party, feature } = requirements[id];
    if (party === 'client' || !openOutcomes.includes(outcome) || reason === 'not selected') continue;
    const unclaimed = feature !== undefined && outcome === 'not_applicable';
    const judgement = outcome === 'inconclusive' ? 'inconclusive' : 'not checked';
    const key = unclaimed ? 'not checked: the profile claims no' : `${judgement}: ${shorten(reason, longestReason)}`;
    groups.set(key, [...(groups.get(key) ?? []), unclaimed ? `${feature} (${id})` : id]);
  }
  if (groups.size === 0) return [];
  const lines = Array.from(groups, ([reason, ids]) => {
    const list = listSome(ids, 6);
    const line = reason.endsWith('claims no') ? `  ${reason} ${list}` : `  ${list} ${reason}`;
    return reason.startsWith('inconclusive') ? colors.yellow(line) : colors.dim(line);
  });
  return [...lines, ''];
}

function renderRepeats({ run, unstable = [] }: Report, colors: Colors): string[] {
  if (run.repeats === undefined) return [];
  if (unstable.length === 0) return [`  ${run.repeats} runs with identical outcomes`, ''];
  const lines = unstable.map(({ scenario, requirement, outcomes }) => {
    const counts = Object.entries(outcomes).map(([outcome, times]) => `${outcome} ${times}`);
    return colors.yellow(`  ${requirement} changed over ${run.repeats} runs: ${counts.join(', ')} in "${scenario}"`);
  });
  return [...lines, ''];
}

function renderVerdict(report: Report, options: PrettyOptions, colors: Colors): string[] {
  const { tone, text, facts } = verdictOf(report, options);
  const paint = { good: colors.green, bad: colors.red, open: colors.yellow }[tone];
  const scenarios = new Set(report.results.map(({ scenario }) => scenario)).size;
  const seconds = (report.run.durationMs / 1000).toFixed(1);
  return [
    `${paint(text.endsWith('.') ? text : `${text}.`)} ${facts.join(', ')} in ${seconds} s (${scenarios} scenarios).`,
  ];
}

/** The first few of a list, and how many more there are. */
function listSome(items: readonly string[], most: number): string {
  if (items.length <= most + 1) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

/** Breaks text at spaces so that it keeps within `width`, each line after `indent`. */
function wrap(text: string, width: number, indent: string): string[] {
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > room) {
        lines.push(indent + line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(indent + line);
  }
  return lines;
}
