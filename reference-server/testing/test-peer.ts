import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { channelPath, type ServerMessage } from '../../generated/index.js';
import type { SignalingServer } from '../edge/server.js';
import { TestClient, tokenFor } from './test-client.js';

/** A client that can be lost as well, and keeps in short what it heard. */
export class Peer extends TestClient {
  readonly log: string[] = [];
  #transport: Socket | undefined;

  constructor(socket: WebSocket) {
    super(socket);
    socket.on('message', () => this.log.push(...this.received.slice(-1).map(inShort)));
    socket.once('upgrade', (response) => {
      this.#transport = response.socket;
    });
  }

  /** Connects to a room, whatever becomes of it. */
  static async connect({ url }: SignalingServer, room: string, token: string): Promise<Peer> {
    const address = `${url.replace('http', 'ws')}${channelPath(room)}?token=${token}`;
    const peer = new Peer(new WebSocket(address, { perMessageDeflate: false }));
    await once(peer.socket, 'open');
    return peer;
  }

  /** Enters a room. */
  static async join(server: SignalingServer, user: string, room: string): Promise<Peer> {
    const peer = await Peer.connect(server, room, await tokenFor(user));
    await peer.next('room_state');
    return peer;
  }

  /** Says a candidate to a user. */
  say(candidate: string, target: string): void {
    this.send({ type: 'ice_candidate', payload: { candidate, target_user_id: target } });
  }

  /** Leaves in good order. */
  async leave(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }

  /** Breaks the connection with a TCP reset. */
  reset(): void {
    this.#transport?.resetAndDestroy();
  }

  /** How often it heard this. */
  times(line: string): number {
    return this.log.filter((each) => each === line).length;
  }

  /** What it heard from a user. */
  of(user: string): string[] {
    return this.log.filter((line) => line.endsWith(` of ${user}`));
  }
}

function inShort({ type, payload }: ServerMessage): string {
  if (type === 'room_state') return `room_state ${payload.participants.map(({ user_id }) => user_id).join(',')}`;
  if (type === 'user_left') return `user_left ${payload.user_id} ${payload.reason}`;
  if (type === 'user_joined') return `user_joined ${payload.user_id}`;
  if (type === 'error') return `error ${payload.code}`;
  return `${type === 'ice_candidate' ? payload.candidate : `${type} ${payload.sdp}`} of ${payload.sender_id}`;
}
