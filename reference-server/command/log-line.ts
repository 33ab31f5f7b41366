import { levels } from 'pino';

/** Of every line, and of no use to somebody who looks on. */
const notShown: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'msg']);

/** A text that can stand as it is; others are quoted, so that what a client chose is shown and does nothing. */
const plainText = /^[\w.:/@-]+$/;

/** A line of the log, which is JSON, for people: the time of day, how important it is, what happened, and the facts. */
export function readableLine(line: string): string {
  const { level, time, msg, ...facts } = JSON.parse(line) as { level: number; time: number; msg?: string };
  const shown = Object.entries(facts).filter(([name]) => !notShown.has(name));
  const parts = [
    new Date(time).toTimeString().slice(0, 8),
    (levels.labels[level] ?? String(level)).padEnd(5),
    msg ?? '',
    ...shown.map(([name, value]) => `${name}=${show(value)}`),
  ];
  return `${parts.join(' ').trimEnd()}\n`;
}

function show(value: unknown): string {
  if (typeof value === 'string' && plainText.test(value)) return value;
  // JSON escapes control characters below U+0020 only.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
