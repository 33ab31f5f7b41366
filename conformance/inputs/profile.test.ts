import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { features } from '../../generated/index.js';
import { projectFiles, root } from '../../test/checkout.js';
import { checkProfile } from './profile.js';

const schema = JSON.parse(await readFile(path.join(root, 'schemas/kit/profile.json'), 'utf8'));
const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);

function isAccepted(profile: unknown): boolean {
  try {
    checkProfile(profile, 'profile.yaml');
    return true;
  } catch {
    return false;
  }
}

describe('schemas/kit/profile.json', () => {
  it('says yes and no to the same profiles as the suite', () => {
    const amount = fc.constantFrom<unknown>(-1, 0, 0.5, 1, 2, 65_535, 65_536, '5', null);
    const text = fc.constantFrom<unknown>('', 'true', 5, null);
    const origin = 'https://app.example.com';
    const profile = fc.record(
      {
        version: fc.constantFrom<unknown>(1, 1, 1, 2, '1'),
        features: fc.oneof(fc.subarray([...features]), fc.constantFrom<unknown>('cors', ['chat'], null)),
        capacity: amount,
        rateLimit: fc.oneof(
          fc.record({ burst: amount, perSecond: amount, per: fc.constantFrom('user', 'connection', 'room') }),
          fc.constantFrom<unknown>({ burst: 5, perSecond: 0.5 }, { burst: 5 }, 5, null, {
            burst: 5,
            perSecond: 5,
            x: 1,
          }),
        ),
        heartbeatSeconds: amount,
        corsOrigin: fc.oneof(text, fc.constant(origin)),
        origins: fc.constantFrom<unknown>([origin], [], [5], origin),
        idleSeconds: amount,
        messageLimitBytes: amount,
        shutdownCommand: text,
        instances: fc.constantFrom<unknown>(
          [{ url: 'http://a', stop: 'true', start: 'true' }],
          [{ url: 'http://a', stop: 'true' }],
          [{ url: 'http://a', stop: 'true', start: '', more: 1 }],
          [],
          {},
        ),
        presenceSeconds: amount,
        options: fc.constantFrom<unknown>({}, { timeout: 5 }, [], 'timeout', null),
        more: fc.constant(1),
      },
      { requiredKeys: ['version'] },
    );
    // Few members at once: with all of them next to nothing would be accepted.
    const small = fc.tuple(profile, fc.integer({ min: 0, max: 12 })).map(([value, skip]) => {
      const members = Object.entries(value).filter(([name]) => name !== 'version');
      return Object.fromEntries([['version', value.version], ...members.slice(skip, skip + 3)]);
    });
    fc.assert(
      fc.property(small, (value) => {
        expect(validate(value), JSON.stringify(value)).toBe(isAccepted(value));
      }),
      { numRuns: 3_000 },
    );
  });

  it('knows every feature', () => {
    expect(schema.properties.features.items.enum).toEqual(features);
  });

  it('has each of its members in the guide, and the examples of the guides fit it', async () => {
    const guides = (await projectFiles()).filter((file) => /^docs\/guides\/.*\.md$/.test(file));
    const texts = await Promise.all(guides.map((file) => readFile(path.join(root, file), 'utf8')));
    const table = texts[guides.indexOf('docs/guides/profile.md')] ?? '';
    for (const name of Object.keys(schema.properties)) expect(table).toContain(`| \`${name}\` |`);
    const examples = texts
      .flatMap((text) => Array.from(text.matchAll(/```yaml\n([\s\S]*?)```/g), ([, yaml = '']) => parse(yaml)))
      .filter((value) => value?.version === 1 && value.entries === undefined);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
  });
});
