import { Parser } from '@asyncapi/parser';
import { fromFile } from '@asyncapi/parser';

/** Parses an AsyncAPI file and throws one Error listing each problem the parser calls an error, with its line. */
export async function parseAsyncApi(file: string): Promise<void> {
  const { diagnostics } = await fromFile(new Parser(), file).parse();
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  if (errors.length === 0) return;
  const lines = errors.map(({ message, path, range }) => `${file}:${range.start.line + 1} ${path.join('/')}: ${message}`);
  throw new Error(lines.join('\n'));
}
