import { describe, expect, it } from '@jest/globals';
import { loadEnv } from '@signalpress/service-defaults';
import { envExampleProblems } from '@signalpress/testing';
import { complete, schema } from './env.js';

it('reads what .env.example documents, and starts with a copy of it', () => {
  const example = new URL('../.env.example', import.meta.url);
  expect(envExampleProblems(example, Object.keys(schema.shape), (given) => complete(loadEnv(schema, given)))).toEqual(
    [],
  );
});

describe('in production', () => {
  const production = {
    NODE_ENV: 'production',
    DATABASE_URL: 'postgresql://signalpress:secret@127.0.0.1:5432/signalpress',
    STOREFRONT_API_KEY: 'a-key-that-only-this-spec-knows',
  };

  it.each(['1', 'true'])('STOREFRONT_FAULTS=%s is refused, and the message says so', (value) => {
    expect(() => loadEnv(schema, { ...production, STOREFRONT_FAULTS: value })).toThrow(
      /^STOREFRONT_FAULTS: is refused in production/,
    );
    expect(() => loadEnv(schema, { ...production, NODE_ENV: 'test', STOREFRONT_FAULTS: value })).not.toThrow();
  });

  it('it may be there as long as it is off', () => {
    expect(loadEnv(schema, { ...production, STOREFRONT_FAULTS: '0' }).STOREFRONT_FAULTS).toBe(false);
  });
});
