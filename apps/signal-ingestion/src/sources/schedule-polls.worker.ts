import { Jobs, Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { z } from 'zod';
import type { IngestionTables } from '../signals/signals.tables.js';
import { pollSource } from './poll-source.worker.js';
import { SourcesRepository } from './sources.repository.js';

/** Polls that one look starts at most; the rest is due at the next look. */
const batch = 50;

/** Looks which sources are due. The key keeps a slow source from being polled twice at once. */
@Worker({ name: 'schedule-polls', concurrency: 1, payload: z.object({}), everyMs: 30_000 })
export class SchedulePollsWorker implements JobHandler<object> {
  constructor(
    private readonly sources: SourcesRepository,
    private readonly jobs: Jobs,
  ) {}

  run(): Promise<Effect> {
    return Promise.resolve(async (tx: Transaction<IngestionTables>) => {
      for (const sourceId of await this.sources.dueIds(tx, batch)) {
        await this.jobs.enqueue(tx, { name: pollSource, key: sourceId, payload: { sourceId } });
      }
    });
  }
}
