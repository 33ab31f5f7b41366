import { type RequirementId, requirements } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import { Secrets } from '../inputs/secrets.js';
import { parseTarget } from '../inputs/target.js';
import { mintTokens, type TokenSource } from '../inputs/tokens.js';
import { UnreachableError } from '../inputs/unreachable.js';
import type { Result } from '../kit/outcome.js';
import type { Scenario } from '../kit/scenario.js';
import { createShared } from '../kit/shared.js';
import { runScenario } from './execution.js';
import { findRootFault } from './root-fault.js';

/** What a suite is to be run against. */
export interface SuiteOptions {
  /** Base URL, or several instances of one deployment. */
  target: string | readonly string[];
  /** HS256 secret that the target checks tokens with; or give `tokens`. */
  jwtSecret?: string;
  tokens?: TokenSource;
  profile?: Profile;
  /** Milliseconds to wait for what has to come; 5000 by default. */
  timeoutMs?: number;
}

/** A target that was reached and let somebody join. */
export interface Suite {
  /** Runs one scenario and gives a result for each requirement it judges. */
  run(scenario: Scenario): Promise<Result[]>;
  /** Runs one scenario and throws {@link RequirementFailure} if a requirement at MUST level fails or stays open. */
  verify(scenario: Scenario): Promise<void>;
}

/** A requirement that a target does not keep, with the whole diagnosis in its message. */
export class RequirementFailure extends Error {
  override name = 'RequirementFailure';
  readonly requirement: RequirementId;
  readonly result: Result;

  constructor(result: Result) {
    const { id, level, text, document, line } = requirements[result.requirement];
    const facts = [
      `${id} ${level}: ${text} (${document}:${line})`,
      ...(result.expected === undefined ? [] : [`expected: ${result.expected}`]),
      `actual: ${result.actual}`,
      ...(result.hint === undefined ? [] : [`hint: ${result.hint}`]),
    ];
    super(facts.join('\n'));
    this.requirement = id;
    this.result = result;
  }
}

/** Reaches a target for scenarios that are run one by one. Rejects with UnreachableError or RequirementFailure. */
export async function connectSuite(options: SuiteOptions): Promise<Suite> {
  const secrets = new Secrets();
  const tokens =
    options.tokens ??
    (await mintTokens(
      { key: options.jwtSecret ?? '', algorithm: 'HS256', origin: 'tokens signed with jwtSecret' },
      secrets,
    ));
  const shared = createShared({
    targets: [options.target].flat().map((url) => parseTarget(url as string)),
    tokens,
    secrets,
    ...(options.profile && { profile: options.profile }),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  });
  const root = await findRootFault(shared);
  if (root) throw new UnreachableError(secrets.redact([root.text, root.hint].filter(Boolean).join('\n')));
  const runOne = async (scenario: Scenario) => secrets.redactDeep(await runScenario(scenario, shared));
  return {
    run: runOne,
    async verify(scenario) {
      const bad = (await runOne(scenario)).find(
        ({ outcome, level }) =>
          outcome === 'harness_error' ||
          (level.startsWith('MUST') && (outcome === 'fail' || outcome === 'inconclusive')),
      );
      if (bad) throw new RequirementFailure(bad);
    },
  };
}
