import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from './relay/fleet.js';
import { FrameWalker, maskedFrame, opcodes } from './relay/load/frames.js';
import { present, Stage } from './relay/process.js';
import { comparedWork, contenders } from './relay/work.js';

let stage: Stage;
let fleet: Fleet;

beforeAll(async () => {
  stage = await Stage.open();
  const entrants = present().map((contender) => [contender, { contender, instances: [{}] }]);
  fleet = await Fleet.open(stage, Object.fromEntries(entrants));
}, 60_000);

afterAll(async () => {
  await fleet?.close();
  await stage?.close();
}, 60_000);

describe('every contender of the relay benchmark delivers all it has to', () => {
  for (const work of comparedWork) {
    it(work.title, async () => {
      const able = present().filter((name) => contenders[name].broadcasts || work.isTargeted);
      const found = await fleet.compare(able, [work], { rounds: 1, milliseconds: 200, isWarm: true });
      for (const name of able) {
        const [turn] = found.get(work)?.[name] ?? [];
        expect(turn?.sent, name).toBeGreaterThan(0);
        expect(turn?.delivered, name).toBe((turn?.sent ?? 0) * (work.isTargeted ? 1 : work.size - 1));
      }
    }, 120_000);
  }
});

describe('the load client', () => {
  it('finds frames of all sizes, however they are cut', () => {
    const lengths = [0, 1, 125, 126, 3_000, 65_535, 65_536];
    const stream = Buffer.concat(lengths.map(unmaskedFrame));
    for (const step of [1, 7, 1_000, stream.length]) {
      const found: number[] = [];
      const walker = new FrameWalker((opcode, length) => {
        expect(opcode).toBe(opcodes.text);
        found.push(length);
      });
      for (let at = 0; at < stream.length; at += step) walker.walk(stream, at, Math.min(at + step, stream.length));
      expect(found).toEqual(lengths);
    }
  });

  it('masks what it sends', () => {
    const frame = maskedFrame(opcodes.text, 'x'.repeat(300));
    const mask = frame.subarray(4, 8);
    const text = frame.subarray(8).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
    expect([frame[0], frame[1], frame.readUInt16BE(2)]).toEqual([0x81, 0xfe, 300]);
    expect(Buffer.from(text).toString()).toBe('x'.repeat(300));
  });
});

function unmaskedFrame(length: number): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x81;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(length)]);
}
