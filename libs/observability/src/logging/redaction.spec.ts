import { describe, expect, it } from '@jest/globals';
import { isSecretName, redactText, redactValue } from './redaction.js';

describe('redactText', () => {
  it.each([
    ['mail ada.lovelace+x@example.co.uk now', 'mail [redacted] now'],
    ['Authorization: Bearer abc.def-ghi12345', 'Authorization: Bearer [redacted]'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'Basic [redacted]'],
    ['postgres://shop:s3cr3t@db:5432/shop', 'postgres://shop:[redacted]@db:5432/shop'],
    ['GET /x?api_key=0123456789&page=2', 'GET /x?api_key=[redacted]&page=2'],
    ['{"password":"hunter2","n":1}', '{"password":"[redacted]","n":1}'],
    ['client_secret: abcdef', 'client_secret: [redacted]'],
    ['token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'token=[redacted]'],
    ['key sk_live_51H8vQpJ3kLmNoPqRs end', 'key [redacted] end'],
    ['ghp_0123456789abcdefghijABCDEFGHIJ012345', '[redacted]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nMIIEvQ\n-----END RSA PRIVATE KEY-----', '[redacted]'],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    'sample@1.2.3',
    'at file:///app/node_modules/@nestjs/core/router.js:12:3',
    'GET /ideas/:id 200',
    'the token bucket of the source is empty',
    'primary key violated',
    '2026-11-22T19:00:00Z',
  ])('leaves %s alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes time in proportion to the text', () => {
    for (const piece of [
      'a',
      'a.',
      'a@',
      '@a.',
      'token=',
      '://a:',
      '-----BEGIN A PRIVATE KEY-----',
      'eyJa',
      'Bearer ',
    ]) {
      const text = `@${piece.repeat(100_000 / piece.length)}`;
      const startedAt = performance.now();
      redactText(text);
      expect(performance.now() - startedAt).toBeLessThan(1_500);
    }
  });
});

describe('redactValue', () => {
  it('removes fields by name at any depth, and texts by pattern', () => {
    const value = {
      user: { Password: 'x', 'x-api-key': 'y', note: 'ada@example.org' },
      list: [{ accessToken: 'z' }],
      n: 1,
    };
    expect(redactValue(value)).toEqual({
      user: { Password: '[redacted]', 'x-api-key': '[redacted]', note: '[redacted]' },
      list: [{ accessToken: '[redacted]' }],
      n: 1,
    });
  });

  it('is bounded and survives cycles, errors with causes and binary data', () => {
    const cycle: Record<string, unknown> = { name: 'x' };
    cycle['self'] = cycle;
    expect(redactValue(cycle)).toEqual({ name: 'x', self: '[circular]' });
    const error = new TypeError('outer', { cause: new Error('ada@example.org') });
    expect(redactValue({ error })).toMatchObject({ error: { type: 'TypeError', cause: { message: '[redacted]' } } });
    expect(redactValue(Buffer.from('abc'))).toBe('[3 bytes]');
    expect((redactValue(Array.from({ length: 1_000 }, (_, index) => index)) as unknown[]).length).toBe(200);
    expect(redactValue(10n)).toBe('10');
  });

  it('knows secret names from ordinary ones', () => {
    expect(
      ['authorization', 'set-cookie', 'DATABASE_PASSWORD', 'metricsToken', 'sentryDsn', 'api-key'].filter(
        (n) => !isSecretName(n),
      ),
    ).toEqual([]);
    expect(['monkey', 'keyword', 'tokens_used', 'path', 'compass'].filter(isSecretName)).toEqual([]);
  });
});
