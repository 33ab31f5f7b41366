import { Command } from 'commander';
import picomatch from 'picomatch';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget } from '../inputs/target.js';
import { mintTokens } from '../inputs/tokens.js';
import { UnreachableError } from '../inputs/unreachable.js';
import { UsageError } from '../inputs/usage-error.js';
import { createShared } from '../kit/shared.js';
import { startEmbedded } from '../run/embedded.js';
import { readTranscripts, replay } from '../run/replay.js';
import { findRootFault } from '../run/root-fault.js';
import type { CommandContext } from './command.js';
import { collect, wholeNumber } from './option-values.js';
import { addTokenOptions, createTokens, type TokenOptions } from './token-options.js';

interface Options extends TokenOptions {
  target: string[];
  only: string[];
  timeout: number;
  ca?: string;
}

/** `conformance replay FILE`: runs the transcripts of a report again. Resolves with the exit code. */
export async function runReplayCommand(argv: readonly string[], context: CommandContext): Promise<number> {
  const { stdout, stderr, env } = context;
  const program = addTokenOptions(
    new Command('conformance replay')
      .description(
        'Does again what the participants in a report of --trace all did, and says where a target answers otherwise.',
      )
      .exitOverride()
      .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
      .argument('<file>', 'JSON report with transcripts')
      .option('--target <url>', 'base URL of the server; without it, the reference server', collect, []),
  )
    .option('--only <glob>', 'scenario names to replay; repeat it', collect, [])
    .option('--timeout <ms>', 'milliseconds to wait for what has to come', wholeNumber(100, 600_000), 5000)
    .option('--ca <file>', 'certificate authority (PEM) to trust for https and wss')
    .parse(argv, { from: 'user' });
  const options = program.opts<Options>();
  const transcripts = await readTranscripts(program.args[0] ?? '');
  const chosen =
    options.only.length === 0 ? transcripts : transcripts.filter(({ scenario }) => picomatch(options.only)(scenario));
  if (chosen.length === 0) throw new UsageError(`--only ${options.only.join(', ')} matches no scenario of the report`);
  const secrets = new Secrets();
  const given = options.target.map((url) => parseTarget(url, options.ca));
  const tokens = await createTokens(options, given.length > 0, env, secrets);
  const embedded = given.length === 0 ? await startEmbedded() : undefined;
  try {
    const shared = createShared({
      targets: embedded ? [parseTarget(embedded.url)] : given,
      tokens:
        tokens ??
        (await mintTokens({ key: embedded?.secret ?? '', algorithm: 'HS256', origin: 'its own tokens' }, secrets)),
      secrets,
      timeoutMs: options.timeout,
    });
    const root = await findRootFault(shared);
    if (root) throw new UnreachableError(secrets.redact(`Nobody can join: ${root.text}`));
    let differing = 0;
    let open = 0;
    for (const transcript of chosen) {
      const { scenario, notReproduced, differences } = await replay(transcript, shared);
      if (notReproduced !== undefined) open += 1;
      else if (differences.length > 0) differing += 1;
      const mark = notReproduced !== undefined ? '–' : differences.length > 0 ? '✗' : '✓';
      stdout.write(`${mark} ${scenario}${notReproduced ? ` (not reproduced: ${notReproduced})` : ''}\n`);
      for (const difference of differences) stdout.write(secrets.redact(`    ${difference}\n`));
    }
    const same = chosen.length - differing - open;
    const facts = [`${same} as in the report`, `${differing} differ`, `${open} not reproduced`];
    stdout.write(`\n${facts.join(', ')}.\n`);
    return differing === 0 ? 0 : 1;
  } finally {
    await embedded?.close();
  }
}
