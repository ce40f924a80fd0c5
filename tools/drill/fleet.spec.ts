import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Fleet } from './fleet.ts';

const dataDirectory = mkdtempSync(path.join(tmpdir(), 'signalpress-fleet-'));
let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.close();
  rmSync(dataDirectory, { recursive: true, force: true });
});

describe('a fleet', () => {
  it('does not take a service that ends again and again for one that is ready', async () => {
    const keys = { adminKeySha256: '0'.repeat(64), storefrontApiKey: 'simulated', metricsToken: 'simulated' };
    fleet = new Fleet({
      run: { dataDirectory, portOffset: 0, databaseUrl: 'postgres://127.0.0.1:1/none', ...keys },
      // It says so and ends, whether the service is built or not.
      environment: () => ({ LOG_LEVEL: 'as loud as can be' }),
      port: () => 0,
    });
    fleet.start('mockup-generation');
    await expect(fleet.settled(AbortSignal.timeout(60_000), 50_000)).rejects.toThrow(
      /services end by themselves: mockup-generation-6 ended by itself with exit code 1/,
    );
    expect(fleet.instances).toHaveLength(6);
  }, 60_000);
});
