import type { Feature, RequirementId } from '../../generated/index.js';
import type { ScenarioHead } from './ledger.js';
import type { ScenarioContext } from './scenario-context.js';

/** One story told to a server, and the rules it can judge. A plain object: run it with the kit or with any test runner. */
export interface Scenario extends ScenarioHead {
  /** Unique; states the fact that holds when it passes. */
  name: string;
  /** Rules that it judges, each of them at least once when nothing goes wrong. */
  requirements: readonly RequirementId[];
  /** It runs only against a target that claims this. */
  feature?: Feature;
  /** It needs the server for itself, and runs after all others, alone. */
  exclusive?: boolean;
  /** It lasts as long as all others together: it begins first, counts for no worker, and awaits `othersDone`. */
  dwelling?: boolean;
  /** It lasts longer than most others: it begins before them. */
  long?: boolean;
  /** What it looks for lasts for milliseconds: it runs after the others, when nothing else takes time. */
  swift?: boolean;
  /** It makes sense even where nobody can join. */
  withoutRoom?: boolean;
  /** It kills an instance, so it runs only where the profile says how. */
  instances?: boolean;
  /** It cannot run with fewer users. */
  users?: number;
  run(context: ScenarioContext): Promise<void>;
}

/** Declares a {@link Scenario}. */
export function scenario(
  name: string,
  requirements: readonly RequirementId[],
  run: (context: ScenarioContext) => Promise<void>,
  options: Pick<
    Scenario,
    'feature' | 'exclusive' | 'dwelling' | 'long' | 'swift' | 'withoutRoom' | 'instances' | 'users'
  > = {},
): Scenario {
  return { name, requirements, run, ...options };
}
