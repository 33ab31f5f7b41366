import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { encodeFrame, opcodes } from '../conformance/frames.js';
import { channelPath, checkServerMessage, parseClientMessage } from '../generated/index.js';
import { schemaCases } from '../generated/schema-cases.js';
import { createSignalingServer, type SignalingServer } from '../reference-server/server.js';

const secret = 'a secret for fuzzing only, 32 bytes';
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const inputs = Number(process.env.FUZZ_INPUTS ?? 20_000);
let server: SignalingServer;

beforeAll(async () => {
  server = await createSignalingServer({ admission: { secret } });
});

afterAll(() => server.close({ graceMs: 500 }));

async function connect(user: string): Promise<{ socket: WebSocket; received: string[] }> {
  const key = new TextEncoder().encode(secret);
  const token = await new SignJWT({ sub: user }).setProtectedHeader({ alg: 'HS256' }).sign(key);
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${channelPath('fuzz')}?token=${token}`);
  const received: string[] = [];
  socket.on('message', (data) => received.push(data.toString()));
  await once(socket, 'message');
  return { socket, received };
}

/** A correct message, bent: by a case of the schemas, by odd values, or by cutting and pasting its text. */
const value = fc.jsonValue({ maxDepth: 3 });
const bySchema = fc.constantFrom(...schemaCases).map(({ type, pointer, ...change }) => {
  const payload: Record<string, unknown> = type === 'ice_candidate' ? { candidate: 'x' } : { type, sdp: 'v=0' };
  const message: Record<string, unknown> = { type, payload };
  const name = pointer.split('/').at(-1) ?? '';
  const parent = pointer.startsWith('/payload/') ? payload : message;
  if ('value' in change) parent[name] = change.value;
  else delete parent[name];
  return JSON.stringify(message);
});
const byValue = fc
  .record(
    {
      type: fc.oneof(fc.constantFrom('offer', 'answer', 'ice_candidate', 'room_state'), value),
      payload: value,
      sender_id: value,
      x: value,
    },
    { requiredKeys: [] },
  )
  .map((message) => JSON.stringify(message));
const byText = fc
  .tuple(bySchema, fc.nat(200), fc.nat(20), fc.string({ unit: 'binary', maxLength: 8 }))
  .map(([text, at, length, paste]) => text.slice(0, at) + paste + text.slice(at + length));
const text = fc.oneof(bySchema, byValue, byText, fc.string({ unit: 'binary', maxLength: 60 }));

it(`answers or relays ${inputs} bent messages, and nobody else is disturbed (FUZZ_SEED=${seed})`, {
  timeout: 3_600_000,
}, async () => {
  const [mallory, bob] = await Promise.all([connect('mallory'), connect('bob')]);
  const batch = fc.sample(text, { seed, numRuns: inputs });
  let answers = 0;
  for (let start = 0; start < batch.length; start += 500) {
    const from = { mallory: mallory.received.length, bob: bob.received.length };
    const part = batch.slice(start, start + 500);
    for (const input of part) mallory.socket.send(input);
    mallory.socket.send(
      JSON.stringify({ type: 'ice_candidate', payload: { candidate: `fence ${start}`, target_user_id: 'bob' } }),
    );
    while (!bob.received.at(-1)?.includes(`fence ${start}"`)) {
      expect(mallory.socket.readyState, `input after ${start}`).toBe(WebSocket.OPEN);
      await once(bob.socket, 'message', { signal: AbortSignal.timeout(20_000) });
    }
    bob.socket.send(
      JSON.stringify({ type: 'ice_candidate', payload: { candidate: `back ${start}`, target_user_id: 'mallory' } }),
    );
    while (!mallory.received.at(-1)?.includes(`back ${start}"`))
      await once(mallory.socket, 'message', { signal: AbortSignal.timeout(20_000) });
    const errors = mallory.received.slice(from.mallory, -1);
    const relayed = bob.received.slice(from.bob, -1);
    for (const message of [...errors, ...relayed])
      expect(checkServerMessage(JSON.parse(message)), message).toMatchObject({ ok: true });
    expect(errors.every((message) => message.includes('"error"'))).toBe(true);
    // Each input has exactly one outcome: an answer, or a delivery to the one other participant.
    expect(errors.length + relayed.length).toBe(part.length);
    answers += errors.length;
    const faults = part.filter((input) => !parseClientMessage(input, 'fuzz').ok).length;
    expect(errors.length).toBeGreaterThanOrEqual(faults);
    mallory.received.length = 0;
    bob.received.length = 0;
  }
  expect(answers).toBeGreaterThan(0);
  for (const { socket } of [mallory, bob]) socket.close();
});

it(`survives frames that break the WebSocket protocol (FUZZ_SEED=${seed})`, { timeout: 3_600_000 }, async () => {
  const { socket: bob, received } = await connect('bob');
  const frame = fc
    .tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...Object.values(opcodes)))
    .map(([first, second, bytes, opcode]) =>
      first % 2 === 0
        ? Buffer.concat([Buffer.from([first, second]), bytes])
        : encodeFrame(opcode, bytes, { fin: first % 3 > 0 }),
    );
  const bursts = fc.sample(fc.array(frame, { minLength: 1, maxLength: 5 }), { seed, numRuns: Math.ceil(inputs / 100) });
  for (const burst of bursts) {
    const { socket } = await connect('mallory');
    socket.on('error', () => {}); // what comes back may be a close that does not fit what was sent
    const transport = (socket as unknown as { _socket: NodeJS.WritableStream & { destroy(): void } })._socket;
    for (const bytes of burst) transport.write(bytes);
    socket.terminate();
  }
  const carol = await connect('carol');
  carol.socket.send(
    JSON.stringify({ type: 'ice_candidate', payload: { candidate: 'still here', target_user_id: 'bob' } }),
  );
  while (!received.at(-1)?.includes('still here')) await once(bob, 'message', { signal: AbortSignal.timeout(20_000) });
  for (const one of [bob, carol.socket]) one.close();
});
