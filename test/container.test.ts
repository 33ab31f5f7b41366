import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './checkout.js';

const read = (file: string) => readFile(path.join(root, file), 'utf8');

it('the Dockerfile copies what there is and starts what the package has', async () => {
  const text = await read('Dockerfile');
  const copied = Array.from(text.matchAll(/^COPY (?!--from)(.*) \S+$/gm), ([, files = '']) => files.split(' ')).flat();
  expect(copied).toContain('package-lock.json');
  await Promise.all(copied.map((file) => access(path.join(root, file))));
  const { bin } = JSON.parse(await read('package.json'));
  expect(text).toContain(`CMD ["node", "${bin['webrtc-room-signaling']}", "serve"]`);
});

interface Workflow {
  permissions: object;
  jobs: Record<string, { needs?: string; uses?: string; container?: string; steps?: { run?: string }[] }>;
}

it('the workflow of CI runs .ci/run in the distribution whose packages that installs', async () => {
  const { jobs, permissions } = parse(await read('.github/workflows/ci.yml')) as Workflow;
  expect(permissions).toEqual({ contents: 'read' });
  expect(jobs.check?.container).toMatch(/^node:.*-bookworm$/);
  expect(jobs.check?.steps?.map(({ run }) => run)).toContain('.ci/run');
});

it('a release is checked as CI checks, and published with its provenance', async () => {
  const { jobs } = parse(await read('.github/workflows/release.yml')) as Workflow;
  expect(jobs.check?.uses).toBe('./.github/workflows/ci.yml');
  expect(jobs.publish?.needs).toBe('check');
  expect(jobs.publish?.steps?.at(-1)?.run).toBe('npm publish --provenance --access public');
});

it('.ci/run runs the commands that README gives', async () => {
  const commands = (await read('.ci/run')).split('\n').filter((line) => line.startsWith('npm '));
  expect(commands.length).toBeGreaterThan(2);
  const readme = await read('README.md');
  expect(commands.filter((command) => !readme.includes(command))).toEqual([]);
});
