import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { reportOf, sampleReport, unjoinableDecisions } from '../testing/test-report.js';
import { renderGithub, renderJobSummary } from './github.js';

/** Reads a line as the runner of GitHub Actions does. */
function parseCommand(line: string) {
  const [, name, list = '', data = ''] = /^::(\w+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  const decode = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const properties = list
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), decode(pair.slice(pair.indexOf('=') + 1))]);
  return { name, message: decode(data), ...Object.fromEntries(properties) };
}

const report = await sampleReport();

describe('renderGithub', () => {
  const commands = renderGithub(report).trimEnd().split('\n').map(parseCommand);
  const about = (title: string) => commands.find((command) => command.title === title);

  it('annotates the line that states the rule', () => {
    expect(about('RELAY-3')).toMatchObject({
      name: 'error',
      file: 'asyncapi.yaml',
      line: expect.stringMatching(/^\d+$/),
    });
    expect(about('RELAY-3')?.message).toMatch(
      /^MUST: A sender never receives its own message\.\nexpected: alice receives none of 12 messages that she sent, of every type, to bob and to everybody\nactual: alice received /,
    );
  });

  it('warns of a SHOULD, and makes it an error at level should', () => {
    expect(about('CONFIG-7')).toMatchObject({ name: 'warning', file: 'openapi.yaml' });
    expect(renderGithub(report, { level: 'should' })).not.toContain('::warning');
  });

  it('takes notice of an expected failure, and fails one that does not hold', () => {
    expect(about('ERROR-2')).toMatchObject({ name: 'notice', file: 'asyncapi.yaml' });
    expect(about('Expected failure')).toMatchObject({ name: 'error', message: 'RELAY-9 passes now; remove the entry' });
  });

  it('tells that the suite itself failed', () => {
    expect(about('The suite itself failed')?.message).toContain('TypeError');
  });

  it('lets no text of the server begin a command of its own', () => {
    expect(
      commands.every(({ name, message }) => ['error', 'warning', 'notice'].includes(name ?? '') && message !== ''),
    ).toBe(true);
    expect(about('The suite itself failed')?.message).toContain('100%\\r\n\n::error::injected\\u0000');
  });

  it('escapes what ends a property', () => {
    const [line = ''] = renderGithub(
      { ...report, results: report.results.filter(({ requirement }) => requirement === 'RELAY-3') },
      {
        command: 'npx webrtc-room-signaling conformance --target http://a,b:1/100%',
      },
    ).split('\n');
    expect(line).toMatch(/^::error file=asyncapi\.yaml,line=\d+,title=RELAY-3::/);
    expect(line).toContain('http://a,b:1/100%25 --only RELAY-3');
  });

  it('says nothing of a server that keeps every rule', () => {
    const { staleBaseline: _, ...kept } = report;
    expect(renderGithub({ ...kept, results: report.results.filter(({ outcome }) => outcome === 'pass') })).toBe('');
  });

  it('says why there is no verdict', () => {
    const undecided = { ...report, staleBaseline: [], results: [], summary: { ...report.summary, exitCode: 4 } };
    expect(renderGithub(undecided)).toBe('::error title=No verdict::LEAVE-1: bob could not join\n');
  });
});

describe('renderJobSummary', async () => {
  const summary = renderJobSummary(report);

  it('begins with the verdict', async () => {
    expect(renderJobSummary(await reportOf(unjoinableDecisions))).toMatch(
      /^## ❌ Not conformant\n\n<p><code>http:.*\n\n<p>Nobody can join: the first message was /,
    );
  });

  it('has a table of what is broken, one of warnings, and a folded sequence for each', () => {
    const html = marked.parse(summary, { async: false });
    const [broken = '', warnings = ''] =
      html.split('<h3>Broken requirements</h3>')[1]?.split('<h3>Warnings</h3>') ?? [];
    expect(broken).toMatch(
      /<td><strong>RELAY-3<\/strong><br>MUST<\/td>.*<td>alice receives none of 12 messages that she sent, of every type, to bob and to everybody<\/td><td>alice received /,
    );
    expect(warnings).toContain('<strong>CONFIG-7</strong>');
    expect(warnings.split('<h3>Expected failures</h3>')[1]).toContain('<strong>ERROR-2</strong>');
    expect(html).toContain('<li>RELAY-9 passes now; remove the entry</li>');
    expect(html).toContain(
      '<details><summary>RELAY-3: sequence in <em>a sender never receives its own message</em></summary>',
    );
    expect(html).toMatch(/▶ +\d+ ms {2}alice ← offer/);
  });

  it('lets no text of the server become markup', () => {
    const html = marked.parse(summary, { async: false });
    expect(html).not.toMatch(/<img|<script|<strong>bold|<code>code/);
    expect(html).toContain('&lt;/script&gt;&lt;img src=x onerror=');
  });

  it('keeps within the size that GitHub takes, and says what is missing', () => {
    const short = renderJobSummary(report, { limitBytes: 4000 });
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(4000);
    expect(short).toMatch(/_\d+ of \d+ parts left out/);
    expect(summary).not.toContain('left out');
  });
});
