import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The selftest lasts as long as half of all others together: it begins first, so that they run beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith('/selftest/mutants.test.ts');
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

/** Tests of what happens in time: they have the machine to themselves. */
const alone = [
  'bench/relay.test.ts',
  'conformance/run/causes.test.ts',
  'conformance/run/hostile-target.test.ts',
  'conformance/run/standstill.test.ts',
  'reference-server/edge/attacks.test.ts',
];
const never = ['**/node_modules/**', 'dist/**'];

export default defineConfig({
  test: {
    globals: false,
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['**/*.test.ts'],
          exclude: [...never, ...alone],
          // Most of the time tests wait for something: two files at once take little more than one.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, exclude: never, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
