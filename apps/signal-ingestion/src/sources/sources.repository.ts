import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { Selectable, Transaction } from '@signalpress/persistence';
import type { Validators } from '../fetching/source-fetcher.js';
import type { IngestionTables, SourcesTable } from '../signals/signals.tables.js';

export type SourceRow = Selectable<SourcesTable>;
type Tx = Transaction<IngestionTables>;

/** Enough for one shop; every source costs requests for ever. */
export const maxSources = 500;
const longestBackoffMinutes = 24 * 60;

@Injectable()
export class SourcesRepository {
  constructor(private readonly db: Database<IngestionTables>) {}

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** @returns undefined when there are as many sources as there may be */
  async add(tx: Tx, url: string, everyMinutes: number): Promise<SourceRow | undefined> {
    await sql`select pg_advisory_xact_lock(hashtext('signal_ingestion.sources'))`.execute(tx);
    const { count } = await tx
      .selectFrom('sources')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('url', '<>', url)
      .executeTakeFirstOrThrow();
    if (Number(count) >= maxSources) return undefined;
    return tx
      .insertInto('sources')
      .values({ id: randomUUID(), url, every_minutes: everyMinutes })
      .onConflict((conflict) =>
        conflict
          .column('url')
          .doUpdateSet({ every_minutes: everyMinutes, next_poll_at: sql<Date>`now()`, failures: 0 }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  list(): Promise<SourceRow[]> {
    return this.db.kysely
      .selectFrom('sources')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .limit(maxSources)
      .execute();
  }

  /** The source, unless it is gone or was polled in the meantime. */
  findDue(id: string): Promise<SourceRow | undefined> {
    return this.db.kysely
      .selectFrom('sources')
      .selectAll()
      .where('id', '=', id)
      .where('next_poll_at', '<=', sql<Date>`now()`)
      .executeTakeFirst();
  }

  async remove(tx: Tx, id: string): Promise<boolean> {
    const removed = await tx.deleteFrom('sources').where('id', '=', id).executeTakeFirst();
    return removed.numDeletedRows > 0n;
  }

  async dueIds(tx: Tx, limit: number): Promise<string[]> {
    const rows = await tx
      .selectFrom('sources')
      .select('id')
      .where('next_poll_at', '<=', sql<Date>`now()`)
      .orderBy('next_poll_at')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  async markPolled(
    tx: Tx,
    id: string,
    poll: { ingestionId: string | null; validators: Validators | null },
  ): Promise<void> {
    await tx
      .updateTable('sources')
      .set({
        failures: 0,
        last_error: null,
        last_outcome: poll.ingestionId === null ? 'unchanged' : 'ingested',
        last_polled_at: sql<Date>`now()`,
        next_poll_at: sql<Date>`now() + make_interval(mins => every_minutes)`,
        ...(poll.ingestionId === null ? {} : { last_ingestion_id: poll.ingestionId }),
        ...(poll.validators === null
          ? {}
          : { etag: poll.validators.etag, last_modified: poll.validators.lastModified }),
      })
      .where('id', '=', id)
      .execute();
  }

  /** Each failure in a row doubles the wait, up to a day; a fifth of it is drawn, so that sources do not come due together. */
  async markFailed(tx: Tx, id: string, error: string): Promise<void> {
    await tx
      .updateTable('sources')
      .set({
        failures: sql<number>`failures + 1`,
        last_outcome: 'failed',
        last_error: error.slice(0, 500),
        last_polled_at: sql<Date>`now()`,
        next_poll_at: sql<Date>`now() + make_interval(secs =>
          least(every_minutes * power(2, least(failures + 1, 10)), greatest(every_minutes, ${longestBackoffMinutes}::int))
          * 60 * (0.8 + 0.2 * random()))`,
      })
      .where('id', '=', id)
      .execute();
  }
}
