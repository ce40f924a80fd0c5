import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkedUrl, isPublicAddress, publicLookup } from './source-address.js';

describe('checkedUrl', () => {
  it.each([
    'ftp://feeds.example/rss',
    'file:///etc/passwd',
    'feeds.example/rss',
    'http://feeds.example:25/',
    'http://feeds.example:22/',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.1.2.3/',
    'http://192.168.0.1:8080/',
    'http://0.0.0.0/',
    'http://224.0.0.1/',
    'http://localhost/',
    'http://localhost./',
    'http://printer.local/',
    'https://anna:hunter2@feeds.example/rss',
    'https://feeds.example/rss?access_token=abc',
  ])('refuses %s', (url) => {
    expect(() => checkedUrl(url, false)).toThrow(expect.objectContaining({ code: 'source-not-allowed' }));
  });

  it.each(['https://feeds.example/rss', 'http://feeds.example:8080/a?b=c', 'https://93.184.216.34/feed'])(
    'takes %s',
    (url) => {
      expect(checkedUrl(url, false).href).toBe(url);
    },
  );

  it('opens private networks for development, but takes no password there either', () => {
    expect(checkedUrl('http://127.0.0.1:12345/x', true).port).toBe('12345');
    expect(() => checkedUrl('http://a:b@127.0.0.1:12345/x', true)).toThrow();
  });

  it('never tells the address in its message', () => {
    expect(() => checkedUrl('https://anna:hunter2@feeds.example/', false)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/hunter2|anna/) }),
    );
  });
});

describe('isPublicAddress', () => {
  it('refuses every private IPv4 address, plain or mapped into IPv6', () => {
    const byte = fc.nat(255);
    const privateAddress = fc.oneof(
      fc.tuple(fc.constant(10), byte, byte, byte),
      fc.tuple(fc.constant(127), byte, byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
    );
    fc.assert(
      fc.property(privateAddress, (bytes) => {
        expect(isPublicAddress(bytes.join('.'))).toBe(false);
        expect(isPublicAddress(`::ffff:${bytes.join('.')}`)).toBe(false);
      }),
    );
  });

  it.each(['fe80::1%eth0', 'fc00::1', '2002:7f00:1::', '::', 'ff02::1', 'not an address'])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'])('takes %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('publicLookup', () => {
  it('refuses a name that leads to this machine', async () => {
    const error = await new Promise((resolve) => publicLookup('localhost', { all: true }, resolve));
    expect(error).toMatchObject({ code: 'source-not-allowed' });
  });
});
