import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

interface ParsedPage {
  anchors: Set<string>;
  links: string[];
  /** What the page needs in order to show itself: scripts, style sheets, images. */
  resources: string[];
}

/**
 * Checks a built site: each internal link leads to a file and an anchor that exist, and nothing is loaded from the
 * network. Returns what is wrong, for people. `opaque` pages are not read; links to them are checked without anchor.
 */
export async function checkLinks(site: string, opaque: ReadonlySet<string> = new Set()): Promise<string[]> {
  const found = await readdir(site, { recursive: true, withFileTypes: true });
  const files = new Set(
    found
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(site, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')),
  );
  const pages = new Map<string, ParsedPage>();
  for (const file of files) {
    if (!file.endsWith('.html') || opaque.has(file)) continue;
    pages.set(file, parsePage(await readFile(path.join(site, file), 'utf8')));
  }
  return Array.from(pages, ([file, page]) => checkPage(file, page, files, pages)).flat();
}

function checkPage(
  file: string,
  { links, resources }: ParsedPage,
  files: ReadonlySet<string>,
  pages: ReadonlyMap<string, ParsedPage>,
): string[] {
  const remote = resources.filter((url) => /^(https?:)?\/\//.test(url));
  const broken = [...links, ...resources].filter((url) => {
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(url)) return false;
    const [, target = '', fragment = ''] = /^([^?#]*)[^#]*#?(.*)$/.exec(url) ?? [];
    const to = target === '' ? file : path.posix.join(path.posix.dirname(file), decodeURIComponent(target));
    if (!files.has(to)) return true;
    const anchors = pages.get(to)?.anchors;
    return fragment !== '' && anchors !== undefined && !anchors.has(decodeURIComponent(fragment));
  });
  return [
    ...[...new Set(broken)].map((url) => `docs/site/${file}: broken link ${url}`),
    ...[...new Set(remote)].map((url) => `docs/site/${file}: loads ${url} from the network`),
  ];
}

function parsePage(html: string): ParsedPage {
  const markup = html.replace(/<!--[\s\S]*?-->/g, '').replace(/(<(script|style)\b[^>]*>)[\s\S]*?<\/\2>/gi, '$1');
  const page: ParsedPage = { anchors: new Set(), links: [], resources: [] };
  for (const [, name = '', attributes = ''] of markup.matchAll(/<([a-z][a-z0-9-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)) {
    for (const [, attribute = '', double, single] of attributes.matchAll(/([a-z-]+)=(?:"([^"]*)"|'([^']*)')/gi)) {
      const value = decodeEntities(double ?? single ?? '');
      if (attribute === 'id' || (attribute === 'name' && name === 'a')) page.anchors.add(value);
      else if (attribute === 'href' && name === 'a') page.links.push(value);
      else if (attribute === 'src' || (attribute === 'href' && name === 'link')) page.resources.push(value);
    }
  }
  return page;
}

function decodeEntities(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
