import { validateProblem, validateWebrtcConfig, violations, type WebrtcConfig } from '../generated/index.js';
import { configUrl } from './endpoints.js';
import { ConfigFetchError, InvalidOptionError } from './errors.js';
import type { RtcConfiguration } from './rtc.js';
import { schedule } from './scheduler.js';
import { withTimeout } from './timeout.js';
import { redactToken, resolveToken, type TokenSource } from './token.js';

/** The part of `fetch` that is used; the global one fits. */
export type FetchLike = (
  url: string,
  init: { headers: Record<string, string>; cache: 'no-store'; signal?: AbortSignal },
) => Promise<{ readonly status: number; text(): Promise<string> }>;

/** Options of {@link fetchWebrtcConfig}. */
export interface FetchWebrtcConfigOptions {
  /** `http:` or `https:` address of the deployment, a path prefix allowed. */
  baseUrl: string;
  /** The user's JWT, sent as bearer token. */
  token: TokenSource;
  /** Used instead of the global `fetch`. */
  fetch?: FetchLike;
  /** Milliseconds that the answer may take, and before it a `token` function. Default 10,000 for each. */
  timeoutMs?: number;
  /** Abandons the request; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Asks for the ICE servers and policies to build peer connections from. Call it before the first one (CLIENT-1), and
 * again before the answer's `ttl` (seconds) has passed if it has one.
 *
 * @returns The answer, valid against its schema; {@link toRtcConfiguration} makes it an `RTCConfiguration`.
 * @throws {@link ConfigFetchError} when there is no answer in time, it is not 200, or its body is not valid.
 * @throws {@link InvalidOptionError} when `baseUrl` is none.
 * @throws {@link TokenError} when there is no token to send.
 */
export async function fetchWebrtcConfig(options: FetchWebrtcConfigOptions): Promise<WebrtcConfig> {
  const url = configUrl(options.baseUrl);
  const { signal, timeoutMs = 10_000 } = options;
  if (!(timeoutMs > 0)) throw new InvalidOptionError('timeoutMs', 'is not a number above 0');
  signal?.throwIfAborted();
  const token = await resolveToken(options.token, { timeoutMs, schedule });
  signal?.throwIfAborted();

  const answer = await requestInTime(url, token, { ...options, timeoutMs });
  const body = parseJson(answer.text);
  if (answer.status !== 200) {
    const detail = validateProblem(body) ? `: ${redactToken(body.detail, token)}` : '';
    throw new ConfigFetchError(`GET /webrtc/config was answered ${answer.status}${detail}`, answer.status);
  }
  if (body === undefined) throw new ConfigFetchError('The configuration is not JSON', answer.status);
  if (!validateWebrtcConfig(body)) {
    const found = violations(validateWebrtcConfig);
    const first = found[0] === undefined ? '' : `: ${found[0].path} ${found[0].message}`;
    throw new ConfigFetchError(`The configuration is not valid${first}`, answer.status, found);
  }
  return body;
}

/** Abandons a request that takes too long, as its caller may. */
async function requestInTime(url: string, token: string, options: FetchWebrtcConfigOptions & { timeoutMs: number }) {
  const { signal, timeoutMs } = options;
  const abandoned = new AbortController();
  const abandon = () => abandoned.abort(signal?.reason);
  signal?.addEventListener('abort', abandon);
  try {
    const late = () => new ConfigFetchError(`GET /webrtc/config was not answered within ${timeoutMs} ms`);
    const answer = request(url, token, { ...options, signal: abandoned.signal });
    return await withTimeout(answer, timeoutMs, late, schedule);
  } finally {
    signal?.removeEventListener('abort', abandon);
    // Nobody waits for it any more.
    abandoned.abort();
  }
}

async function request(url: string, token: string, options: FetchWebrtcConfigOptions) {
  // A method call would hand the browser's fetch a wrong `this`.
  const fetch: FetchLike = options.fetch ?? globalThis.fetch;
  const { signal } = options;
  try {
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
      // The credentials in it are short-lived (CONFIG-7).
      cache: 'no-store',
      ...(signal && { signal }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    signal?.throwIfAborted();
    // Not kept as `cause`: an injected fetch may have put the request, token included, into its error.
    throw new ConfigFetchError(`GET /webrtc/config failed: ${redactToken(describe(error), token)}`);
  }
}

/** Node says "fetch failed" and has the reason one level down. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Makes the `RTCConfiguration` for `new RTCPeerConnection`: camel case, and the protocol's defaults where the server
 * stated no policy.
 */
export function toRtcConfiguration(config: WebrtcConfig): RtcConfiguration {
  return {
    iceServers: config.ice_servers.map(({ urls, username, credential }) => ({
      urls,
      ...(typeof username === 'string' && { username }),
      ...(typeof credential === 'string' && { credential }),
    })),
    iceTransportPolicy: config.ice_transport_policy ?? 'all',
    bundlePolicy: config.bundle_policy ?? 'balanced',
    rtcpMuxPolicy: (config.rtcp_mux_policy ?? 'require') as 'require',
  };
}
