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

it('the workflows run what README and .ci/run tell', async () => {
  const stepsOf = async (file: string) => {
    const { jobs } = parse(await read(file)) as { jobs: Record<string, { steps: { run?: string }[] }> };
    return Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  };
  const local = (await read('.ci/run')).split('\n').filter((line) => line.startsWith('npm '));
  expect(local.length).toBeGreaterThan(2);
  expect(await stepsOf('.github/workflows/ci.yml')).toEqual(expect.arrayContaining(local));
  expect(await stepsOf('.github/workflows/release.yml')).toEqual(expect.arrayContaining(['npm ci', 'npm run check']));
});
