import type { Target } from './target.js';

/** There is no service to test, or it does not take the credentials. Exit code 3. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

/** Waits until the targets take connections, for servers that are still starting. Rejects with {@link UnreachableError}. */
export async function waitForTargets(targets: readonly Target[], seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (const target of targets) {
    for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
      const failure = await target.requestConfig('GET', {}, 2000).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (failure === undefined) break;
      if (performance.now() + pause > end) {
        throw new UnreachableError(
          `${target.url.href} did not answer within ${seconds} s (--wait-for-target): ${failure}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
