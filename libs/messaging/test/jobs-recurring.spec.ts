import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { z } from 'zod';
import { Worker } from '../src/index.js';
import type { Effect, Job, JobHandler } from '../src/index.js';
import { payload, write } from './planned-worker.js';
import type { Payload } from './planned-worker.js';
import { countRows, effects, startService } from './test-service.js';
import type { TestTables } from './test-service.js';

describe('Jobs with a last word, and recurring ones', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.close());

  it('writes what giveUp answers instead of a dead letter', async () => {
    @Worker({ name: 'doomed', concurrency: 1, maxAttempts: 2, payload })
    class DoomedWorker implements JobHandler<Payload> {
      run(): Promise<Effect> {
        return Promise.reject(new Error('no ink'));
      }

      giveUp(job: Job<Payload>, error: Error): Effect<TestTables> {
        return write(job, `gave up: ${error.message}`);
      }
    }
    const service = await startService({ databaseUrl: database.url, providers: [DoomedWorker] });
    try {
      await service.db.transaction((tx) => service.jobs.enqueue(tx, { name: 'doomed', payload: { views: 5 } }));
      const [row] = await waitFor(async () => {
        const found = await effects(service.db);
        return found.length > 0 && found;
      });
      expect(row).toMatchObject({ views: 5, member: 'gave up: no ink' });
      expect(await countRows(service.db, 'dead_letters')).toBe(0);
      const { rows } = await sql`select state, last_error from jobs where name = 'doomed'`.execute(service.db.kysely);
      expect(rows).toEqual([{ state: 'failed', last_error: 'Error: no ink' }]);
    } finally {
      await service.stop();
    }
  });

  it('runs a recurring job once per interval in two instances together, with one row, failing or not', async () => {
    const runs: { member: string; at: number }[] = [];
    const everyMs = 150;
    const ticking = (member: string) => {
      @Worker({ name: 'tick', concurrency: 1, maxAttempts: 1, payload: z.object({}), everyMs })
      class TickWorker implements JobHandler<object> {
        run(): Promise<Effect> {
          runs.push({ member, at: performance.now() });
          if (runs.length === 2) return Promise.reject(new Error('once'));
          return Promise.resolve(() => Promise.resolve());
        }
      }
      return TickWorker;
    };
    const [first, second] = await Promise.all(
      ['first', 'second'].map((member) =>
        startService({ databaseUrl: database.url, service: 'ticker', member, providers: [ticking(member)] }),
      ),
    );
    try {
      await waitFor(() => runs.length >= 6, { timeoutMs: 10_000 });
      const { rows } = await sql<{ state: string }>`select state from jobs where name = 'tick'`.execute(
        first!.db.kysely,
      );
      expect(rows).toHaveLength(1);
      const gaps = runs.slice(1).map(({ at }, index) => at - runs[index]!.at);
      // The database's clock and ours may disagree by a millisecond or two.
      for (const gap of gaps) expect(gap).toBeGreaterThan(everyMs - 10);
      expect(await countRows(first!.db, 'dead_letters')).toBe(0);
    } finally {
      await Promise.all([first?.stop(), second?.stop()]);
    }
  });

  it('refuses to start with a recurring worker that wants a payload', async () => {
    @Worker({ name: 'greedy', concurrency: 1, payload: z.object({ id: z.uuid() }), everyMs: 1_000 })
    class GreedyWorker implements JobHandler<object> {
      run(): Promise<Effect> {
        return Promise.reject(new Error('never runs'));
      }
    }
    const starting = startService({ databaseUrl: database.url, providers: [GreedyWorker] });
    await expect(starting).rejects.toThrow('The recurring worker greedy must take the payload {}');
  });
});
