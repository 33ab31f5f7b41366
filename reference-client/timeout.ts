import type { Schedule } from './scheduler.js';

/**
 * The same as `work`, or rejects with what `late` gives when it has taken longer than `timeoutMs` milliseconds. What it comes
 * to after that is ignored.
 */
export function withTimeout<Result>(
  work: PromiseLike<Result>,
  timeoutMs: number,
  late: () => Error,
  schedule: Schedule,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = schedule(() => reject(late()), timeoutMs);
    work.then(resolve, reject).then(cancel, cancel);
  });
}
