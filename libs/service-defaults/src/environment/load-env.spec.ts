import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { baseEnv, databaseEnv, serviceEnv } from './base-env.js';
import { EnvironmentError } from './environment.errors.js';
import { loadEnv } from './load-env.js';
import { decimal, flag, serviceUrl, wholeNumber } from './variables.js';

const problemsOf = (schema: z.ZodObject, source: Record<string, string>) => {
  try {
    loadEnv(schema, source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
};

describe('loadEnv', () => {
  const schema = z.object({
    ...serviceEnv('scoring-engine'),
    ...databaseEnv,
    WORKERS: wholeNumber(1, 8).default(2),
    API_KEY: z.string().min(20).optional(),
  });
  const complete = { DATABASE_URL: 'postgresql://u:p@127.0.0.1:5432/x' };

  it('gives typed values with defaults, frozen', () => {
    const env = loadEnv(schema, complete);
    expect(env).toEqual({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: 5002,
      LOG_LEVEL: 'info',
      SHUTDOWN_DEADLINE_SECONDS: 10,
      SHUTDOWN_READINESS_DELAY_SECONDS: 0,
      SHOP_TIMEZONE: 'UTC',
      SHOP_REGION: 'US',
      DATABASE_URL: complete.DATABASE_URL,
      DATABASE_POOL_MAX: 6,
      WORKERS: 2,
    });
    expect(Object.isFrozen(env)).toBe(true);
  });

  it('takes an empty or blank variable for unset, and reads nothing that the schema does not name', () => {
    const env = loadEnv(schema, { ...complete, PORT: '', WORKERS: '  ', SENTRY_DSN: '', HOME: '/root' });
    expect(env.PORT).toBe(5002);
    expect(env.WORKERS).toBe(2);
    expect(env.SENTRY_DSN).toBeUndefined();
    expect(env).not.toHaveProperty('HOME');
  });

  it('lists every problem, each with its variable', () => {
    const error = problemsOf(schema, {
      PORT: 'http',
      LOG_LEVEL: 'loud',
      SHOP_TIMEZONE: 'Mars/Olympus',
      CLOCK_AS_OF: 'yesterday',
      WORKERS: '9',
    });
    expect(error.problems.map(({ variable }) => variable).sort()).toEqual([
      'CLOCK_AS_OF',
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'SHOP_TIMEZONE',
      'WORKERS',
    ]);
    expect(error.message.split('\n')).toHaveLength(6);
    expect(error.message).toContain('DATABASE_URL: is not set');
    expect(error.message).toContain('PORT: must be a whole number from 0 to 65535 (it is "http")');
    expect(error.message).toContain(
      'SHOP_TIMEZONE: must be an IANA time zone such as Europe/Vienna (it is "Mars/Olympus")',
    );
  });

  it('never repeats a secret', () => {
    const secret = 'hunter2-hunter2';
    const error = problemsOf(schema, {
      DATABASE_URL: `mysql://root:${secret}@db/x`,
      METRICS_TOKEN: 'short',
      SENTRY_DSN: `ftp://${secret}@sentry/1`,
      API_KEY: secret,
    });
    expect(error.problems.map(({ variable }) => variable).sort()).toEqual([
      'API_KEY',
      'DATABASE_URL',
      'METRICS_TOKEN',
      'SENTRY_DSN',
    ]);
    expect(error.message).not.toContain(secret);
    expect(error.message).not.toContain('"short"');
  });

  it('shortens a long value', () => {
    const error = problemsOf(schema, { ...complete, HOST: '127.0.0.1', LOG_LEVEL: 'x'.repeat(5000) });
    expect(error.message.length).toBeLessThan(300);
  });

  it('throws nothing but EnvironmentError, whatever the values are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(schema.shape)), fc.string()), (source) => {
        try {
          loadEnv(schema, source);
        } catch (error) {
          expect(error).toBeInstanceOf(EnvironmentError);
        }
      }),
    );
  });
});

describe('the shapes', () => {
  const read = (variable: string, value: z.ZodType, text: string) =>
    loadEnv(z.object({ [variable]: value }), { [variable]: text })[variable];

  it.each(['1', 'true'])('reads the flag %s as true', (text) => expect(read('X', flag(), text)).toBe(true));
  it.each(['0', 'false'])('reads the flag %s as false', (text) => expect(read('X', flag(), text)).toBe(false));
  it.each(['yes', '2', 'TRUE'])('refuses the flag %s', (text) =>
    expect(() => read('X', flag(), text)).toThrow(EnvironmentError),
  );

  it.each(['1e3', '0x10', '1.5', 'NaN', 'Infinity', '99999999999999999999', '-1'])(
    'refuses %s as a whole number',
    (text) => expect(() => read('X', wholeNumber(0, 10_000), text)).toThrow('must be a whole number from 0 to 10000'),
  );
  it('reads a decimal number', () => expect(read('X', decimal(0, 1), '0.55')).toBe(0.55));
  it.each(['1.01', 'a', '.5.'])('refuses %s as a number from 0 to 1', (text) =>
    expect(() => read('X', decimal(0, 1), text)).toThrow('must be a number from 0 to 1'),
  );
  it('cuts the slash off the URL of a service', () =>
    expect(read('X', serviceUrl(), 'http://127.0.0.1:8002/')).toBe('http://127.0.0.1:8002'));
  it.each(['ftp://a', 'a:1', 'http://a/?b=c'])('refuses %s as the URL of a service', (text) =>
    expect(() => read('X', serviceUrl(), text)).toThrow(EnvironmentError),
  );
  it('needs a port where no service gives its default', () =>
    expect(problemsOf(z.object(baseEnv), {}).message).toBe('PORT: is not set'));
});
