const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/**
 * Writes out what a text would hide or what a document must not carry: control characters other than line break and
 * tab, lone surrogates, what turns the direction of writing, noncharacters.
 */
export function visible(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === '\n' || character === '\t') return character;
    return character === '\r' ? '\\r' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** {@link visible} of every text in a value of JSON. */
export function visibleDeep<T>(value: T): T {
  if (typeof value === 'string') return visible(value) as T;
  if (Array.isArray(value)) return value.map(visibleDeep) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, visibleDeep(member)])) as T;
}

/** Keeps lines from being read as commands by whoever reads the log: `::error::` by GitHub, `##vso[` by Azure, `##teamcity[`. */
export function withoutCommands(text: string): string {
  return text.replace(/^(\s*)(?=::|##)/gm, '$1\\');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Makes a text safe as content and as a quoted attribute, in HTML and in XML. */
export function escapeMarkup(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** {@link escapeMarkup} for a text of the documents, with its backticks as `code` elements. */
export function markUpRule(text: string): string {
  return escapeMarkup(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
