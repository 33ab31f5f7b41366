import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { type Command, Option } from 'commander';
import { SignJWT } from 'jose';
import { pino } from 'pino';
import { createCommand, exitCodeOf } from '../../bin/create-command.js';
import { channelPath, closeCodes, configPath, tokenParameter } from '../../generated/index.js';
import { startPlainServer } from '../core/plain-server.js';
import { ConfigurationError } from '../edge/configuration-error.js';
import { createSignalingServer, type SignalingServer, type SignalingServerOptions } from '../edge/server.js';
import { readConfiguration } from './configuration.js';
import { readableLine } from './log-line.js';
import { type LineSink, LogOutput } from './log-output.js';
import { flagOf, type Setting, type SettingName, settings } from './settings.js';

/** What a command writes to and reads from. */
export interface CommandContext {
  stdout: { write(text: string): unknown };
  stderr: LineSink;
  env: Readonly<Record<string, string | undefined>>;
  /** Where a command leaves its exit code; 0 where it leaves none. */
  exitCode?: number;
}

/**
 * Runs `webrtc-room-signaling serve` until SIGTERM, SIGINT or SIGHUP, and returns its exit code: 0 stopped in order, 1 cannot
 * start, 2 bad usage or configuration. Stopping takes no longer than the shutdown delay and grace together. After SIGHUP clients
 * hear 1012 instead of 1001: whoever supervises the process starts it again.
 */
export async function runServe(argv: readonly string[], { stdout, stderr, env }: CommandContext): Promise<number> {
  const context: CommandContext = { stdout, stderr, env };
  try {
    await serveCommand(context).parseAsync(argv, { from: 'user' });
    return context.exitCode ?? 0;
  } catch (error) {
    const told = exitCodeOf(error);
    if (told === undefined) throw error;
    return told;
  }
}

type Flags = Partial<Record<SettingName, string>>;

/** `serve`: its flags are the settings that have one. Its action ends when the server does. */
export function serveCommand(context: CommandContext): Command {
  const command = createCommand('webrtc-room-signaling serve', context)
    .description('Starts the reference server. Without a key it starts in development mode, with tokens to try.')
    .option('--plain', 'start the server of reference-server/core, which is there to be read: one process, no limits');
  const secrets: string[] = [];
  for (const setting of Object.values<Setting>(settings)) {
    const facts = setting.default === undefined ? setting.env : `${setting.env}, default ${setting.default}`;
    if (setting.flag !== undefined) command.option(setting.flag, `${setting.description} (${facts})`);
    else {
      secrets.push(`  ${facts.padEnd(24)}${setting.description}`);
      // Known, so as to say where it belongs.
      command.addOption(new Option(`${flagOf(setting)} [value]`).hideHelp().argParser(() => ''));
    }
  }
  return command
    .addHelpText('after', `\nIn parentheses: the environment variable of each. Only there:\n${secrets.join('\n')}`)
    .action(async ({ plain = false, ...flags }: Flags & { plain?: boolean }) => {
      context.exitCode = await serve(flags, plain, context);
    });
}

async function serve(flags: Flags, plain: boolean, { stdout, stderr, env }: CommandContext): Promise<number> {
  let server: Pick<SignalingServer, 'url' | 'close'>;
  const output = new LogOutput(stderr);
  try {
    refuseSecrets(flags);
    if (plain) refuseBeyondPlain(flags, env);
    const { admission, logLevel, server: options } = readConfiguration(flags, env);
    if (admission === undefined) refuseInProduction(env);
    const developmentSecret = randomBytes(32).toString('base64url');
    const key = admission ?? { secret: developmentSecret };
    if (plain) server = await startPlain(options, 'secret' in key ? key.secret : '');
    else {
      const log = pino(
        { level: logLevel },
        { write: (line) => output.write(stderr.isTTY === true ? readableLine(line) : line) },
      );
      server = await createSignalingServer({ ...options, admission: key, log });
    }
    const urls = reachable(server.url);
    const greeting = admission ? '' : await developmentGreeting(urls[0] ?? server.url, developmentSecret);
    stdout.write(`Listening on ${urls.join(' and ')}\n${greeting}`);
  } catch (error) {
    const isConfiguration = error instanceof ConfigurationError;
    stderr.write(`${isConfiguration ? error.message : `Cannot start: ${explain(error as NodeJS.ErrnoException)}`}\n`);
    return isConfiguration ? 2 : 1;
  }

  // `once`: a second signal ends the process at once, as signals do.
  const stop = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => ({}));
  const restart = once(process, 'SIGHUP').then(() => ({ code: closeCodes.RESTARTING.code }));
  await server.close(await Promise.race([stop, restart])); // LIVE-3
  // What nobody reads would keep the process.
  if (!(await output.drained(logGraceMs)) && stderr === process.stderr) process.exit(0);
  return 0;
}

/** Milliseconds that the reader of the log has at the end. */
const logGraceMs = 500;

function refuseSecrets(flags: Flags): void {
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    if (setting.flag !== undefined || flags[name] === undefined) continue;
    const where = `${setting.env} in the environment instead: everybody on the machine can see arguments`;
    throw new ConfigurationError(flagOf(setting), where);
  }
}

/** Why the server cannot listen, and what to do. */
function explain({ code, message, ...error }: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  const { address, port } = error;
  const missing = /Cannot find (?:package|module) '([^'./][^']*)'/.exec(message)?.[1];
  if (missing !== undefined) return `${missing} is not installed; npm install ${missing}.`;
  switch (code) {
    case 'EADDRINUSE':
      return `something listens at port ${port} of ${address} already; stop it, or choose another with --port (0 takes a free one).`;
    case 'EACCES':
      return `port ${port} is not for this user; choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${address ?? 'what --host says'} is no address of this machine; choose one with --host (0.0.0.0 for all).`;
    default:
      return `${message}.`;
  }
}

/** Development mode lets in whoever reads its tokens; in production it is a variable that was forgotten, or misspelt. */
function refuseInProduction(env: CommandContext['env']): void {
  if (env.NODE_ENV !== 'production') return;
  const keys = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWKS_URL'];
  const known = Object.values<Setting>(settings).map((setting) => setting.env);
  const similar = Object.keys(env).filter((name) => /JWT|JWKS|SECRET/i.test(name) && !known.includes(name));
  const meant = similar.length === 0 ? '' : ` (set, and of no use here: ${similar.slice(0, 5).join(', ')})`;
  throw new ConfigurationError('NODE_ENV=production', `a key to check tokens with: ${keys.join(', ')}${meant}`);
}

/** What the server of `core/` can be told; everything else is about what it leaves out. */
const plainSettings: readonly SettingName[] = [
  'host',
  'port',
  'jwtSecret',
  'stunUrls',
  'turnUrls',
  'turnUsername',
  'turnCredential',
  'iceTransportPolicy',
  'bundlePolicy',
  'rtcpMuxPolicy',
];

function refuseBeyondPlain(flags: Flags, env: CommandContext['env']): void {
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    if (plainSettings.includes(name) || (flags[name] ?? env[setting.env] ?? '') === '') continue;
    const given = flags[name] === undefined ? setting.env : flagOf(setting);
    const known = plainSettings.map((each) => settings[each].env).join(', ');
    throw new ConfigurationError(given, `the server without --plain, which knows only ${known}`);
  }
}

async function startPlain(
  { host = '127.0.0.1', port = 0, webrtcConfig }: Pick<SignalingServerOptions, 'host' | 'port' | 'webrtcConfig'>,
  secret: string | Uint8Array,
): Promise<Pick<SignalingServer, 'url' | 'close'>> {
  const server = await startPlainServer({ host, port, secret, ...(webrtcConfig && { webrtcConfig }) });
  return { url: server.url, close: ({ code } = {}) => server.close(code) };
}

/** Where a server can be reached: one that listens on all addresses has several, and none of them is 0.0.0.0. */
function reachable(url: string): string[] {
  const { hostname } = new URL(url);
  if (hostname !== '0.0.0.0' && hostname !== '[::]') return [url];
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const ofNetwork = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal);
  return ['localhost', ...ofNetwork.map(({ address }) => address)].map((host) => url.replace(hostname, host));
}

async function developmentGreeting(url: string, secret: string): Promise<string> {
  // The one place where tokens are printed: to the person who started this, never to the log (AUTH-10).
  const users = ['alice', 'bob', 'carol'];
  const tokens = await Promise.all(users.map((user) => developmentToken(user, secret)));
  const room = `${url.replace(/^http/, 'ws')}${channelPath('lobby')}?${tokenParameter}=`;
  const join = (token: string) => `  new WebSocket('${room}${token}').onmessage = (event) => console.log(event.data)`;
  return `Development mode: none of JWT_SECRET, JWT_PUBLIC_KEY and JWKS_URL is set, so these tokens work until this process ends.

${users.map((user, index) => `${user.padEnd(7)}${tokens[index]}`).join('\n')}

Ask for the configuration:
  curl -H 'Authorization: Bearer ${tokens[0]}' ${url}${configPath}
Join a room as alice and as bob, in the consoles of two browser tabs (a user who joins twice leaves the first tab):
${tokens.slice(0, 2).map(join).join('\n')}
`;
}

function developmentToken(user: string, secret: string): Promise<string> {
  const name = user.charAt(0).toUpperCase() + user.slice(1);
  return new SignJWT({ name })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('24h')
    .sign(Buffer.from(secret));
}
