import type { RequirementId } from '../../generated/index.js';
import { answerConfig } from '../../reference-server/core/config-answer.js';
import { errorMessage } from '../../reference-server/core/messages.js';
import type { Decisions } from '../../reference-server/edge/decisions.js';
import { mintTokens, parseTarget, type Report, type RunOptions, run, Secrets } from '../api.js';
import { startEmbedded } from '../run/embedded.js';
import { transition } from '../selftest/alter.js';

/** The report of the reference server with some decisions replaced. */
export async function reportOf(
  decisions: Partial<Decisions> = {},
  options: Pick<RunOptions, 'trace' | 'level' | 'selects' | 'baseline'> = {},
): Promise<Report> {
  const server = await startEmbedded(decisions);
  try {
    const secrets = new Secrets();
    const tokens = await mintTokens({ key: server.secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets);
    return await run({ targets: [parseTarget(server.url)], tokens, secrets, ...options });
  } finally {
    await server.close();
  }
}

/** Text that breaks out of whatever does not escape it: HTML, XML, Markdown, workflow commands, terminals. */
export const hostileText =
  '</script><img src=x onerror="alert(1)"> ]]> & \' | `code` **bold** @everyone $x$ 100%\r\n\n::error::injected\u0000\u001b[31m\ufffe\ud800\u202e';

/** A server that is wrong in three ways: it echoes signals, forgets Cache-Control, and has hostile texts and codes. */
export const wrongDecisions: Partial<Decisions> = {
  transition(room, event) {
    const outcome = transition(room, event);
    if (event.type !== 'message') return outcome;
    const effects = outcome.effects.map((effect) =>
      effect.type === 'deliver' && effect.message.type !== 'error'
        ? { ...effect, to: [...new Set([...effect.to, event.connectionId])] }
        : effect,
    );
    return { ...outcome, effects };
  },
  report(roomId, error, at) {
    const message = errorMessage(roomId, { ...error, message: hostileText }, at);
    if (error.code !== 'INVALID_MESSAGE_TYPE') return message;
    return { ...message, payload: { ...message.payload, code: hostileText as never } };
  },
  async answerConfig(...request) {
    const answer = await answerConfig(...request);
    const { 'cache-control': _, ...headers } = answer.headers as Record<string, string>;
    return { ...answer, headers } as typeof answer;
  },
};

/** A server whose `room_state` is another message, so that nobody can join. */
export const unjoinableDecisions: Partial<Decisions> = {
  transition(room, event) {
    const outcome = transition(room, event);
    const effects = outcome.effects.map((effect) =>
      effect.type === 'deliver' && effect.message.type === 'room_state'
        ? { ...effect, message: { ...effect.message, type: 'welcome' as never } }
        : effect,
    );
    return { ...outcome, effects };
  },
};

const shownRequirements: readonly RequirementId[] = [
  'RELAY-3',
  'RELAY-6',
  'RELAY-9',
  'ERROR-2',
  'ERROR-6',
  'CONFIG-7',
  'ROOM-6',
];

/**
 * The report of the wrong server, of a few requirements, so that it is there soon: with failures, a warning, an expected
 * failure, one that does not hold (RELAY-9), and what was not selected. One result was made inconclusive and one scenario
 * a failure of the suite itself.
 */
export async function sampleReport(): Promise<Report> {
  const report = await reportOf(wrongDecisions, {
    selects: (_, id) => shownRequirements.includes(id),
    baseline: (['ERROR-2', 'RELAY-9'] as const).map((id) => ({
      check: id,
      requirement: id,
      mode: 'fail',
      reason: 'known',
    })),
  });
  const change = (id: RequirementId, changes: Partial<Report['results'][number]>) => {
    report.results = report.results.map((result) => (result.requirement === id ? { ...result, ...changes } : result));
    const entry = report.coverage.requirements.find((coverage) => coverage.id === id);
    if (entry && changes.outcome) Object.assign(entry, { outcome: changes.outcome, reason: changes.actual });
  };
  change('LEAVE-1', { outcome: 'inconclusive', actual: 'bob could not join', blockedBy: 'JOIN-1' });
  change('LIVE-1', { outcome: 'harness_error', actual: `TypeError: ${hostileText}\n    at somewhere` });
  return report;
}
