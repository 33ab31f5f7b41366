import { type RequirementId, requirements } from '../../generated/index.js';
import type { Report } from '../run/report.js';
import { type Diagnosis, diagnose } from './diagnosis.js';
import { escapeMarkup, markUpRule, visible } from './markup.js';
import { sequenceLines } from './sequence.js';
import {
  placeOf,
  type ReportOptions,
  rerunCommand,
  type Standing,
  schemaErrorLines,
  staleLines,
  standingOfCause,
  unstableLines,
  verdictOf,
} from './wording.js';

/**
 * The report as GitHub workflow commands, one annotation for each cause: `::error` for what counts, `::warning` for a
 * SHOULD, `::notice` for an expected failure. An empty text when there is nothing to say. GitHub shows ten of each kind per step, so the gravest come first.
 */
export function renderGithub(report: Report, options: ReportOptions = {}): string {
  const commands = diagnose(report).map((cause) => annotate(cause, standingOfCause(cause, report, options), options));
  for (const text of staleLines(report)) commands.push(command('error', { title: 'Expected failure' }, text));
  for (const text of harnessErrors(report)) commands.push(command('error', { title: 'The suite itself failed' }, text));
  const open = openMusts(report);
  const isAllowed = report.summary.exitCode === 0 && open.size > 0;
  if (report.summary.exitCode === 4 || isAllowed) {
    const text =
      open.size === 0
        ? 'Nothing was judged.'
        : Array.from(open, ([why, ids]) => `${ids.join(', ')}: ${why}`).join('\n');
    commands.push(command(isAllowed ? 'notice' : 'error', { title: 'No verdict' }, text));
  }
  return commands.map((line) => `${line}\n`).join('');
}

const severities: Partial<Record<Standing, Severity>> = { warning: 'warning', expected: 'notice' };

function annotate(
  { requirement: id, shownBy, alsoBreaks }: Diagnosis,
  standing: Standing,
  options: ReportOptions,
): string {
  const { level, text, document, line } = requirements[id];
  const message = [
    `${level}: ${text}`,
    `expected: ${shownBy.expected ?? ''}`,
    `actual: ${shownBy.actual ?? ''}`,
    ...(shownBy.hint === undefined ? [] : [`hint: ${shownBy.hint}`]),
    ...(alsoBreaks.length === 0 ? [] : [`breaks too: ${alsoBreaks.join(', ')}`]),
    `run again: ${rerunCommand(id, options)}`,
  ].join('\n');
  return command(severities[standing] ?? 'error', { file: document, line: String(line), title: id }, message);
}

type Severity = 'error' | 'warning' | 'notice';

function command(name: Severity, properties: Record<string, string>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(visible(value))}`);
  return `::${name} ${list.join(',')}::${escapeData(visible(message))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** What a job summary may hold. GitHub drops one that exceeds 1 MiB altogether. */
export interface JobSummaryOptions extends ReportOptions {
  /** Bytes to keep within, 1,000,000 by default. What has no place is left out and counted. */
  limitBytes?: number;
}

/**
 * The report as Markdown for `$GITHUB_STEP_SUMMARY`: the verdict, what is broken, and the sequences, folded. What comes
 * from the server stands in HTML blocks, where GitHub reads no Markdown, mentions or formulas.
 */
export function renderJobSummary(report: Report, options: JobSummaryOptions = {}): string {
  const { limitBytes = 1_000_000 } = options;
  const causes = diagnose(report);
  const having = (wanted: Standing) => causes.filter((cause) => standingOfCause(cause, report, options) === wanted);
  const tables = (
    [
      ['Broken requirements', 'broken'],
      ['Warnings', 'warning'],
      ['Expected failures', 'expected'],
    ] as const
  )
    .map(([title, standing]) => [title, having(standing)] as const)
    .filter(([, found]) => found.length > 0)
    .map(([title, found]) => `### ${title}\n\n${renderTable(found)}`);
  const errors = [...harnessErrors(report)];
  const open = [...openMusts(report)];
  const lists = (
    [
      ['Expected failures that do not hold', staleLines(report)],
      ['Unstable', unstableLines(report)],
    ] as const
  )
    .filter(([, found]) => found.length > 0)
    .map(([title, found]) => `### ${title}\n\n<ul>${found.map((line) => `<li>${inline(line)}</li>`).join('')}</ul>`);
  const sections = [
    renderHead(report, options),
    ...tables,
    ...(errors.length > 0 ? [`### The suite itself failed\n\n${errors.map(preformatted).join('\n\n')}`] : []),
    ...lists,
    ...(open.length > 0 ? [`### Inconclusive\n\n${renderOpen(open)}`] : []),
    ...causes.map((cause) => renderDetails(cause, options)),
  ];
  return joinWithin(sections, limitBytes);
}

function renderHead(report: Report, options: ReportOptions): string {
  const { tone, text, facts } = verdictOf(report, options);
  const mark = { good: '✅', bad: '❌', open: '⚠️' }[tone];
  const scenarios = new Set(report.results.map(({ scenario }) => scenario)).size;
  const targets = report.target.urls.map((url) => `<code>${escapeMarkup(url)}</code>`).join(', ');
  const head = `## ${mark} ${text}\n\n<p>${targets}: ${facts.join(', ')}; ${scenarios} scenarios in ${(report.run.durationMs / 1000).toFixed(1)} s. Protocol ${report.spec.version}, suite ${report.suite.version}.</p>`;
  return report.rootFault === undefined ? head : `${head}\n\n<p>Nobody can join: ${inline(report.rootFault)}</p>`;
}

function renderTable(causes: readonly Diagnosis[]): string {
  const rows = causes.map(({ requirement: id, shownBy, alsoBreaks }) => {
    const { level, text, document, line } = requirements[id];
    const actual = [
      inline(shownBy.actual ?? ''),
      ...(shownBy.hint === undefined ? [] : [`Hint: ${inline(shownBy.hint)}`]),
      ...schemaErrorLines(shownBy).slice(0, 5).map(inline),
      ...(alsoBreaks.length === 0 ? [] : [`Breaks too: ${alsoBreaks.join(', ')}`]),
    ].join('<br>');
    return `<tr><td><strong>${id}</strong><br>${level}</td><td>${markUpRule(text)}<br><sub>${document}:${line}</sub></td><td>${inline(shownBy.expected ?? '')}</td><td>${actual}</td></tr>`;
  });
  const head = '<tr><th>Requirement</th><th>Rule</th><th>Expected</th><th>Actual</th></tr>';
  return ['<table>', head, ...rows, '</table>'].join('\n');
}

function renderDetails({ requirement: id, shownBy, alsoIn }: Diagnosis, options: ReportOptions): string {
  const sequence = shownBy.trace === undefined ? [] : sequenceLines(shownBy, 20, 3);
  const lines = [
    `stated at  ${placeOf(requirements[id])}`,
    `scenario   ${shownBy.scenario}`,
    ...alsoIn.map((scenario) => `also in    ${scenario}`),
    `run again  ${rerunCommand(id, options)}`,
    ...(sequence.length === 0 ? [] : ['', ...sequence]),
  ];
  return `<details><summary>${id}: ${sequence.length === 0 ? 'where' : 'sequence'} in <em>${inline(shownBy.scenario)}</em></summary>\n\n${preformatted(lines.join('\n'))}\n\n</details>`;
}

function renderOpen(open: readonly [string, RequirementId[]][]): string {
  const rows = open.map(([why, ids]) => `<tr><td>${ids.join(', ')}</td><td>${inline(why)}</td></tr>`);
  return ['<table>', '<tr><th>Requirements</th><th>Why</th></tr>', ...rows, '</table>'].join('\n');
}

/** Safe inside an HTML block of Markdown, which a blank line would end. */
function inline(text: string): string {
  return escapeMarkup(text).replace(/\s*\n\s*/g, '<br>');
}

function preformatted(text: string): string {
  return `<pre>${escapeMarkup(text).replaceAll('\n', '&#10;')}</pre>`;
}

function joinWithin(sections: readonly string[], limitBytes: number): string {
  const note = (count: number) =>
    `_${count} of ${sections.length} parts left out: the summary would be too long for GitHub. The JSON report has all._\n`;
  const reserve = Buffer.byteLength(note(sections.length));
  const kept: string[] = [];
  let size = 0;
  for (const section of sections) {
    const bytes = Buffer.byteLength(section) + 2;
    if (size + bytes + reserve > limitBytes) continue;
    size += bytes;
    kept.push(`${section}\n\n`);
  }
  return kept.join('') + (kept.length < sections.length ? note(sections.length - kept.length) : '');
}

function harnessErrors(report: Report): Set<string> {
  const broken = report.results.filter(({ outcome }) => outcome === 'harness_error');
  return new Set(broken.map(({ scenario, actual = '' }) => `in "${scenario}": ${actual}`));
}

/** MUSTs that could not be judged, by the reason. */
function openMusts(report: Report): Map<string, RequirementId[]> {
  const reasons = new Map<string, RequirementId[]>();
  for (const { id, outcome, reason = '' } of report.coverage.requirements) {
    if (outcome !== 'inconclusive' || !requirements[id].level.startsWith('MUST')) continue;
    reasons.set(reason, [...(reasons.get(reason) ?? []), id]);
  }
  return reasons;
}
