import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { unknownRequirements } from './requirement-links.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md') && !name.startsWith('site'))
  .map((name) => path.join('docs', name));

describe.each([...docs, 'CONTRIBUTING.md', 'CHANGELOG.md'])('%s', (file) => {
  const text = readFileSync(path.join(root, file), 'utf8');

  test('cites requirements that the documents state', () => {
    expect(unknownRequirements(text)).toEqual([]);
  });

  test('leaves the key words of RFC 2119 to the documents', () => {
    expect(text.match(/\b(MUST|SHALL|SHOULD|REQUIRED|RECOMMENDED|OPTIONAL)\b/g)).toBeNull();
  });
});
