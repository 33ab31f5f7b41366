// Without what may stand before it: to look for that costs the square of a long word.
const tokenParameter = /(token=)[^&\s"'`\\]+/gi;
const bearer = /(Bearer\s+)[^\s"'`,\\]{16,}/gi;
/** A JWT, or as much of its beginning as is left of it, whatever stands before it. */
const compactJwt = /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}/g;

/** Characters by which a secret is looked for first. */
const beginningLength = 8;

function hashOfThree(text: string, at: number): number {
  return ((text.charCodeAt(at) << 10) ^ (text.charCodeAt(at + 1) << 5) ^ text.charCodeAt(at + 2)) & 0xffff;
}

/** Every token and key of a run, so that none of them leaves it. */
export class Secrets {
  /** Every secret as it may stand in a text: plain and percent-encoded, the longest first, for one may begin with another. */
  #spellings: string[] = [];
  /** How the secrets begin, plain and percent-encoded: many tokens begin alike, and most texts hold none of these. */
  readonly #beginnings = new Set<string>();
  /** The hashes of their first three characters: one look at each place of a text, however many secrets there are. */
  readonly #firstThree = new Uint8Array(1 << 16);

  /** Remembers a secret. Short strings are ignored: replacing them would tear up ordinary text. */
  add(secret: string): void {
    if (secret.length < beginningLength) return;
    // The signature alone is what is left of a token whose beginning was cut off.
    const signature = /^eyJ.*\.([\w-]{16,})$/.exec(secret)?.[1];
    for (const text of [secret, encodeURIComponent(secret), ...(signature === undefined ? [] : [signature])]) {
      if (!this.#spellings.includes(text)) this.#spellings.push(text);
      this.#beginnings.add(text.slice(0, beginningLength));
      this.#firstThree[hashOfThree(text, 0)] = 1;
    }
    this.#spellings.sort((one, other) => other.length - one.length);
  }

  /** True when the text carries a token of this run, plain or percent-encoded (AUTH-10). */
  occursIn(text: string): boolean {
    if (!this.#mayOccurIn(text)) return false;
    for (const spelling of this.#spellings) if (text.includes(spelling)) return true;
    return false;
  }

  #mayOccurIn(text: string): boolean {
    for (let at = 0; at + beginningLength <= text.length; at++) {
      if (this.#firstThree[hashOfThree(text, at)] === 0) continue;
      if (this.#beginnings.has(text.slice(at, at + beginningLength))) return true;
    }
    return false;
  }

  /** The text with every secret of this run, and whatever looks like a token, replaced. */
  redact(text: string): string {
    let redacted = text;
    if (this.#mayOccurIn(text)) {
      for (const spelling of this.#spellings) redacted = redacted.replaceAll(spelling, '[redacted]');
    }
    return redacted
      .replace(tokenParameter, '$1[redacted]')
      .replace(bearer, '$1[redacted]')
      .replace(compactJwt, '[redacted]');
  }

  /** {@link redact} for every string inside a JSON-like value. */
  redactDeep<T>(value: T): T {
    if (typeof value === 'string') return this.redact(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.redactDeep(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.redactDeep(item)])) as T;
  }
}
