import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { Selectable, Transaction } from '@signalpress/persistence';
import type { IngestionTables, SignalsTable } from './signals.tables.js';

/** Place in the list of signals, the newest first. */
export interface SignalPosition {
  readonly capturedAt: Date;
  readonly id: string;
}

@Injectable()
export class SignalsRepository {
  constructor(private readonly db: Database<IngestionTables>) {}

  find(id: string): Promise<Selectable<SignalsTable> | undefined> {
    return this.db.kysely.selectFrom('signals').selectAll().where('id', '=', id).executeTakeFirst();
  }

  page(limit: number, after: SignalPosition | undefined): Promise<Selectable<SignalsTable>[]> {
    let query = this.db.kysely.selectFrom('signals').selectAll();
    if (after !== undefined) {
      query = query.where(sql<boolean>`(captured_at, id) < (${after.capturedAt}, ${after.id}::uuid)`);
    }
    return query.orderBy('captured_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  }

  /**
   * Removes every signal with the key, and what was kept about it, and remembers the key so that it does not come back.
   *
   * @returns how many signals were removed
   */
  erase(column: 'url_key' | 'author_key', key: string): Promise<number> {
    return this.db.transaction(async (tx) => {
      const erased = await tx.deleteFrom('signals').where(column, '=', key).returning('id').execute();
      const ids = erased.map(({ id }) => id);
      await tx
        .updateTable('ingestion_items')
        .set({ title: null, external_id: null, url_key: null, author_key: null })
        .where((where) =>
          where.or([where(column, '=', key), ...(ids.length === 0 ? [] : [where('signal_id', 'in', ids)])]),
        )
        .execute();
      await tx
        .insertInto('erasures')
        .values({ key })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return ids.length;
    });
  }
}

/** Removes ingestions with all their signals, the oldest first, a thousand at a time. */
export async function pruneIngestions(tx: Transaction<IngestionTables>, before: Date): Promise<void> {
  const old = tx
    .selectFrom('ingestions')
    .select('id')
    .where('received_at', '<', before)
    .orderBy('received_at')
    .limit(1_000);
  await tx.deleteFrom('ingestions').where('id', 'in', old).execute();
}
