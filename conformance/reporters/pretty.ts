import pc from 'picocolors';
import { type RequirementId, requirements } from '../../generated/index.js';
import type { Outcome, Result, TraceEvent } from '../outcome.js';
import type { Report } from '../runner.js';

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
export function renderPretty(report: Report, options: PrettyOptions): string {
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
  const { version } = report.suite;
  lines.push(`${colors.bold('webrtc-room-signaling')} ${version}, protocol ${report.spec.version}: ${report.target.urls.join(', ')}`, '');

  for (const [id, failures] of failuresByRequirement(report)) {
    const warning = isWarning(id, options.level);
    lines.push(...renderFailure(id, failures, warning, options, colors), '');
  }
  for (const [error, broken] of harnessErrors(report)) {
    lines.push(colors.magenta(`! the suite itself failed in "${broken.scenario}"`), ...wrap(error, options.width, '    '), '');
  }
  lines.push(...renderAreas(report, paint), '');
  lines.push(...renderOpenQuestions(report, colors));
  lines.push(...renderVerdict(report, options, colors));
  return `${lines.join('\n')}\n`;
}

type Colors = ReturnType<typeof pc.createColors>;

function isWarning(id: RequirementId, level: 'must' | 'should'): boolean {
  return level === 'must' && requirements[id].level.startsWith('SHOULD');
}

/** Failures by requirement, the root fault's and the MUSTs first; of each, the scenario that is about least else first. */
function failuresByRequirement(report: Report): [RequirementId, Result[]][] {
  const failures = new Map<RequirementId, Result[]>();
  for (const result of report.results) {
    if (result.outcome !== 'fail') continue;
    failures.set(result.requirement, [...(failures.get(result.requirement) ?? []), result]);
  }
  const breadth = (name: string) => report.results.filter(({ scenario }) => scenario === name).length;
  const rank = (id: RequirementId) => (requirements[id].level.startsWith('MUST') ? 0 : 1);
  return [...failures]
    .map(([id, results]): [RequirementId, Result[]] => [id, results.sort((a, b) => breadth(a.scenario) - breadth(b.scenario))])
    .sort(([a], [b]) => rank(a) - rank(b) || Object.keys(requirements).indexOf(a) - Object.keys(requirements).indexOf(b));
}

function harnessErrors(report: Report): Map<string, Result> {
  return new Map(report.results.filter(({ outcome }) => outcome === 'harness_error').map((result) => [result.actual ?? '', result]));
}

function renderFailure(id: RequirementId, failures: Result[], warning: boolean, options: PrettyOptions, colors: Colors): string[] {
  const [first] = failures as [Result, ...Result[]];
  const { level, text, document, line, subject } = requirements[id];
  const tone = warning ? colors.yellow : colors.red;
  const field = (name: string, value: string, paint = (part: string) => part) => {
    const [head = '', ...rest] = wrap(value, options.width, ' '.repeat(13));
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
  for (const { path, message } of first.schemaErrors ?? []) lines.push(...field('schema', `${path || '(the whole message)'} ${message}`));
  if (first.trace) lines.push(...field('sequence', ''), ...renderTrace(first.trace, options.width, colors));
  if (failures.length > 1) {
    const others = failures.slice(1).map(({ scenario }) => `"${scenario}"`);
    lines.push(...field('also in', others.join(', ')));
  }
  lines.push(...field('rerun', `${options.command} --only ${id}`));
  return lines;
}

const traceLimit = 16;

function renderTrace(trace: readonly TraceEvent[], width: number, colors: Colors): string[] {
  const shown = trace.slice(-traceLimit);
  const names = Math.max(...shown.map(({ participant }) => participant.length));
  const lines = shown.map(({ at, participant, kind, text }) => {
    const arrow = kind === 'send' || kind === 'send-frame' || kind === 'request' ? '→' : kind === 'receive' || kind === 'response' ? '←' : ' ';
    const what = kind === 'send' || kind === 'receive' ? summarise(text) : text;
    const line = `    ${at.toFixed(0).padStart(5)} ms  ${participant.padEnd(names)} ${arrow} ${what}`;
    return line.length > width ? `${line.slice(0, width - 1)}…` : line;
  });
  const hidden = trace.length - shown.length;
  return [...(hidden > 0 ? [colors.dim(`             (${hidden} earlier events: --reporter json has them all)`)] : []), ...lines];
}

/** A frame in one line: its type and what matters in its payload; long descriptions are cut. */
export function summarise(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return JSON.stringify(text);
  }
  const { type, payload, ...envelope } = (value ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof payload !== 'object' || payload === null) return text;
  const parts = Object.entries(payload).map(([name, member]) => `${name}: ${brief(member)}`);
  const extra = 'sender_id' in envelope ? ` [sender_id: ${brief(envelope.sender_id)}]` : '';
  return `${type}${extra} {${parts.join(', ')}}`;
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 48 ? `${text.slice(0, 40)}…${text.endsWith('"') ? '"' : ''}` : text;
}

function renderAreas(report: Report, paint: Record<Outcome, (text: string) => string>): string[] {
  const areas = new Map<string, string[]>();
  for (const { id, outcome } of report.coverage.requirements) {
    const [area = '', number] = id.split('-');
    if (requirements[id].party === 'client') continue;
    areas.set(area, [...(areas.get(area) ?? []), paint[outcome](`${marks[outcome]}${number}`)]);
  }
  return Array.from(areas, ([area, cells]) => `  ${area.padEnd(7)} ${cells.join(' ')}`);
}

/** What was not judged, grouped by the reason. */
function renderOpenQuestions(report: Report, colors: Colors): string[] {
  const groups = new Map<string, RequirementId[]>();
  for (const { id, outcome, reason = '' } of report.coverage.requirements) {
    if (requirements[id].party === 'client' || outcome === 'pass' || outcome === 'fail' || outcome === 'harness_error') continue;
    if (outcome === 'skipped' && reason === 'not selected') continue;
    const key = `${outcome === 'inconclusive' ? 'inconclusive' : 'not checked'}: ${reason}`;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  if (groups.size === 0) return [];
  const lines = Array.from(groups, ([reason, ids]) => {
    const list = ids.length > 6 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
    const line = `  ${list} ${reason}`;
    return reason.startsWith('inconclusive') ? colors.yellow(line) : colors.dim(line);
  });
  return [...lines, ''];
}

function renderVerdict(report: Report, { level }: PrettyOptions, colors: Colors): string[] {
  const { conformant, exitCode } = report.summary;
  const entries = report.coverage.requirements.filter(({ id }) => requirements[id].party === 'server');
  const count = (outcome: Outcome, among = entries) => among.filter((entry) => entry.outcome === outcome).length;
  const broken = entries.filter(({ id, outcome }) => outcome === 'fail' && !isWarning(id, level)).length;
  const warnings = count('fail') - broken;
  const facts = [
    `${count('pass')} passed`,
    `${broken} broken`,
    ...(warnings ? [`${warnings} warnings`] : []),
    ...(count('inconclusive') ? [`${count('inconclusive')} inconclusive`] : []),
    ...(count('not_applicable') ? [`${count('not_applicable')} not applicable`] : []),
    ...(count('skipped') ? [`${count('skipped')} skipped`] : []),
  ].join(', ');
  const verdict =
    exitCode === 5
      ? colors.magenta('The suite itself failed; this says nothing about the server.')
      : conformant === true
        ? colors.green('Conformant.')
        : conformant === false
          ? colors.red('Not conformant.')
          : exitCode === 0
            ? 'Everything selected passed.'
            : colors.yellow('No verdict.');
  return [`${verdict} ${facts} in ${(report.run.durationMs / 1000).toFixed(1)} s (${new Set(report.results.map(({ scenario }) => scenario)).size} scenarios).`];
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
