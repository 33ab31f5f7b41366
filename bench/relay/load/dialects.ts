import { tokenFor } from '../secret.js';
import type { Contender, Work } from '../work.js';
import { maskedFrame, opcodes } from './frames.js';

/** How one server is spoken to. */
export interface Dialect {
  /** The request target of the handshake. */
  target(room: string, user: string): string;
  /** Text frames that arrive before a connection can be used; the first is answered with `reply`. */
  greetings: number;
  reply?: Buffer;
  /** What a text frame of one byte, which is a heartbeat, is answered with. */
  heartbeat?: Buffer;
  /** The text of a message; without a target it is for everybody else in the room. */
  encode(message: Work['message'], carried: string, target: string | undefined): string;
}

function signal(message: Work['message'], carried: string, target: string | undefined) {
  const to = target !== undefined && { target_user_id: target };
  if (message === 'offer') return { type: 'offer', payload: { type: 'offer', sdp: carried, ...to } };
  const place = { sdp_mid: '0', sdp_m_line_index: 0, username_fragment: 'EsAw' };
  return { type: 'ice_candidate', payload: { candidate: carried, ...place, ...to } };
}

const opaque: Dialect = {
  target: (room) => `/${room}`,
  greetings: 0,
  encode: (...message) => JSON.stringify(signal(...message)),
};

/** The dialects of all servers. */
export const dialects: Record<Contender, Dialect> = {
  'raw-ws': opaque,
  'u-web-sockets': opaque,
  ours: {
    target: (room, user) => `/webrtc/ws/${room}?token=${tokenFor(user)}`,
    greetings: 1, // room_state
    encode: opaque.encode,
  },
  'socket-io': {
    target: (room, user) => `/socket.io/?EIO=4&transport=websocket&room=${room}&user=${user}`,
    greetings: 2, // The handshake of Engine.IO, then that of the namespace.
    reply: maskedFrame(opcodes.text, '40'),
    heartbeat: maskedFrame(opcodes.text, '3'),
    encode: (...message) => `42${JSON.stringify(['signal', signal(...message)])}`,
  },
  'peer-server': {
    target: (_, user) => `/peerjs?key=peerjs&id=${user}&token=${user}`,
    greetings: 1, // OPEN
    encode(message, carried, dst) {
      const { type, payload } = signal(message, carried, undefined);
      return JSON.stringify({ type: type === 'offer' ? 'OFFER' : 'CANDIDATE', payload, dst });
    },
  },
};
