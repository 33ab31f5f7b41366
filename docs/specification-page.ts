import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** The renderer leaves out `x-requirements`, so the way to the rules is on top. */
const bar = (document: string) => `<p style="margin:0;padding:.5rem 1rem;font:1rem system-ui,sans-serif">
<a href="index.html">All pages</a> &nbsp; <a href="requirements.html">Requirements</a> &nbsp;
<a href="source/${document}.html">${document}</a></p>`;

const remoteLogo = /https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini(-full)?\.svg/g;
const localLogo =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 width=%2252%22 height=%2216%22%3E' +
  '%3Ctext y=%2212%22 font-family=%22sans-serif%22 font-size=%2212%22 fill=%22%23777%22%3ERedocly%3C/text%3E%3C/svg%3E';

/** Renders an AsyncAPI or OpenAPI document as one self-contained page that loads nothing from the network. */
export async function buildSpecificationPage(root: string, document: string, output: string): Promise<void> {
  const command = path.join(root, 'node_modules/.bin/redocly');
  const settings = ['--lint-config', 'off'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const redocly = promisify(execFile);
  await redocly(command, ['build-docs', document, '--inlineBundle', '-o', output, ...settings], { cwd: root, env });

  const html = await readFile(output, 'utf8');
  const offline = html.replace(remoteLogo, localLogo).replace(/<body[^>]*>/, (body) => `${body}\n${bar(document)}`);
  await writeFile(output, offline);
}
