import type { HttpAnswer, Target } from '../inputs/target.js';
import { Inconclusive } from './outcome.js';
import type { ScenarioContext } from './scenario-context.js';

/** Sends a request to the configuration endpoint. Without `token` alice's is used; null sends none. */
export async function requestConfig(
  t: ScenarioContext,
  {
    method = 'GET',
    token,
    headers = {},
  }: { method?: string; token?: string | null; headers?: Record<string, string> } = {},
): Promise<HttpAnswer> {
  const bearer = token === undefined ? await t.tokens.valid('alice') : token;
  const authorization: Record<string, string> = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
  const instance = t.nextInstance();
  const target = t.shared.targets[instance] as Target;
  t.record({
    at: t.now(),
    participant: 'http',
    kind: 'request',
    method,
    path: '/webrtc/config',
    credential: token === undefined ? 'valid' : token === null ? 'none' : 'forged',
    ...(t.shared.targets.length > 1 && { instance }),
    ...(Object.keys(headers).length > 0 && { headers }),
  });
  try {
    const answer = await target.requestConfig(method, { ...authorization, ...headers }, t.timeoutMs);
    const { status, body } = answer;
    const contentType = answer.headers['content-type'] ?? '';
    t.record({ at: t.now(), participant: 'http', kind: 'response', status, contentType, body });
    return answer;
  } catch (error) {
    throw new Inconclusive(`${method} /webrtc/config failed: ${(error as Error).message}`);
  }
}
