import { describe, expect, it } from '@jest/globals';
import { errorCode, isRetryableConflict, isUnavailable, isUniqueViolation } from './database.errors.js';

const coded = (code: string, more: object = {}): Error => Object.assign(new Error('x'), { code, ...more });

describe('isUnavailable', () => {
  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EAI_AGAIN',
    '08006',
    '08001',
    '53300',
    '53100',
    '57P01',
    '57P02',
    '57P03',
    '25006',
  ])('holds for %s', (code) => expect(isUnavailable(coded(code))).toBe(true));

  it.each(['23505', '42P01', '22P02', '40001', '57014', '25P02', 'ENOENT'])('does not hold for %s', (code) =>
    expect(isUnavailable(coded(code))).toBe(false),
  );

  it('looks at causes, and at several addresses that all refused', () => {
    expect(isUnavailable(new Error('scoring failed', { cause: coded('ECONNRESET') }))).toBe(true);
    expect(isUnavailable(Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' }))).toBe(
      true,
    );
  });

  it('is not caught in a circle of causes', () => {
    const error = new Error('round');
    error.cause = error;
    expect(isUnavailable(error)).toBe(false);
    expect(errorCode(error)).toBeUndefined();
  });

  it('takes anything', () => {
    for (const thrown of [undefined, null, 'ECONNREFUSED', 7, {}]) expect(isUnavailable(thrown)).toBe(false);
  });
});

describe('isUniqueViolation', () => {
  it('holds for the constraint that is asked for', () => {
    const error = coded('23505', { constraint: 'ideas_pkey' });
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, 'ideas_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'ideas_key')).toBe(false);
    expect(isUniqueViolation(coded('23503'))).toBe(false);
  });
});

describe('isRetryableConflict', () => {
  it('holds for serialization failures and deadlocks', () => {
    expect(isRetryableConflict(coded('40001'))).toBe(true);
    expect(isRetryableConflict(coded('40P01'))).toBe(true);
    expect(isRetryableConflict(coded('23505'))).toBe(false);
  });
});
