import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import type { FeedbackTables, PerformanceRow } from './performance.tables.js';
import type { Observed, Totals } from './totals.js';

type Tx = Transaction<FeedbackTables>;

/** Writes what events say; every method runs in the transaction of the event. */
@Injectable()
export class PerformanceRepository {
  /** Keeps the factors of the newest revision. */
  async saveScore(tx: Tx, score: EventData<'ideas.scored'>): Promise<void> {
    const { ideaId, revision, phrase, weightsVersion, asOf, breakdown } = score;
    const saved = await tx
      .insertInto('ideas')
      .values({
        idea_id: ideaId,
        revision,
        phrase,
        score: score.score,
        weights_version: weightsVersion,
        scored_at: new Date(asOf),
      })
      .onConflict((conflict) =>
        conflict
          .column('idea_id')
          .doUpdateSet((row) => ({
            revision: row.ref('excluded.revision'),
            phrase: row.ref('excluded.phrase'),
            score: row.ref('excluded.score'),
            weights_version: row.ref('excluded.weights_version'),
            scored_at: row.ref('excluded.scored_at'),
          }))
          .whereRef('ideas.revision', '<', 'excluded.revision'),
      )
      .returning('idea_id')
      .executeTakeFirst();
    if (saved === undefined) return;
    await tx.deleteFrom('idea_factors').where('idea_id', '=', ideaId).execute();
    const factors = breakdown.map(({ factor, value, weight, contribution }) => ({
      idea_id: ideaId,
      factor,
      value,
      weight,
      contribution,
    }));
    // A breakdown has each factor once; should one come twice, the first counts.
    await tx
      .insertInto('idea_factors')
      .values(factors)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async savePublished(tx: Tx, listing: EventData<'listings.published'>): Promise<void> {
    const publishedAt = new Date(listing.publishedAt);
    await tx
      .insertInto('listings')
      .values({
        marketplace: listing.marketplace,
        listing_id: listing.listingId,
        idea_id: listing.ideaId,
        published_at: publishedAt,
      })
      .onConflict((conflict) =>
        conflict.columns(['marketplace', 'listing_id']).doUpdateSet({
          published_at: sql<Date>`least(listings.published_at, ${publishedAt}::timestamptz)`,
        }),
      )
      .execute();
  }

  async saveWithdrawn(tx: Tx, { ideaId, marketplace, withdrawnAt }: EventData<'listings.withdrawn'>): Promise<void> {
    const at = new Date(withdrawnAt);
    await tx
      .insertInto('withdrawals')
      .values({ idea_id: ideaId, marketplace, withdrawn_at: at })
      .onConflict((conflict) =>
        conflict.columns(['idea_id', 'marketplace']).doUpdateSet({
          withdrawn_at: sql<Date>`greatest(withdrawals.withdrawn_at, ${at}::timestamptz)`,
        }),
      )
      .execute();
  }

  /** @returns false when a newer observation of the listing is known, or this one already */
  async saveObservation(tx: Tx, observation: EventData<'listings.observed'>): Promise<boolean> {
    const { ideaId, marketplace, listingId, views, favourites, sales, observedAt } = observation;
    const saved = await tx
      .insertInto('listings')
      .values({
        marketplace,
        listing_id: listingId,
        idea_id: ideaId,
        views,
        favourites,
        sales,
        observed_at: new Date(observedAt),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['marketplace', 'listing_id'])
          .doUpdateSet((row) => ({
            views: row.ref('excluded.views'),
            favourites: row.ref('excluded.favourites'),
            sales: row.ref('excluded.sales'),
            observed_at: row.ref('excluded.observed_at'),
          }))
          .where(sql<boolean>`listings.observed_at is null or listings.observed_at < excluded.observed_at`),
      )
      .returning('listing_id')
      .executeTakeFirst();
    return saved !== undefined;
  }

  /** Totals that were last told, locked until the transaction ends; zeros the first time. */
  async lockTotals(tx: Tx, ideaId: string, at: Date): Promise<PerformanceRow> {
    await tx
      .insertInto('performance')
      .values({
        idea_id: ideaId,
        views: 0,
        favourites: 0,
        sales: 0,
        conversion: null,
        observed_at: null,
        updated_at: at,
      })
      .onConflict((conflict) => conflict.column('idea_id').doNothing())
      .execute();
    const row = tx.selectFrom('performance').selectAll().where('idea_id', '=', ideaId).forUpdate();
    return row.executeTakeFirstOrThrow();
  }

  async countsOf(tx: Tx, ideaId: string): Promise<Observed[]> {
    return tx
      .selectFrom('listings')
      .select(['views', 'favourites', 'sales', 'observed_at as observedAt'])
      .where('idea_id', '=', ideaId)
      .execute();
  }

  async saveTotals(tx: Tx, ideaId: string, totals: Totals, at: Date): Promise<void> {
    const { views, favourites, sales, conversion, observedAt } = totals;
    await tx
      .updateTable('performance')
      .set({ views, favourites, sales, conversion, observed_at: observedAt, updated_at: at })
      .where('idea_id', '=', ideaId)
      .execute();
  }
}
