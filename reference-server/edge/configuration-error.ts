/** A setting is missing or wrong. The message is one sentence that says which setting and what it wants, never its value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(
    readonly setting: string,
    wants: string,
  ) {
    super(`${setting} wants ${wants}.`);
  }
}
