import { runSuite, type SuiteResult } from './run-suite.js';

/** Judges the servers whose names come in, in a process of its own. */
process.on('message', async (name: string) => {
  try {
    process.send?.({ name, result: await runSuite(name) });
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
