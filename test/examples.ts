import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './checkout.js';

/** One file below schemas/examples. */
export interface Example {
  /** Name of the schema file without `.json`. */
  type: string;
  validity: 'valid' | 'invalid';
  /** Path below schemas/examples, for messages. */
  file: string;
  value: unknown;
}

/** Every example, as the folders have them. */
export async function readExamples(): Promise<Example[]> {
  const folder = path.join(root, 'schemas/examples');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => {
      const [type, validity] = file.split(path.sep);
      if (type === undefined || (validity !== 'valid' && validity !== 'invalid')) {
        throw new Error(`schemas/examples/${file}: expected <type>/valid/ or <type>/invalid/`);
      }
      return { type, validity, file, value: JSON.parse(await readFile(path.join(folder, file), 'utf8')) };
    }),
  );
}
