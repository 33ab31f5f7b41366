/** How a secret may be written: as it is, or as bytes. */
export const secretEncodings = ['utf8', 'base64', 'hex'] as const;

/** How a secret is written. */
export type SecretEncoding = (typeof secretEncodings)[number];

/** The bytes of a secret; base64 may be that of URLs, and unpadded. Undefined for a text that is not written so. */
export function decodeSecret(text: string, encoding: SecretEncoding): Uint8Array | undefined {
  const bytes = Buffer.from(text, encoding);
  if (encoding === 'utf8') return bytes;
  // What is no letter of the encoding is left out without a word: written anew, it shows.
  const letters = (encoding === 'hex' ? text.toLowerCase() : text).replace(/=+$/, '');
  const spellings = encoding === 'hex' ? (['hex'] as const) : (['base64', 'base64url'] as const);
  return spellings.some((spelling) => bytes.toString(spelling).replace(/=+$/, '') === letters) ? bytes : undefined;
}
