import type { Problem, WebrtcConfig } from '../../generated/index.js';
import type { Identity, Verify } from './admission.js';

/** What the configuration endpoint needs to know of a request. */
export interface ConfigRequest {
  method: string;
  /** The `Authorization` header. */
  authorization: string | undefined;
}

/** An HTTP answer as data; `body` is sent as JSON. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** The STUN server to list where none is configured; only clients ever talk to it (CONFIG-11). */
export const defaultStunUrl = 'stun:stun.l.google.com:19302';

/**
 * A configuration that works between most networks: public STUN, no TURN, and each policy at its default (CONFIG-11).
 * Another one needs URLs that browsers take (CONFIG-5), and credentials where it names a TURN server (CONFIG-6).
 */
export const defaultWebrtcConfig = {
  ice_servers: [{ urls: [defaultStunUrl] }],
  ice_transport_policy: 'all',
  bundle_policy: 'balanced',
  rtcp_mux_policy: 'require',
} satisfies WebrtcConfig;

const allow = 'GET, HEAD, OPTIONS';

/** Makes the configuration for one user of the one for all, such as with TURN credentials of the user's own. */
export type Personalize = (config: WebrtcConfig, identity: Identity) => WebrtcConfig;

/** Answers `/webrtc/config` (CONFIG-1 to CONFIG-9). Rejects only if `verify` does. */
export async function answerConfig(
  request: ConfigRequest,
  verify: Verify,
  config: WebrtcConfig,
  personalize: Personalize = (same) => same,
): Promise<Answer> {
  if (request.method === 'OPTIONS') return { status: 204, headers: { allow } };
  if (request.method !== 'GET' && request.method !== 'HEAD') return problem(405, 'Use GET.', { allow }); // CONFIG-9

  const token = /^Bearer +(\S.*)$/i.exec(request.authorization ?? '')?.[1];
  if (token === undefined) {
    // RFC 6750, section 3: without credentials the challenge names no error. CONFIG-2, CONFIG-4.
    return problem(401, 'Send your token as `Authorization: Bearer`.', { 'www-authenticate': 'Bearer' });
  }
  const admission = await verify(token);
  if (!admission.ok) return problem(401, admission.reason, { 'www-authenticate': 'Bearer error="invalid_token"' }); // CONFIG-3

  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }; // CONFIG-7
  return { status: 200, headers, body: personalize(config, admission.identity) };
}

/** Makes an error answer as RFC 9457 has it, `detail` included (CONFIG-8). */
export function problem(status: number, detail: string, headers: Record<string, string> = {}): Answer {
  const body: Problem = { status, detail };
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body,
  };
}
