import { judge, type Verdict } from './judge.js';

/** Judges the servers whose names come in, in a process of its own. */
process.on('message', async (name: string) => {
  try {
    process.send?.({ name, verdict: await judge(name) });
  } catch (error) {
    const { stack = String(error) } = error as Error;
    process.send?.({
      name,
      verdict: {
        name,
        exitCode: 5,
        failed: [],
        judged: [],
        harnessErrors: [],
        open: [],
        error: stack,
        judgements: {},
      } satisfies Verdict,
    });
  }
});
