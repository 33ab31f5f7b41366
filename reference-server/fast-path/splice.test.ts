import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMap, isScalar, parseDocument } from 'yaml';
import { type ClientMessage, parseClientMessage } from '../../generated/index.js';
import { messageOf } from '../core/delivery.js';
import { splice } from './splice.js';

const stamp = { room_id: 'standup', sender_id: 'alice', timestamp: '2026-03-01T09:30:00.000Z' };

function spliceText(text: string, senderId = stamp.sender_id): string | undefined {
  const parsed = parseClientMessage(text, stamp.room_id);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const frame = splice({ data: Buffer.from(text), text }, parsed.message, { ...stamp, sender_id: senderId });
  return frame?.toString('utf8', (frame[1] ?? 0) < 126 ? 2 : 4);
}

/** Every value the members at a path have, duplicates included. */
function valuesOf(text: string, path: string[]): unknown[] {
  let nodes: unknown[] = [parseDocument(text, { uniqueKeys: false, schema: 'json' }).contents];
  for (const name of path) {
    nodes = nodes.flatMap((node) =>
      isMap(node) ? node.items.flatMap(({ key, value }) => (isScalar(key) && key.value === name ? [value] : [])) : [],
    );
  }
  return nodes.map((node) => (isScalar(node) ? node.value : node));
}

// Objects within are written anew, so most have none.
const extra = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.array(fc.string()), fc.constant({})) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const times = <T>(count: number, value: T): T[] => Array(count).fill(value);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const target = optional(fc.option(fc.string(), { nil: null }));
const payload = fc.oneof(
  fc.record({
    type: fc.constant('offer'),
    sdp: fc.string({ minLength: 1, unit: 'binary' }),
    target_user_id: target,
    x: extra,
  }),
  fc.record({
    candidate: fc.string(),
    sdp_mid: optional(fc.string()),
    target_user_id: target,
    x_member: extra,
  }),
);
const message = payload.chain((content) =>
  fc.record({
    x_before: optional(extra),
    type: fc.constant('type' in content ? 'offer' : 'ice_candidate'),
    payload: fc.constant(content),
    room_id: optional(fc.constantFrom(...times(4, stamp.room_id), null)),
    timestamp: optional(fc.constantFrom(...times(4, '2026-01-01T00:00:00Z'), null)),
    x_after: optional(extra),
    sender_id: fc.constantFrom(...times(6, undefined), 'alice', 'mallory', null),
  }),
);

test('a spliced text says what the message written anew would say', () => {
  let spliced = 0;
  fc.assert(
    fc.property(
      message,
      fc.constantFrom(undefined, 1, '\t'),
      fc.constantFrom('alice', 'Zoë "Q" 🎈'),
      (value, indent, senderId) => {
        const text = JSON.stringify(value, null, indent);
        const result = spliceText(text, senderId);
        if (result === undefined) return;
        spliced += 1;
        const message = JSON.parse(text) as ClientMessage;
        const relay = { type: 'relay' as const, to: [], message, source: undefined };
        const expected = messageOf({ ...relay, stamp: { ...stamp, sender_id: senderId } });
        expect(JSON.parse(result)).toEqual(JSON.parse(JSON.stringify(expected)));
      },
    ),
    { numRuns: 2000 },
  );
  expect(spliced).toBeGreaterThan(500);
});

describe('a text that cannot just be added to is left to be written anew', () => {
  const sdp = '"type":"offer","sdp":"v=0"';
  test.each([
    ['sender_id on the envelope', `{"sender_id":"bob","type":"offer","payload":{${sdp}}}`],
    ['sender_id in the payload', `{"type":"offer","payload":{${sdp},"sender_id":"bob"}}`],
    ['sender_id in disguise', `{"type":"offer","payload":{${sdp},"\\u0073ender_id":"bob"}}`],
    ['two payloads', `{"type":"offer","payload":{"type":"offer","sdp":"first"},"payload":{${sdp}}}`],
    ['two targets', `{"type":"offer","payload":{${sdp},"target_user_id":"bob","target_user_id":"carol"}}`],
    ['two descriptions', '{"type":"offer","payload":{"type":"offer","sdp":"v=1","sdp":"v=0"}}'],
    ['a payload in disguise', `{"type":"offer","pa\\u0079load":{${sdp}}}`],
    ['a payload in the payload', `{"type":"offer","payload":{${sdp},"payload":1}}`],
    ['two types', `{"type":"answer","type":"offer","payload":{${sdp}}}`],
    ['a room that is null', `{"type":"offer","room_id":null,"payload":{${sdp}}}`],
    ['a time that is null', `{"type":"offer","timestamp":null,"payload":{${sdp}}}`],
    ['a type deeper down', `{"type":"offer","payload":{${sdp},"x":{"type":"y"}}}`],
  ])('%s', (_, text) => {
    expect(spliceText(text)).toBeUndefined();
  });
});

test('a sender that is the right one already is left as it is', () => {
  const text = '{"type":"offer","sender_id":"alice","payload":{"type":"offer","sdp":"v=0","sender_id":"alice"}}';
  expect(valuesOf(spliceText(text) ?? '', ['sender_id'])).toEqual(['alice']);
  expect(valuesOf(spliceText(text) ?? '', ['payload', 'sender_id'])).toEqual(['alice']);
  expect(spliceText(text, 'bob')).toBeUndefined();
});

test('whatever a text is made of, what is spliced names the sender once in each place', () => {
  const piece = fc.constantFrom(
    ...[
      '"type":"offer"',
      '"sdp":"v=0"',
      '"payload":{"type":"offer","sdp":"x"}',
      '"sender_id":"bob"',
      '"\\u0073ender_id":1',
    ],
    ...[
      '"room_id":"standup"',
      '"x":{"payload":{"sender_id":2}}',
      '"y":"\\"sender_id\\":"',
      '"target_user_id":"carol"',
      '"z":[{"type":1}]',
    ],
  );
  const object = fc.array(piece, { maxLength: 6 });
  fc.assert(
    fc.property(object, object, object, (before, inside, after) => {
      const inner = ['"type":"offer"', '"sdp":"v=0"', ...inside].join(',');
      const text = `{${['"type":"offer"', ...before, `"payload":{${inner}}`, ...after].join(',')}}`;
      if (!parseClientMessage(text, stamp.room_id).ok) return;
      const result = spliceText(text);
      if (result === undefined) return;
      expect(valuesOf(result, ['sender_id'])).toEqual(['alice']);
      expect(valuesOf(result, ['payload', 'sender_id'])).toEqual(['alice']);
      expect(valuesOf(result, ['payload', 'target_user_id']).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 3000 },
  );
});
