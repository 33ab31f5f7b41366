import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secrets } from './secrets.js';

test('a remembered secret never survives redaction, wherever it stands and however it is encoded', () => {
  const secret = fc.string({ minLength: 8, maxLength: 60 }).filter((text) => !'[redacted]'.includes(text));
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const secrets = new Secrets();
      secrets.add(value);
      const redacted = secrets.redactDeep({ text: before + value + after, list: [encodeURIComponent(value)] });
      expect(redacted.text).toContain('[redacted]');
      expect(redacted.list[0]).toBe('[redacted]');
    }),
  );
});

test.each([
  ['GET /webrtc/ws/a?token=abc.def&x=1', 'GET /webrtc/ws/a?token=[redacted]&x=1'],
  ['Authorization: Bearer 0123456789abcdef', 'Authorization: Bearer [redacted]'],
  ['a bearer token', 'a bearer token'],
  ['saw eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln here', 'saw [redacted] here'],
])('what looks like a token is replaced even if nobody knew it: %s', (text, redacted) => {
  expect(new Secrets().redact(text)).toBe(redacted);
});
