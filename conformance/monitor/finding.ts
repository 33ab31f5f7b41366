import type { Feature, RequirementId, SchemaViolation } from '../../generated/index.js';

/** A rule that a server broke, and what shows it. */
export interface Finding {
  requirement: RequirementId;
  expected: string;
  actual: string;
  /** Position in the trace of the event that shows it, from 0. */
  event: number;
  schemaErrors?: SchemaViolation[];
  /** Positions of other events that it rests on. */
  related?: number[];
}

/** What a monitor knows beside the trace. */
export interface MonitorOptions {
  /** What the server claims; rules of other features are not judged. */
  features?: ReadonlySet<Feature>;
  /**
   * Whether every connection to the room is in the trace, so that what nobody in the trace did was done by nobody.
   * `true` says so of all rooms; absent, of none.
   */
  closedWorld?: boolean | ((room: string) => boolean);
  /** Tells whether a text carries a token or a key (AUTH-10); absent, that is not judged. */
  isSecret?: (text: string) => boolean;
}

/** At most 160 characters of a text, on one line. */
export function excerpt(text: string, length = 160): string {
  const line = text.slice(0, 4 * length).replace(/\s+/g, ' ');
  return text.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line;
}
