import { Injectable } from '@nestjs/common';
import type { ListingDrift, Marketplace } from '@signalpress/contracts';
import { listingDrift } from '@signalpress/contracts';
import type { Selectable, Transaction } from '@signalpress/persistence';
import { Database, sql } from '@signalpress/persistence';
import type { ListingDriftsTable, ListingsTable, PublisherTables } from './listings.tables.js';

type Tx = Transaction<PublisherTables>;
type PublishedColumns = 'id' | 'idea_id' | 'sku' | 'copy' | 'listing_id' | 'price_minor' | 'currency';

/** A published listing with what is known to differ. */
export type PublishedListing = Pick<Selectable<ListingsTable>, PublishedColumns> & {
  readonly drifts: ListingDrift[] | null;
};

/** A listing whose differences are no longer those that were told. */
export interface DriftChange {
  readonly listing: PublishedListing;
  /** Empty once it is repaired. */
  readonly drifts: readonly ListingDrift[];
}

/** A listing whose differences nobody needs to know any more. */
export interface ClearedDrift {
  readonly idea_id: string;
  readonly marketplace: Marketplace;
  readonly listing_id: string | null;
  readonly sku: string;
}

export type DriftRow = Selectable<ListingDriftsTable>;

/** What differs between what was published and what the marketplace shows. */
@Injectable()
export class DriftsRepository {
  constructor(private readonly db: Database<PublisherTables>) {}

  /** Our published listings, the newest first. */
  async published(marketplace: Marketplace, limit: number): Promise<PublishedListing[]> {
    return this.db.kysely
      .selectFrom('listings')
      .leftJoin('listing_drifts', 'listing_drifts.listing', 'listings.id')
      .select(['id', 'idea_id', 'sku', 'copy', 'listing_id', 'price_minor', 'currency', 'drifts'])
      .where('marketplace', '=', marketplace)
      .where('state', '=', 'published')
      .orderBy('published_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
  }

  /**
   * Writes down what differs now. The row of the listing stays locked, so a withdrawal comes either before or after.
   *
   * @returns false when the listing is no longer published
   */
  async save(tx: Tx, { listing, drifts }: DriftChange, observedAt: Date): Promise<boolean> {
    const published = await tx
      .selectFrom('listings')
      .select('id')
      .where('id', '=', listing.id)
      .where('state', '=', 'published')
      .forUpdate()
      .executeTakeFirst();
    if (published === undefined) return false;
    if (drifts.length === 0) {
      await tx.deleteFrom('listing_drifts').where('listing', '=', listing.id).execute();
      return true;
    }
    await tx
      .insertInto('listing_drifts')
      .values({ listing: listing.id, drifts: JSON.stringify(drifts), since: observedAt, observed_at: observedAt })
      .onConflict((conflict) =>
        conflict.column('listing').doUpdateSet((row) => ({
          drifts: row.ref('excluded.drifts'),
          observed_at: row.ref('excluded.observed_at'),
        })),
      )
      .execute();
    return true;
  }

  /** Forgets what differs in the idea's listing; the listing, when something did. */
  async clear(tx: Tx, ideaId: string, marketplace: Marketplace): Promise<ClearedDrift | undefined> {
    return tx
      .deleteFrom('listing_drifts')
      .using('listings')
      .whereRef('listings.id', '=', 'listing_drifts.listing')
      .where('idea_id', '=', ideaId)
      .where('marketplace', '=', marketplace)
      .returning(['idea_id', 'marketplace', 'listing_id', 'sku'])
      .executeTakeFirst();
  }

  /** How many listings differ in each way; those in which none does are there with 0. */
  async countByKind(): Promise<{ kind: ListingDrift['kind']; count: number }[]> {
    const { rows } = await sql<{ kind: string; count: number }>`
      select drift->>'kind' as kind, count(*)::int as count
      from listing_drifts cross join jsonb_array_elements(drifts) as drift group by 1`.execute(this.db.kysely);
    const counts = new Map(rows.map(({ kind, count }) => [kind, count]));
    return listingDrift.shape.kind.options.map((kind) => ({ kind, count: counts.get(kind) ?? 0 }));
  }
}
