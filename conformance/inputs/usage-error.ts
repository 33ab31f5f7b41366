/** The user asked for something that cannot be done: a flag, a file or a profile is wrong. Exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
