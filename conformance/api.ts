/**
 * The conformance kit as a library: plain scenarios, and what runs them, for any test runner.
 * @module
 */
import { connectSuite, RequirementFailure } from './run/suite.js';

export { type Profile, plainProfile } from './inputs/profile.js';
export { Secrets } from './inputs/secrets.js';
export { parseTarget, Target } from './inputs/target.js';
export { commandTokens, mintTokens, readyTokens, type TokenSource } from './inputs/tokens.js';
export { UnreachableError } from './inputs/unreachable.js';
export { UsageError } from './inputs/usage-error.js';
export type { Evidence, Outcome, Result } from './kit/outcome.js';
export type { Scenario } from './kit/scenario.js';
export type { Coverage, Report } from './run/report.js';
export { type RunOptions, run } from './run/runner.js';
export type { Suite, SuiteOptions } from './run/suite.js';
export { scenarios } from './scenarios/index.js';
export type { TraceEvent } from './trace/trace-event.js';
export { connectSuite, RequirementFailure };
