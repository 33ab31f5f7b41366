import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.dirname(createRequire(import.meta.url).resolve('webrtc-room-signaling/package.json'));

/** One line of a source; `place` is its `file:line`, the path from the top of the checkout. */
export interface SourceLine {
  readonly place: string;
  readonly text: string;
}

/**
 * Reads all TypeScript sources below a folder of this checkout, tests left out. In an installed package, which brings
 * no sources, there are none.
 */
export function readSourceLines(folder: string): SourceLine[] {
  if (!existsSync(path.join(root, folder))) return [];
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|\/testing\//.test(file));
  return files.sort().flatMap((file) => {
    const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
    return lines.map((text, index) => ({ place: `${file}:${index + 1}`, text }));
  });
}

/** Where a name stands as a whole, by `file:line`. */
export function placesOf(name: string, lines: readonly SourceLine[]): string[] {
  const whole = new RegExp(`(?<![\\w-])${name.replace(/[^\w ]/g, '\\$&')}(?![\\w-])`);
  return lines.flatMap(({ place, text }) => (whole.test(text) ? [place] : []));
}
