import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirements } from '../../generated/index.js';
import { temporaryFolder } from '../../test/checkout.js';
import { sampleReport } from '../testing/test-report.js';
import { renderHtml } from './html.js';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing) console.warn(`Not looked at in a browser: ${executablePath} is missing.`);
const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const report = await sampleReport();
const html = renderHtml(report);
const bound = Object.values(requirements).filter(({ party }) => party === 'server');

describe('renderHtml', () => {
  it('needs nothing but itself', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'sha256-`);
    expect(html).not.toMatch(/\s(?:src|href|action)="(?!#)|@import|url\((?!#)/);
    expect(html).not.toMatch(/\sstyle="|\son\w+="/);
  });

  it('lets no text of the server become markup', () => {
    expect(html).not.toContain('<img');
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html).toContain('&lt;/script&gt;&lt;img src=x onerror=');
    expect(html).not.toMatch(/[\p{Cs}\u202e\ufffe]|(?![\n\t])\p{Cc}/u);
  });

  it('shows every requirement that binds servers, with its text', () => {
    expect(html.match(/<article class="requirement /g)).toHaveLength(bound.length);
    for (const { id } of bound) expect(html).toContain(`id="${id}"`);
  });

  it('draws the sequence of a failure, and of each scenario once when all are traced', () => {
    expect(html).toContain('aria-label="Sequence: a sender never receives its own message"');
    const trace = [{ at: 1, participant: 'alice', connection: 0, kind: 'open' as const }];
    const traced = report.results.map((result) => ({ ...result, outcome: 'pass' as const, trace }));
    const names = new Set(report.results.map(({ scenario }) => scenario));
    const all = renderHtml({ ...report, results: traced });
    expect(all.match(/<details class="drawn"/g)).toHaveLength(names.size);
  });
});

describe('the HTML report in a browser', () => {
  let browser: Browser | undefined;
  let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
  let address = '';

  beforeAll(async () => {
    if (missing && !process.env.CI) return;
    folder = await temporaryFolder();
    const file = path.join(folder.path, 'report.html');
    await writeFile(file, html);
    address = pathToFileURL(file).href;
    browser = await chromium.launch({ executablePath, args: switches });
  });
  afterAll(async () => {
    await browser?.close();
    await folder?.[Symbol.asyncDispose]();
  });

  /** Opens the report; whatever the browser complains about, or wants from the network, goes to `complaints`. */
  async function open(
    options: BrowserContextOptions = {},
    fragment = '',
  ): Promise<{ page: Page; complaints: string[] }> {
    if (!browser) throw new Error('there is no browser');
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(address)) complaints.push(request.url());
    });
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(address + fragment);
    return { page, complaints };
  }

  // In CI the browser has to be there.
  const test = it.skipIf(missing && !process.env.CI);

  for (const viewport of [
    { width: 390, height: 844 },
    { width: 1280, height: 900 },
  ]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`fits ${viewport.width} pixels in ${colorScheme} without complaint`, async () => {
        const { page, complaints } = await open({ viewport, colorScheme });
        await page.getByRole('button', { name: 'Unfold' }).click();
        await page.locator('#RELAY-3 .step.failing > summary').first().click();
        expect(await page.locator('#RELAY-3 .step.failing pre').first().textContent()).toContain('"type": "offer"');
        const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
        expect(widths).toEqual([viewport.width, viewport.width]);
        expect(complaints).toEqual([]);
        await page.context().close();
      });
    }
  }

  test('can be filtered with the keyboard alone', async () => {
    const { page, complaints } = await open();
    const shown = () => page.locator('.requirement:visible h3').allInnerTexts();
    const status = page.locator('.filters output');
    expect(await status.textContent()).toBe(`${bound.length} requirements`);

    for (let presses = 0; presses < 300; presses++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate('document.activeElement.name === "search"')) break;
    }
    await page.keyboard.type('sender NEVER own');
    expect(await shown()).toEqual(['RELAY-3']);
    expect(await status.textContent()).toBe(`1 of ${bound.length} requirements`);

    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Tab');
    await page.keyboard.type('war');
    expect(await shown()).toEqual(['CONFIG-7']);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');

    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(shown).toHaveLength(bound.length);

    await page.locator('.filters [name=area]').selectOption('RELAY');
    await page.locator('.filters [name=level]').selectOption('SHOULD');
    expect(await shown()).toEqual([]);
    expect(await page.locator('.none').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('unfolds a frame with the keyboard', async () => {
    const { page } = await open();
    const step = page.locator('#RELAY-3 .step').first();
    await step.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await step.locator('pre').isVisible()).toBe(true);
    await page.context().close();
  });

  test('opens at what its address names, whatever the filters hide', async () => {
    const { page } = await open({}, '#JOIN-1');
    expect(await page.locator('#JOIN-1 > details').getAttribute('open')).not.toBeNull();
    await page.locator('.filters [name=search]').fill('no such thing');
    await page.locator('.cell[href="#RELAY-3"]').click();
    expect(await page.locator('#RELAY-3').isVisible()).toBe(true);
    await page.context().close();
  });

  test('can be read without script', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    expect(await page.locator('.filters').isVisible()).toBe(false);
    expect(await page.locator('#RELAY-3 .actual').first().textContent()).toMatch(/^alice received /);
    await page.locator('#JOIN-1 > details > summary').click();
    expect(await page.locator('#JOIN-1 .body').isVisible()).toBe(true);
    await page.context().close();
  });
});
