/**
 * Tells whether a page of this origin may connect (AUTH-13). Anything may if no list is given, and so may what sends no Origin:
 * only browsers do, and only to them is the list a protection. Some native clients send the server's own, which is `host` as in
 * the request.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  allowed: readonly string[] | undefined,
  host?: string,
): boolean {
  if (origin === undefined || allowed === undefined || allowed.includes('*')) return true;
  return isOriginOf(origin, host) || allowed.some((pattern) => matches(origin, pattern));
}

/** Tells whether a list of allowed origins may have this: an origin as browsers send it, `*`, or `*.` before a domain. */
export function isOriginPattern(text: string): boolean {
  if (text === '*' || text === 'null' || text === 'file://') return true;
  const origin = text.replace('://*.', '://any.');
  if (origin.includes('*')) return false;
  if (/^https?:/.test(origin)) return URL.canParse(origin) && new URL(origin).origin === origin;
  // Of apps in a web view, such as `capacitor://localhost`.
  return /^[a-z][a-z0-9+.-]*:\/\/[\w.-]+(:\d+)?$/.test(origin);
}

function isOriginOf(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

const subdomain = /^[\w-]+(\.[\w-]+)*$/;

function matches(origin: string, pattern: string): boolean {
  const [scheme, domain] = pattern.split('*', 2);
  if (scheme === undefined || domain === undefined) return origin === pattern;
  const isOfBoth = origin.startsWith(scheme) && origin.endsWith(domain);
  return isOfBoth && subdomain.test(origin.slice(scheme.length, origin.length - domain.length));
}
