import type { RequirementId } from '../../generated/index.js';
import type { Profile } from '../inputs/profile.js';
import type { EmbeddedOptions, ServerDecisions } from '../run/embedded.js';

/** The reference server with one decision replaced, and the one requirement that it breaks by that. */
export interface Mutant {
  name: string;
  breaks: RequirementId;
  /** What this server does, in one sentence. */
  summary: string;
  /** The decisions replaced; as a function where they remember something, which each server has to itself. */
  decisions?: Partial<ServerDecisions> | (() => Partial<ServerDecisions>);
  /** Options of the server beside its decisions. */
  options?: EmbeddedOptions;
  /** What its profile claims. */
  profile?: Partial<Profile>;
  /** Other requirements that may fail because this one is broken. */
  also?: readonly { requirement: RequirementId; because: string }[];
  /** Milliseconds to wait for what has to come, where the fault itself is a delay. */
  timeoutMs?: number;
}
