import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Logger } from 'pino';
import { channelPath, configPath, type WebrtcConfig } from '../../generated/index.js';
import type { Verify } from '../core/admission.js';
import { type Answer, type Personalize, problem } from '../core/config-answer.js';
import { isAllowedOrigin } from '../limits/allowed-origin.js';
import type { Decisions } from './decisions.js';
import type { Metrics } from './metrics.js';

/** Headers that a page may send: the token's, and what HTTP clients and tracing add by themselves. */
const allowedHeaders = [
  ...['authorization', 'content-type', 'accept', 'cache-control', 'x-requested-with', 'x-request-id'],
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
];

/** What the HTTP side needs. */
export interface RoutesOptions {
  basePath: string;
  config: WebrtcConfig;
  personalize: Personalize;
  /** Origins whose pages may read the configuration; absent, none but the server's own (CONFIG-10). */
  allowedOrigins?: readonly string[] | undefined;
  decisions: Decisions;
  verify: Verify;
  /** Tells whether new clients are welcome. */
  isReady: () => boolean;
  metrics?: Metrics | undefined;
  log: Logger;
}

/** Makes everything that is plain HTTP: the configuration, and what operators and balancers ask for. */
export function createRoutes({ basePath, allowedOrigins, metrics, ...options }: RoutesOptions): Hono {
  const { config, personalize, decisions, verify, isReady, log } = options;
  const app = new Hono();
  if (allowedOrigins !== undefined) {
    // CONFIG-10, CONFIG-13: preflights and answers both. No wildcard covers Authorization, so it is named.
    const isAllowed = (origin: string) => isAllowedOrigin(origin, allowedOrigins);
    const origin = allowedOrigins.includes('*') ? '*' : (given: string) => (isAllowed(given) ? given : null);
    app.use(
      basePath + configPath,
      cors({ origin, allowMethods: ['GET', 'HEAD'], allowHeaders: [...allowedHeaders], maxAge: 600 }),
    );
  }
  app.all(basePath + configPath, async ({ req }) => {
    const request = { method: req.method, authorization: req.header('authorization') };
    return toResponse(await decisions.answerConfig(request, verify, config, personalize));
  });
  app.get(`${basePath}${channelPath('')}:room`, () =>
    toResponse(problem(426, 'This is the path of a WebSocket.', { upgrade: 'websocket' })),
  );
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', (context) =>
    isReady() ? context.json({ status: 'ready' }) : context.json({ status: 'not ready' }, 503),
  );
  if (metrics !== undefined) {
    app.get('/metrics', async (context) =>
      context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
    );
  }
  app.notFound(() => toResponse(problem(404, 'There is nothing at this path.')));
  app.onError((error) => {
    log.error({ err: error }, 'request failed');
    return toResponse(problem(500, 'The server failed.'));
  });
  return app;
}

function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
}
