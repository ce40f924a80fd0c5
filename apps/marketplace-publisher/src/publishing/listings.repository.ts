import { Injectable } from '@nestjs/common';
import type { EventData, Marketplace, StoredFile } from '@signalpress/contracts';
import type { Selectable, Transaction } from '@signalpress/persistence';
import { Database, sql } from '@signalpress/persistence';
import type { ListingsTable, PublisherTables } from './listings.tables.js';
import type { ListingCounts, MarketplaceListing } from './marketplace.js';

export type ListingRow = Selectable<ListingsTable>;

export interface ListingFilter {
  readonly limit: number;
  readonly ideaId?: string | undefined;
  /** The last row of the page before. */
  readonly after?: { readonly requestedAt: string; readonly id: string } | undefined;
}

@Injectable()
export class ListingsRepository {
  constructor(private readonly db: Database<PublisherTables>) {}

  /** Writes a request down; false when the idea has a listing there already, unless that one failed and may be tried again. */
  async request(
    tx: Transaction<PublisherTables>,
    command: EventData<'listings.requested'>,
    preview: StoredFile,
  ): Promise<boolean> {
    const written = await tx
      .insertInto('listings')
      .values({
        command_id: command.commandId,
        idea_id: command.ideaId,
        marketplace: command.marketplace,
        sku: command.sku,
        product: command.product,
        copy: JSON.stringify(command.copy),
        preview: JSON.stringify(preview),
        founding_captured_at: command.foundingCapturedAt,
        held_seconds: command.heldSeconds,
        requested_at: command.requestedAt,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['idea_id', 'marketplace'])
          .doUpdateSet((row) => ({
            state: 'requested',
            copy: row.ref('excluded.copy'),
            preview: row.ref('excluded.preview'),
            held_seconds: row.ref('excluded.held_seconds'),
            failure_code: null,
            failure_message: null,
          }))
          .where('listings.state', '=', 'failed'),
      )
      .executeTakeFirst();
    return written.numInsertedOrUpdatedRows === 1n;
  }

  find(id: string): Promise<ListingRow | undefined> {
    return this.db.kysely.selectFrom('listings').selectAll().where('id', '=', id).executeTakeFirst();
  }

  findByIdea(ideaId: string, marketplace: Marketplace): Promise<ListingRow | undefined> {
    return this.db.kysely
      .selectFrom('listings')
      .selectAll()
      .where('idea_id', '=', ideaId)
      .where('marketplace', '=', marketplace)
      .executeTakeFirst();
  }

  /** Newest first. */
  list({ limit, ideaId, after }: ListingFilter): Promise<ListingRow[]> {
    let query = this.db.kysely.selectFrom('listings').selectAll();
    if (ideaId !== undefined) query = query.where('idea_id', '=', ideaId);
    if (after !== undefined) {
      query = query.where(sql<boolean>`(requested_at, id) < (${after.requestedAt}::timestamptz, ${after.id}::uuid)`);
    }
    return query.orderBy('requested_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  }

  /** Records what the marketplace answered; false when the listing is not wanted any more. */
  async markPublished(tx: Transaction<PublisherTables>, id: string, listing: MarketplaceListing): Promise<boolean> {
    const updated = await tx
      .updateTable('listings')
      .set({
        state: 'published',
        listing_id: listing.listingId,
        url: listing.url,
        price_minor: listing.price.amountMinor,
        currency: listing.price.currency,
        published_at: listing.publishedAt,
      })
      .where('id', '=', id)
      .where('state', '=', 'requested')
      .executeTakeFirst();
    return updated.numUpdatedRows === 1n;
  }

  /** Records a refusal; false when the request has its answer already. */
  async markFailed(
    tx: Transaction<PublisherTables>,
    id: string,
    failure: { readonly code: string; readonly message: string },
  ): Promise<boolean> {
    const updated = await tx
      .updateTable('listings')
      .set({ state: 'failed', failure_code: failure.code, failure_message: failure.message })
      .where('id', '=', id)
      .where('state', '=', 'requested')
      .executeTakeFirst();
    return updated.numUpdatedRows === 1n;
  }

  /** From now on a publication that is under way does not count. */
  async markWithdrawing(tx: Transaction<PublisherTables>, ideaId: string, marketplace: Marketplace): Promise<void> {
    await tx
      .updateTable('listings')
      .set({ state: 'withdrawing' })
      .where('idea_id', '=', ideaId)
      .where('marketplace', '=', marketplace)
      .where('state', '!=', 'withdrawn')
      .execute();
  }

  async markWithdrawn(
    tx: Transaction<PublisherTables>,
    ideaId: string,
    marketplace: Marketplace,
    at: Date,
  ): Promise<void> {
    await tx
      .updateTable('listings')
      .set({ state: 'withdrawn', withdrawn_at: at })
      .where('idea_id', '=', ideaId)
      .where('marketplace', '=', marketplace)
      .where('state', '!=', 'withdrawn')
      .execute();
  }

  /** Our published listings among the SKUs. */
  async publishedBySku(marketplace: Marketplace, skus: readonly string[]): Promise<ListingRow[]> {
    if (skus.length === 0) return [];
    return this.db.kysely
      .selectFrom('listings')
      .selectAll()
      .where('marketplace', '=', marketplace)
      .where('sku', 'in', skus)
      .where('state', '=', 'published')
      .execute();
  }

  /** Writes new counts; false when they are not new. */
  async observe(
    tx: Transaction<PublisherTables>,
    id: string,
    counts: ListingCounts,
    observedAt: Date,
  ): Promise<boolean> {
    const { views, favourites, sales } = counts;
    const updated = await tx
      .updateTable('listings')
      .set({ views, favourites, sales, observed_at: observedAt })
      .where('id', '=', id)
      .where('state', '=', 'published')
      .where((row) =>
        row.or([row('views', '!=', views), row('favourites', '!=', favourites), row('sales', '!=', sales)]),
      )
      .executeTakeFirst();
    return updated.numUpdatedRows === 1n;
  }
}
