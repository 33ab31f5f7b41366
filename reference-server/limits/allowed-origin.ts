/**
 * Tells whether a page of this origin may connect (AUTH-13). Anything may if no list is given, and so may what sends no Origin:
 * only browsers do, and only to them is the list a protection.
 */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[] | undefined): boolean {
  return origin === undefined || allowed === undefined || allowed.includes('*') || allowed.includes(origin);
}
