import type { TraceEvent } from '../trace/trace-event.js';
import { summarise } from './frame-summary.js';

/** What happened, in words for people. */
export interface EventWords {
  /** From the participant to the server, from the server, or at the participant alone. */
  direction: 'out' | 'in' | 'own';
  /** What is carried, or what becomes of the connection. */
  role: 'message' | 'connection';
  /** A few words: the type of a message, the code of a close. */
  label: string;
  /** One line with what matters. */
  gist: string;
  /** All of it: the frame as it was, or what happened. */
  text: string;
}

/** Says what happened. Texts of the server stand in it as they came: whoever prints them makes them harmless. */
export function wordsOf(event: TraceEvent): EventWords {
  switch (event.kind) {
    case 'connect':
      return connection('out', 'connects', `connects to ${event.requestTarget}${at(event.instance)}`);
    case 'identity':
      return connection('own', 'user_id known', `has the user_id ${JSON.stringify(event.userId)}`);
    case 'open': {
      const spoken = event.subprotocol === undefined ? '' : ` with the subprotocol ${event.subprotocol}`;
      return connection('in', 'connected', `is connected${spoken}`);
    }
    case 'refused': {
      const what = event.contentType === '' ? '' : ` (${event.contentType})`;
      return connection('in', `refused ${event.status}`, `handshake answered HTTP ${event.status}${what}`);
    }
    case 'unreachable':
      return connection('in', 'no connection', `cannot connect: ${event.message}`);
    case 'send':
      return frame('out', withLength(event));
    case 'receive':
      return frame('in', withLength(event));
    case 'left-out':
      return connection('own', 'left out', `leaves out ${event.events.toLocaleString('en-US')} events here`);
    case 'send-frames':
      return message('out', 'raw frames', `sends ${event.what}`, rawFrames(event));
    case 'unsent':
      return {
        ...frame('own', event.text),
        label: 'not sent',
        gist: `is closed, so not sent: ${summarise(event.text)}`,
      };
    case 'receive-binary':
      return message('in', 'binary frame', `(binary frame, ${event.bytes} bytes)`);
    case 'flood':
      return connection('own', 'flooded', 'received more than the suite keeps, and cuts the connection');
    case 'ping':
      return connection('out', 'ping', 'sends a ping');
    case 'pong':
      return connection('in', 'pong', 'receives a pong');
    case 'close':
      return event.code === undefined
        ? connection('out', 'close', 'closes without a code')
        : connection('out', `close ${event.code}`, `closes ${event.code}`);
    case 'cut':
      return event.reset
        ? connection('out', 'resets the TCP', 'resets the TCP connection')
        : connection('out', 'cuts the TCP', 'cuts the TCP connection');
    case 'stall':
      return connection('own', 'stops reading', 'stops reading and answering');
    case 'resume':
      return connection('own', 'reads again', 'reads again');
    case 'closed':
      return event.code === 1006
        ? connection('in', 'disconnected', 'is disconnected without a close frame')
        : connection('in', `closed ${event.code}`, `is closed ${event.code} ${event.reason}`.trim());
    case 'request':
      return message('out', `${event.method} ${event.path}`, `${event.method} ${event.path}${at(event.instance)}`);
    case 'response': {
      const gist = `${event.status} ${event.contentType || 'no content type'} ${event.body}`;
      return message('in', String(event.status), gist);
    }
    case 'operator': {
      const where = event.instance === undefined ? 'the service' : nameInstance(event.instance);
      const deeds = { shutdown: 'shuts down', kill: 'kills', start: 'starts' } as const;
      return connection('own', `${deeds[event.action]}`, `${deeds[event.action]} ${where}`);
    }
  }
}

/** As they are counted in the target's list of URLs, from 1. */
function nameInstance(instance: number): string {
  return `instance ${instance + 1}`;
}

function at(instance: number | undefined): string {
  return instance === undefined ? '' : ` (${nameInstance(instance)})`;
}

/** A text, and how long the whole is where this is only its beginning. */
function withLength({ text, length }: { text: string; length?: number }): string {
  return length === undefined ? text : `${text}… (${length.toLocaleString('en-US')} characters in all)`;
}

function connection(direction: EventWords['direction'], label: string, text: string): EventWords {
  return { direction, role: 'connection', label, gist: text, text };
}

function message(direction: EventWords['direction'], label: string, gist: string, text = gist): EventWords {
  return { direction, role: 'message', label, gist, text };
}

function frame(direction: EventWords['direction'], text: string): EventWords {
  return { direction, role: 'message', label: labelOfFrame(text), gist: summarise(text), text };
}

function labelOfFrame(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'text, no JSON';
  }
  const { type, payload } = (value ?? {}) as { type?: unknown; payload?: { code?: unknown } };
  if (typeof type !== 'string') return 'JSON without type';
  const code = type === 'error' ? payload?.code : undefined;
  return typeof code === 'string' ? `error ${code}` : type === '' ? 'type ""' : type.replace(/\s+/g, ' ');
}

function rawFrames({ what, frames }: Extract<TraceEvent, { kind: 'send-frames' }>): string {
  const shown = frames.slice(0, 50).map(({ opcode, fin, bytes, data }) => {
    const content = data === undefined ? '' : `: ${JSON.stringify(data)}`;
    return `${opcode}${fin ? '' : ', to be continued'}, ${bytes} bytes${content}`;
  });
  const more = frames.length > shown.length ? [`and ${frames.length - shown.length} more`] : [];
  return [`sends ${what}`, ...shown, ...more].join('\n');
}
