import { createRequire } from 'node:module';
import { specification } from '../generated/requirements.js';

const manifest = createRequire(import.meta.url)('webrtc-room-signaling/package.json') as { version: string };

/** Version of this package. */
export const packageVersion = manifest.version;

/** What --version prints: this package and the protocol, each with its version. */
export const versionText = `webrtc-room-signaling ${packageVersion}, protocol ${specification.version}`;
