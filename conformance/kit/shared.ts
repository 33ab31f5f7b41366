import { randomBytes } from 'node:crypto';
import type { ClientMessage } from '../../generated/index.js';
import { type Profile, plainProfile } from '../inputs/profile.js';
import { Secrets } from '../inputs/secrets.js';
import type { Target } from '../inputs/target.js';
import type { TokenSource } from '../inputs/tokens.js';
import type { TraceEvent } from '../trace/trace-event.js';
import type { Dialect } from './dialect.js';
import { Intake } from './intake.js';
import type { OnJudgement } from './ledger.js';
import type { Pace } from './pace.js';

/** What all scenarios of a run share. */
export interface Shared {
  targets: readonly Target[];
  tokens: TokenSource;
  profile: Profile;
  secrets: Secrets;
  roomPrefix: string;
  /** What rooms, seats and generated content follow from. */
  seed: string;
  /** Longest wait for something that has to come, in milliseconds. */
  timeoutMs: number;
  /** Wait for something that must not come where no fence can prove it, in milliseconds. */
  quietMs: number;
  /** Factor that every wait was multiplied with. */
  timeoutScale: number;
  /** User ids by participant name, each learned once. */
  identities: Map<string, Promise<string>>;
  /** What keeps each user within the rate limit of the profile, where it counts per user. */
  paces: Map<string, Pace>;
  /** Milliseconds that one sender waits in all to keep within a limit that was only observed. */
  patienceMs?: number;
  /** How often a scenario of this name was begun. */
  begun: Map<string, number>;
  /** Set when the target was seen to announce no joiner, so that nobody waits for it again. */
  announcesNobody: boolean;
  /** Set when nothing that was sent to a joiner ever arrived, so that nobody waits for it again. */
  relaysNothing: boolean;
  /** Set when the first message after a join was lost and a later one arrived. */
  losesFirst: boolean;
  /** Types of message that do not arrive, or after which the sender is closed, with what was seen. */
  lostTypes: Map<ClientMessage['type'], string>;
  /** Set when a user who enters a second room loses the first: then every scenario has users of its own (ROOM-7). */
  usersOfItsOwn: boolean;
  /** Set to false when instances of the target were seen to share no rooms: then every scenario keeps to one (JOIN-7). */
  sharesRooms: boolean;
  /** Reads names as they were meant where the target spells all of them in another case. */
  dialect: Dialect | undefined;
  /** Counts what the target sends. */
  intake: Intake;
  /** What is wrong with the profile, as far as only a run can tell. */
  profileFaults: string[];
  /** Told when a connection to an instance ends as it does where a server stops, without a reason on this side. */
  onDrop: ((scenario: string, instance: number) => void) | undefined;
  /** Told of everything that happens. */
  onEvent: ((scenario: string, event: TraceEvent) => void) | undefined;
  /** Resolves when all scenarios but those that dwell are done. */
  othersDone: Promise<void>;
  /** For the suite's own selftest. */
  onJudgement?: OnJudgement;
}

/** Settings of a run; all others follow from them. */
export type SharedOptions = Pick<Shared, 'targets' | 'tokens'> &
  Partial<Pick<Shared, 'profile' | 'secrets' | 'roomPrefix' | 'seed' | 'timeoutMs' | 'timeoutScale' | 'onJudgement'>>;

/** What {@link SharedOptions} are where nothing is said. */
export const sharedDefaults = { timeoutMs: 5000, timeoutScale: 1, roomPrefix: 'suite' } as const;

/** What a run begins with. */
export function createShared(options: SharedOptions): Shared {
  const { timeoutMs = sharedDefaults.timeoutMs, timeoutScale = sharedDefaults.timeoutScale } = options;
  return {
    profile: plainProfile,
    secrets: new Secrets(),
    roomPrefix: sharedDefaults.roomPrefix,
    seed: randomBytes(4).toString('hex'),
    ...options,
    timeoutMs: timeoutMs * timeoutScale,
    timeoutScale,
    quietMs: 100,
    identities: new Map(),
    paces: new Map(),
    profileFaults: [],
    intake: new Intake(),
    begun: new Map(),
    announcesNobody: false,
    relaysNothing: false,
    losesFirst: false,
    lostTypes: new Map(),
    // Side by side, scenarios of the same users would use up their limit.
    usersOfItsOwn: options.profile?.rateLimit?.per === 'user' && options.tokens.capacity === Number.POSITIVE_INFINITY,
    sharesRooms: true,
    dialect: undefined,
    onDrop: undefined,
    onEvent: undefined,
    othersDone: Promise.resolve(),
  };
}
