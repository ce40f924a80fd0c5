import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUnambiguousPath } from './path.guard.js';

describe('isUnambiguousPath', () => {
  it.each([
    '/',
    '/storefront/',
    '/storefront/listings/sp-0a1b2c3d-ts',
    '/signals?url=http%3A%2F%2Fa%2F..%2Fb',
    '/files/3f2a.png',
    '/a/...b/..c/.d',
    '/ideas/x%20y',
    '/ideas/Gr%C3%BC%C3%9Fe',
  ])('accepts %s', (url) => expect(isUnambiguousPath(url)).toBe(true));

  it.each([
    '/storefront/../listings',
    '/storefront/%2e%2e/listings',
    '/storefront/%2E./listings',
    '/storefront/.%2e/listings',
    '/storefront/..;/listings',
    '/storefront/./listings',
    '/storefront/..',
    '/storefront/..%2flistings',
    '/storefront/%252e%252e/listings',
    '/storefront/..\\listings',
    '/storefront/%5c..%5clistings',
    '/storefront//listings',
    '//listings',
    '/storefront/%00',
    '/storefront/%0d%0a',
    '/storefront/%c0%ae%c0%ae/listings',
    '/storefront/%zz',
    '/storefront/%',
    'http://elsewhere/storefront',
    '*',
  ])('refuses %s', (url) => expect(isUnambiguousPath(url)).toBe(false));

  it('accepts only paths that a URL parser leaves alone', () => {
    const piece = fc.constantFrom('/', '.', '..', '%2e', '%2f', '%5c', '\\', 'a', '%25', ';', '%', 'é', '%c3%a9');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `/storefront/${pieces.join('')}`;
        if (!isUnambiguousPath(path)) return;
        const parsed = new URL(path, 'http://gateway').pathname;
        expect(decodeURIComponent(parsed)).toBe(decodeURIComponent(path));
        expect(parsed.startsWith('/storefront/')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
