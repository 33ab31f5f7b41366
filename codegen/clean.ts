import { rm } from 'node:fs/promises';

// A module that was renamed or removed must not live on in the package.
await rm('dist', { recursive: true, force: true });
