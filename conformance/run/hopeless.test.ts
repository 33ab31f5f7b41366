import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { locate } from '../../reference-server/core/place.js';
import { runConformance } from '../commands/cli.js';
import {
  findClosedPort,
  type HopelessServer,
  startClosing,
  startEcho,
  startHtml,
  startMute,
  startSilent,
} from '../testing/hopeless.js';
import { startEmbedded } from './embedded.js';

interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the command against a server that is stopped afterwards; in what it prints, the port becomes PORT. */
async function judge(server: HopelessServer): Promise<Ended> {
  const printed = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    ({
      write(text: string) {
        printed[name] += text;
        return true;
      },
    }) as NodeJS.WriteStream;
  const env = { SECRET: server.secret ?? randomBytes(32).toString('base64url') };
  const argv = ['--target', server.url, '--jwt-secret-env', 'SECRET'];
  try {
    const exitCode = await runConformance(argv, { stdout: stream('stdout'), stderr: stream('stderr'), env });
    const plain = (text: string) =>
      text.replaceAll(`:${new URL(server.url).port}`, ':PORT').replace(/alice-[0-9a-f]{8}/, 'alice-RUN');
    return { exitCode, stdout: plain(printed.stdout), stderr: plain(printed.stderr) };
  } finally {
    await server.close();
  }
}

/** The first lines of a report, each without the spaces at its ends. */
function headOf(stdout: string): string[] {
  return stdout
    .split('\n')
    .slice(2, 8)
    .map((line) => line.trim());
}

/** Servers that let somebody connect and nobody join: the report names JOIN-1 alone. */
const unanswering: [string, () => Promise<HopelessServer>, string][] = [
  ['a server that says nothing', startSilent, 'within 5000 ms alice received nothing'],
  ['a server that echoes', startEcho, 'within 5000 ms alice received nothing'],
  ['a server that closes at once', startClosing, 'alice received nothing and was closed 1000'],
];

test.concurrent.each(unanswering)(
  '%s fails JOIN-1 and nothing else',
  async (_what, start, actual) => {
    const { exitCode, stdout, stderr } = await judge(await start());
    expect(exitCode).toBe(1);
    expect(stderr).toBe('');
    expect(headOf(stdout)).toEqual([
      '✗ JOIN-1 MUST',
      'rule       The first message a joiner receives is `room_state`, and it satisfies its schema.',
      expect.stringMatching(/^stated at {2}asyncapi\.yaml:\d+ \(operation announceRoomState\)$/),
      'scenario   whoever joins receives room_state first',
      'expected   whoever joins receives room_state, a JSON object with the list payload.participants',
      `actual     ${actual}`,
    ]);
    expect(stdout.match(/^✗ /gm)).toHaveLength(1);
  },
  15_000,
);

test('a server that takes no room id fails ROOM-1 and nothing else', async () => {
  const fault = { code: 'INVALID_ROOM_ID', message: 'Letters only.' } as const;
  const server = await startEmbedded({
    locate(target, basePath) {
      const place = locate(target, basePath);
      return place && { ...place, fault };
    },
  });
  const { exitCode, stdout, stderr } = await judge(server);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  expect(headOf(stdout)[0]).toBe('✗ ROOM-1 MUST');
  expect(stdout).toMatch(/expected {3}a room whose id is "suite[0-9a-f]{16}" may be entered/);
  expect(stdout.match(/^✗ /gm)).toHaveLength(1);
}, 15_000);

/** What cannot be tested at all, with the one line that says why. */
type Unreachable = [string, () => Promise<HopelessServer>, string];

/** How credentials are told that the server rejects. */
function rejection(answer: string): string {
  return `http://127.0.0.1:PORT/ rejects a token signed with the secret in SECRET (${answer}). Does the server check tokens with the same key, issuer and audience? The token's \`sub\` is "alice-RUN", and it names no \`kid\`. If it wants users that it knows, name them with --jwt-user; if tokens of another form, see --jwt-kid, --jwt-claims, --jwt-user-claim and --token-command; a run needs alice, bob, carol, dave, erin, frank, grace, heidi, mallory, and guest0 to guest15.`;
}

const unreachable: Unreachable[] = [
  [
    'a web site',
    () => startHtml(200),
    'No WebSocket at http://127.0.0.1:PORT/: the handshake for /webrtc/ws/{room_id} was answered HTTP 200 (text/html). Is this the base URL of the signaling service?',
  ],
  [
    'a web site without such a page',
    () => startHtml(404),
    'No WebSocket at http://127.0.0.1:PORT/: the handshake for /webrtc/ws/{room_id} was answered HTTP 404 (text/html). Is this the base URL of the signaling service?',
  ],
  ...[429, 503].map(
    (status): Unreachable => [
      `a server that answers ${status}`,
      () => startHtml(status),
      `http://127.0.0.1:PORT/ lets nobody in at the moment: the handshake was answered HTTP ${status}. Is it starting, or does it limit connections? Wait for it with --wait-for-target, or raise its limit for the suite.`,
    ],
  ),
  [
    'a server that accepts and never answers',
    startMute,
    'http://127.0.0.1:PORT/ did not complete the WebSocket handshake: no answer within 5000 ms.',
  ],
  [
    'a closed port',
    findClosedPort,
    'Nothing listens at http://127.0.0.1:PORT/ (connection refused). Is the server running?',
  ],
  [
    'a server with another secret',
    async () => ({ ...(await startEmbedded()), secret: 'some other secret, long enough for HS256' }),
    rejection("error UNAUTHORIZED: The token's signature does not fit."),
  ],
  ...[1008, 4401].map(
    (code): Unreachable => [
      `a server that closes ${code} right after it accepted`,
      () => startClosing(code),
      rejection(`close ${code} right after the handshake`),
    ],
  ),
  ['a server that refuses every token with 403', () => startHtml(403), rejection('HTTP 403 to the handshake')],
  [
    'a framework that answers 403 where there is no WebSocket',
    () => startHtml(403, 404),
    'http://127.0.0.1:PORT/ answers the handshake for /webrtc/ws/{room_id} HTTP 403, and /webrtc/config 404. Is this the base URL of the signaling service? Some frameworks answer 403 where there is no WebSocket.',
  ],
  ...[426, 404, 400].map(
    (status): Unreachable => [
      `a proxy that strips Upgrade, before a server that answers ${status} then`,
      () => startHtml(status, 200),
      `http://127.0.0.1:PORT/ answers /webrtc/config, and the handshake for /webrtc/ws/{room_id} HTTP ${status}, as if it were no handshake. Does a proxy in front of it strip \`Upgrade\` and \`Connection\`? They are to be passed on (nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection "upgrade"). If there is none, is that the path of its WebSocket?`,
    ],
  ),
  [
    'a server that refuses handshakes with tokens that it takes',
    () => startHtml(403, 200),
    'http://127.0.0.1:PORT/ refuses the handshake for /webrtc/ws/{room_id} with HTTP 403, and answers /webrtc/config with the same token 200: the token is good. Is that the path of its WebSocket, and does the handshake read the token in its query? Some frameworks answer 403 where there is no WebSocket.',
  ],
];

test.concurrent.each(unreachable)(
  '%s is told in one line',
  async (_what, start, line) => {
    expect(await judge(await start())).toEqual({ exitCode: 3, stdout: '', stderr: `${line}\n` });
  },
  15_000,
);
