import path from 'node:path';
import { type RequirementId, requirementAreas, requirements } from '../generated/requirements.js';
import { escapeHtml } from './escape-html.js';

const areas = Object.keys(requirementAreas).join('|');
const citation = new RegExp(`\\b(?:${areas})-\\d+\\b`, 'g');

/** The requirement ids that a text names but no document states. */
export function unknownRequirements(text: string): string[] {
  return [...new Set(text.match(citation) ?? [])].filter((id) => !(id in requirements));
}

/** Makes each requirement id in a piece of HTML a link to its rule; `sitePath` is the page it stands on. */
export function linkRequirements(html: string, sitePath: string): string {
  return html.replace(citation, (id) => {
    if (!(id in requirements)) return id;
    const { level, text } = requirements[id as RequirementId];
    const page = sitePath === 'requirements.html' ? '' : relativePath(sitePath, 'requirements.html');
    return `<a class="rule" href="${page}#${id}" title="${escapeHtml(`${level}: ${text}`)}">${id}</a>`;
  });
}

/** The address of one page of the site as written on another. */
export function relativePath(from: string, to: string): string {
  return path.posix.relative(path.posix.dirname(from), to);
}
