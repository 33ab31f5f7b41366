import { randomBytes } from 'node:crypto';
import { createSignalingServer, type Decisions, type SignalingServerOptions } from '../reference-server/server.js';

export type { Effect, Outcome as RoomOutcome, RoomEvent } from '../reference-server/server.js';
export {
  type Decisions as ServerDecisions,
  defaultDecisions,
  type WebSocketOptions,
} from '../reference-server/server.js';

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
