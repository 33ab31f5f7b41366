import type { IncomingMessage } from 'node:http';

/**
 * The address a request comes from. Each of `trustedProxies` proxies in front has added one to X-Forwarded-For;
 * what stands further left was written by whoever sent the request, and is not believed.
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const chain = [...forwarded.map((address) => address.trim()).filter(Boolean), socket.remoteAddress ?? ''];
  const address = chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? '';
  return address.replace(/^::ffff:(?=\d+\.)/, ''); // IPv4 over an IPv6 socket
}
