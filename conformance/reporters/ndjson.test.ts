import { describe, expect, it } from 'vitest';
import { sampleReport } from '../testing/test-report.js';
import { renderNdjson } from './ndjson.js';

const report = await sampleReport();

describe('renderNdjson', () => {
  const lines = renderNdjson(report).trimEnd().split('\n');
  const objects = lines.map((line) => JSON.parse(line));

  it('writes a header, the results, the coverage and last the summary', () => {
    const types = objects.map(({ type }) => type);
    expect(types).toEqual([
      'run',
      ...report.results.map(() => 'result'),
      ...report.coverage.requirements.map(() => 'coverage'),
      'summary',
    ]);
  });

  it('carries all that the JSON report does', () => {
    const of = (wanted: string) => objects.flatMap(({ type, ...rest }) => (type === wanted ? [rest] : []));
    const again = {
      ...of('run')[0],
      summary: of('summary')[0],
      results: of('result'),
      coverage: { requirements: of('coverage') },
    };
    expect(again).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('has one line per object for readers that know more line ends than LF', () => {
    const text = renderNdjson({ ...report, rootFault: 'a\u2028b\u2029c\u0085d\ne' });
    expect(text.split(/\r\n|[\n\r\u0085\u2028\u2029]/)).toHaveLength(lines.length + 1);
    expect(JSON.parse(text.split('\n')[0] ?? '').rootFault).toBe('a\u2028b\u2029c\u0085d\ne');
  });
});
