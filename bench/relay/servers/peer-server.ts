import type { AddressInfo } from 'node:net';
import { PeerServer } from 'peer';

/** PeerServer as it comes; it only knows messages to one other. Clients of the benchmark send it no heartbeats. */
export function start(): Promise<number> {
  const options = { host: '127.0.0.1', port: 0, concurrent_limit: 100_000, alive_timeout: 3_600_000 };
  return new Promise((resolve) => {
    PeerServer(options, (server) => resolve((server.address() as AddressInfo).port));
  });
}
