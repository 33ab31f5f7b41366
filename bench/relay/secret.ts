import { createHmac } from 'node:crypto';

/** What tokens of the benchmark are signed with. */
export const secret = 'a secret for benchmarks, long enough for HS256';

const encode = (text: string) => Buffer.from(text).toString('base64url');
const header = encode('{"alg":"HS256","typ":"JWT"}');

/** Makes a token that is good for an hour. */
export function tokenFor(user: string): string {
  const claims = encode(JSON.stringify({ sub: user, exp: Math.floor(Date.now() / 1000) + 3_600 }));
  const signature = createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url');
  return `${header}.${claims}.${signature}`;
}
