import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { baseEnv } from './base-env.js';
import { deliveryEnv, deliveryOptions } from './delivery-env.js';
import { loadEnv } from './load-env.js';

const schema = z.object({ ...baseEnv, ...deliveryEnv });
const load = (variables: Record<string, string>) => loadEnv(schema, { PORT: '0', ...variables });

describe('the environment of delivery', () => {
  it('arms nothing by default', () => {
    expect(deliveryOptions(load({}))).toEqual({ leases: { eventMs: 15_000, jobMs: 60_000 } });
  });

  it('reads leases and failpoints', () => {
    const env = load({ EVENT_LEASE_SECONDS: '3', JOB_LEASE_SECONDS: '6', FAILPOINTS: 'relay.after-append=0.01;a.b=1' });
    expect(deliveryOptions(env)).toEqual({
      leases: { eventMs: 3_000, jobMs: 6_000 },
      failpoints: { 'relay.after-append': 0.01, 'a.b': 1 },
    });
  });

  it.each(['relay.after-append', 'a=2', 'a=0.5,b=0.5', 'a=-1'])('refuses FAILPOINTS=%s', (text) => {
    expect(() => load({ FAILPOINTS: text })).toThrow('FAILPOINTS: must be name=probability');
  });

  it('refuses failpoints in production, by name', () => {
    const env = load({ NODE_ENV: 'production', FAILPOINTS: 'worker.after-run=0.01' });
    expect(() => deliveryOptions(env)).toThrow('FAILPOINTS: must not be set in production');
  });
});
