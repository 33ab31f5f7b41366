import picomatch from 'picomatch';
import { type RequirementId, requirements } from '../../generated/index.js';
import { nearestName } from '../inputs/near-miss.js';
import { UsageError } from '../inputs/usage-error.js';
import type { Scenario } from '../kit/scenario.js';
import { scenarios } from '../scenarios/index.js';

/** Selects by requirement ID or scenario name. Throws {@link UsageError} for a pattern that matches nothing. */
export function createSelection(
  only: readonly string[],
  skip: readonly string[],
): (scenario: Scenario, requirement: RequirementId) => boolean {
  const names = [...Object.keys(requirements), ...scenarios.map(({ name }) => name)];
  const compile = (flag: string, glob: string) => {
    const matches = picomatch(glob, { nocase: true, bash: true });
    if (names.some((name) => matches(name))) return matches;
    const nearest = nearestName(glob, names);
    throw new UsageError(
      `${flag} ${glob} matches no requirement and no scenario${nearest ? `; did you mean ${nearest}?` : '; `list` shows them'}`,
    );
  };
  const wanted = only.map((glob) => compile('--only', glob));
  const unwanted = skip.map((glob) => compile('--skip', glob));
  const named = (matchers: typeof wanted, { name }: Scenario, id: RequirementId) =>
    matchers.some((matches) => matches(id) || matches(name));
  return (scenario, id) => (wanted.length === 0 || named(wanted, scenario, id)) && !named(unwanted, scenario, id);
}
