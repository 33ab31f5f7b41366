import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';

/**
 * The address a request comes from, each address in one spelling. Each of `trustedProxies` proxies in front has added one to
 * X-Forwarded-For; what stands further left was written by whoever sent the request, and is not believed.
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const chain = [...forwarded.map((address) => address.trim()).filter(Boolean), socket.remoteAddress ?? ''];
  return canonicalAddress(chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? '');
}

/** `[address]:port`, `address:port` for IPv4, and either in quotes. */
const withPort = /^"?(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)"?$/;

/**
 * One spelling of an IP address, however a proxy writes it: without port, brackets and zone, IPv6 as RFC 5952 has it, and IPv4
 * as IPv4 (RFC 4291, section 2.5.5.2). What is no address is left as it is.
 */
export function canonicalAddress(written: string): string {
  const [, bracketed, bare] = withPort.exec(written) ?? [];
  const address = (bracketed ?? bare ?? written).replace(/%.*$/, '');
  if (isIPv4(address) || !isIPv6(address)) return address;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
