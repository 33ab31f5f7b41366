import { fromFile, Parser } from '@asyncapi/parser';

/**
 * Parses an AsyncAPI file and answers what the parser warns of, one line each.
 * Throws one Error that lists each problem the parser calls an error, with its line.
 */
export async function parseAsyncApi(file: string): Promise<string[]> {
  const { diagnostics } = await fromFile(new Parser(), file).parse();
  const lines = (wanted: (severity: number) => boolean) =>
    diagnostics
      .filter(({ severity }) => wanted(severity))
      .map(({ message, path, range }) => `${file}:${range.start.line + 1} ${path.join('/')}: ${message}`);
  const errors = lines((severity) => severity === 0);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return lines((severity) => severity === 1);
}
