import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secrets } from './secrets.js';

test('what is left of a token is redacted: truncated at either end, or glued to other words', () => {
  const secrets = new Secrets();
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  secrets.add(token);
  for (const [text, redacted] of [
    [`the token${token}, it says`, 'the token[redacted], it says'],
    [`it begins with ${token.slice(0, 15)}`, 'it begins with [redacted]'],
    [`it ends with ${token.slice(-43)}`, 'it ends with [redacted]'],
    [`half of it: ${token.slice(0, 60)}…`, 'half of it: [redacted]…'],
    [`access_token=${token.slice(25)}&x=1`, 'access_token=[redacted]&x=1'],
    [`Token=abc&x=1`, 'Token=[redacted]&x=1'],
  ])
    expect(secrets.redact(text as string)).toBe(redacted);
});

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

test('a text without end of words or of dots is redacted in time', () => {
  for (const text of ['x'.repeat(1_000_000), 'eyJ'.repeat(300_000), '.'.repeat(1_000_000), 'token '.repeat(200_000)])
    expect(new Secrets().redact(text)).toBeDefined();
});
