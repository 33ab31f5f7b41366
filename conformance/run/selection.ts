import picomatch from 'picomatch';
import { type RequirementId, requirements } from '../../generated/index.js';
import { nearestName } from '../inputs/near-miss.js';
import { ruleNames, rulesNamed } from '../inputs/rule-names.js';
import { UsageError } from '../inputs/usage-error.js';
import type { Scenario } from '../kit/scenario.js';
import { scenarios } from '../scenarios/index.js';

/** What a pattern may match, and how an error speaks of it. */
export interface Known {
  /** The option that the pattern was given with. */
  flag: string;
  names: readonly string[];
  /** Ids of requirements. */
  rules: readonly string[];
  /** What `names` and `rules` are, for "matches no ...". */
  what: string;
  /** What the error says where nothing is near. */
  advice?: string;
}

/**
 * What a pattern means among `names` and rules: a glob, or an area, which means each of its rules. Throws {@link UsageError}
 * for one that matches none of them.
 */
export function matchNames(
  pattern: string,
  { flag, names, rules, what, advice = '' }: Known,
): (name: string) => boolean {
  const meant: readonly string[] = rulesNamed(pattern);
  if (meant.some((id) => rules.includes(id))) return (name) => meant.includes(name);
  const matches = picomatch(pattern, { nocase: true, bash: true });
  if ([...rules, ...names].some((name) => matches(name))) return matches;
  const known = ruleNames(pattern).filter((name) => rulesNamed(name).some((id) => rules.includes(id)));
  const nearest = nearestName(pattern, [...known, ...names]);
  throw new UsageError(`${flag} ${pattern} matches no ${what}${nearest ? `; did you mean ${nearest}?` : advice}`);
}

/** Selects by requirement ID, area or scenario name. Throws {@link UsageError} for a pattern that matches nothing. */
export function createSelection(
  only: readonly string[],
  skip: readonly string[],
): (scenario: Scenario, requirement: RequirementId) => boolean {
  const names = scenarios.map(({ name }) => name);
  const rules = Object.keys(requirements);
  const compile = (flag: string) => (pattern: string) =>
    matchNames(pattern, {
      flag,
      names,
      rules,
      what: 'requirement, no area and no scenario',
      advice: '; `list` shows them',
    });
  const wanted = only.map(compile('--only'));
  const unwanted = skip.map(compile('--skip'));
  const named = (matchers: typeof wanted, { name }: Scenario, id: RequirementId) =>
    matchers.some((matches) => matches(id) || matches(name));
  return (scenario, id) => (wanted.length === 0 || named(wanted, scenario, id)) && !named(unwanted, scenario, id);
}
