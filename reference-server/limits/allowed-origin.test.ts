import { describe, expect, it } from 'vitest';
import { isAllowedOrigin, isOriginPattern } from './allowed-origin.js';

describe('a list of origins', () => {
  it.each([
    ...['*', 'null', 'file://', 'https://app.example.com', 'http://localhost:5173', 'https://[::1]:8443'],
    ...['https://*.example.com', 'http://*.example.com:8080', 'capacitor://localhost', 'tauri://localhost'],
    ...['ionic://localhost', 'app://obsidian.md', 'chrome-extension://abcdefgh', 'https://xn--bcher-kva.example'],
  ])('may have %s', (text) => {
    expect(isOriginPattern(text)).toBe(true);
  });

  it.each([
    ...['', 'app.example.com', '*.example.com', 'https://', 'https://app.example.com/', 'https://app.example.com/path'],
    ...['HTTPS://app.example.com', 'https://App.example.com', 'https://app.example.com:443', 'https://*', '**'],
    ...['https://app.*.com', 'https://*.*.example.com', 'https://user@example.com', 'capacitor:localhost', 'any'],
  ])('may not have %j', (text) => {
    expect(isOriginPattern(text)).toBe(false);
  });
});

describe('an origin', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://a.example.com', 'https://*.example.com'],
    ['https://a.b.example.com', 'https://*.example.com'],
    ['http://a.example.com:8080', 'http://*.example.com:8080'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['null', 'null'],
    ['file://', 'file://'],
    ['whatever', '*'],
  ])('%s is let in by %s', (origin, pattern) => {
    expect(isAllowedOrigin(origin, ['https://other.example.org', pattern])).toBe(true);
  });

  it.each([
    ['https://example.com', 'https://*.example.com'],
    ['https://aexample.com', 'https://*.example.com'],
    ['https://evil.org/.example.com', 'https://*.example.com'],
    ['https://evil.org#.example.com', 'https://*.example.com'],
    ['https://evil.org:1.example.com', 'https://*.example.com'],
    ['https://.example.com', 'https://*.example.com'],
    ['https://a..example.com', 'https://*.example.com'],
    ['http://a.example.com', 'https://*.example.com'],
    ['https://a.example.com:8080', 'https://*.example.com'],
    ['https://a.example.com', 'http://*.example.com:8080'],
    ['null', 'file://'],
    ['', 'null'],
    ['http://localhost', 'capacitor://localhost'],
  ])('%s is not let in by %s', (origin, pattern) => {
    expect(isAllowedOrigin(origin, [pattern])).toBe(false);
  });

  it('that is the server itself is let in, whatever the list has', () => {
    expect(isAllowedOrigin('https://api.example.com', [], 'api.example.com')).toBe(true);
    expect(isAllowedOrigin('http://localhost:8000', [], 'LOCALHOST:8000')).toBe(true);
    expect(isAllowedOrigin('http://localhost:8001', [], 'localhost:8000')).toBe(false);
    expect(isAllowedOrigin('https://evil.org', [], 'api.example.com')).toBe(false);
    expect(isAllowedOrigin('null', [], 'null')).toBe(false);
  });

  it('is wanted of nobody', () => {
    expect(isAllowedOrigin(undefined, [])).toBe(true);
    expect(isAllowedOrigin('https://any.example', undefined)).toBe(true);
  });
});
