import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, clientAddress } from './client-address.js';

function from(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

describe('the address of a client', () => {
  it.each([
    ['is that of the socket', from('198.51.100.7'), 0, '198.51.100.7'],
    ['is that of the socket, whatever the client claims', from('198.51.100.7', '1.1.1.1'), 0, '198.51.100.7'],
    ['is what one proxy saw', from('10.0.0.1', '198.51.100.7'), 1, '198.51.100.7'],
    [
      'is what one proxy saw, whatever the client claimed to it',
      from('10.0.0.1', '1.1.1.1, 198.51.100.7'),
      1,
      '198.51.100.7',
    ],
    ['is what the outer of two proxies saw', from('10.0.0.1', '1.1.1.1,198.51.100.7,10.0.0.2'), 2, '198.51.100.7'],
    ['is the farthest known where proxies are missing', from('10.0.0.1', '198.51.100.7'), 5, '198.51.100.7'],
    ['is that of the socket where the proxy says nothing', from('10.0.0.1'), 1, '10.0.0.1'],
    ['is the same over an IPv6 socket', from('::ffff:198.51.100.7'), 0, '198.51.100.7'],
    ['may be of IPv6', from('2001:db8::1'), 0, '2001:db8::1'],
  ])('%s', (_, request, proxies, address) => {
    expect(clientAddress(request, proxies)).toBe(address);
  });
});

describe('one address', () => {
  it.each([
    ['198.51.100.7', ['198.51.100.7', '198.51.100.7:40123', '"198.51.100.7:40123"', '::ffff:198.51.100.7']],
    ['198.51.100.7', ['[::ffff:198.51.100.7]:40123', '::FFFF:c633:6407', '0:0:0:0:0:ffff:198.51.100.7']],
    ['2001:db8::1', ['2001:db8::1', '2001:DB8::1', '2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8:0:0::1']],
    ['2001:db8::1', ['[2001:db8::1]', '[2001:db8::1]:443', '"[2001:db8:0::1]:443"']],
    ['fe80::1', ['fe80::1%eth0', '[fe80::1%25eth0]:80', 'FE80:0::1%2']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1', '[::1]:8000']],
    ['unknown', ['unknown']],
    ['_hidden', ['_hidden']],
    ['', ['']],
  ])('is %s, however it is written', (address, spellings) => {
    expect(spellings.map(canonicalAddress)).toEqual(spellings.map(() => address));
  });

  it('stays what it is when it is read again, whatever a proxy writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (written) => {
        const address = canonicalAddress(written);
        expect(canonicalAddress(address)).toBe(address);
      }),
    );
  });
});
