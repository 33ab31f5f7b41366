import { runSuite, type SuiteResult } from './run-suite.js';
import type { Question } from './selftest.js';

/** Judges the servers that it is asked about, in a process of its own. */
process.on('message', async ({ name, isPatient }: Question) => {
  try {
    process.send?.({ name, result: await runSuite(name, isPatient) });
  } catch (error) {
    const { stack = String(error) } = error as Error;
    process.send?.({
      name,
      result: {
        name,
        exitCode: 5,
        failed: [],
        judged: [],
        harnessErrors: [],
        open: [],
        error: stack,
        judgements: {},
      } satisfies SuiteResult,
    });
  }
});
