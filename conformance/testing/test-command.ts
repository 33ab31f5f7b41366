import { Writable } from 'node:stream';
import { runConformance } from '../commands/cli.js';

function sink(): Writable & { text: string } {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      (stream as unknown as { text: string }).text += chunk;
      done();
    },
  }) as Writable & { text: string };
  stream.text = '';
  return stream;
}

/** Runs the command in this process and gives what it printed. */
export async function conformance(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const [stdout, stderr] = [sink(), sink()];
  const exitCode = await runConformance(argv, { stdout, stderr, env });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
