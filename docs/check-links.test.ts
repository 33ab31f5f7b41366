import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkLinks } from './check-links.js';

describe('checkLinks', () => {
  let site: string;
  beforeEach(async () => {
    site = await mkdtemp(path.join(tmpdir(), 'site-'));
    await mkdir(path.join(site, 'guides'));
    await writeFile(path.join(site, 'index.html'), '<h2 id="start">Start</h2><a href="guides/a.html#there">a</a>');
  });
  afterEach(() => rm(site, { recursive: true, force: true }));

  const page = (html: string) => writeFile(path.join(site, 'guides/a.html'), html);

  test('links to files and anchors that exist pass', async () => {
    await page('<p id="there"><a href="../index.html#start">up</a> <a href="#there">here</a></p>');
    expect(await checkLinks(site)).toEqual([]);
  });

  test('a link to a file that does not exist is named with its page', async () => {
    await page('<p id="there"><a href="b.html">b</a></p>');
    expect(await checkLinks(site)).toEqual(['docs/site/guides/a.html: broken link b.html']);
  });

  test('a link to an anchor that does not exist is named', async () => {
    await page('<p id="here"><a href="../index.html#end">end</a></p>');
    expect(await checkLinks(site)).toEqual([
      'docs/site/index.html: broken link guides/a.html#there',
      'docs/site/guides/a.html: broken link ../index.html#end',
    ]);
  });

  test('links to other sites pass, scripts from them do not', async () => {
    await page(
      '<p id="there"><a href="https://example.com/">x</a><script src="https://example.com/x.js"></script></p>',
    );
    expect(await checkLinks(site)).toEqual([
      'docs/site/guides/a.html: loads https://example.com/x.js from the network',
    ]);
  });

  test('anchors of opaque pages are not looked for', async () => {
    await page('made by a script');
    expect(await checkLinks(site, new Set(['guides/a.html']))).toEqual([]);
  });
});
