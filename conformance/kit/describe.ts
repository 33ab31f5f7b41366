import type { Participant } from './participant.js';
import { shorten } from './received.js';

/** What a participant has to show, in words: for "actual". With `since`, only what came after so many frames. */
export function describeState(
  { timeoutMs }: { timeoutMs: number },
  participant: Participant,
  { since = 0 }: { since?: number } = {},
): string {
  const { handshake, closed, received, name } = participant;
  if (handshake?.kind === 'http')
    return `the handshake of ${name} was answered HTTP ${handshake.status} (${handshake.contentType})`;
  if (handshake?.kind === 'error' && received.length === 0)
    return `the connection of ${name} failed: ${handshake.message}`;
  if (!handshake) return `the handshake of ${name} was not answered within ${timeoutMs} ms`;
  const frames = received.slice(since);
  const last = frames
    .slice(-3)
    .map(({ text }) => shorten(text))
    .join(', ');
  const got =
    frames.length === 0 ? 'nothing' : `${frames.length > 3 ? `${frames.length} messages, the last ` : ''}${last}`;
  if (!closed) return `within ${timeoutMs} ms ${name} received ${got}`;
  return `${name} received ${got} and was closed ${closed.code}${closed.reason ? ` (${closed.reason})` : ''}`;
}
