import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { encodeFrame, opcodes } from '../conformance/kit/frames.js';
import { type ClientMessage, channelPath, checkServerMessage, parseClientMessage } from '../generated/index.js';
import { schemaCases } from '../generated/schema-cases.js';
import { createSignalingServer, type SignalingServer } from '../reference-server/edge/server.js';
import { readExamples } from './examples.js';

const secret = 'a secret for fuzzing only, 32 bytes';
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const inputs = Number(process.env.FUZZ_INPUTS ?? 20_000);
let server: SignalingServer;

beforeAll(async () => {
  server = await createSignalingServer({
    admission: { secret },
    // The same user comes back again and again.
    joinRate: { burst: Number.POSITIVE_INFINITY, perSecond: 1 },
  });
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
/** A message of the examples into which members are put that may stand there already, or mean something to the server. */
const examples = (await readExamples())
  .filter(({ type, validity }) => validity === 'valid' && ['offer', 'answer', 'ice-candidate'].includes(type))
  .map(({ value }) => value as ClientMessage)
  .map(({ room_id, payload, ...message }) => ({ ...message, payload: { ...payload, target_user_id: 'bob' } }));
const members = [
  ...['"sender_id":"mallory"', '"sender_id":"eve"', '"\\u0073ender_id":"eve"', '"__proto__":{"sender_id":"eve"}'],
  ...['"target_user_id":null', '"room_id":"fuzz"', '"room_id":null', '"timestamp":null', '"type":"offer"'],
  ...['"payload":{"candidate":"x"}', '"x":{"payload":{"sender_id":"eve"}}', '"y":[{}]', '"z":"\\"sender_id\\":1"'],
];
const byMember = fc
  .tuple(
    fc.constantFrom(...examples),
    fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...members)), { maxLength: 3 }),
    fc.constantFrom(undefined, 2),
  )
  .map(([example, insertions, indent]) =>
    insertions.reduce(
      (text, [inside, member]) => text.replace(inside ? /("payload":\s*\{)/ : /^(\{)/, (brace) => `${brace}${member},`),
      JSON.stringify(example, null, indent),
    ),
  );
const text = fc.oneof(bySchema, byMember, byValue, byText, fc.string({ unit: 'binary', maxLength: 60 }));

const sender = { sender_id: 'mallory' };
const stamp = { ...sender, room_id: 'fuzz' };

/** The message that an input is to bob, if it is one. */
function wantedByBob(input: string): { input: string; message: ClientMessage }[] {
  const parsed = parseClientMessage(Buffer.from(input).toString(), 'fuzz');
  if (!parsed.ok || (parsed.message.payload.target_user_id ?? 'bob') !== 'bob') return [];
  return [{ input, message: parsed.message }];
}

/** Whether two values are the same in JSON, which knows neither -0 nor infinity. */
function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
}

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
    const wanted = part.flatMap(wantedByBob);
    for (const [index, { input, message }] of wanted.entries()) {
      const got = JSON.parse(relayed[index] ?? 'null');
      const timestamp = message.timestamp ?? got?.timestamp;
      // RELAY-4, RELAY-5: what arrives is what was sent, and the sender. An input that fails here belongs into schemas/examples.
      expect(isSame(got, { ...message, ...stamp, timestamp, payload: { ...message.payload, ...sender } }), input).toBe(
        true,
      );
    }
    expect(relayed).toHaveLength(wanted.length);
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
