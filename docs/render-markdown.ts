import { statSync } from 'node:fs';
import path from 'node:path';
import { Marked, type RendererObject, type Tokens } from 'marked';
import { escapeHtml } from './escape-html.js';
import { linkRequirements, relativePath, unknownRequirements } from './requirement-links.js';

/** Where a Markdown file stands. */
export interface MarkdownContext {
  /** Folder of the repository. */
  root: string;
  /** Path of the file in the repository. */
  file: string;
  /** Path of its page in the site. */
  sitePath: string;
  /** All Markdown files of the site: path in the repository to path in the site. */
  pages: ReadonlyMap<string, string>;
}

/** A heading of the second level, for the list of contents. */
export interface Heading {
  id: string;
  /** HTML. */
  text: string;
}

/** A Markdown file as HTML, and what was learned on the way. */
export interface RenderedMarkdown {
  /** Plain text of the first heading. */
  title: string;
  /** Plain text of the first sentence. */
  summary: string;
  body: string;
  headings: Heading[];
  hasDiagram: boolean;
  /** Other files of the repository that are linked to. */
  sources: string[];
  /** What is wrong with the file, for people. */
  problems: string[];
}

/** Renders a Markdown file; links to other files of the repository become links within the site. */
export function renderMarkdown(markdown: string, context: MarkdownContext): RenderedMarkdown {
  const headings: Heading[] = [];
  const ids = new Map<string, number>();
  const sources: string[] = [];
  const problems = unknownRequirements(markdown).map((id) => `${id} is stated in no document`);
  let hasDiagram = false;
  let linkDepth = 0;

  const uniqueId = (text: string): string => {
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = ids.get(slug) ?? 0;
    ids.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  };

  const resolve = (href: string): string => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('#')) return href;
    const [target = '', fragment] = href.split('#');
    const file = path.posix.join(path.posix.dirname(context.file), decodeURI(target));
    const anchor = fragment === undefined ? '' : `#${fragment}`;
    const page = context.pages.get(file);
    if (page !== undefined) return relativePath(context.sitePath, page) + anchor;
    if (file.startsWith('..') || !statSync(path.join(context.root, file), { throwIfNoEntry: false })?.isFile()) {
      problems.push(`the link to ${href} names no file`);
      return href;
    }
    sources.push(file);
    return relativePath(context.sitePath, `source/${file}.html`) + anchor;
  };

  const renderer: RendererObject = {
    heading({ tokens, depth, text }) {
      const id = uniqueId(plainText(text));
      linkDepth += 1; // a heading cites, but is no place for links
      const content = this.parser.parseInline(tokens);
      linkDepth -= 1;
      if (depth === 2) headings.push({ id, text: content });
      if (depth === 1) return `<h1 id="${id}">${content}</h1>\n`;
      const anchor = `<a class="anchor" href="#${id}" aria-label="Link to this section">#</a>`;
      return `<h${depth} id="${id}">${content} ${anchor}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      linkDepth += 1;
      const content = this.parser.parseInline(tokens);
      linkDepth -= 1;
      return `<a href="${escapeHtml(resolve(href))}">${content}</a>`;
    },
    text(token) {
      if ('tokens' in token && token.tokens) return this.parser.parseInline(token.tokens);
      const html = 'escaped' in token && token.escaped ? token.text : escapeHtml(token.text);
      return linkDepth === 0 ? linkRequirements(html, context.sitePath) : html;
    },
    html({ text }) {
      return text.trimStart().startsWith('<!--') ? '' : text;
    },
    code({ text, lang }) {
      if (lang !== 'mermaid') {
        const name = lang ? ` aria-label="${escapeHtml(lang)} code"` : ' aria-label="Code"';
        return `<pre tabindex="0" role="region"${name}><code>${escapeHtml(text)}</code></pre>\n`;
      }
      hasDiagram = true;
      const name = /^\s*accTitle:\s*(.+)$/m.exec(text)?.[1];
      if (name === undefined) problems.push('a diagram has no accTitle');
      const source = `<pre class="diagram-source"><code>${escapeHtml(text)}</code></pre>`;
      return `<figure class="diagram" tabindex="0" aria-label="${escapeHtml(name ?? '')}">${source}</figure>\n`;
    },
    table({ header, rows }) {
      const names = header.map((cell) => plainText(cell.text));
      const isWide = header.length > 2;
      const cell = ({ tokens }: Tokens.TableCell, index: number) => {
        const label = isWide ? ` data-label="${escapeHtml(names[index] ?? '')}"` : '';
        return `<td role="cell"${label}>${this.parser.parseInline(tokens)}</td>`;
      };
      const columns = header.map(
        ({ tokens }) => `<th role="columnheader" scope="col">${this.parser.parseInline(tokens)}</th>`,
      );
      const body = rows.map((row) => `<tr role="row">${row.map(cell).join('')}</tr>`).join('\n');
      // A stacked table keeps its meaning only with roles: `display` takes the native ones away.
      return `<table role="table"${isWide ? ' class="stacking"' : ''}>
<thead role="rowgroup"><tr role="row">${columns.join('')}</tr></thead>
<tbody role="rowgroup">${body}</tbody>
</table>\n`;
    },
  };

  const marked = new Marked({ gfm: true, renderer });
  const tokens = marked.lexer(markdown);
  const first = (type: string): string =>
    tokens.find((token): token is Tokens.Generic => token.type === type)?.text ?? '';
  const title = first('heading');
  const paragraph = first('paragraph');
  if (title === '' || paragraph === '') problems.push('the page has no heading, or nothing that says what it is about');
  const body = marked.parser(tokens);
  return {
    title: plainText(title),
    summary: plainText(paragraph.replaceAll('\n', ' ')).split(/(?<=\.)\s/)[0] ?? '',
    ...{ body, headings, hasDiagram, sources, problems },
  };
}

function plainText(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
}
