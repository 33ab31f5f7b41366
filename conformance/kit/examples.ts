import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ClientMessage } from '../../generated/index.js';

const root = dirname(createRequire(import.meta.url).resolve('webrtc-room-signaling/package.json'));

/** An example that the documents give. */
export interface Example {
  /** Says which fact it shows, such as `sdp-missing`. */
  name: string;
  value: unknown;
}

/** The examples of a type of message; those that are invalid are of a client that meant to send this type. */
export function examplesOf(type: ClientMessage['type'], kind: 'valid' | 'invalid'): Example[] {
  const folder = join(root, 'schemas', 'examples', type.replaceAll('_', '-'), kind);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      value: JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown,
    }));
}
