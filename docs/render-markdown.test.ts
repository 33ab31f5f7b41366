import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { renderMarkdown } from './render-markdown.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = new Map([
  ['docs/protocol.md', 'protocol.html'],
  ['docs/guides/backend.md', 'guides/backend.html'],
  ['generated/requirements.md', 'requirements.html'],
]);

function render(text: string) {
  const context = { root, file: 'docs/guides/backend.md', sitePath: 'guides/backend.html', pages };
  return renderMarkdown(`# Title\n\nThe first sentence. ${text}\n`, context);
}

describe('renderMarkdown', () => {
  test('a link to another Markdown file becomes a link to its page', () => {
    expect(render('[x](../protocol.md#errors)').body).toContain('<a href="../protocol.html#errors">x</a>');
  });

  test('a link to a line of a document becomes a link to the line of its copy', () => {
    const { body, sources } = render('[x](../../asyncapi.yaml#L12)');
    expect(body).toContain('<a href="../source/asyncapi.yaml.html#L12">x</a>');
    expect(sources).toEqual(['asyncapi.yaml']);
  });

  test('a link to nothing is a problem', () => {
    expect(render('[x](missing.md)').problems).toEqual(['the link to missing.md names no file']);
  });

  test('a requirement ID becomes a link to its rule, except in links and code', () => {
    expect(render('(RELAY-3)').body).toContain('href="../requirements.html#RELAY-3"');
    expect(render('[RELAY-3](../protocol.md) and `RELAY-3`').body).not.toContain('requirements.html');
  });

  test('an ID that no document states is a problem', () => {
    expect(render('(RELAY-99)').problems).toEqual(['RELAY-99 is stated in no document']);
  });

  test('title and first sentence are plain text', () => {
    expect(render('More.')).toMatchObject({ title: 'Title', summary: 'The first sentence.' });
  });

  test('comments do not reach the page, HTML in code is escaped', () => {
    const { body } = render('\n\n<!-- note -->\n\n`<b>`');
    expect(body).not.toContain('note');
    expect(body).toContain('&lt;b&gt;');
  });
});
