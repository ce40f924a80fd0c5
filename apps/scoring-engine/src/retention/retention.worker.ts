import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { ScoringTables } from '../scoring/scoring.tables.js';

const dayMs = 86_400_000;
/** As long as signals are kept where they came in. */
const keptMs = 90 * dayMs;
const batch = 1_000;

/**
 * Removes what is older than 90 days. An idea that sold stays as its vector and its number of sales, which is what the
 * community fit of new ideas is measured by; its texts and scores go.
 */
@Worker({ name: 'prune-ideas', concurrency: 1, payload: z.object({}), everyMs: 3_600_000 })
export class RetentionWorker implements JobHandler<object> {
  constructor(private readonly clock: Clock) {}

  run(): Promise<Effect> {
    const before = new Date(this.clock.now().getTime() - keptMs);
    return Promise.resolve(async (tx: Transaction<ScoringTables>) => {
      await prune(tx, before);
    });
  }
}

/** At most a thousand ideas at a time, the oldest first; the next run takes the next. */
export async function prune(tx: Transaction<ScoringTables>, before: Date): Promise<void> {
  const old = tx.selectFrom('ideas').select('id').where('opened_at', '<', before).orderBy('opened_at').limit(batch);
  await tx
    .deleteFrom('ideas')
    .where('id', 'in', old.where('sales', '=', '0'))
    .execute();
  const withTexts = old
    .where('sales', '>', '0')
    .where(sql<boolean>`exists (select from signals where signals.idea_id = ideas.id)`);
  const sold = await withTexts.execute();
  const ids = sold.map(({ id }) => id);
  if (ids.length === 0) return;
  await tx.deleteFrom('scores').where('idea_id', 'in', ids).execute();
  await tx.deleteFrom('signals').where('idea_id', 'in', ids).execute();
}
