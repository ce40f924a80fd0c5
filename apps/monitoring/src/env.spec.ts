import { describe, expect, it } from '@jest/globals';
import { loadEnv } from '@signalpress/service-defaults';
import { envExampleProblems } from '@signalpress/testing';
import { schema } from './env.js';

it('reads what .env.example documents, and starts with a copy of it', () => {
  const example = new URL('../.env.example', import.meta.url);
  expect(envExampleProblems(example, Object.keys(schema.shape), (given) => loadEnv(schema, given))).toEqual([]);
});

describe('ENABLE_PAGERDUTY', () => {
  const load = (given: Record<string, string>) =>
    loadEnv(schema, { DATABASE_URL: 'postgresql://localhost/spec', ENABLE_PAGERDUTY: 'true', ...given });

  it('needs the routing key, and says so along with whatever else is wrong', () => {
    expect(() => load({})).toThrow(/PAGERDUTY_ROUTING_KEY.*ENABLE_PAGERDUTY=true needs it \(32 characters\)/);
    expect(() => load({ PORT: 'x' })).toThrow(/PORT[^]*PAGERDUTY_ROUTING_KEY|PAGERDUTY_ROUTING_KEY[^]*PORT/);
    expect(load({ PAGERDUTY_ROUTING_KEY: 'a'.repeat(32) }).ENABLE_PAGERDUTY).toBe(true);
  });

  it('takes no other key, and does not repeat it', () => {
    const key = 'SECRET'.repeat(5);
    expect(() => load({ PAGERDUTY_ROUTING_KEY: key })).toThrow(/32 letters and digits/);
    expect(() => load({ PAGERDUTY_ROUTING_KEY: key })).not.toThrow(/SECRET/);
  });
});
