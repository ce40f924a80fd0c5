import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import { IncidentsRepository } from './incidents.repository.js';
import type { IncidentTables } from './incidents.tables.js';

/** As long as the time series. */
const KEPT_MS = 396 * 86_400_000;
const BATCH = 1_000;

/** Removes incidents that were resolved long ago. */
@Worker({ name: 'incident-retention', concurrency: 1, payload: z.object({}), everyMs: 3_600_000 })
export class IncidentRetentionWorker implements JobHandler<object> {
  constructor(
    private readonly incidents: IncidentsRepository,
    private readonly clock: Clock,
  ) {}

  run(): Promise<Effect<IncidentTables>> {
    const before = new Date(this.clock.now().getTime() - KEPT_MS);
    return Promise.resolve((tx) => this.incidents.prune(tx, before, BATCH));
  }
}
