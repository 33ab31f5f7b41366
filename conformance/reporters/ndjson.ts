import type { Report } from '../run/report.js';

/**
 * The report as one JSON object per line, for what reads streams: first `run`, then a `result` for each judgement, then
 * a `coverage` for each requirement, last `summary`. Together the lines carry all that the JSON report does.
 */
export function renderNdjson(report: Report): string {
  const { results, coverage, summary, ...run } = report;
  const lines = [
    { type: 'run', ...run },
    ...results.map((result) => ({ type: 'result', ...result })),
    ...coverage.requirements.map((requirement) => ({ type: 'coverage', ...requirement })),
    { type: 'summary', ...summary },
  ];
  return lines.map((line) => `${oneLine(JSON.stringify(line))}\n`).join('');
}

/** Escapes what JSON leaves as it is and some readers take for the end of a line. */
function oneLine(json: string): string {
  return json.replace(
    /[\u0085\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
