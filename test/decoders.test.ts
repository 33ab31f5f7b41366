import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseClientMessage } from '../generated/index.js';
import { encode, messageOf } from '../reference-server/core/delivery.js';
import { splice } from '../reference-server/fast-path/splice.js';
import { lacks } from './programs.js';

const here = (name: string) => fileURLToPath(new URL(`./decoders/${name}`, import.meta.url));
const stamp = { room_id: 'standup', sender_id: 'mallory', timestamp: '2026-03-01T09:30:00.000Z' };

/** Members that some decoder may read as others than this server does. */
const piece = fc.constantFrom(
  ...[
    '"sender_id":"alice"',
    '"Sender_ID":"alice"',
    '"SENDER_ID":null',
    '"\\u0073ender_id":"alice"',
    '"\u017fender_id":"alice"',
  ],
  ...['"type":"offer"', '"Type":"answer"', '"TYPE":7', '"typ\\u0065":"offer"'],
  ...['"sdp":"v=0"', '"SDP":"other"', '"Sdp":null', '"sdp":"\\u0000\\u2028"', '"sdp":"x\\"sdp\\":1"'],
  ...['"target_user_id":"bob"', '"Target_User_Id":"carol"', '"target_user_id":null', '"tARGET_user_\u0131d":"carol"'],
  ...['"room_id":"standup"', '"ROOM_ID":"elsewhere"', '"room_id":null', '"Payload":{"sender_id":"alice"}'],
  ...['"x":1e400', '"x":-1E+999', `"x":${'9'.repeat(400)}`, '"x":[1e5,0.1]', '"x":{"sender_id":"alice"}'],
  ...['"__proto__":{"sender_id":"alice"}', '"x":"\\ud83d\\ude00"', '"":""', '"timestamp":null', '"x":true'],
  ...[`"x":${'['.repeat(61)}${']'.repeat(61)}`, `"x":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`],
);
const members = fc.array(piece, { maxLength: 5 });
const hostile = fc.tuple(members, members, members).map(([before, inside, after]) => {
  const payload = `"payload":{${['"type":"offer"', '"sdp":"v=0"', ...inside].join(' , ')}}`;
  return `{${['"type":"offer"', ...before, payload, ...after].join(',')}}`;
});

/** What the server relays of a text; undefined where it relays nothing. */
function relay(text: string): { text: string; read: unknown[] } | undefined {
  const parsed = parseClientMessage(text, stamp.room_id);
  if (!parsed.ok) return undefined;
  const { message } = parsed;
  const source = { data: Buffer.from(text), text };
  const frame = splice(source, message, stamp);
  const relayed = frame
    ? frame.toString().slice(frame.toString().indexOf('{'))
    : encode(messageOf({ type: 'relay', to: ['x'], message, stamp, source: undefined })).toString();
  const {
    target_user_id: target = null,
    type,
    sdp,
  } = message.payload as { target_user_id?: string | null; type: string; sdp: string };
  return { text: relayed, read: [message.type, stamp.room_id, stamp.sender_id, stamp.sender_id, target, type, sdp] };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'decoders-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const decoders: [string, string, string, (input: string) => string][] = [
  ['JSON.parse', 'node', 'nodejs', (input) => input.split('\n').map(readHere).join('\n')],
  [
    'Python, the first of two wins',
    'python3',
    'python3',
    (input) => run('python3', [here('decode.py'), 'first'], input),
  ],
  ['Python, the last of two wins', 'python3', 'python3', (input) => run('python3', [here('decode.py'), 'last'], input)],
  ['Go, in any letter case', 'go', 'golang-go', (input) => run('go', ['run', here('decode.go')], input)],
  ['Perl', 'perl', 'perl', (input) => run('perl', [here('decode.pl')], input)],
];

function readHere(line: string): string {
  const { type, room_id, sender_id, payload } = JSON.parse(Buffer.from(line, 'base64').toString());
  return JSON.stringify([
    type,
    room_id,
    sender_id,
    payload.sender_id,
    payload.target_user_id ?? null,
    payload.type,
    payload.sdp,
  ]);
}

function run(program: string, args: string[], input: string): string {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GOCACHE: path.join(folder, 'go'),
    GOFLAGS: '-mod=mod',
    GO111MODULE: 'off',
  };
  return execFileSync(program, args, { input, env, maxBuffer: 2 ** 26 })
    .toString()
    .trim();
}

describe('what is relayed is what was validated', () => {
  const relayed = fc.sample(hostile, { numRuns: 6_000, seed: 7 }).flatMap((text) => relay(text) ?? []);

  it('of many hostile texts some are relayed', () => {
    expect(relayed.length).toBeGreaterThan(200);
  });

  for (const [name, program, packageName, decode] of decoders) {
    it.skipIf(lacks(program, packageName))(
      `in ${name}`,
      () => {
        const input = relayed.map(({ text }) => Buffer.from(text).toString('base64')).join('\n');
        const read = decode(input)
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(read).toHaveLength(relayed.length);
        for (const [index, { text, read: own }] of relayed.entries()) expect(read[index], text).toEqual(own);
      },
      60_000,
    );
  }
});
