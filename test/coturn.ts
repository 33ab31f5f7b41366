import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultOfIceServer } from '../conformance/ice/ice-check.js';
import { accepts, freePort } from './ports.js';
import { killPrograms, startService } from './programs.js';

/** A TURN server on loopback. */
export interface Coturn {
  port: number;
  stop(): Promise<void>;
}

/** Starts coturn on a free port; `authentication` are its options about who may use it. */
export async function startCoturn(...authentication: string[]): Promise<Coturn> {
  const folder = await mkdtemp(path.join(tmpdir(), 'coturn-'));
  const port = await freePort();
  const isUp = async () =>
    (await accepts(port)) && (await faultOfIceServer({ url: `stun:127.0.0.1:${port}` }, 1_000)) === undefined;
  await startService(isUp, 'turnserver', [
    ...['-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--realm=test'],
    ...['--no-tls', '--no-dtls', '--no-cli', '--log-file=stdout', ...authentication],
    ...[`--userdb=${folder}/turndb`, `--pidfile=${folder}/pid`],
  ]);
  return {
    port,
    async stop() {
      await killPrograms();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
