import { answer } from './calls.js';
import { Connection } from './load/connection.js';
import { dialects } from './load/dialects.js';
import { Group, type GroupRequest, roomName, type Traffic } from './load/group.js';
import type { Contender } from './work.js';

/** People who come and go again. */
export interface Comings {
  contender: Contender;
  port: number;
  /** How many come. */
  count: number;
  /** How many rooms they come to, each with the name that a {@link Group} gives it. */
  rooms: number;
}

const groups = new Map<string, Group>();
const comingAtOnce = 8;

function group(name: string): Group {
  const found = groups.get(name);
  if (found === undefined) throw new Error(`nobody is connected as ${name}`);
  return found;
}

const calls = {
  async open(name: string, request: GroupRequest): Promise<void> {
    groups.set(name, await Group.open(request));
  },
  saturate: (name: string, milliseconds: number): Promise<Traffic> => group(name).saturate(milliseconds),
  pace: (name: string, milliseconds: number, perSecond: number): Promise<Traffic> =>
    group(name).pace(milliseconds, perSecond),
  close(name: string): void {
    group(name).close();
    groups.delete(name);
  },
  async comeAndGo({ contender, port, count, rooms }: Comings): Promise<void> {
    const dialect = dialects[contender];
    // Far apart, so that two who come at the same time meet in no room.
    const targets = Array.from({ length: count }, (_, index) =>
      dialect.target(roomName((index * 7_919) % rooms), `guest-${index}`),
    );
    let next = 0;
    await Promise.all(
      Array.from({ length: comingAtOnce }, async () => {
        while (next < count) {
          const target = targets[next++] ?? '';
          const connection = await Connection.open(port, target, dialect);
          connection.abandon();
        }
      }),
    );
  },
};

/** What the load client's process answers. */
export type LoadCalls = typeof calls;

answer(calls);
