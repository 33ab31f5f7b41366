/** Where two JSON values differ, as `path: sent → arrived`; empty where they are the same. */
export function jsonDifferences(sent: unknown, arrived: unknown, path = ''): string[] {
  if (isPlain(sent) && isPlain(arrived)) {
    const names = new Set([...Object.keys(sent), ...Object.keys(arrived)]);
    return [...names].flatMap((name) => {
      const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (!Object.hasOwn(arrived, name)) return [`${at}: ${show(sent[name])} → absent`];
      if (!Object.hasOwn(sent, name)) return [`${at}: absent → ${show(arrived[name])}`];
      return jsonDifferences(sent[name], arrived[name], at);
    });
  }
  if (Array.isArray(sent) && Array.isArray(arrived) && sent.length === arrived.length)
    return sent.flatMap((item, index) => jsonDifferences(item, arrived[index], `${path}/${index}`));
  if (sent === arrived) return [];
  if (typeof sent === 'string' && typeof arrived === 'string') return [`${path}: ${textDifference(sent, arrived)}`];
  return [`${path}: ${show(sent)} → ${show(arrived)}`];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where two texts part, in words. */
export function textDifference(sent: string, arrived: string): string {
  if (arrived === sent.replaceAll('\r\n', '\n')) return 'CRLF became LF';
  if (arrived === sent.trim() || arrived === sent.trimEnd()) return 'white space was trimmed';
  if (arrived === sent.normalize('NFC')) return 'it was normalized to NFC';
  if (sent.startsWith(arrived)) return `it was cut to ${arrived.length} of ${sent.length} characters`;
  let at = 0;
  while (sent[at] === arrived[at]) at += 1;
  const from = Math.max(0, at - 10);
  return `from character ${at} on, ${show(sent.slice(from, from + 40))} → ${show(arrived.slice(from, from + 40))}`;
}

/** JSON on one line, with whatever cannot be seen escaped. */
function show(value: unknown): string {
  const text = (JSON.stringify(value) ?? 'undefined').replace(
    /[\u007f-\u00a0\u200b-\u200f\u2028-\u202e\ufeff]|\p{M}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
