import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSecret } from './decode-secret.js';

test('bytes come back however they are written', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const buffer = Buffer.from(bytes);
      for (const text of [buffer.toString('base64'), buffer.toString('base64url')])
        expect(decodeSecret(text, 'base64')).toEqual(buffer);
      for (const text of [buffer.toString('hex'), buffer.toString('hex').toUpperCase()])
        expect(decodeSecret(text, 'hex')).toEqual(buffer);
    }),
  );
});

test('a text is its own bytes', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(decodeSecret(text, 'utf8')).toEqual(Buffer.from(text));
    }),
  );
});

test.each([
  ['base64', 'not base64'],
  ['base64', 'a'],
  ['base64', 'YQ==\n'],
  ['hex', 'abc'],
  ['hex', 'xyz0'],
  ['hex', '0x0a'],
] as const)('%s is not %j', (encoding, text) => {
  expect(decodeSecret(text, encoding)).toBeUndefined();
});
