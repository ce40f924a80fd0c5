import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { AccessService } from './access.service.js';

const key = 'correct-horse-battery-staple';
const hash = createHash('sha256').update(key).digest('hex');

describe('AccessService', () => {
  it('knows the holder of the key, whatever the case of the hash and the scheme', () => {
    expect(new AccessService(hash).callerOf(`Bearer ${key}`)).toBe('admin');
    expect(new AccessService(hash.toUpperCase()).callerOf(`bearer ${key}`)).toBe('admin');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${key}x`,
    `Bearer ${key} `,
    `Basic ${key}`,
    `Bearer ${hash}`,
    `Bearer ${'x'.repeat(10_000)}`,
    key,
  ])('takes everybody else for anonymous (%#)', (authorization) => {
    expect(new AccessService(hash).callerOf(authorization)).toBe('anonymous');
  });

  it('lets nobody in without a configured key', () => {
    const access = new AccessService(undefined);
    expect(access.configured).toBe(false);
    expect(access.callerOf('Bearer ')).toBe('anonymous');
    expect(access.callerOf(`Bearer ${key}`)).toBe('anonymous');
  });
});
