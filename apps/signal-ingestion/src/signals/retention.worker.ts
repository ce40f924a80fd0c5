import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import { pruneIngestions } from './signals.repository.js';
import type { IngestionTables } from './signals.tables.js';

const keptMs = 90 * 24 * 3_600_000;

/** Removes signals, and the ingestions that brought them, 90 days after they came in. */
@Worker({ name: 'prune-signals', concurrency: 1, payload: z.object({}), everyMs: 900_000 })
export class RetentionWorker implements JobHandler<object> {
  constructor(private readonly clock: Clock) {}

  run(): Promise<Effect> {
    const before = new Date(this.clock.now().getTime() - keptMs);
    return Promise.resolve((tx: Transaction<IngestionTables>) => pruneIngestions(tx, before));
  }
}
