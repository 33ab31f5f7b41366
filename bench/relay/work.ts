import { readFileSync } from 'node:fs';

/** Servers that are compared, by the name on the command line of their process. */
export const contenders = {
  'raw-ws': { label: 'raw ws', broadcasts: true, bringsBufferutil: true },
  ours: { label: 'ours', broadcasts: true, bringsBufferutil: true },
  'socket-io': { label: 'socket.io', broadcasts: true, bringsBufferutil: false },
  'peer-server': { label: 'PeerServer', broadcasts: false, bringsBufferutil: false },
  'u-web-sockets': { label: 'uWebSockets', broadcasts: true, bringsBufferutil: false },
} as const;

/** Name of a server that is compared. */
export type Contender = keyof typeof contenders;

/** What the participants of some rooms do to each other. */
export interface Work {
  name: string;
  /** Says in words what it is. */
  title: string;
  rooms: number;
  /** Participants of each room. */
  size: number;
  /** To one other participant, not to all of them. */
  isTargeted: boolean;
  /** An offer around an SDP of 3000 bytes, or a candidate of 300 bytes in all. */
  message: 'offer' | 'candidate';
  /** Messages under way in each room. */
  inFlight: number;
}

const pairs = { rooms: 50, size: 2, isTargeted: true, inFlight: 4 };
const tens = { rooms: 10, size: 10, isTargeted: false, inFlight: 10 };
const small = { isTargeted: false, message: 'candidate', inFlight: 10 } as const;

/** Work whose cost goals are set for. U is one to one, B is one to all. */
export const comparedWork: readonly Work[] = [
  { ...pairs, name: 'U3', title: '50 rooms of 2, targeted offers of 3 KB', message: 'offer' },
  { ...pairs, name: 'U03', title: '50 rooms of 2, targeted candidates of 300 B', message: 'candidate' },
  { ...tens, name: 'B3', title: '10 rooms of 10, broadcast offers of 3 KB', message: 'offer' },
  { ...tens, name: 'B03', title: '10 rooms of 10, broadcast candidates of 300 B', message: 'candidate' },
];

/** Rooms of growing size, in which candidates are broadcast. */
export const roomSizes: readonly Work[] = [
  { ...small, name: 'R2', title: '50 rooms of 2, broadcast candidates of 300 B', rooms: 50, size: 2 },
  { ...small, name: 'R10', title: '10 rooms of 10, broadcast candidates of 300 B', rooms: 10, size: 10 },
  { ...small, name: 'R50', title: '4 rooms of 50, broadcast candidates of 300 B', rooms: 4, size: 50 },
  { ...small, name: 'R200', title: '1 room of 200, broadcast candidates of 300 B', rooms: 1, size: 200 },
];

/** What each message carries: the beginning of what Chrome really offers, or one candidate. */
export function carried(message: Work['message']): string {
  if (message === 'candidate') {
    return 'candidate:842163049 1 udp 1677729535 203.0.113.77 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag EsAw network-id 1 network-cost 10';
  }
  const example = new URL('../../schemas/examples/offer/valid/chrome-audio-video.json', import.meta.url);
  const { payload } = JSON.parse(readFileSync(example, 'utf8')) as { payload: { sdp: string } };
  return payload.sdp.repeat(2).slice(0, 3_000);
}

/** How many copies of a message arrive. */
export function fanOut({ isTargeted, size }: Pick<Work, 'isTargeted' | 'size'>): number {
  return isTargeted ? 1 : size - 1;
}
