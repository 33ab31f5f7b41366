/**
 * The conformance kit as a library: plain scenarios, and what runs them, for any test runner.
 * @module
 */
import { connectSuite, RequirementFailure } from './suite.js';

export type { Evidence, Outcome, Result, TraceEvent } from './outcome.js';
export { type Profile, plainProfile } from './profile.js';
export { type Coverage, type Report, type RunOptions, run, UnreachableError } from './runner.js';
export type { Scenario } from './scenario.js';
export { scenarios } from './scenarios/index.js';
export { Secrets } from './secrets.js';
export type { Suite, SuiteOptions } from './suite.js';
export { parseTarget, Target } from './target.js';
export { commandTokens, mintTokens, readyTokens, type TokenSource } from './tokens.js';
export { UsageError } from './usage-error.js';
export { connectSuite, RequirementFailure };
