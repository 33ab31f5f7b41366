import {
  areaOf,
  type RequirementArea,
  type RequirementId,
  requirementAreas,
  requirements,
} from '../../generated/index.js';

const ids = Object.keys(requirements) as RequirementId[];
const areas = Object.keys(requirementAreas) as RequirementArea[];

/** The area of that name; letter case does not count. */
export function areaNamed(word: string): RequirementArea | undefined {
  return areas.find((area) => area === word.toUpperCase());
}

/** The rules that a word names: one by its id, or all of an area; letter case does not count. None for any other word. */
export function rulesNamed(word: string): RequirementId[] {
  const area = areaNamed(word);
  return ids.filter((id) => (area === undefined ? id === word.toUpperCase() : areaOf(id) === area));
}

/** Every id and area, to find what a word was meant to be: ids first where it has a number, as that is what ids have. */
export function ruleNames(word: string): string[] {
  return /\d/.test(word) ? [...ids, ...areas] : [...areas, ...ids];
}
