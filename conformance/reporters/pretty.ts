import pc from 'picocolors';
import { type RequirementId, requirements } from '../../generated/index.js';
import type { Outcome, Result, TraceEvent } from '../kit/outcome.js';
import type { Report } from '../run/runner.js';
import { type Diagnosis, diagnose } from './diagnosis.js';
import { visible } from './markup.js';
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
  const stale = report.staleBaseline ?? [];
  const { version } = report.suite;
  lines.push(
    `${colors.bold('webrtc-room-signaling')} ${version}, protocol ${report.spec.version}: ${report.target.urls.join(', ')}`,
    '',
  );

  for (const diagnosis of diagnose(report)) lines.push(...renderFailure(diagnosis, options, colors), '');
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
  lines.push(...renderVerdict(report, options, colors));
  return `${lines.join('\n')}\n`;
}

type Colors = ReturnType<typeof pc.createColors>;

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

const arrows: Partial<Record<TraceEvent['kind'], string>> = {
  send: '→',
  'send-frame': '→',
  request: '→',
  receive: '←',
  response: '←',
};

/** The part of the sequence around the failure, which is marked. */
function renderTrace({ trace = [], failedEvent }: Result, width: number, colors: Colors): string[] {
  const failure = failedEvent ?? trace.length - 1;
  const begin = Math.max(0, failure - eventsBefore);
  const shown = trace.slice(begin, failure + 1 + eventsAfter);
  const names = Math.max(...shown.map(({ participant }) => participant.length));
  const lines = shown.map(({ at, participant, kind, text }, index) => {
    const failing = begin + index === failure;
    const what = visible(kind === 'send' || kind === 'receive' ? summarise(text) : text).replaceAll('\n', '\\n');
    const time = `${at.toFixed(0).padStart(5)} ms`;
    const line = `  ${failing ? '▶' : ' '} ${time}  ${participant.padEnd(names)} ${arrows[kind] ?? ' '} ${what}`;
    const cut = line.length > width ? `${line.slice(0, width - 1)}…` : line;
    return failing ? colors.bold(cut) : cut;
  });
  const hidden =
    begin === 0 ? [] : [colors.dim(`              (${begin} events before; --reporter json has them all)`)];
  return [...hidden, ...lines];
}

/** A frame in one line: its type, whom it is for or from, and what matters in its payload; long values are cut. */
export function summarise(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return JSON.stringify(text);
  }
  const { type, payload, ...envelope } = (value ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof payload !== 'object' || payload === null) return text;
  const { target_user_id, participants, room_id: _, ...rest } = payload as Record<string, unknown>;
  const from = 'sender_id' in envelope ? ` from ${brief(envelope.sender_id)}` : '';
  const to = target_user_id === undefined ? '' : ` to ${brief(target_user_id)}`;
  const members = Array.isArray(participants) ? [`participants: ${participants.map(nameOf).join(', ')}`] : [];
  const parts = [...members, ...Object.entries(rest).map(([name, member]) => `${name}: ${brief(member)}`)];
  return `${type}${from}${to} {${parts.join(', ')}}`;
}

function nameOf(participant: unknown): string {
  return String((participant as { user_id?: unknown } | null)?.user_id);
}

function brief(value: unknown): string {
  // Only the surface of a value is shown: hostile ones nest too deeply to be written at all.
  if (Array.isArray(value)) return `[${value.length} items]`;
  if (typeof value === 'object' && value !== null) return `{${Object.keys(value).slice(0, 5).join(', ')}}`;
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 40 ? `${text.slice(0, 32)}…"` : text;
}

function renderAreas(report: Report, paint: Record<Outcome, (text: string) => string>): string[] {
  const areas = new Map<string, { cells: string[]; selected: boolean }>();
  for (const { id, outcome, reason } of report.coverage.requirements) {
    const [area = '', number] = id.split('-');
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

const openOutcomes: readonly Outcome[] = ['inconclusive', 'not_applicable', 'skipped'];

/** What was not judged, grouped by the reason; features that were not claimed share a line. */
function renderOpenQuestions(report: Report, colors: Colors): string[] {
  const groups = new Map<string, string[]>();
  for (const { id, outcome, reason = '' } of report.coverage.requirements) {
    const { party, feature } = requirements[id];
    if (party === 'client' || !openOutcomes.includes(outcome) || reason === 'not selected') continue;
    const unclaimed = feature !== undefined && outcome === 'not_applicable';
    const judgement = outcome === 'inconclusive' ? 'inconclusive' : 'not checked';
    const key = unclaimed ? 'not checked: the profile claims no' : `${judgement}: ${reason}`;
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
