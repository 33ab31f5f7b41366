import { describe, expect, it } from 'vitest';
import { jsonDifferences, textDifference } from './json-difference.js';

describe('jsonDifferences', () => {
  it('finds nothing between equal values, whatever the order of their members', () => {
    expect(jsonDifferences({ a: [1, { b: null }], c: '' }, { c: '', a: [1, { b: null }] })).toEqual([]);
  });

  it('names each place that differs by its JSON Pointer', () => {
    const sent = { 'a/b': 0, list: [1, 2], gone: null, text: 'x' };
    expect(jsonDifferences(sent, { 'a/b': false, list: [1], text: 7, added: {} }, '/payload')).toEqual([
      '/payload/a~1b: 0 → false',
      '/payload/list: [1,2] → [1]',
      '/payload/gone: null → absent',
      '/payload/text: "x" → 7',
      '/payload/added: absent → {}',
    ]);
  });

  it('shows the part of a text that differs, with what cannot be seen escaped', () => {
    expect(textDifference('cafe\u0301', 'caf\u00e9')).toBe('it was normalized to NFC');
    expect(textDifference('a\r\nb', 'a\nb')).toBe('CRLF became LF');
    expect(textDifference(`${'x'.repeat(50)}\u200by`, `${'x'.repeat(50)}y`)).toContain(
      '"xxxxxxxxxx\\u200by" → "xxxxxxxxxxy"',
    );
  });
});
