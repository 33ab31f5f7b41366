import { serverMessageTypes } from '../../generated/index.js';

/** Reads a message as it was meant. */
export type Dialect = (message: Record<string, unknown>) => Record<string, unknown>;

const snake = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[- ]/g, '_')
    .toLowerCase();

/**
 * What a first message like `room-state` or `roomState` says about the server's spelling: from then on names are read in
 * snake case, so that the other rules can be judged as well. Undefined where the type is spelt right or is another word.
 */
export function recogniseDialect(type: string): Dialect | undefined {
  const meant = (serverMessageTypes as readonly string[]).includes(snake(type));
  return meant && snake(type) !== type ? readInSnakeCase : undefined;
}

function readInSnakeCase(message: Record<string, unknown>): Record<string, unknown> {
  const { type, ...members } = message;
  return { ...(renamed(members) as object), type: typeof type === 'string' ? snake(type) : type };
}

/** Members that the kit reads. Others are content, and stay as they are. */
const names = new Set([
  'payload',
  'room_id',
  'sender_id',
  'participants',
  'participant_count',
  'user_id',
  'joined_at',
  'target_user_id',
  'sdp_mid',
  'sdp_m_line_index',
  'username_fragment',
  'retry_after_ms',
]);

/** Names of the protocol stand at most four levels deep: those of participants. */
function renamed(value: unknown, depth = 4): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, depth - 1));
  const entries = Object.entries(value).map(([name, member]) => {
    const meant = snake(name);
    return [names.has(meant) ? meant : name, renamed(member, depth - 1)];
  });
  return Object.fromEntries(entries);
}
