import { type RequirementId, type SchemaViolation, validateWebrtcConfig, violations } from '../../generated/index.js';
import { faultOfIceServer } from '../ice/ice-check.js';
import { explainViolations } from '../inputs/near-miss.js';
import type { HttpAnswer } from '../inputs/target.js';
import type { Forgery } from '../inputs/tokens.js';
import { requestConfig } from '../kit/config-request.js';
import { forgedToken } from '../kit/lobby.js';
import { shorten } from '../kit/received.js';
import { scenario } from '../kit/scenario.js';
import type { ScenarioContext } from '../kit/scenario-context.js';

const iceServerUrl = /^(stuns?|turns?):/;

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function describe({ status, headers, body }: HttpAnswer): string {
  return `${status} ${headers['content-type'] ?? 'without content type'}: ${shorten(body)}`;
}

/** What CONFIG-5, CONFIG-6, CONFIG-11 and CONFIG-12 look at, however malformed the rest of the body is. */
function iceServers(body: unknown): { urls: string[]; username: unknown; credential: unknown }[] {
  const list = (body as { ice_servers?: unknown } | undefined)?.ice_servers;
  if (!Array.isArray(list)) return [];
  return list.map((entry) => {
    const { urls, username, credential } = (entry ?? {}) as Record<string, unknown>;
    return { urls: [urls].flat().map(String), username, credential };
  });
}

/** Fetches the configuration with a valid token and judges CONFIG-1. Returns the body. */
export async function fetchValidConfig(
  t: ScenarioContext,
  scheme = 'Bearer',
): Promise<{ answer: HttpAnswer; body: unknown }> {
  const answer = await requestConfig(t, { headers: { authorization: `${scheme} ${await t.tokens.valid('alice')}` } });
  const mediaType = answer.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const body = parseJson(answer.body);
  t.require('CONFIG-1', answer.status === 200, {
    expected: `status 200 to the scheme ${scheme}`,
    actual: describe(answer),
  });
  t.check('CONFIG-1', mediaType === 'application/json', {
    expected: 'Content-Type: application/json',
    actual: describe(answer),
  });
  const valid = validateWebrtcConfig(body);
  // CONFIG-5 judges the URLs themselves; one fault gets one name.
  const errors: SchemaViolation[] = valid
    ? []
    : violations(validateWebrtcConfig).filter(({ path }) => !/\/urls(\/\d+)?$/.test(path));
  t.require('CONFIG-1', valid || errors.length === 0, {
    expected: 'a body valid against schemas/webrtc-config.json',
    actual: describe(answer),
    hint: explainViolations(body, errors),
    schemaErrors: errors,
  });
  return { answer, body };
}

function checkRefusal(t: ScenarioContext, requirement: RequirementId, answer: HttpAnswer, what: string): void {
  t.require(requirement, answer.status === 401, { expected: `${what} is answered 401`, actual: describe(answer) });
  const challenge = answer.headers['www-authenticate'];
  t.check('CONFIG-4', /^bearer\b/i.test(challenge ?? ''), {
    expected: 'WWW-Authenticate: Bearer on the 401',
    actual: challenge === undefined ? `no WWW-Authenticate on ${answer.status}` : `WWW-Authenticate: ${challenge}`,
  });
  checkDetail(t, answer);
}

function checkDetail(t: ScenarioContext, answer: HttpAnswer): void {
  const detail = (parseJson(answer.body) as { detail?: unknown } | null | undefined)?.detail;
  t.check('CONFIG-8', typeof detail === 'string', {
    expected: 'a JSON object with a string `detail`',
    actual: describe(answer),
  });
}

const forgeries: [Forgery, string][] = [
  ['malformed', 'malformed'],
  ['bad-signature', 'badly signed'],
  ['alg-none', 'unsigned (alg: none)'],
  ['expired', 'expired'],
];

export const configScenarios = [
  scenario(
    'a valid bearer token gets the ICE configuration',
    ['CONFIG-1', 'CONFIG-5', 'CONFIG-6', 'CONFIG-7', 'CONFIG-11'],
    async (t) => {
      const { answer, body } = await fetchValidConfig(t);
      const servers = iceServers(body);
      const strange = servers.flatMap(({ urls }) => urls).find((url) => !iceServerUrl.test(url));
      const malformed = violationsOfUrls(body);
      t.check('CONFIG-5', strange === undefined && malformed.length === 0, {
        expected: 'only stun:, stuns:, turn: and turns: URIs',
        actual: `"${strange ?? malformed[0]?.path}" among the urls`,
        schemaErrors: malformed,
      });
      const filled = (value: unknown) => typeof value === 'string' && value !== '';
      const bare = servers.find(
        ({ urls, username, credential }) =>
          urls.some((url) => url.startsWith('turn')) && !(filled(username) && filled(credential)),
      );
      t.check('CONFIG-6', bare === undefined, {
        expected: 'username and credential beside every turn: and turns: URL',
        actual: `${bare?.urls.join(', ')} without ${filled(bare?.username) ? 'credential' : 'username'}`,
      });
      const caching = answer.headers['cache-control'];
      t.check('CONFIG-7', /\bno-store\b/i.test(caching ?? ''), {
        expected: 'Cache-Control: no-store',
        actual: caching === undefined ? 'no Cache-Control' : `Cache-Control: ${caching}`,
      });
      t.check('CONFIG-11', servers.length > 0, { expected: 'at least one ICE server', actual: 'an empty list' });
      // Its case means nothing (RFC 9110, section 11.1).
      for (const scheme of ['bearer', 'BEARER']) await fetchValidConfig(t, scheme);
    },
    { withoutRoom: true },
  ),
  scenario(
    'a request without a token gets no configuration',
    ['CONFIG-2', 'CONFIG-4', 'CONFIG-8'],
    async (t) => {
      checkRefusal(t, 'CONFIG-2', await requestConfig(t, { token: null }), 'a request without Authorization');
    },
    { withoutRoom: true },
  ),
  ...forgeries.map(([forgery, adjective]) =>
    scenario(
      `a token that is ${adjective} gets no configuration`,
      ['CONFIG-3', 'CONFIG-4', 'CONFIG-8'],
      async (t) => {
        const answer = await requestConfig(t, { token: await forgedToken(t, forgery) });
        checkRefusal(t, 'CONFIG-3', answer, `a token that is ${adjective}`);
      },
      { withoutRoom: true },
    ),
  ),
  scenario(
    'the configuration is read with GET only',
    ['CONFIG-9', 'CONFIG-8'],
    async (t) => {
      for (const [method, token] of [['POST'], ['PUT'], ['PATCH'], ['DELETE'], ['PUT', null]] as const) {
        const answer = await requestConfig(t, { method, ...(token === null && { token }) });
        if (answer.status === 405) checkDetail(t, answer);
        t.check('CONFIG-9', answer.status === 405, { expected: `${method} is answered 405`, actual: describe(answer) });
        t.check('CONFIG-9', /\bGET\b/.test(answer.headers.allow ?? ''), {
          expected: `Allow lists GET on the answer to ${method}`,
          actual: `Allow: ${answer.headers.allow ?? '(absent)'}`,
        });
      }
    },
    { withoutRoom: true },
  ),
  scenario(
    'a preflight from an allowed origin is granted',
    ['CONFIG-10'],
    async (t) => {
      const origin = t.profile.corsOrigin ?? '';
      const answer = await requestConfig(t, {
        method: 'OPTIONS',
        token: null,
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      });
      const header = (name: string) => String(answer.headers[`access-control-allow-${name}`] ?? '');
      t.check('CONFIG-10', answer.status >= 200 && answer.status < 300, {
        expected: 'a 2xx answer to the preflight',
        actual: describe(answer),
      });
      t.check('CONFIG-10', header('origin') === origin || header('origin') === '*', {
        expected: `Access-Control-Allow-Origin: ${origin}`,
        actual: `Access-Control-Allow-Origin: ${header('origin') || '(absent)'}`,
      });
      t.check('CONFIG-10', /\bauthorization\b/i.test(header('headers')), {
        expected: 'Access-Control-Allow-Headers with Authorization, which no wildcard covers',
        actual: `Access-Control-Allow-Headers: ${header('headers') || '(absent)'}`,
      });
    },
    { withoutRoom: true, feature: 'cors' },
  ),
  scenario(
    'an allowed origin is granted on the answers too',
    ['CONFIG-13'],
    async (t) => {
      const origin = t.profile.corsOrigin ?? '';
      const granted = ({ headers }: HttpAnswer) =>
        [origin, '*'].includes(String(headers['access-control-allow-origin'] ?? ''));
      const answers: [what: string, answer: HttpAnswer][] = [
        ['GET with a valid token', await requestConfig(t, { headers: { origin } })],
        ['GET without a token', await requestConfig(t, { token: null, headers: { origin } })],
      ];
      const bare = answers.filter(([, answer]) => !granted(answer));
      t.check('CONFIG-13', bare.length === 0, {
        expected: `Access-Control-Allow-Origin: ${origin} on the answer to ${bare.map(([what]) => what).join(' and ')}`,
        actual: bare
          .map(([, { status, headers }]) => `${status} with ${headers['access-control-allow-origin'] ?? 'none'}`)
          .join('; '),
      });
    },
    { withoutRoom: true, feature: 'cors' },
  ),
  scenario(
    'every ICE server that is listed works',
    ['CONFIG-1', 'CONFIG-12'],
    async (t) => {
      const { body } = await fetchValidConfig(t);
      const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
      const listed = iceServers(body).flatMap(({ urls, username, credential }) =>
        urls.map((url) => ({ url, username: text(username), credential: text(credential) })),
      );
      const faults = await Promise.all(
        listed.map(async (server) => {
          const fault = await faultOfIceServer(server, t.timeoutMs);
          return fault === undefined ? [] : [`${server.url}: ${fault}`];
        }),
      );
      t.check('CONFIG-12', listed.length > 0 && faults.flat().length === 0, {
        expected: 'every STUN server answers a binding request, every TURN server grants an allocation',
        actual: faults.flat().join('; ') || 'no server is listed',
      });
    },
    { withoutRoom: true, feature: 'ice-check' },
  ),
];

function violationsOfUrls(body: unknown): SchemaViolation[] {
  if (validateWebrtcConfig(body)) return [];
  return violations(validateWebrtcConfig).filter(({ path }) => /\/urls(\/\d+)?$/.test(path));
}
