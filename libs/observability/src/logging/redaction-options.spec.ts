import { collectLogs } from '@signalpress/testing';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.js';
import { Redaction, redactText } from './redaction.js';

describe('redactPaths', () => {
  const redaction = new Redaction({
    redactPaths: ['user.address', 'items[*].card', 'nickname', 'a["b.c"]', 'map.*.id'],
  });

  it('removes what a path names, at whatever depth it begins, and leaves the rest', () => {
    const value = {
      user: { address: { street: 'Elm Street' }, city: 'Springfield' },
      address: 'of the shop',
      order: {
        user: { Address: 'Elm Street' },
        items: [
          { card: 4111, n: 1 },
          { card: 4222, n: 2 },
        ],
      },
      nickname: 'ada',
      a: { 'b.c': 1, b: 2 },
      map: { x: { id: 1, n: 1 }, id: 5 },
    };
    expect(redaction.value(value)).toEqual({
      user: { address: '[redacted]', city: 'Springfield' },
      address: 'of the shop',
      order: {
        user: { Address: '[redacted]' },
        items: [
          { card: '[redacted]', n: 1 },
          { card: '[redacted]', n: 2 },
        ],
      },
      nickname: '[redacted]',
      a: { 'b.c': '[redacted]', b: 2 },
      map: { x: { id: '[redacted]', n: 1 }, id: 5 },
    });
  });

  it('reaches into the causes of errors, and says which path it cannot read', () => {
    const error = new Error('outer', { cause: { user: { address: 'Elm Street' } } });
    expect(JSON.stringify(redaction.error(error))).not.toContain('Elm Street');
    expect(() => new Redaction({ redactPaths: ['..'] })).toThrow("redactPaths: '..' names nothing");
  });
});

describe('redactPatterns', () => {
  it('holds in messages, fields, errors and causes, besides what is built in', () => {
    const logs = collectLogs();
    const logger = createLogger({
      serviceName: 'spec',
      logDestination: logs.stream,
      redactPatterns: [/\bCUST-\d{4}\b/],
    });
    const error = new Error('CUST-1234 of ada@example.org', { cause: new Error('CUST-5678') });
    logger.error('for CUST-1111 and CUST-2222', error, { note: 'CUST-3333', list: ['CUST-4444'] });
    logger.warn('Nest style', 'CUST-9999');
    expect(logs.text()).not.toMatch(/CUST-|ada@/);
    expect(redactText('CUST-1234')).toBe('CUST-1234');
  });

  it.each([/(a+)+$/, /(?:\w*-)*x/, /((ab)*c)+/, /(?:a{2,})*/])(
    'refuses %s, whose time may grow without bound',
    (pattern) => {
      expect(() => new Redaction({ redactPatterns: [pattern] })).toThrow('repeats a group that repeats itself');
    },
  );

  it.each([/CUST-\d+/, /(?:[A-Z]{2}\d{2} ?){1,8}/, /[+*]+(x)/, /\(a+\)+/, /(foo|bar)+/])('takes %s', (pattern) => {
    expect(() => new Redaction({ redactPatterns: [pattern] })).not.toThrow();
  });

  it('refuses what matches everywhere', () => {
    expect(() => new Redaction({ redactPatterns: [/x?/] })).toThrow('matches the empty text');
  });
});

describe('the cost of a hostile text', () => {
  const pieces = [
    'a',
    'a.',
    'a@',
    '@a.',
    'token=',
    '://a:',
    'http://a:',
    '-----BEGIN A PRIVATE KEY-----',
    '-----BEGIN ',
    'eyJa',
    'eyJaaaaaaaaa.',
    'Bearer ',
    'password: ',
    'sk_live_',
    'sk-',
    'secret"  :',
    'a-',
    'a.b@c-',
    '%40',
    '\u{1f600}@',
  ];
  const redaction = new Redaction({ redactPatterns: [/\bCUST-\d{4}\b/] });

  const timeOf = (text: string): number => {
    let best = Infinity;
    for (let run = 0; run < 5; run++) {
      const startedAt = performance.now();
      redaction.text(text);
      best = Math.min(best, performance.now() - startedAt);
    }
    return best;
  };

  it.each(pieces)('grows no faster than its length: %s', (piece) => {
    const hostile = (length: number) => `@token ${piece.repeat(length / piece.length)}`;
    timeOf(hostile(4_000));
    // Eight times the text: quadratic growth would be 64.
    const ratio = timeOf(hostile(64_000)) / Math.max(timeOf(hostile(8_000)), 0.02);
    expect(ratio).toBeLessThan(24);
  });

  it('has an upper bound: what is longer is cut, and says so', () => {
    const text = redaction.text('x'.repeat(10_000_000));
    expect(text.length).toBeLessThan(66_000);
    expect(text).toMatch(/\[9934464 characters cut\]$/);
  });
});
