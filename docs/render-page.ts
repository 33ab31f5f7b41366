import { escapeHtml } from './escape-html.js';
import type { Heading, RenderedMarkdown } from './render-markdown.js';
import { linkRequirements, relativePath } from './requirement-links.js';

/** A page as the index and the navigation list it; title and summary are plain text. */
export interface Page {
  path: string;
  title: string;
  summary: string;
}

/** Pages that belong together. */
export interface Section {
  title: string;
  pages: Page[];
}

const siteName = 'WebRTC Room Signaling';

interface Layout {
  sitePath: string;
  title: string;
  body: string;
  sections: readonly Section[];
  headings?: readonly Heading[];
  hasDiagram?: boolean;
}

function layout({ sitePath, title, body, sections, headings = [], hasDiagram = false }: Layout): string {
  const to = (target: string) => relativePath(sitePath, target);
  const scripts = hasDiagram
    ? `<script src="${to('mermaid.min.js')}" defer></script>\n<script src="${to('diagrams.js')}" defer></script>\n`
    : '';
  const contents =
    headings.length < 3
      ? ''
      : `<details class="contents"><summary>On this page</summary>
<nav aria-label="On this page"><ul>${headings.map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`).join('\n')}</ul></nav>
</details>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title === siteName ? siteName : `${escapeHtml(title)} - ${siteName}`}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to('style.css')}">
${scripts}</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header>
<a href="${to('index.html')}">${siteName}</a>
<button type="button" popovertarget="pages">All pages</button>
</header>
<nav id="pages" class="pages" aria-label="All pages" popover>${navigation(sitePath, sections)}</nav>
<main id="main">
${contents}
<article>
${body}
</article>
</main>
</body>
</html>
`;
}

function navigation(sitePath: string, sections: readonly Section[]): string {
  return sections
    .map(({ title, pages }) => {
      const items = pages.map((page) => {
        const current = page.path === sitePath ? ' aria-current="page"' : '';
        return `<li><a href="${relativePath(sitePath, page.path)}"${current}>${escapeHtml(page.title)}</a></li>`;
      });
      return `<p>${title}</p>\n<ul>${items.join('\n')}</ul>`;
    })
    .join('\n');
}

/** The page of a Markdown file. */
export function renderMarkdownPage(sitePath: string, page: RenderedMarkdown, sections: readonly Section[]): string {
  const { title, body, headings, hasDiagram } = page;
  return layout({ sitePath, title, body, sections, headings, hasDiagram });
}

/** The first page: every other one with one line about it. */
export function renderIndex(sections: readonly Section[]): string {
  const lists = sections.map(({ title, pages }) => {
    const items = pages.map(
      (page) => `<dt><a href="${page.path}">${escapeHtml(page.title)}</a></dt>\n<dd>${escapeHtml(page.summary)}</dd>`,
    );
    return `<h2>${title}</h2>\n<dl>${items.join('\n')}</dl>`;
  });
  const body = `<h1>${siteName}</h1>
<p>Participants of a room exchange WebRTC session descriptions and ICE candidates through a server. The two documents
state the rules; types, validators, a reference server and client, and a conformance suite for any server follow from
them.</p>
${lists.join('\n')}`;
  return layout({ sitePath: 'index.html', title: siteName, body, sections });
}

/** A file of the repository, line by line; `#L12` is its twelfth line. */
export function renderSourcePage(sitePath: string, file: string, text: string, sections: readonly Section[]): string {
  const lines = text.trimEnd().split(/\r?\n/);
  const rows = lines.map((line, index) => {
    const number = index + 1;
    const code = linkRequirements(escapeHtml(line), sitePath);
    return `<span id="L${number}"><a href="#L${number}" aria-label="Line ${number}">${number}</a>${code}\n</span>`;
  });
  const body = `<h1>${escapeHtml(file)}</h1>
<pre class="source" tabindex="0" role="region" aria-label="${escapeHtml(file)}"><code>${rows.join('')}</code></pre>`;
  return layout({ sitePath, title: file, body, sections });
}
