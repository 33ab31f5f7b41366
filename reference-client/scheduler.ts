/**
 * Calls `run` once after `delayMs` milliseconds, unless the function it returns is called first. Tests and simulations
 * give their own.
 */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** `setTimeout` as a {@link Schedule}. */
export const schedule: Schedule = (run, delayMs) => {
  // setTimeout takes a longer delay for none at all.
  const timer = setTimeout(run, Math.min(delayMs, 2 ** 31 - 1));
  return () => clearTimeout(timer);
};
