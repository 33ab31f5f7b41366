/**
 * A setting is missing or wrong. The message is one sentence that says which setting, what it wants and, where that can be no
 * secret, what it was given.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(
    readonly setting: string,
    wants: string,
    given?: string,
  ) {
    super(`${setting} wants ${wants}${given === undefined ? '' : `, not ${JSON.stringify(given.slice(0, 200))}`}.`);
  }
}
