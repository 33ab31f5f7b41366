import { createHash } from 'node:crypto';
import { areaOf, type RequirementId, requirements } from '../../generated/index.js';
import type { Result } from '../kit/outcome.js';
import type { Coverage, Report } from '../run/report.js';
import { diagnose } from './diagnosis.js';
import { script } from './html-script.js';
import { style } from './html-style.js';
import { escapeMarkup, markUpRule } from './markup.js';
import { type Sequence, type Step, shapeSequence, spellOut } from './sequence.js';
import {
  placeOf,
  type ReportOptions,
  reasonOf,
  rerunCommand,
  type Standing,
  schemaErrorLines,
  staleLines,
  standingOf,
  standingOfCause,
  standings,
  standingsOf,
  unstableLines,
  verdictOf,
} from './wording.js';

/** What the parts of the page share. */
interface Page {
  report: Report;
  options: ReportOptions;
  standings: Map<RequirementId, Standing>;
  results: Map<RequirementId, Result[]>;
  /** Ids of the sequences that are drawn already, by scenario. */
  drawn: Map<string, string>;
}

const marks: Record<Standing, string> = {
  broken: '✗',
  harness_error: '!',
  warning: '▲',
  expected: '△',
  inconclusive: '?',
  pass: '✓',
  not_applicable: '–',
  skipped: '–',
};

/**
 * The report as one HTML file that needs nothing else: no network, and no script for reading. Its content security policy
 * forbids whatever is not of this file.
 */
export function renderHtml(report: Report, options: ReportOptions = {}): string {
  const results = new Map<RequirementId, Result[]>();
  for (const result of report.results) {
    results.set(result.requirement, [...(results.get(result.requirement) ?? []), result]);
  }
  const page: Page = { report, options, standings: standingsOf(report, options), results, drawn: new Map() };
  const policy = `default-src 'none'; style-src '${hash(style)}'; script-src '${hash(script)}'; base-uri 'none'; form-action 'none'`;
  const { text } = verdictOf(report, options);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(`${text}: ${report.target.urls.join(', ')}`)}</title>
<style>${style}</style>
</head>
<body>
<svg class="marker" aria-hidden="true"><defs><marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="head" d="M0 0.5 8 4 0 7.5z"/></marker></defs></svg>
<main>
${renderVerdict(page)}
${renderCauses(page)}
${renderAreas(page)}
${renderRequirements(page)}
</main>
<script>${script}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function renderVerdict({ report, options }: Page): string {
  const { tone, text, facts } = verdictOf(report, options);
  const { suite, spec, target, run } = report;
  const scenarios = new Set(report.results.map(({ scenario }) => scenario)).size;
  const rows: [string, string][] = [
    ['Target', target.urls.map((url) => `<code>${escapeMarkup(url)}</code>`).join('<br>')],
    ['Claims', escapeMarkup(target.profile.features.join(', ') || 'no optional feature')],
    [
      'Run',
      `${escapeMarkup(run.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}, ${scenarios} scenarios${run.repeats === undefined ? '' : `, ${run.repeats} times,`} in ${(run.durationMs / 1000).toFixed(1)} s`,
    ],
    ['Versions', escapeMarkup(`protocol ${spec.version}, ${suite.name} ${suite.version}`)],
  ];
  return `<header>
<h1>Conformance report</h1>
<div class="verdict ${tone}">
<p class="text">${escapeMarkup(text)}</p>
<p class="facts">${facts.join(' · ')}</p>
${(report.causes ?? []).map(({ text, requirement }) => `<p class="facts">${escapeMarkup(text)}${requirement === undefined ? '' : ` <a href="#${requirement}">${requirement}</a>`}</p>`).join('\n')}
${report.rootFault === undefined ? '' : `<p class="facts">Nobody can join: ${escapeMarkup(report.rootFault)}</p>`}
</div>
<dl class="run">${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>
</header>`;
}

/** What is wrong in short, each cause once. */
function renderCauses({ report, options }: Page): string {
  const items = diagnose(report).map((cause) => {
    const { requirement: id, shownBy, alsoBreaks } = cause;
    const standing = standingOfCause(cause, report, options);
    const kind = standing === 'broken' ? '' : ` (${standings[standing]})`;
    const others = alsoBreaks.map((other) => `<a href="#${other}">${other}</a>`).join(', ');
    const notes = [
      ...(shownBy.hint === undefined ? [] : [escapeMarkup(shownBy.hint)]),
      ...(others === '' ? [] : [`breaks too: ${others}`]),
    ].map((note) => `<span class="hint">${note}</span>`);
    return `<li><a class="id" href="#${id}">${id}</a>${kind} ${markUpRule(requirements[id].text)}${notes.join('')}</li>`;
  });
  for (const line of staleLines(report)) items.push(`<li>Expected failure ${escapeMarkup(line)}</li>`);
  for (const line of unstableLines(report)) items.push(`<li>${escapeMarkup(line)}</li>`);
  if (items.length === 0) return '';
  return `<section>\n<h2>What is wrong</h2>\n<ol class="causes">${items.join('\n')}</ol>\n</section>`;
}

function renderAreas(page: Page): string {
  const areas = new Map<string, string[]>();
  for (const [id, standing] of page.standings) {
    const number = id.slice(areaOf(id).length + 1);
    const cell = `<a class="cell ${standing}" href="#${id}" title="${id}: ${standings[standing]}"><span aria-hidden="true">${marks[standing]}</span>${number}<span class="unseen"> ${standings[standing]}</span></a>`;
    areas.set(areaOf(id), [...(areas.get(areaOf(id)) ?? []), cell]);
  }
  const rows = Array.from(areas, ([area, cells]) => `<dt>${area}</dt><dd>${cells.join('')}</dd>`);
  return `<section>\n<h2>Areas</h2>\n<dl class="areas">${rows.join('\n')}</dl>\n</section>`;
}

function renderRequirements(page: Page): string {
  const { report } = page;
  const order = Object.keys(standings);
  const rank = ({ id }: Coverage) => order.indexOf(page.standings.get(id) ?? 'skipped');
  const bound = report.coverage.requirements.filter(({ id }) => page.standings.has(id));
  const sorted = [...bound].sort((a, b) => rank(a) - rank(b));
  const clients = report.coverage.requirements.length - bound.length;
  const shownFirst = new Set(
    diagnose(report)
      .slice(0, 10)
      .map(({ requirement }) => requirement),
  );
  return `<section>
<h2>Requirements</h2>
${renderFilters(bound, page)}
<p class="none" hidden>No requirement fits.</p>
${sorted.map((coverage) => renderRequirement(coverage, shownFirst.has(coverage.id), page)).join('\n')}
<p class="place">${clients} more rules bind clients; this suite tests servers.</p>
</section>`;
}

function renderFilters(bound: readonly Coverage[], page: Page): string {
  const found = new Set(page.standings.values());
  const present = (Object.entries(standings) as [Standing, string][]).filter(([standing]) => found.has(standing));
  const levels = [...new Set(bound.map(({ id }) => requirements[id].level))];
  const areas = [...new Set(bound.map(({ id }) => areaOf(id)))];
  const select = (name: string, label: string, values: readonly (readonly [string, string])[]) =>
    `<label>${label}<select name="${name}"><option value="">all</option>${values.map(([value, text]) => `<option value="${value}">${text}</option>`).join('')}</select></label>`;
  const same = (values: readonly string[]) => values.map((value) => [value, value] as const);
  return `<form class="filters" hidden autocomplete="off">
<label class="search">Text<input type="search" name="search" placeholder="target_user_id, RELAY-4, …"></label>
${select('standing', 'Outcome', present)}
${select('level', 'Level', same(levels))}
${select('area', 'Area', same(areas))}
<div class="actions"><button type="reset">Clear filters</button><button type="button" id="unfold">Unfold</button><button type="button" id="fold">Fold</button><output aria-live="polite"></output></div>
</form>`;
}

function renderRequirement({ id, reason }: Coverage, open: boolean, page: Page): string {
  const { level, text, feature } = requirements[id];
  const standing = page.standings.get(id) ?? 'skipped';
  const own = page.results.get(id) ?? [];
  const order = Object.keys(standings);
  const failures = own
    .filter((result) => result.outcome === 'fail' || result.outcome === 'harness_error')
    .sort((a, b) => order.indexOf(standingOf(a, page.options)) - order.indexOf(standingOf(b, page.options)));
  const [first, ...more] = failures;
  const folded = more.map(
    (failure) =>
      `<details class="more"><summary>Also in <q class="says">${escapeMarkup(failure.scenario)}</q></summary>${renderFailure(failure)}</details>`,
  );
  const facts = [placeOf(requirements[id]), ...(feature === undefined ? [] : [`feature ${feature}`])];
  const rest = own.filter((result) => !failures.includes(result));
  return `<article class="requirement ${standing}" id="${id}" data-standing="${standing}" data-level="${level}" data-area="${areaOf(id)}">
<details${open ? ' open' : ''}><summary class="${standing}"><h3 class="says">${id}</h3><span class="badge">${standings[standing]}</span><span class="level">${level}</span><span class="rule says">${markUpRule(text)}</span></summary>
<div class="body">
<p class="place says">${escapeMarkup(facts.join(', '))}${reason === undefined ? '' : `<br>${escapeMarkup(reason)}`}</p>
${first === undefined ? '' : renderFailure(first)}
${folded.join('\n')}
${rest.length === 0 ? '' : `<ul class="scenarios">${rest.map((result) => renderScenario(result, page)).join('\n')}</ul>`}
${own.length === 0 ? '' : `<div class="rerun"><span class="place">Run only this again</span><code>${escapeMarkup(rerunCommand(id, page.options))}</code></div>`}
</div></details>
</article>`;
}

function renderFailure(result: Result): string {
  const { scenario, expected, actual = '', hint, baseline } = result;
  const violations = schemaErrorLines(result).map((line) => `<li>${escapeMarkup(line)}</li>`);
  const row = (name: string, value: string, kind = '') => `<dt>${name}</dt><dd class="says ${kind}">${value}</dd>`;
  return `<section class="failure">
<h4 class="says">${escapeMarkup(scenario)}</h4>
<dl class="facts-of">${[
    ...(expected === undefined ? [] : [row('expected', escapeMarkup(expected))]),
    row('actual', escapeMarkup(actual), 'actual'),
    ...(baseline === undefined ? [] : [row('baseline', `expected (${baseline}), and so not counted`)]),
    ...(hint === undefined ? [] : [row('hint', escapeMarkup(hint))]),
    ...(violations.length === 0 ? [] : [row('schema', `<ul>${violations.join('')}</ul>`)]),
  ].join('')}</dl>
${result.trace === undefined ? '' : renderSequence(shapeSequence(result, 80, 10), scenario)}
</section>`;
}

function renderScenario(result: Result, page: Page): string {
  const { scenario, outcome, evidence, marginMs } = result;
  const why = [
    ...(outcome === 'pass' ? [] : [reasonOf(result)]),
    ...(evidence === undefined || evidence === 'direct' ? [] : [`evidence: ${evidence}`]),
    ...(marginMs === undefined ? [] : [`${marginMs} ms of the time limit left`]),
  ].filter((text) => text !== '');
  const note = why.length === 0 ? '' : `<span class="why says">${escapeMarkup(why.join('; '))}</span>`;
  return `<li class="${outcome}"><span class="badge">${standings[outcome as Standing]}</span><span class="says">${escapeMarkup(scenario)}</span>${note}${renderDrawn(result, page)}</li>`;
}

/** The sequence of a scenario in which nothing failed: drawn once, though it judges several requirements. */
function renderDrawn(result: Result, { drawn }: Page): string {
  if (result.trace === undefined || result.trace.length === 0) return '';
  const known = drawn.get(result.scenario);
  if (known !== undefined)
    return `<span class="why"><a href="#${known}">Its sequence</a> stands elsewhere on this page.</span>`;
  const id = `sequence-${drawn.size + 1}`;
  drawn.set(result.scenario, id);
  return `<details class="drawn" id="${id}"><summary>Sequence</summary>${renderSequence(shapeSequence(result, 40, 0), result.scenario)}</details>`;
}

const rowHeight = 32;

/** Numbers of lanes that the style sheet has a width for. */
const widthClasses = [2, 3, 4, 5, 6, 9, 14];

/** The sequence as a diagram: one lifeline for each participant, the server amid them, one row for each event. */
function renderSequence({ participants, steps, hidden }: Sequence, scenario: string): string {
  if (steps.length === 0) return '';
  const lanes = [...participants];
  lanes.splice(Math.ceil(participants.length / 2), 0, 'server');
  const serverLane = Math.ceil(participants.length / 2);
  const count = lanes.length;
  const center = (lane: number) => `${Math.round(((lane + 0.5) / count) * 10_000) / 100}%`;
  const lifelines = lanes
    .map((_, lane) => {
      const x = center(lane);
      return `<line class="life${lane === serverLane ? ' server' : ''}" x1="${x}" x2="${x}" y1="0" y2="${rowHeight}"/>`;
    })
    .join('');
  const names = lanes.map((name, lane) => `<text class="name" x="${center(lane)}" y="20">${escapeMarkup(name)}</text>`);
  const rows = steps.map((step) => renderStep(step, participants, serverLane, center, lifelines));
  const note = (events: number, where: string) =>
    events === 0 ? '' : `<div class="cut">${events} events ${where}; the JSON report has all of them.</div>`;
  return `<div class="diagram" role="region" aria-label="Sequence: ${escapeMarkup(scenario)}"><div class="lanes-${widthClasses.find((most) => count <= most) ?? 'many'}">
<div class="row names"><span></span><svg height="${rowHeight}" role="img" aria-label="Lifelines: ${escapeMarkup(lanes.join(', '))}">${names.join('')}</svg></div>
${note(hidden.before, 'before')}<ol>${rows.join('\n')}</ol>${note(hidden.after, 'after')}
</div></div>`;
}

function renderStep(
  { at, participant, direction, role, label, gist, text, failing }: Step,
  participants: readonly string[],
  serverLane: number,
  center: (lane: number) => string,
  lifelines: string,
): string {
  const position = participants.indexOf(participant);
  const lane = position < serverLane ? position : position + 1;
  const [from, to] = direction === 'in' ? [serverLane, lane] : [lane, serverLane];
  const arrow =
    direction === 'own'
      ? ''
      : `<line class="arrow ${direction} ${role}" x1="${center(from)}" x2="${center(to)}" y1="24" y2="24" marker-end="url(#head)"/>`;
  const middle = direction === 'own' ? center(lane) : center((from + to) / 2);
  const spoken =
    direction === 'own' ? participant : direction === 'in' ? `server to ${participant}` : `${participant} to server`;
  return `<li><details class="step${failing ? ' failing' : ''}"><summary><span class="at">${at.toFixed(0)} ms</span><svg height="${rowHeight}" aria-hidden="true">${lifelines}${arrow}<text class="label ${role}" x="${middle}" y="17">${escapeMarkup(label)}</text></svg><span class="unseen">${escapeMarkup(spoken)}: ${escapeMarkup(label)}${failing ? ', shows the failure' : ''}</span><span class="gist" aria-hidden="true">${escapeMarkup(gist)}</span></summary><pre>${escapeMarkup(spellOut(text))}</pre></details></li>`;
}
