import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Feature, features } from '../../generated/index.js';
import { nearestName } from './near-miss.js';
import { UsageError } from './usage-error.js';

/** What the target claims beyond the rules that bind every server. */
export interface Profile {
  /** Optional features the target claims; those with a setting below are claimed by it. */
  features: ReadonlySet<Feature>;
  /** Participants a room holds (ROOM-6). */
  capacity?: number;
  /** Messages a connection, or a user on all of them together, may send at once, and per second after that (LIMIT-1). */
  rateLimit?: { burst: number; perSecond: number; per?: 'connection' | 'user' };
  /** Seconds after which a silent peer is announced as left (LEAVE-5). */
  heartbeatSeconds: number;
  /** An origin from which a preflight is granted (CONFIG-10). */
  corsOrigin?: string;
  /** Seconds for which one room is left alone, to see that nobody is closed for idleness (LIVE-4). */
  idleSeconds?: number;
  /** The origins that are admitted, where not all are (AUTH-13). */
  origins?: readonly string[];
  /** Largest message the target takes, in bytes of UTF-8 (ERROR-8). Found out where it is not stated. */
  messageLimitBytes?: number;
  /** Shell command that makes the target shut down gracefully (LIVE-3). */
  shutdownCommand?: string;
  /** Instances that may be killed, as the base URL of a target, and the shell commands that kill one and start it again (LEAVE-1). */
  instances?: readonly { url: string; stop: string; start: string }[];
  /** Seconds within which the others are told of those on an instance that was killed; 60 where it is not stated. */
  presenceSeconds?: number;
}

/** A target that claims nothing optional. */
export const plainProfile: Profile = { features: new Set(), heartbeatSeconds: 60 };

/** Options of the command line that a profile may carry as well. */
export type ProfileOptions = Record<string, unknown>;

const members = {
  version: 'the number 1',
  features: 'a list of optional features',
  capacity: 'a whole number of participants, at least 2',
  rateLimit: '{burst: messages, perSecond: messages, per: connection or user}',
  heartbeatSeconds: 'a number of seconds',
  corsOrigin: 'an origin such as https://app.example.com',
  idleSeconds: 'a number of seconds',
  origins: 'a list of origins such as https://app.example.com',
  messageLimitBytes: 'a whole number of bytes, at least 65536',
  shutdownCommand: 'a shell command',
  instances: 'a list of {url: base URL of a target, stop: shell command, start: shell command}',
  presenceSeconds: 'a number of seconds',
  options: 'options of the command line, by their long names',
} as const;

/** Reads a profile file. Throws {@link UsageError} naming the member that is wrong and what it wants. */
export async function readProfile(file: string): Promise<{ profile: Profile; options: ProfileOptions }> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--profile: cannot read ${file} (${error.code})`);
  });
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  return checkProfile(raw, file);
}

/** Checks a profile that is parsed already; `file` is named in errors. */
export function checkProfile(raw: unknown, file: string): { profile: Profile; options: ProfileOptions } {
  const wrong = (member: keyof typeof members): never => {
    throw new UsageError(`${file}: ${member} wants ${members[member]}`);
  };
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new UsageError(`${file} is not a YAML mapping`);
  const value = raw as Record<string, unknown>;
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(members, name)) continue;
    const nearest = nearestName(name, Object.keys(members));
    const known = `known are ${Object.keys(members).join(', ')}`;
    throw new UsageError(`${file}: unknown member ${name}; ${nearest ? `did you mean ${nearest}? ` : ''}${known}`);
  }
  const whole = (member: 'capacity' | 'messageLimitBytes', least: number): number | undefined => {
    const number = value[member];
    if (number === undefined) return undefined;
    return Number.isInteger(number) && (number as number) >= least ? (number as number) : wrong(member);
  };
  if (value.version !== 1) wrong('version');
  const claimed = new Set<Feature>();
  for (const name of Array.isArray(value.features)
    ? value.features
    : value.features === undefined
      ? []
      : wrong('features')) {
    if (!features.includes(name)) {
      const nearest = nearestName(String(name), features);
      throw new UsageError(
        `${file}: unknown feature ${name}; ${nearest ? `did you mean ${nearest}?` : `known are ${features.join(', ')}`}`,
      );
    }
    claimed.add(name);
  }
  const profile: Profile = { ...plainProfile, features: claimed };
  const capacity = whole('capacity', 2);
  if (capacity !== undefined) profile.capacity = capacity;
  const limit = whole('messageLimitBytes', 65536);
  if (limit !== undefined) profile.messageLimitBytes = limit;
  if (value.rateLimit !== undefined) {
    const { burst, perSecond, per = 'connection', ...more } = Object(value.rateLimit) as Record<string, unknown>;
    if (Object.keys(more).length > 0) wrong('rateLimit');
    if (typeof burst !== 'number' || typeof perSecond !== 'number' || burst < 1 || perSecond <= 0) wrong('rateLimit');
    if (per !== 'connection' && per !== 'user') wrong('rateLimit');
    profile.rateLimit = {
      burst: burst as number,
      perSecond: perSecond as number,
      ...(per === 'user' && { per }),
    };
  }
  if (value.heartbeatSeconds !== undefined) {
    if (typeof value.heartbeatSeconds !== 'number' || value.heartbeatSeconds <= 0) wrong('heartbeatSeconds');
    profile.heartbeatSeconds = value.heartbeatSeconds as number;
    claimed.add('heartbeat');
  }
  for (const member of ['idleSeconds', 'presenceSeconds'] as const) {
    const seconds = value[member];
    if (seconds === undefined) continue;
    if (typeof seconds !== 'number' || seconds <= 0) wrong(member);
    profile[member] = seconds as number;
  }
  if (value.instances !== undefined) {
    const isText = (text: unknown) => typeof text === 'string' && text !== '';
    const isInstance = (item: unknown) => {
      const { url, stop, start, ...rest } = Object(item);
      return isText(url) && isText(stop) && isText(start) && Object.keys(rest).length === 0;
    };
    if (!Array.isArray(value.instances) || value.instances.length === 0 || !value.instances.every(isInstance))
      wrong('instances');
    profile.instances = value.instances as { url: string; stop: string; start: string }[];
  }
  if (value.origins !== undefined) {
    const isOrigin = (text: unknown) => typeof text === 'string' && URL.canParse(text) && new URL(text).origin === text;
    if (!Array.isArray(value.origins) || value.origins.length === 0 || !value.origins.every(isOrigin)) wrong('origins');
    profile.origins = value.origins as string[];
  }
  for (const member of ['corsOrigin', 'shutdownCommand'] as const) {
    const text = value[member];
    if (text === undefined) continue;
    if (typeof text !== 'string' || text === '') wrong(member);
    profile[member] = text as string;
  }
  if (profile.capacity !== undefined) claimed.add('capacity');
  if (profile.rateLimit !== undefined) claimed.add('rate-limit');
  if (profile.corsOrigin !== undefined) claimed.add('cors');
  if (profile.shutdownCommand !== undefined) claimed.add('shutdown');
  if (claimed.has('capacity') && profile.capacity === undefined) wrong('capacity');
  if (claimed.has('rate-limit') && profile.rateLimit === undefined) wrong('rateLimit');
  if (claimed.has('cors') && profile.corsOrigin === undefined) wrong('corsOrigin');
  if (claimed.has('shutdown') && profile.shutdownCommand === undefined) wrong('shutdownCommand');
  const { options = {} } = value;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) wrong('options');
  return { profile, options: options as ProfileOptions };
}
