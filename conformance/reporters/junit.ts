import { areaOf, type RequirementId, requirements } from '../../generated/index.js';
import type { Result } from '../kit/outcome.js';
import type { Report, StaleEntry } from '../run/report.js';
import { escapeMarkup } from './markup.js';
import { failureLines, type ReportOptions, reasonOf, type Standing, standingOf, standings } from './wording.js';

/**
 * The report as JUnit XML: a `testsuite` for each area of the specification, in it a `testcase` for each requirement and
 * scenario. What was not judged is `skipped` with its reason. A SHOULD that fails is told in `system-out`, and is a
 * `failure` with `level: 'should'`.
 */
export function renderJunit(report: Report, options: ReportOptions = {}): string {
  const areas = new Map<string, Result[]>();
  for (const id of Object.keys(requirements) as RequirementId[]) {
    const own = report.results.filter(({ requirement }) => requirement === id);
    if (own.length > 0) areas.set(areaOf(id), [...(areas.get(areaOf(id)) ?? []), ...own]);
  }
  const stale = report.staleBaseline ?? [];
  const seconds = (report.run.durationMs / 1000).toFixed(3);
  const { tests, failures, errors } = countOf(report.results, options);
  const totals = { tests: tests + stale.length, failures: failures + stale.length, errors };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: report.suite.name, time: seconds, ...totals })}>`,
    ...Array.from(areas, ([area, results]) => {
      const cases = results.map((result) => renderCase(result, options));
      return renderSuite(area, cases, countOf(results, options), report);
    }),
    ...(stale.length === 0 ? [] : [renderStale(stale, report)]),
    '</testsuites>',
    '',
  ].join('\n');
}

function renderSuite(name: string, cases: string[], counts: Counts, report: Report): string {
  const { suite, spec, target, run } = report;
  const host = target.urls[0] === undefined ? '' : new URL(target.urls[0]).host;
  const timestamp = run.startedAt.replace(/\.\d+Z$|Z$/, '');
  const properties = {
    suite: suite.version,
    protocol: spec.version,
    asyncapiSha256: spec.asyncapiSha256,
    openapiSha256: spec.openapiSha256,
    target: target.urls.join(' '),
    features: target.profile.features.join(' '),
    seed: run.seed,
  };
  return [
    `  <testsuite${attributes({ name, ...counts, timestamp, hostname: host })}>`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => `      <property${attributes({ name: key, value })}/>`),
    '    </properties>',
    ...cases,
    '  </testsuite>',
  ].join('\n');
}

/** Expected failures that do not hold fail the run, and so are failures of a suite of their own. */
function renderStale(stale: readonly StaleEntry[], report: Report): string {
  const cases = stale.map(({ check, problem }) => {
    const failure = `<failure${attributes({ type: 'BASELINE', message: problem })}/>`;
    return `    <testcase${attributes({ classname: 'BASELINE', name: check })}>${failure}</testcase>`;
  });
  return renderSuite('BASELINE', cases, { tests: stale.length, failures: stale.length, errors: 0, skipped: 0 }, report);
}

function renderCase(result: Result, options: ReportOptions): string {
  const head = `    <testcase${attributes({ classname: result.requirement, name: result.scenario })}`;
  const inner = renderOutcome(result, options);
  return inner === '' ? `${head}/>` : `${head}>\n      ${inner}\n    </testcase>`;
}

function renderOutcome(result: Result, options: ReportOptions): string {
  const standing = standingOf(result, options);
  const { level, expected = '', actual = '' } = result;
  switch (standing) {
    case 'pass':
      return '';
    case 'broken': {
      const message = `expected: ${expected}\nactual: ${actual}`;
      return `<failure${attributes({ type: level, message })}>${lines(failureLines(result, options))}</failure>`;
    }
    case 'warning':
      return `<system-out>${lines(['Warning, not a failure:', ...failureLines(result, options)])}</system-out>`;
    case 'expected': {
      const message = `${standings.expected}: expected: ${expected}\nactual: ${actual}`;
      return `<skipped${attributes({ message })}/>`;
    }
    case 'harness_error': {
      const [message = ''] = actual.split('\n');
      return `<error${attributes({ type: standing, message })}>${escapeMarkup(actual)}</error>`;
    }
    default:
      return `<skipped${attributes({ message: `${standings[standing]}: ${reasonOf(result)}` })}/>`;
  }
}

interface Counts {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
}

function countOf(results: readonly Result[], options: ReportOptions): Counts {
  const found = results.map((result) => standingOf(result, options));
  const count = (...wanted: Standing[]) => found.filter((standing) => wanted.includes(standing)).length;
  return {
    tests: results.length,
    failures: count('broken'),
    errors: count('harness_error'),
    skipped: count('expected', 'inconclusive', 'not_applicable', 'skipped'),
  };
}

function lines(texts: readonly string[]): string {
  return escapeMarkup(texts.join('\n'));
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${attributeValue(String(value))}"`)
    .join('');
}

/** XML readers turn line breaks and tabs of an attribute into spaces unless they are character references. */
function attributeValue(text: string): string {
  return escapeMarkup(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
