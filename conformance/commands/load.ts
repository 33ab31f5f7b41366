import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { createCommand } from '../../bin/create-command.js';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget } from '../inputs/target.js';
import { mintTokens } from '../inputs/tokens.js';
import { UnreachableError, waitForTargets } from '../inputs/unreachable.js';
import { visible, withoutCommands } from '../reporters/markup.js';
import { startEmbedded } from '../run/embedded.js';
import { LoadError, type LoadProgress, type LoadReport, type Quantiles, runLoad } from '../run/load.js';
import type { CommandContext } from './command.js';
import { caOption, positive, targetOption, timeoutOption, wholeNumber } from './option-values.js';
import { addTokenOptions, createTokens, type TokenOptions } from './token-options.js';

interface Options extends TokenOptions {
  target: string[];
  rooms: number;
  peers: number;
  rate: number;
  duration: number;
  mode: 'targeted' | 'broadcast';
  bytes: number;
  timeout: number;
  json?: string | true;
  ca?: string;
}

/** `conformance load`: fills rooms, lets everybody send, and tells what arrived. Exit code 1 where something did not. */
export function loadCommand(context: CommandContext): Command {
  const command = createCommand('load', context)
    .description('Puts a signaling server under load and counts what arrives, when and in which order.')
    .summary('put a server under load and count what arrives')
    .addOption(targetOption());
  return addTokenOptions(command)
    .option('--rooms <number>', 'rooms', wholeNumber(1, 100_000), 10)
    .option('--peers <number>', 'participants of each room', wholeNumber(2, 1000), 2)
    .option('--rate <number>', 'messages per second of each participant', positive, 10)
    .option('--duration <seconds>', 'seconds of sending', positive, 5)
    .addOption(
      new Option('--mode <mode>', 'to one other, or to all others of the room')
        .choices(['targeted', 'broadcast'])
        .default('targeted'),
    )
    .option('--bytes <number>', 'bytes of each message, about', wholeNumber(200, 60_000), 300)
    .addOption(timeoutOption('milliseconds to wait for a join, and for the last messages'))
    .option('--json [file]', 'the figures as JSON, to standard output or a file')
    .addOption(caOption())
    .action(async (options: Options) => {
      context.exitCode = await load(options, context);
    });
}

async function load(options: Options, context: CommandContext): Promise<number> {
  const { stdout, stderr, env } = context;
  const secrets = new Secrets();
  const given = options.target.map((url) => parseTarget(url, options.ca));
  const tokens = await createTokens(options, given.length > 0, env, secrets);
  if (given.length > 0) await waitForTargets(given, 1);
  const embedded = given.length === 0 ? await startEmbedded() : undefined;
  const ownTokens = { key: embedded?.secret ?? '', algorithm: 'HS256', origin: 'its own tokens' };
  const progress = showLoad(context);
  try {
    const report = await runLoad({
      ...options,
      targets: embedded ? [parseTarget(embedded.url)] : given,
      tokens: tokens ?? (await mintTokens(ownTokens, secrets)),
      timeoutMs: options.timeout,
      onProgress: progress.show,
    });
    progress.clear();
    const json = `${JSON.stringify({ load: pick(options), ...report }, null, 2)}\n`;
    if (typeof options.json === 'string') await writeFile(options.json, json);
    stdout.write(options.json === true ? json : renderLoad(report));
    return report.lost + report.strayed + report.outOfOrder + report.dropped > 0 ? 1 : 0;
  } catch (error) {
    progress.clear();
    if (error instanceof UnreachableError) throw new UnreachableError(secrets.redact(error.message));
    if (!(error instanceof LoadError)) throw error;
    stderr.write(withoutCommands(`${visible(secrets.redact(error.message))}\n`));
    return 1;
  } finally {
    await embedded?.close();
  }
}

function pick({ rooms, peers, rate, duration, mode, bytes }: Options) {
  return { rooms, peers, rate, duration, mode, bytes };
}

function showLoad({ stderr, env }: CommandContext): { show(progress: LoadProgress): void; clear(): void } {
  if (!stderr.isTTY || env.CI) return { show: () => {}, clear: () => {} };
  let shownAt = 0;
  return {
    show({ phase, joined, sent, received }) {
      if (performance.now() - shownAt < 100) return;
      shownAt = performance.now();
      stderr.write(`\r\u001b[2K${phase}: ${joined} joined, ${sent} sent, ${received} received`);
    },
    clear: () => stderr.write('\r\u001b[2K'),
  };
}

/** The figures of a load as aligned text. */
export function renderLoad(report: LoadReport): string {
  const times = ({ p50, p90, p99, max }: Quantiles) =>
    `p50 ${p50.toFixed(1)} ms   p90 ${p90.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms   max ${max.toFixed(1)} ms`;
  const errors = Object.entries(report.errors).map(([code, count]) => `${code} ${count}`);
  const rows: [string, string][] = [
    ['joined', `${report.participants} participants, ${report.joinsPerSecond.toFixed(0)} per second`],
    ['join', times(report.joinMs)],
    ['sent', `${report.sent} messages`],
    ['delivered', `${report.received} of ${report.expected}, ${report.deliveriesPerSecond.toFixed(0)} per second`],
    ['relay', times(report.relayMs)],
    ['lost', String(report.lost)],
    ['strayed', String(report.strayed)],
    ['out of order', String(report.outOfOrder)],
    ['dropped', `${report.dropped} connections`],
    ['errors', errors.join(', ') || 'none'],
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(13)} ${value}`).join('\n')}\n`;
}
