import { WebSocket } from 'ws';
import { defaultDecisions, type Wire } from '../../run/embedded.js';
import { changeEffects, changeReceived, errorOf, interceptTexts, useWebSocket, WiresOfRooms } from '../alter.js';
import type { Mutant } from '../mutant.js';

/** `ws` answers a close frame with the bytes of its reason, and one that has no code with none. */
function isEcho(code: number | undefined, reason: string | Buffer | undefined): boolean {
  return code === undefined || Buffer.isBuffer(reason);
}

const rateLimit = { burst: 200, perSecond: 100 };
const limited = { options: { rateLimit }, profile: { features: new Set(['rate-limit'] as const), rateLimit } };

/** What waits in one room, and for whom. */
interface Queue {
  slow: Set<Wire>;
  waiting: [Wire, Buffer][];
}

export const connectionMutants: readonly Mutant[] = [
  {
    name: 'no-rate-limit',
    breaks: 'LIMIT-1',
    summary: 'Messages beyond the limit that the profile states are relayed.',
    profile: limited.profile,
  },
  {
    name: 'rate-limit-in-seconds',
    breaks: 'LIMIT-1',
    summary: 'RATE_LIMIT_EXCEEDED says `retry_after`, in seconds, where the protocol has `retry_after_ms`.',
    ...limited,
    decisions: {
      throttle(retryAfterMs) {
        const error = defaultDecisions.throttle(retryAfterMs);
        return error && { ...error, details: { retry_after: retryAfterMs / 1000 } as never };
      },
    },
  },
  {
    name: 'rate-limit-in-words',
    breaks: 'LIMIT-1',
    summary: 'Messages beyond the limit are answered INVALID_MESSAGE.',
    ...limited,
    decisions: {
      throttle(retryAfterMs) {
        const error = defaultDecisions.throttle(retryAfterMs);
        return error && { ...error, code: 'INVALID_MESSAGE' };
      },
    },
  },
  {
    name: 'rate-limit-warns-only',
    breaks: 'LIMIT-1',
    summary: 'Messages beyond the limit are answered RATE_LIMIT_EXCEEDED and relayed all the same.',
    profile: limited.profile,
    decisions: () => {
      const said = new Map<string, number>();
      return changeEffects((event, { room, effects }) => {
        if (event.type !== 'message') return effects;
        const count = (said.get(event.connectionId) ?? 0) + 1;
        said.set(event.connectionId, count);
        const error = defaultDecisions.throttle(1);
        if (count <= limited.profile.rateLimit.burst || error === undefined) return effects;
        const message = { ...errorOf(room.id, event.at, error.code, error.message), payload: error };
        return [...effects, { type: 'deliver', to: [event.connectionId], message }];
      });
    },
  },
  {
    name: 'rate-limit-for-good',
    breaks: 'LIMIT-1',
    summary: 'Once somebody was over the limit, no message passes any more.',
    ...limited,
    decisions: () => {
      let isOver = false;
      return {
        ...changeReceived(({ message }) => (isOver ? undefined : message)),
        throttle(wait) {
          isOver = true;
          return defaultDecisions.throttle(wait);
        },
      };
    },
  },
  {
    name: 'rate-limit-closes-later',
    breaks: 'LIMIT-1',
    summary: 'Who said far more than the limit allows is closed when it has waited and speaks again.',
    ...limited,
    decisions: () => {
      const said = new Map<WebSocket, number>();
      return interceptTexts((_, connection) => {
        const count = (said.get(connection) ?? 0) + 1;
        said.set(connection, count);
        // One when it joined, and all at once what a second allows beyond twice the burst.
        if (count > 1 + 2 * rateLimit.burst + rateLimit.perSecond) setImmediate(() => connection.close(1008, 'flood'));
        return true;
      });
    },
  },
  {
    name: 'no-pong',
    breaks: 'LIVE-1',
    summary: 'A ping is not answered.',
    decisions: { webSocketOptions: { ...defaultDecisions.webSocketOptions, autoPong: false } },
  },
  {
    name: 'hangs-up',
    breaks: 'LIVE-2',
    summary: 'A close frame is answered by cutting the connection.',
    decisions: useWebSocket(
      class extends WebSocket {
        override close(code?: number, reason?: string | Buffer): void {
          if (isEcho(code, reason)) this.terminate();
          else super.close(code, reason);
        }
      },
    ),
  },
  {
    name: 'stays-on',
    breaks: 'LIVE-2',
    summary: 'A close frame is noticed and not answered.',
    decisions: useWebSocket(
      class extends WebSocket {
        override close(code?: number, reason?: string | Buffer): void {
          // What follows from the close happens; only the answer is missing.
          if (isEcho(code, reason)) super.emit('close', code, reason);
          else super.close(code, reason);
        }
      },
    ),
  },
  {
    name: 'shuts-down-as-if-done',
    breaks: 'LIVE-3',
    summary: 'On shutdown each client is closed 1000, after which none comes back.',
    decisions: { shutdownCode: 1000 },
    profile: { features: new Set(['shutdown']) },
  },
  {
    name: 'closes-who-is-idle',
    breaks: 'LIVE-4',
    summary: 'A connection on which no message came for 3 s is closed.',
    profile: { idleSeconds: 3.5 },
    decisions: useWebSocket(
      class extends WebSocket {
        #timer: NodeJS.Timeout | undefined;
        override emit(event: string | symbol, ...details: unknown[]): boolean {
          if (event === 'newListener' || event === 'message') this.#wait();
          return super.emit(event, ...details);
        }
        #wait(): void {
          clearTimeout(this.#timer);
          this.#timer = setTimeout(() => this.close(1000), 3000).unref();
        }
      },
    ),
  },
  {
    name: 'waits-for-the-slowest',
    breaks: 'RELAY-13',
    summary: 'Nothing is sent to anybody in a room while somebody in it has a megabyte waiting.',
    decisions: () => {
      const wires = new WiresOfRooms();
      const queues = new Map<ReadonlySet<Wire>, Queue>();
      const isSlow = ({ socket, transport }: Wire) =>
        socket.readyState === socket.OPEN && transport.writableLength > 1_000_000;
      const drain = (queue: Queue) => {
        while (queue.slow.size === 0) {
          const next = queue.waiting.shift();
          if (next === undefined) return;
          defaultDecisions.write(...next);
          if (isSlow(next[0])) waitFor(next[0], queue);
        }
      };
      const waitFor = (wire: Wire, queue: Queue) => {
        queue.slow.add(wire);
        const goOn = () => {
          wire.transport.off('drain', goOn).off('close', goOn);
          queue.slow.delete(wire);
          drain(queue);
        };
        wire.transport.on('drain', goOn).on('close', goOn);
      };
      return {
        write(wire, frame) {
          const room = wires.learn(wire, frame);
          const queue = queues.get(room) ?? { slow: new Set(), waiting: [] };
          queues.set(room, queue);
          queue.waiting.push([wire, frame]);
          drain(queue);
        },
      };
    },
  },
  {
    name: 'first-after-a-pause-is-lost',
    breaks: 'RELAY-1',
    also: [{ requirement: 'RELAY-2', because: 'what is lost may be for everybody as well' }],
    summary: 'The first message after 3 s of silence is lost.',
    decisions: () => {
      const lastAt = new Map<string, number>();
      return changeReceived(({ connectionId, message }) => {
        const pause = performance.now() - (lastAt.get(connectionId) ?? performance.now());
        lastAt.set(connectionId, performance.now());
        return pause > 3000 ? undefined : message;
      });
    },
  },
  {
    name: 'closes-late-after-errors',
    breaks: 'ERROR-1',
    summary: 'A second after a message was not JSON the connection is closed.',
    decisions: useWebSocket(
      class extends WebSocket {
        override emit(event: string | symbol, ...details: unknown[]): boolean {
          if (event === 'message' && String(details[0]) === 'not JSON')
            setTimeout(() => this.close(1008, 'not JSON'), 1000).unref();
          return super.emit(event, ...details);
        }
      },
    ),
  },
];
