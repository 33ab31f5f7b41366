import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import { describe, expect, it } from 'vitest';
import { requirements } from '../../generated/index.js';
import { root } from '../../test/checkout.js';
import { reportOf, sampleReport, unjoinableDecisions, wrongDecisions } from '../testing/test-report.js';
import { mergeRuns } from './repeat.js';
import type { Report } from './report.js';

const schema = JSON.parse(await readFile(path.join(root, 'schemas/kit/report.json'), 'utf8')) as AnySchemaObject;

/** The schema with every object closed: a member that it does not tell of is an error here, though not for readers. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, closed(member)]);
  const open = 'type' in value && value.type === 'object' && !('additionalProperties' in value);
  return { ...Object.fromEntries(members), ...(open && { additionalProperties: false }) };
}

const validate = new Ajv({ strict: true, allErrors: true }).compile(closed(schema) as AnySchemaObject);

/** The report as its readers get it. */
function errorsIn(report: Report): unknown {
  validate(JSON.parse(JSON.stringify(report)));
  return validate.errors;
}

describe('schemas/kit/report.json', () => {
  it('holds the report of a conformant server', async () => {
    const report = await reportOf({}, { trace: 'all' });
    expect(errorsIn(report)).toBeNull();
    expect(report.summary).toMatchObject({ conformant: true, exitCode: 0 });
    expect(report.coverage.requirements.map(({ id }) => id)).toEqual(Object.keys(requirements));
  });

  it('holds the report of a server that is wrong', async () => {
    const report = await reportOf(wrongDecisions);
    expect(errorsIn(report)).toBeNull();
    expect(report.summary).toMatchObject({ conformant: false, exitCode: 1 });
    const failed = report.results.filter(({ outcome }) => outcome === 'fail');
    expect(failed.map(({ requirement }) => requirement)).toEqual(
      expect.arrayContaining(['RELAY-3', 'ERROR-2', 'CONFIG-7']),
    );
    expect(failed.some(({ schemaErrors }) => schemaErrors !== undefined)).toBe(true);
  });

  it('holds the report of a server that lets nobody join', async () => {
    const report = await reportOf(unjoinableDecisions);
    expect(errorsIn(report)).toBeNull();
    expect(report.rootFault).toContain('welcome');
  });

  it('holds the report of several runs with expected failures', async () => {
    const [first, second] = [await sampleReport(), await sampleReport()];
    for (const result of second.results) if (result.requirement === 'CONFIG-7') result.outcome = 'pass';
    const report = mergeRuns([first, second]);
    expect(errorsIn(report)).toBeNull();
    expect(report).toMatchObject({
      run: { repeats: 2 },
      unstable: [{ requirement: 'CONFIG-7', outcomes: { fail: 1, pass: 1 } }],
      staleBaseline: [{ check: 'RELAY-9', problem: 'passes now; remove the entry' }],
    });
    expect(report.results).toContainEqual(expect.objectContaining({ requirement: 'ERROR-2', baseline: 'fail' }));
  });

  it('rejects a report whose members are of another kind', async () => {
    const report = await sampleReport();
    expect(errorsIn(report)).toBeNull();
    const [first] = report.results;
    for (const wrong of [
      { ...report, schemaVersion: 2 },
      { ...report, summary: { ...report.summary, conformant: 'yes' } },
      { ...report, results: [{ ...first, outcome: 'failed' }] },
      { ...report, results: [{ ...first, outcome: 'fail', expected: undefined }] },
      { ...report, spec: { ...report.spec, asyncapiSha256: 'abc' } },
    ]) {
      expect(errorsIn(wrong as Report)).not.toBeNull();
    }
  });
});

describe('--repeat', () => {
  it('gives no verdict where a rule stayed unjudged in one of the runs, which may be allowed', async () => {
    const judged = await sampleReport();
    judged.summary = { ...judged.summary, conformant: true, exitCode: 0 };
    const open = { ...judged, summary: { ...judged.summary, conformant: null } };
    expect(mergeRuns([judged, open]).summary.conformant).toBeNull();
    expect(mergeRuns([judged, judged]).summary.conformant).toBe(true);
  });
});
