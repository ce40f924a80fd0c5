import { Injectable } from '@nestjs/common';
import type { Ingestion, IngestionItem } from '@signalpress/contracts';
import { Database } from '@signalpress/persistence';
import type { Insertable, Transaction } from '@signalpress/persistence';
import type { Draft } from '../normalisation/draft.js';
import type { IngestionItemsTable, IngestionTables, SignalsTable } from '../signals/signals.tables.js';

type Tx = Transaction<IngestionTables>;

/** One item of an ingestion as it is kept: what the answer shows, and the hashes by which it can be erased. */
export type StoredItem = IngestionItem & { readonly urlKey: string | null; readonly authorKey: string | null };

@Injectable()
export class IngestionsRepository {
  constructor(private readonly db: Database<IngestionTables>) {}

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  async addIngestion(tx: Tx, ingestion: { id: string; source: string; receivedAt: Date }): Promise<void> {
    const { id, source, receivedAt } = ingestion;
    await tx.insertInto('ingestions').values({ id, source, received_at: receivedAt }).execute();
  }

  /** Which of the keys belong to something that was erased. */
  async erasedKeys(tx: Tx, keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return new Set();
    const rows = await tx.selectFrom('erasures').select('key').where('key', 'in', keys).execute();
    return new Set(rows.map(({ key }) => key));
  }

  /** Titles may come again after a while: the signals that had them before `before` give them back. */
  async releaseTitles(tx: Tx, titleKeys: readonly string[], before: Date): Promise<void> {
    if (titleKeys.length === 0) return;
    await tx
      .updateTable('signals')
      .set({ title_key: null })
      .where('title_key', 'in', titleKeys)
      .where('captured_at', '<', before)
      .execute();
  }

  /**
   * Stores the signals none of whose keys is taken, the first of several that are the same. The unique indexes decide, so two
   * instances that take the same feed at once store each signal once.
   *
   * @returns the ids of those that were stored
   */
  async addNewSignals(tx: Tx, signals: readonly Insertable<SignalsTable>[]): Promise<ReadonlySet<string>> {
    if (signals.length === 0) return new Set();
    const rows = await tx
      .insertInto('signals')
      .values([...signals])
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** The stored signal that holds each key. */
  async holdersOf(tx: Tx, drafts: readonly Draft[]): Promise<ReadonlyMap<string, string>> {
    const keys = drafts.flatMap(({ keys: { external, url, title } }) => [external, url, title]);
    const given = [...new Set(keys.filter((key) => key !== null))];
    if (given.length === 0) return new Map();
    const rows = await tx
      .selectFrom('signals')
      .select(['id', 'external_key', 'url_key', 'title_key'])
      .where((where) =>
        where.or([where('external_key', 'in', given), where('url_key', 'in', given), where('title_key', 'in', given)]),
      )
      .execute();
    const holders = new Map<string, string>();
    for (const { id, external_key, url_key, title_key } of rows) {
      for (const key of [external_key, url_key, title_key]) if (key !== null) holders.set(key, id);
    }
    return holders;
  }

  async addItems(tx: Tx, ingestionId: string, items: readonly StoredItem[]): Promise<void> {
    if (items.length === 0) return;
    const rows = items.map((item): Insertable<IngestionItemsTable> => ({
      ingestion_id: ingestionId,
      index: item.index,
      external_id: item.externalId,
      title: item.title,
      result: item.result,
      signal_id: item.signalId,
      rule: item.rule,
      url_key: item.urlKey,
      author_key: item.authorKey,
    }));
    await tx.insertInto('ingestion_items').values(rows).execute();
  }

  async find(id: string): Promise<Ingestion | undefined> {
    const ingestion = await this.db.kysely.selectFrom('ingestions').selectAll().where('id', '=', id).executeTakeFirst();
    if (ingestion === undefined) return undefined;
    const rows = await this.db.kysely
      .selectFrom('ingestion_items')
      .selectAll()
      .where('ingestion_id', '=', id)
      .orderBy('index')
      .execute();
    return answerOf(
      { id, source: ingestion.source, receivedAt: ingestion.received_at },
      rows.map((row) => ({
        index: row.index,
        externalId: row.external_id,
        title: row.title,
        result: row.result,
        signalId: row.signal_id,
        rule: row.rule,
      })),
    );
  }
}

/** The answer of the HTTP contract. */
export function answerOf(
  ingestion: { id: string; source: string; receivedAt: Date },
  items: readonly IngestionItem[],
): Ingestion {
  const counted = (result: IngestionItem['result']) => items.filter((item) => item.result === result).length;
  return {
    ingestionId: ingestion.id,
    source: ingestion.source,
    receivedAt: ingestion.receivedAt.toISOString(),
    totals: {
      items: items.length,
      accepted: counted('accepted'),
      duplicate: counted('duplicate'),
      rejected: counted('rejected'),
    },
    items: items.map(({ index, externalId, title, result, signalId, rule }) => ({
      index,
      externalId,
      title,
      result,
      signalId,
      rule,
    })),
  };
}
