import { describe, expect, it } from 'vitest';
import { jwt } from './testing/test-server.js';
import { redactToken, resolveToken, tokenSubject } from './token.js';

describe('resolveToken', () => {
  it('takes a string, a function and an asynchronous function', async () => {
    expect(await resolveToken('a.b.c')).toBe('a.b.c');
    expect(await resolveToken(() => 'a.b.c')).toBe('a.b.c');
    expect(await resolveToken(async () => 'a.b.c')).toBe('a.b.c');
  });

  it('tells that the function failed, and keeps its error as the cause', async () => {
    const cause = new Error('logged out');
    const failing = () => Promise.reject(cause);
    await expect(resolveToken(failing)).rejects.toMatchObject({ code: 'TOKEN_FAILED', cause });
  });

  it.each(['', 'secret\r\nX: y', 'secret token', 'sécret'])('refuses %j without quoting it', async (token) => {
    const message = expect.not.stringContaining('cret');
    await expect(resolveToken(token)).rejects.toMatchObject({ code: 'TOKEN_FAILED', message });
  });

  it('does not wait for ever', async () => {
    const timers: [() => void, number][] = [];
    const schedule = (run: () => void, delayMs: number) => {
      timers.push([run, delayMs]);
      return () => {};
    };
    const hanging = resolveToken(() => new Promise(() => {}), { timeoutMs: 250, schedule });
    expect(timers[0]?.[1]).toBe(250);
    timers[0]?.[0]();
    await expect(hanging).rejects.toMatchObject({ code: 'TOKEN_FAILED', message: expect.stringContaining('250 ms') });
  });

  it('refuses what is no string', async () => {
    await expect(resolveToken(() => undefined as unknown as string)).rejects.toMatchObject({ code: 'TOKEN_FAILED' });
  });
});

describe('tokenSubject', () => {
  it('reads sub as UTF-8 from base64url', () => {
    expect(tokenSubject(jwt({ sub: 'Zoë >> ?? 🎧' }))).toBe('Zoë >> ?? 🎧');
  });

  it.each(['opaque', 'a.b.c', 'a.!.c', jwt({}), jwt({ sub: 7 }), jwt({ sub: '' }), `a.${btoa('null')}.c`])(
    'finds none in %j',
    (token) => {
      expect(tokenSubject(token)).toBeUndefined();
    },
  );
});

describe('redactToken', () => {
  it('takes the token out, percent-encoded as well', () => {
    expect(redactToken('a+b= at /?token=a%2Bb%3D&x', 'a+b=')).toBe('[token] at /?token=[token]&x');
  });
});
