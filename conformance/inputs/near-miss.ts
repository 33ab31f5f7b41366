import type { SchemaViolation } from '../../generated/index.js';

/** The known name that a received one was probably meant to be, or undefined. Letter case and separators don't count. */
export function nearestName(received: string, known: Iterable<string>): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  for (const name of known) if (name !== received && plain(name) === plain(received)) return name;
  const ranked = Array.from(known, (name) => ({ name, distance: editDistance(plain(name), plain(received)) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const [nearest] = ranked.filter(({ name, distance }) => name !== received && distance <= 2);
  return nearest?.name;
}

/** `received type "room-state"; the protocol says "room_state"`, where a name was nearly right. */
export function misspelling(what: string, received: string, known: Iterable<string>): string | undefined {
  const nearest = nearestName(received, known);
  return nearest === undefined ? undefined : `received ${what} "${received}"; the protocol says "${nearest}"`;
}

/** Explains missing members by what stands in their place: another spelling, or the same name one level away. */
export function explainViolations(message: unknown, violations: readonly SchemaViolation[]): string | undefined {
  for (const { path, message: problem } of violations) {
    if (problem !== 'is missing') continue;
    const parts = path.split('/').slice(1);
    const name = parts.pop() ?? '';
    const parent = lookUp(message, parts);
    const nearest = nearestName(name, Object.keys(parent ?? {}));
    if (nearest !== undefined) return `received member "${nearest}"; the protocol says "${name}"`;
    const envelope = lookUp(message, []);
    if (parts.length === 1 && envelope && Object.hasOwn(envelope, name)) {
      return `"${name}" is on the envelope only; the protocol has it in the payload as well`;
    }
    const payload = lookUp(message, ['payload']);
    if (parts.length === 0 && payload && Object.hasOwn(payload, name)) {
      return `"${name}" is in the payload only; the protocol has it on the envelope as well`;
    }
  }
  return undefined;
}

function lookUp(value: unknown, path: readonly string[]): Record<string, unknown> | undefined {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return typeof current === 'object' && current !== null ? (current as Record<string, unknown>) : undefined;
}

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
