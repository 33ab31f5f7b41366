import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { areaOf } from '../../generated/index.js';
import { root, run, temporaryFolder } from '../../test/checkout.js';
import { reportOf, sampleReport, unjoinableDecisions } from '../testing/test-report.js';
import { renderJunit } from './junit.js';

const xmllint = (process.env.PATH ?? '')
  .split(path.delimiter)
  .some((folder) => existsSync(path.join(folder, 'xmllint')));
const schema = path.join(root, 'conformance/reporters/junit.xsd');
if (!xmllint) console.warn('Not checked against junit.xsd: xmllint is missing (apt-get install libxml2-utils).');

/** What xmllint has against a document; empty if it is valid. */
async function faultsOf(xml: string): Promise<string> {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'junit.xml');
  await writeFile(file, xml);
  const { code, stderr } = await run('xmllint', ['--noout', '--schema', schema, file], root);
  return code === 0 ? '' : stderr;
}

describe('renderJunit', async () => {
  const report = await sampleReport();
  const xml = renderJunit(report);
  const caseOf = (id: string, text = xml) =>
    new RegExp(`<testcase classname="${id}"(?:[^>]*/>|[\\s\\S]*?</testcase>)`).exec(text)?.[0] ?? '';

  it('has a suite for each area and a case for each requirement of each scenario', () => {
    const suites = Array.from(xml.matchAll(/<testsuite name="(\w+)" tests="(\d+)"/g), ([, name, tests]) => [
      name,
      Number(tests),
    ]);
    const areas = new Set(report.results.map(({ requirement }) => areaOf(requirement)));
    expect(suites.pop()).toEqual(['BASELINE', 1]);
    expect(suites.map(([name]) => name).sort()).toEqual([...areas].sort());
    for (const [name, tests] of suites) {
      expect(tests).toBe(report.results.filter(({ requirement }) => areaOf(requirement) === name).length);
    }
    expect(xml.match(/<testcase /g)).toHaveLength(report.results.length + 1);
  });

  it('tells a failure with rule, place, expected, actual and sequence', () => {
    const failure = caseOf('RELAY-3');
    expect(failure).toContain('name="a sender never receives its own message"');
    expect(failure).toMatch(
      /<failure type="MUST" message="expected: alice receives none of 12 messages that she sent, of every type, to bob and to everybody&#10;actual: alice received /,
    );
    expect(failure).toContain('A sender never receives its own message.');
    expect(failure).toMatch(/stated at: +asyncapi\.yaml:\d+ \(operation relaySignal\)/);
    expect(failure).toMatch(/▶ +\d+ ms {2}alice ← offer/);
    expect(caseOf('ERROR-6')).toContain('/payload/code must be one of');
  });

  it('tells a SHOULD that fails in system-out, and as a failure at level should', () => {
    expect(caseOf('CONFIG-7')).toMatch(/<system-out>Warning, not a failure:\nCONFIG-7 SHOULD: /);
    expect(caseOf('CONFIG-7', renderJunit(report, { level: 'should' }))).toContain('<failure type="SHOULD"');
  });

  it('skips what was not judged, with the reason', () => {
    expect(caseOf('LEAVE-1')).toContain('<skipped message="inconclusive: bob could not join (JOIN-1)"/>');
    expect(caseOf('ROOM-6')).toContain(
      '<skipped message="not applicable: the profile does not claim the feature capacity"/>',
    );
    expect(caseOf('JOIN-1')).toContain('<skipped message="skipped: not selected"/>');
    expect(caseOf('RELAY-6')).toMatch(/\/>$/);
  });

  it('skips an expected failure, and fails one that does not hold', () => {
    expect(caseOf('ERROR-2')).toMatch(
      /<skipped message="expected failure: expected: answered INVALID_MESSAGE_TYPE .*&#10;actual: /,
    );
    expect(caseOf('BASELINE')).toContain('<failure type="BASELINE" message="passes now; remove the entry"/>');
  });

  it('tells a failure of the suite itself as an error', () => {
    expect(caseOf('LIVE-1')).toContain('<error type="harness_error" message="TypeError: &lt;/script&gt;&lt;img ');
  });

  it('writes out the characters that XML 1.0 forbids', () => {
    expect(xml).not.toMatch(/[\p{Cs}\ufffe\uffff]|(?![\n\t])\p{Cc}/u);
    expect(caseOf('LIVE-1')).toContain('::error::injected\\u0000\\u001b[31m\\ufffe\\ud800\\u202e');
  });

  describe('against junit.xsd', () => {
    // In CI the tool has to be there.
    it.skipIf(!xmllint && !process.env.CI)('each report is valid', async () => {
      expect(await faultsOf(xml)).toBe('');
      expect(await faultsOf(renderJunit(report, { level: 'should' }))).toBe('');
      expect(await faultsOf(renderJunit(await reportOf(unjoinableDecisions)))).toBe('');
    });

    it.skipIf(!xmllint && !process.env.CI)('what readers would stumble over is not', async () => {
      for (const [from, to] of [
        ['classname="RELAY-3"', 'classname="3"'],
        [/ tests="\d+"/, ''],
        ['<failure type="MUST"', '<failure type="must"'],
        ['</testsuite>', '<testcase name="x"/></testsuite>'],
        ['message="inconclusive: ', 'message="unclear: '],
      ] as const) {
        expect(await faultsOf(xml.replace(from, to))).toContain('fails to validate');
      }
    });
  });
});
