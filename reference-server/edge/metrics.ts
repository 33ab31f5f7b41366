import type { WebSocket } from 'ws';
import type { Effect } from '../core/room.js';
import { reasonOfAbandoning } from '../limits/abandoned.js';
import type { Decisions } from './decisions.js';

/** What there is at one moment. */
export interface Census {
  /** Rooms with somebody of this instance in them. */
  rooms: number;
  /** Connections of this instance. */
  connections: number;
  /** Whether this instance reaches what keeps the rooms. */
  isHealthy: boolean;
  /** Whether there are keys to check tokens with. */
  hasKeys: boolean;
}

/** What a Prometheus server may read. */
export interface Metrics {
  readonly contentType: string;
  /** All figures in the text format of Prometheus. */
  text(): Promise<string>;
  /** Makes decisions that are the same, with what they come to counted. */
  count(decisions: Decisions): Decisions;
  /** Counts how a socket ends, and measures how long its messages take; to be called when all else that listens to it does. */
  watch(socket: WebSocket): void;
  /** Counts a handshake that was answered by an HTTP status. */
  answered(status: number): void;
}

const seconds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Starts to count. Rejects if `prom-client`, which is loaded here and nowhere else, is not installed. */
export async function createMetrics(census: () => Census): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read());
      },
    });
  gauge('signaling_rooms', 'Rooms with somebody of this instance in them.', () => census().rooms);
  gauge('signaling_participants', 'Connections of this instance that entered a room.', () => census().connections);
  gauge('signaling_healthy', '1 while this instance reaches what keeps the rooms.', () => Number(census().isHealthy));
  gauge('signaling_keys', '1 while there are keys to check tokens with.', () => Number(census().hasKeys));
  const messages = new Counter({
    name: 'signaling_messages_total',
    help: 'Messages that came in, by type (`none` if they never became one) and by outcome: `relayed`, or the code of the error.',
    labelNames: ['type', 'outcome'] as const,
    registers,
  });
  const refusals = new Counter({
    name: 'signaling_refusals_total',
    help: 'Connections that were refused, by the code of the error or the HTTP status.',
    labelNames: ['code'] as const,
    registers,
  });
  const closes = new Counter({
    name: 'signaling_closes_total',
    help: 'Participants whose connection closed, by close code and by whether the server gave them up as silent or slow.',
    labelNames: ['code', 'given_up'] as const,
    registers,
  });
  const relay = new Histogram({
    name: 'signaling_relay_seconds',
    help: 'From the arrival of a message until it was handed to the sockets of its receivers on this instance, or answered.',
    buckets: seconds,
    registers,
  });

  return {
    contentType: register.contentType,
    text: () => register.metrics(),
    count: (decisions) => ({
      ...decisions,
      transition(room, event) {
        const outcome = decisions.transition(room, event);
        const error = errorIn(outcome.effects);
        if (event.type === 'message') messages.inc({ type: event.message.type, outcome: error ?? 'relayed' });
        if (event.type === 'join' && error !== undefined) refusals.inc({ code: error });
        return outcome;
      },
      report(roomId, error, at) {
        messages.inc({ type: 'none', outcome: error.code });
        return decisions.report(roomId, error, at);
      },
      refuse(error, roomId, at) {
        refusals.inc({ code: error.code });
        return decisions.refuse(error, roomId, at);
      },
    }),
    watch(socket) {
      let began = 0;
      socket.once('close', (code) => {
        closes.inc({ code, given_up: reasonOfAbandoning(socket) === undefined ? 'no' : 'yes' });
      });
      socket.prependListener('message', () => {
        began = performance.now();
      });
      socket.on('message', () => relay.observe((performance.now() - began) / 1000));
    },
    answered: (status) => refusals.inc({ code: String(status) }),
  };
}

function errorIn(effects: readonly Effect[]): string | undefined {
  for (const effect of effects) {
    if (effect.type === 'deliver' && effect.message.type === 'error') return effect.message.payload.code;
  }
  return undefined;
}
