import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { FeedbackTables } from './performance.tables.js';

const DAY_MS = 86_400_000;
/** Scores of ideas that never had a listing. */
const UNLISTED_MS = 90 * DAY_MS;
/** Listings that nothing new was seen of: 13 months, so that a season can be compared with the one before. */
const LISTED_MS = 396 * DAY_MS;
/** Rows of a kind that one run removes; the next run takes the rest. */
const BATCH = 1_000;

/** Removes what is old and was not observed for long. */
@Worker({ name: 'performance-retention', concurrency: 1, payload: z.object({}), everyMs: 3_600_000 })
export class RetentionWorker implements JobHandler<object> {
  constructor(private readonly clock: Clock) {}

  run(): Promise<Effect<FeedbackTables>> {
    const now = this.clock.now().getTime();
    const unlisted = new Date(now - UNLISTED_MS);
    const listed = new Date(now - LISTED_MS);
    return Promise.resolve(async (tx) => {
      await sql`delete from ideas where idea_id in (
        select idea_id from ideas
        where scored_at < ${unlisted} and not exists (select from listings where listings.idea_id = ideas.idea_id)
        limit ${BATCH})`.execute(tx);
      await sql`with old as (
          select idea_id from listings group by idea_id
          having max(coalesce(observed_at, published_at)) < ${listed} limit ${BATCH}),
        gone as (delete from listings using old where listings.idea_id = old.idea_id),
        forgotten as (delete from withdrawals using old where withdrawals.idea_id = old.idea_id)
        delete from performance using old where performance.idea_id = old.idea_id`.execute(tx);
    });
  }
}
