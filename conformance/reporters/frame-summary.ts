/** A frame in one line: its type, whom it is for or from, and what matters in its payload; long values are cut. */
export function summarise(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return JSON.stringify(text);
  }
  const { type, payload, ...envelope } = (value ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof payload !== 'object' || payload === null) return text;
  const { target_user_id, participants, room_id: _, ...rest } = payload as Record<string, unknown>;
  const from = 'sender_id' in envelope ? ` from ${brief(envelope.sender_id)}` : '';
  const to = target_user_id === undefined ? '' : ` to ${brief(target_user_id)}`;
  const members = Array.isArray(participants) ? [`participants: ${participants.map(nameOf).join(', ')}`] : [];
  const parts = [...members, ...Object.entries(rest).map(([name, member]) => `${name}: ${brief(member)}`)];
  return `${type}${from}${to} {${parts.join(', ')}}`;
}

function nameOf(participant: unknown): string {
  return String((participant as { user_id?: unknown } | null)?.user_id);
}

function brief(value: unknown): string {
  // Only the surface of a value is shown: hostile ones nest too deeply to be written at all.
  if (Array.isArray(value)) return `[${value.length} items]`;
  if (typeof value === 'object' && value !== null) return `{${Object.keys(value).slice(0, 5).join(', ')}}`;
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 40 ? `${text.slice(0, 32)}…"` : text;
}
