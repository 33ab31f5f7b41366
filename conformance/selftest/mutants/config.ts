import { defaultDecisions, type ServerDecisions } from '../../run/embedded.js';
import { subjectOf } from '../alter.js';
import type { Mutant } from '../mutant.js';

type AnswerConfig = ServerDecisions['answerConfig'];
type Answer = Awaited<ReturnType<AnswerConfig>>;

/** Decisions under which every answer of the configuration endpoint is changed. */
function changeConfigAnswer(change: (answer: Answer) => Answer): Partial<ServerDecisions> {
  return { answerConfig: async (...request) => change(await defaultDecisions.answerConfig(...request)) };
}

/** Decisions under which the configuration endpoint takes tokens that were refused for a reason. */
function admitDespite(reason: RegExp): Partial<ServerDecisions> {
  return {
    answerConfig: (request, verify, config) =>
      defaultDecisions.answerConfig(
        request,
        async (token) => {
          const admission = await verify(token);
          if (admission.ok || !reason.test(admission.reason)) return admission;
          return { ok: true, identity: { userId: subjectOf(token) } };
        },
        config,
      ),
  };
}

const origin = 'https://app.example.com';

/** Decisions under which `change` chooses between the answer with the origin granted, and the plain one. */
function grantOrigin(
  change: (request: Parameters<AnswerConfig>[0], granted: Answer, plain: Answer) => Answer,
): Partial<ServerDecisions> {
  const headers = { 'access-control-allow-origin': origin, 'access-control-allow-headers': 'authorization' };
  return {
    async answerConfig(...request) {
      const plain = await defaultDecisions.answerConfig(...request);
      return change(request[0], { ...plain, headers: { ...plain.headers, ...headers } }, plain);
    },
  };
}

const withoutHeader = (name: string) =>
  changeConfigAnswer(({ headers: { [name]: _, ...headers }, ...answer }) => ({ ...answer, headers }));

const listIceServers = (...iceServers: { urls: string | string[]; username?: string; credential?: string }[]) => ({
  webrtcConfig: { ice_servers: iceServers },
});

export const configMutants: readonly Mutant[] = [
  {
    name: 'config-in-camel-case',
    breaks: 'CONFIG-1',
    summary: 'The configuration lists `iceServers` where the schema has `ice_servers`.',
    decisions: changeConfigAnswer((answer) => {
      const { ice_servers: iceServers, ...rest } = (answer.body ?? {}) as Record<string, unknown>;
      return iceServers === undefined ? answer : { ...answer, body: { iceServers, ...rest } };
    }),
  },
  {
    name: 'config-as-plain-text',
    breaks: 'CONFIG-1',
    summary: 'The configuration is sent as `text/plain`.',
    decisions: changeConfigAnswer((answer) =>
      answer.status === 200 ? { ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' } } : answer,
    ),
  },
  {
    name: 'config-created',
    breaks: 'CONFIG-1',
    summary: 'The configuration is answered with status 201.',
    decisions: changeConfigAnswer((answer) => (answer.status === 200 ? { ...answer, status: 201 } : answer)),
  },
  {
    name: 'config-for-everybody',
    breaks: 'CONFIG-2',
    summary: 'A request without `Authorization` is answered with the configuration.',
    decisions: {
      async answerConfig(request, verify, config) {
        const anonymous = request.method === 'GET' && request.authorization === undefined;
        const body = { ...config };
        if (anonymous) return { status: 200, headers: { 'content-type': 'application/json' }, body };
        return defaultDecisions.answerConfig(request, verify, config);
      },
    },
  },
  {
    name: 'config-for-the-badly-signed',
    breaks: 'CONFIG-3',
    summary: 'The configuration endpoint does not check signatures.',
    decisions: admitDespite(/signature/),
  },
  {
    name: 'config-for-the-unsigned',
    breaks: 'CONFIG-3',
    summary: 'The configuration endpoint takes tokens with `alg: none`.',
    decisions: admitDespite(/algorithm/),
  },
  {
    name: 'config-for-the-expired',
    breaks: 'CONFIG-3',
    summary: 'The configuration endpoint does not look at `exp`.',
    decisions: admitDespite(/expired/),
  },
  {
    name: 'config-for-any-word',
    breaks: 'CONFIG-3',
    summary: 'The configuration endpoint takes any word for a token.',
    decisions: admitDespite(/malformed/),
  },
  {
    name: 'no-challenge',
    breaks: 'CONFIG-4',
    summary: 'A 401 has no `WWW-Authenticate`.',
    decisions: withoutHeader('www-authenticate'),
  },
  {
    name: 'ice-url-without-scheme',
    breaks: 'CONFIG-5',
    summary: 'A STUN server is listed as host and port, without `stun:`.',
    options: listIceServers({ urls: 'stun.example.com:3478' }),
  },
  {
    name: 'ice-url-of-the-web',
    breaks: 'CONFIG-5',
    summary: 'A STUN server is listed as `stun://` URL.',
    options: listIceServers({ urls: ['stun://stun.example.com:3478'] }),
  },
  {
    name: 'turn-without-credential',
    breaks: 'CONFIG-6',
    summary: 'A TURN server is listed with a user name and an empty credential.',
    options: listIceServers({ urls: ['stun:a.example.com', 'turns:b.example.com'], username: 'guest', credential: '' }),
  },
  {
    name: 'config-to-be-cached',
    breaks: 'CONFIG-7',
    summary: 'The configuration has no `Cache-Control`.',
    decisions: withoutHeader('cache-control'),
  },
  {
    name: 'refusal-without-detail',
    breaks: 'CONFIG-8',
    summary: 'Error answers of the configuration endpoint are `{"error": "..."}`.',
    decisions: changeConfigAnswer((answer) =>
      answer.status >= 400 ? { ...answer, body: { error: (answer.body as { detail: string }).detail } } : answer,
    ),
  },
  {
    name: 'config-by-post',
    breaks: 'CONFIG-9',
    summary: 'The configuration is read with POST as well.',
    decisions: {
      answerConfig: ({ method, authorization }, verify, config) =>
        defaultDecisions.answerConfig({ method: method === 'POST' ? 'GET' : method, authorization }, verify, config),
    },
  },
  {
    name: 'not-allowed-without-allow',
    breaks: 'CONFIG-9',
    summary: 'A 405 does not say which methods are allowed.',
    decisions: withoutHeader('allow'),
  },
  {
    name: 'no-preflight',
    breaks: 'CONFIG-10',
    also: [{ requirement: 'CONFIG-13', because: 'no origin is granted at all' }],
    summary: 'A preflight is answered like any OPTIONS, without a word on origins.',
    profile: { features: new Set(['cors']), corsOrigin: origin },
  },
  {
    name: 'preflight-not-found',
    breaks: 'CONFIG-10',
    summary: 'The answer to a preflight grants the origin, and has status 404.',
    profile: { features: new Set(['cors']), corsOrigin: origin },
    decisions: grantOrigin(({ method }, answer) => (method === 'OPTIONS' ? { ...answer, status: 404 } : answer)),
  },
  {
    name: 'grants-the-preflight-only',
    breaks: 'CONFIG-13',
    summary: 'The origin is granted on the preflight, and not on the answer that follows.',
    profile: { features: new Set(['cors']), corsOrigin: origin },
    decisions: grantOrigin(({ method }, answer, plain) => (method === 'OPTIONS' ? answer : plain)),
  },
  {
    name: 'no-ice-servers',
    breaks: 'CONFIG-11',
    summary: 'The list of ICE servers is empty.',
    options: listIceServers(),
  },
  {
    name: 'stun-server-gone',
    breaks: 'CONFIG-12',
    summary: 'The STUN server that is listed is not there.',
    options: listIceServers({ urls: 'stun:127.0.0.1:1' }),
    profile: { features: new Set(['ice-check']) },
  },
  {
    name: 'bearer-in-one-spelling',
    breaks: 'CONFIG-1',
    summary: 'The scheme of `Authorization` is taken as `Bearer` only.',
    decisions: {
      answerConfig({ method, authorization }, verify, config) {
        const taken = authorization?.startsWith('Bearer ') ? authorization : undefined;
        return defaultDecisions.answerConfig({ method, authorization: taken }, verify, config);
      },
    },
  },
];
