import type { Command } from 'commander';
import picomatch from 'picomatch';
import { createCommand } from '../../bin/create-command.js';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget } from '../inputs/target.js';
import { mintTokens } from '../inputs/tokens.js';
import { UnreachableError } from '../inputs/unreachable.js';
import { UsageError } from '../inputs/usage-error.js';
import { createShared } from '../kit/shared.js';
import { visible, withoutCommands } from '../reporters/markup.js';
import { startEmbedded } from '../run/embedded.js';
import { readTranscripts, replay } from '../run/replay.js';
import { findRootFault } from '../run/root-fault.js';
import type { CommandContext } from './command.js';
import { caOption, collect, targetOption, timeoutOption } from './option-values.js';
import { addTokenOptions, createTokens, type TokenOptions } from './token-options.js';

interface Options extends TokenOptions {
  target: string[];
  only: string[];
  timeout: number;
  ca?: string;
}

/** `conformance replay FILE`: runs the transcripts of a report again. Exit code 1 where the target answers otherwise. */
export function replayCommand(context: CommandContext): Command {
  const command = createCommand('replay', context)
    .description(
      'Does again what the participants in a report of --trace all did, and says where a target answers otherwise.',
    )
    .summary('do again what is in a report of --trace all')
    .argument('<file>', 'JSON report with transcripts')
    .addOption(targetOption('base URL of the server; without it, the reference server'));
  return addTokenOptions(command)
    .option('--only <glob>', 'scenario names to replay; repeat it', collect, [])
    .addOption(timeoutOption())
    .addOption(caOption())
    .action(async (file: string, options: Options) => {
      context.exitCode = await replayFile(file, options, context);
    });
}

async function replayFile(file: string, options: Options, { stdout, env }: CommandContext): Promise<number> {
  const transcripts = await readTranscripts(file);
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
      for (const difference of differences)
        stdout.write(withoutCommands(visible(secrets.redact(`    ${difference}\n`))));
    }
    const same = chosen.length - differing - open;
    const facts = [`${same} as in the report`, `${differing} differ`, `${open} not reproduced`];
    stdout.write(`\n${facts.join(', ')}.\n`);
    return differing === 0 ? 0 : 1;
  } finally {
    await embedded?.close();
  }
}
