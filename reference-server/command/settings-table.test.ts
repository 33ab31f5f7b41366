import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { settings } from './settings.js';
import { settingsTable } from './settings-table.js';

it('the page of all settings is up to date; `npm run docs` writes it', async () => {
  expect(await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8')).toBe(settingsTable());
});

it('it has one row for each setting, and shows no value but defaults', () => {
  const rows = settingsTable()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.map((row) => row.split('`')[1])).toEqual(Object.values(settings).map(({ env }) => env));
});
