import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { FeedbackTables, PerformanceRow } from './performance.tables.js';

/** Where a page ended: the last change and the identifier of its last idea. */
export interface Cursor {
  readonly updatedAt: Date;
  readonly ideaId: string;
}

export interface FactorView {
  readonly factor: string;
  readonly value: number;
  readonly weight: number;
  readonly contribution: number;
}

export interface ListingView {
  readonly marketplace: string;
  readonly listingId: string;
  readonly views: number;
  readonly favourites: number;
  readonly sales: number;
  readonly observedAt: Date | null;
  readonly publishedAt: Date | null;
  readonly withdrawnAt: Date | null;
}

export type PerformanceView = PerformanceRow & { readonly phrase: string | null; readonly score: number | null };

/** Most listings of one idea that are shown. */
const LISTINGS_LIMIT = 100;

/** What is read for people and for metrics. */
@Injectable()
export class PerformanceQueries {
  constructor(private readonly db: Database<FeedbackTables>) {}

  /** Last changed first; one more than asked for, so that the caller knows whether there is a next page. */
  async page(limit: number, cursor: Cursor | undefined): Promise<PerformanceView[]> {
    let query = this.withIdea();
    if (cursor !== undefined) {
      const { updatedAt, ideaId } = cursor;
      query = query.where(
        sql<boolean>`(performance.updated_at, performance.idea_id) < (${updatedAt}, ${ideaId}::uuid)`,
      );
    }
    return query
      .orderBy('performance.updated_at', 'desc')
      .orderBy('performance.idea_id', 'desc')
      .limit(limit + 1)
      .execute();
  }

  async find(ideaId: string): Promise<PerformanceView | undefined> {
    return this.withIdea().where('performance.idea_id', '=', ideaId).executeTakeFirst();
  }

  async factors(ideaId: string): Promise<FactorView[]> {
    return this.db.kysely
      .selectFrom('idea_factors')
      .select(['factor', 'value', 'weight', 'contribution'])
      .where('idea_id', '=', ideaId)
      .orderBy('contribution', 'desc')
      .orderBy('factor')
      .execute();
  }

  async listings(ideaId: string): Promise<ListingView[]> {
    return this.db.kysely
      .selectFrom('listings')
      .leftJoin('withdrawals', (join) =>
        join
          .onRef('withdrawals.idea_id', '=', 'listings.idea_id')
          .onRef('withdrawals.marketplace', '=', 'listings.marketplace')
          // A listing that was published after the withdrawal is another one.
          .on(sql<boolean>`listings.published_at is null or withdrawals.withdrawn_at >= listings.published_at`),
      )
      .select([
        'listings.marketplace',
        'listings.listing_id as listingId',
        'views',
        'favourites',
        'sales',
        'observed_at as observedAt',
        'published_at as publishedAt',
        'withdrawn_at as withdrawnAt',
      ])
      .where('listings.idea_id', '=', ideaId)
      .orderBy('listings.marketplace')
      .orderBy('listings.listing_id')
      .limit(LISTINGS_LIMIT)
      .execute();
  }

  async sums(): Promise<{ views: number; favourites: number; sales: number }> {
    const sum = (column: 'views' | 'favourites' | 'sales') => sql<number>`coalesce(sum(${sql.ref(column)}), 0)::float8`;
    return this.db.kysely
      .selectFrom('performance')
      .select([sum('views').as('views'), sum('favourites').as('favourites'), sum('sales').as('sales')])
      .executeTakeFirstOrThrow();
  }

  private withIdea() {
    return this.db.kysely
      .selectFrom('performance')
      .leftJoin('ideas', 'ideas.idea_id', 'performance.idea_id')
      .selectAll('performance')
      .select(['ideas.phrase', 'ideas.score']);
  }
}
