import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectSuite, RequirementFailure, type Suite, scenarios } from '../api.js';
import { type EmbeddedServer, startEmbedded } from './embedded.js';

let server: EmbeddedServer;
let suite: Suite;

beforeAll(async () => {
  server = await startEmbedded();
  suite = await connectSuite({ target: server.url, jwtSecret: server.secret });
});

afterAll(() => server.close());

describe('scenarios are plain objects that run inside a test runner', () => {
  for (const scenario of scenarios.filter(({ feature }) => feature === undefined)) {
    test.concurrent(scenario.name, () => suite.verify(scenario));
  }
});

test('a broken requirement is thrown with its diagnosis', async () => {
  const wrong = await startEmbedded({ leaveReason: () => 'gone' as 'left' });
  const suspect = await connectSuite({ target: wrong.url, jwtSecret: wrong.secret });
  const scenario = scenarios.find(({ requirements }) => requirements.includes('LEAVE-1') && requirements.length === 1);
  const failure = await suspect.verify(scenario ?? (scenarios[0] as never)).catch((error: unknown) => error);
  await wrong.close();
  expect(failure).toBeInstanceOf(RequirementFailure);
  expect((failure as RequirementFailure).requirement).toBe('LEAVE-1');
  expect((failure as Error).message).toMatch(/LEAVE-1 MUST: .*asyncapi\.yaml:\d+/);
});
