import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { OrchestratorTables } from './workflow.tables.js';

const DAY_MS = 86_400_000;
/** Ideas that came to nothing, and how the budget of a day was spent. */
const SHORT_MS = 90 * DAY_MS;
/** Ideas that had a listing: as long as the time series that tell of it. */
const LONG_MS = 396 * DAY_MS;
/** Rows of a kind that one run removes; the next run takes the rest. */
const BATCH = 1_000;

/** Removes what has come to its end and is old. What is listed, held or under way stays, however old. */
@Worker({ name: 'idea-retention', concurrency: 1, payload: z.object({}), everyMs: 3_600_000 })
export class RetentionWorker implements JobHandler<object> {
  constructor(private readonly clock: Clock) {}

  run(): Promise<Effect<OrchestratorTables>> {
    const now = this.clock.now().getTime();
    const short = new Date(now - SHORT_MS);
    const long = new Date(now - LONG_MS);
    return Promise.resolve(async (tx) => {
      await sql`delete from ideas where idea_id in (
        select idea_id from ideas
        where (state = 'rejected' and updated_at < ${short}) or (state in ('failed', 'withdrawn') and updated_at < ${long})
        limit ${BATCH})`.execute(tx);
      await sql`delete from transitions where id in (
        select id from transitions
        where at < ${short} and not exists (select from ideas where ideas.idea_id = transitions.idea_id)
        limit ${BATCH * 10})`.execute(tx);
      await sql`delete from budget_days where shop_day < ${short.toISOString().slice(0, 10)}`.execute(tx);
    });
  }
}
