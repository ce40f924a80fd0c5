import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { MonitoringTables } from './read-model.tables.js';

const DAY_MS = 86_400_000;
/** Signals and timelines, as long as the services keep them themselves. */
const SHORT_MS = 90 * DAY_MS;
/** Ideas and listings: 13 months, so that a season can be compared with the one before. */
const LONG_MS = 396 * DAY_MS;
/** Rows of a kind that one run removes; the next run takes the rest. */
const BATCH = 10_000;

/** Removes what is old from the read model. */
@Worker({ name: 'read-model-retention', concurrency: 1, payload: z.object({}), everyMs: 600_000 })
export class RetentionWorker implements JobHandler<object> {
  constructor(private readonly clock: Clock) {}

  run(): Promise<Effect<MonitoringTables>> {
    const now = this.clock.now().getTime();
    const short = new Date(now - SHORT_MS);
    const long = new Date(now - LONG_MS);
    return Promise.resolve(async (tx) => {
      await sql`delete from idea_events where event_id in
        (select event_id from idea_events where at < ${short} limit ${BATCH})`.execute(tx);
      await sql`with old as (
          delete from signals where signal_id in
            (select signal_id from signals where captured_at < ${short} limit ${BATCH}) returning signal_id)
        delete from signal_ideas using old where signal_ideas.signal_id = old.signal_id`.execute(tx);
      await sql`with old as (
          delete from ideas where idea_id in
            (select idea_id from ideas where updated_at < ${long} limit ${BATCH}) returning idea_id),
        listed as (delete from listings using old where listings.idea_id = old.idea_id)
        delete from signal_ideas using old where signal_ideas.idea_id = old.idea_id`.execute(tx);
    });
  }
}
