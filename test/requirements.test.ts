import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { requirementAreas, requirements } from '../generated/requirements.js';
import { projectFiles, root } from './checkout.js';

const snapshot: Record<string, string> = JSON.parse(
  await readFile(new URL('requirements.snapshot.json', import.meta.url), 'utf8'),
);

const current = Object.fromEntries(
  Object.values(requirements).map(({ id, level, feature, text }) => [
    id,
    `${level}${feature ? ` [${feature}]` : ''}: ${text}`,
  ]),
);

async function handWritten(...extensions: string[]): Promise<{ file: string; text: string }[]> {
  const files = (await projectFiles()).filter((file) => extensions.includes(path.extname(file)));
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(path.join(root, file), 'utf8') })));
}

/** `file:line: found` for each match of a pattern. */
function places(file: string, text: string, pattern: RegExp): string[] {
  return text
    .split('\n')
    .flatMap((line, index) => Array.from(line.matchAll(pattern), ([found]) => `${file}:${index + 1}: ${found}`));
}

describe('requirements', () => {
  it('keep id, level, feature and text once they are published', () => {
    for (const [id, statement] of Object.entries(snapshot)) {
      expect(current[id], `${id} is permanent: only its exact wording in test/requirements.snapshot.json stands`).toBe(
        statement,
      );
    }
  });

  it('are all in test/requirements.snapshot.json; a new one is added there by hand', () => {
    expect(Object.keys(current).filter((id) => !(id in snapshot))).toEqual([]);
  });

  it('are numbered from 1 in each area, without a gap but for the ids that are given away already', () => {
    // For a token as subprotocol, noticing a dead connection, fetching a configuration anew, and keeping calls over a loss.
    const reserved = { AUTH: [11], CLIENT: [15, 18, 19] } as Readonly<Record<string, number[]>>;
    const next = new Map<string, number>();
    for (const id of Object.keys(snapshot)) {
      const area = id.replace(/-\d+$/, '');
      let number = (next.get(area) ?? 0) + 1;
      while (reserved[area]?.includes(number)) number += 1;
      expect(id).toBe(`${area}-${number}`);
      next.set(area, number);
    }
  });

  it('exist wherever an id is cited', async () => {
    const areas = Object.keys(requirementAreas);
    const citation = new RegExp(`(?<![\\w-])(?:${areas.join('|')})-\\d+(?![\\w-])`, 'g');
    const files = await handWritten('.md', '.ts', '.js', '.html', '.yaml', '.yml', '.json');
    const cited = files.flatMap(({ file, text }) => places(file, text, citation));
    expect(cited.length).toBeGreaterThan(0);
    // In a test, a number like 99 stands for a rule that does not exist.
    const unknown = cited.filter((place) => !((place.split(': ').at(-1) ?? '') in current));
    expect(unknown.filter((place) => !/\.test\.ts:.*-99+$/.test(place))).toEqual([]);
  });
});

describe('hand-written prose', () => {
  it('states no rule of its own: the RFC 2119 words stand in the documents and in generated/ only', async () => {
    const normative = /\b(?:MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL)\b(?: NOT\b)?/g;
    const files = (await handWritten('.md')).filter(({ file }) => !file.startsWith('generated/'));
    expect(files.flatMap(({ file, text }) => places(file, withoutCode(text), normative))).toEqual([]);
  });
});

/** The text with code blocks and code spans blanked out, its lines where they were. */
function withoutCode(markdown: string): string {
  const blank = (code: string) => code.replace(/[^\n]/g, ' ');
  return markdown
    .replace(/^( *)(`{3,}|~{3,})[\s\S]*?^ *\2[^\S\n]*$/gm, blank)
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, blank);
}
