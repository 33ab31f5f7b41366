import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseAsyncApi } from './parse-asyncapi.js';

const redocly = fileURLToPath(new URL('../node_modules/@redocly/cli/bin/cli.js', import.meta.url));

/** Lints both documents of the working folder and tells what is wrong; one line and exit code 0 when nothing is. */
async function main(): Promise<void> {
  const [asyncapi, both] = await Promise.all([
    parseAsyncApi('asyncapi.yaml').then(
      (warnings) => ({ faulty: false, text: warnings.map((warning) => `warning: ${warning}`).join('\n') }),
      (error: unknown) => ({ faulty: true, text: error instanceof Error ? error.message : String(error) }),
    ),
    redoclyLint(['asyncapi.yaml', 'openapi.yaml']),
  ]);
  for (const { text } of [asyncapi, both]) if (text !== '') console.error(text);
  if (asyncapi.faulty || both.faulty) {
    process.exitCode = 1;
    return;
  }
  console.log('asyncapi.yaml and openapi.yaml: no errors');
}

function redoclyLint(files: string[]): Promise<{ faulty: boolean; text: string }> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  return new Promise((resolve) => {
    execFile(process.execPath, [redocly, 'lint', ...files], { env }, (error, stdout, stderr) => {
      const text = withoutBox(`${stdout}\n${stderr}`).trim();
      const faulty = error !== null;
      resolve({ faulty, text: faulty || /\bwarnings?\b/i.test(text) ? text : '' });
    });
  });
}

// Redocly frames a notice about the age of Node; it says nothing about the documents.
function withoutBox(text: string): string {
  return text.replace(/^\s*╔[\s\S]*?╝$/gm, '');
}

await main();
