import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Profile, plainProfile } from '../../conformance/inputs/profile.js';
import { Secrets } from '../../conformance/inputs/secrets.js';
import { parseTarget } from '../../conformance/inputs/target.js';
import { mintTokens } from '../../conformance/inputs/tokens.js';
import { run } from '../../conformance/run/runner.js';
import { freePort } from '../../test/ports.js';
import { killPrograms, startService } from '../../test/programs.js';

const secret = 'a-secret-of-the-guide-that-is-long-enough';
const modules = 'fastapi, uvicorn, jwt, websockets';
const python = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', `import ${modules}`], { stdio: 'ignore' }).status === 0,
);
const isLacking = python === undefined && process.env.CI !== 'true';
if (isLacking)
  console.warn(
    `SKIPPED: tests that need Python with ${modules} (apt-get install python3-fastapi python3-uvicorn python3-jwt python3-websockets)`,
  );

const folders: string[] = [];
afterEach(async () => {
  await killPrograms();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Changes to the text of the guide's server: each has to be there, or the guide has changed, and this test with it. */
type Changes = Record<string, string>;

/** Runs the suite against the guide's server on uvicorn as it comes, changed in places. Gives the rules that failed. */
async function judge(changes: Changes = {}, profile: Partial<Profile> = {}, timeoutMs = 5000) {
  const folder = await mkdtemp(path.join(tmpdir(), 'guide-'));
  folders.push(folder);
  let text = await readFile(new URL('fastapi_server.py', import.meta.url), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`there is no "${from}" in the server of the guide`);
    text = text.replace(from, to);
  }
  await writeFile(path.join(folder, 'fastapi_server.py'), text);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const isUp = async () => (await fetch(`${url}/webrtc/config`).catch(() => undefined))?.status === 401;
  const command = ['-m', 'uvicorn', '--app-dir', folder, '--port', String(port), 'fastapi_server:app'];
  await startService(isUp, python ?? 'python3', command, { JWT_SECRET: secret });
  const secrets = new Secrets();
  const report = await run({
    targets: [parseTarget(url)],
    tokens: await mintTokens({ key: secret, algorithm: 'HS256', origin: 'its own tokens' }, secrets),
    secrets,
    profile: { ...plainProfile, ...profile },
    timeoutMs,
  });
  const having = (wanted: string) =>
    report.coverage.requirements.flatMap(({ id, outcome }) => (outcome === wanted ? [id] : []));
  return { exitCode: report.summary.exitCode, failed: having('fail'), open: having('inconclusive') };
}

/** Each message that goes out waits, in order. */
const slow: Changes = {
  '                await self.socket.send_text(item)': [
    '                await asyncio.sleep(due - asyncio.get_running_loop().time())',
    '                await self.socket.send_text(item)',
  ].join('\n'),
  '                item = await self.outbox.get()': ['                due, item = await self.late.get()'].join('\n'),
  '        self.outbox: asyncio.Queue[str | int] = asyncio.Queue()': [
    '        self.late: asyncio.Queue = asyncio.Queue()',
    '        self.outbox = self',
    '',
    '    def put_nowait(self, item) -> None:',
    '        self.late.put_nowait((asyncio.get_running_loop().time() + 0.25, item))',
  ].join('\n'),
};

/** Old messages are sent to whoever comes. */
const replaying: Changes = {
  'rooms: dict[str, dict[str, Member]] = {}':
    'rooms: dict[str, dict[str, Member]] = {}\nhistory: dict[str, list[str]] = {}\nseen: set[tuple[str, str]] = set()',
  '    target_id = payload.get("target_user_id")':
    '    history.setdefault(room_id, []).append(relayed)\n    target_id = payload.get("target_user_id")',
  '    joined = {key: member.info[key]': [
    '    if (room_id, member.user_id) in seen:',
    '        for old in history.get(room_id, []):',
    '            member.outbox.put_nowait(old)',
    '    seen.add((room_id, member.user_id))',
    '    joined = {key: member.info[key]',
  ].join('\n'),
};

/** Twenty messages at once and ten a second. */
const strict: Changes = {
  'def receive(room_id: str, sender: Member, text: str) -> None:': [
    'def receive(room_id: str, sender: Member, text: str) -> None:',
    '    at = asyncio.get_running_loop().time()',
    '    before, left = getattr(sender, "bucket", (at, 20.0))',
    '    left = min(20.0, left + (at - before) * 10)',
    '    sender.bucket = (at, left - 1 if left >= 1 else left)',
    '    if left < 1:',
    '        wait = int((1 - left) * 100) + 1',
    '        refused = error(room_id, "RATE_LIMIT_EXCEEDED", "Slow down.", retry_after_ms=wait)',
    '        return sender.outbox.put_nowait(refused)',
  ].join('\n'),
};

/** As the guide says: a room id with a slash in it matches no route, so that its refusal is an HTTP 403. */
const conformant = { exitCode: 0, failed: ['AUTH-8'], open: [] };

describe.skipIf(isLacking)('the server of the guide on uvicorn as it comes', () => {
  it('is conformant', async () => {
    expect(await judge()).toEqual(conformant);
  }, 120_000);

  it('is conformant where each message takes its time', async () => {
    expect(await judge(slow, {}, 10_000)).toEqual(conformant);
  }, 300_000);

  it('is conformant with a strict limit that it claims', async () => {
    const rateLimit = { burst: 20, perSecond: 10 };
    const claims = { features: new Set(['rate-limit'] as const), rateLimit };
    expect(await judge(strict, claims)).toEqual(conformant);
  }, 120_000);

  it('is not, where it replays what was said to whoever comes back', async () => {
    // Her own messages come back to her, and what was for others.
    expect(await judge(replaying)).toMatchObject({ exitCode: 1, failed: ['AUTH-8', 'JOIN-10', 'RELAY-1', 'RELAY-3'] });
  }, 120_000);
});
