import { randomBytes } from 'node:crypto';
import type { Feature } from '../../generated/index.js';
import {
  createSignalingServer,
  type Decisions,
  type SignalingServerOptions,
} from '../../reference-server/edge/server.js';
import type { Profile } from '../inputs/profile.js';

export type { Effect, RoomEvent, Transition } from '../../reference-server/edge/server.js';
export {
  type Decisions as ServerDecisions,
  defaultDecisions,
  messageOf,
  type WebSocketOptions,
  type Wire,
} from '../../reference-server/edge/server.js';

/** Options of the reference server that go beside its decisions. */
export type EmbeddedOptions = Omit<SignalingServerOptions, 'admission' | 'decisions'>;

/** The reference server inside this process. */
export interface EmbeddedServer {
  url: string;
  /** HS256 secret that its tokens are signed with. */
  secret: string;
  close(): Promise<void>;
}

/**
 * Starts the reference server on a free loopback port; with `decisions` replaced, a server that is wrong on purpose.
 * This is the one place where the suite touches the server.
 */
export async function startEmbedded(
  decisions: Partial<Decisions> = {},
  options: EmbeddedOptions = {},
): Promise<EmbeddedServer> {
  const secret = randomBytes(32).toString('base64url');
  const server = await createSignalingServer({ ...options, admission: { secret }, decisions });
  return { url: server.url, secret, close: () => server.close({ graceMs: 1000 }) };
}

/** Settings under which the reference server offers its optional features, at a pace that a run can wait for. */
export const embeddedFeatures = {
  roomCapacity: 20,
  rateLimit: { burst: 400, perSecond: 400 },
  heartbeatMs: 1000,
  allowedOrigins: ['https://app.example.com'],
} as const;

/** What a server with {@link embeddedFeatures} claims. */
export const embeddedProfile: Profile = {
  features: new Set<Feature>(['capacity', 'rate-limit', 'heartbeat', 'cors']),
  capacity: embeddedFeatures.roomCapacity,
  rateLimit: embeddedFeatures.rateLimit,
  heartbeatSeconds: (3 * embeddedFeatures.heartbeatMs) / 1000,
  corsOrigin: embeddedFeatures.allowedOrigins[0],
};
