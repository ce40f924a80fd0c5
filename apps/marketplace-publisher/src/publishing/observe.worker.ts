import type { Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { Outbox, Worker } from '@signalpress/messaging';
import { Metrics } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { ListingRow } from './listings.repository.js';
import { ListingsRepository } from './listings.repository.js';
import type { PublisherTables } from './listings.tables.js';
import type { ListingCounts } from './marketplace.js';
import { observedChanges } from './publishing.metrics.js';
import { StorefrontClient } from './storefront.client.js';

const mostPages = 200;

interface Change {
  readonly row: ListingRow;
  readonly counts: ListingCounts;
}

/** Reads the counts of our listings and tells those that have changed. Counts are cumulative, so a missed round is made up. */
@Injectable()
export class CountsObserver implements JobHandler<unknown> {
  constructor(
    private readonly listings: ListingsRepository,
    private readonly storefront: StorefrontClient,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** @throws UnavailableError while the marketplace is away */
  async run({ signal }: Job<unknown>): Promise<Effect> {
    const changes = await this.changes(signal);
    const observedAt = this.clock.now();
    return async (tx: Transaction<PublisherTables>) => {
      for (const { row, counts } of changes) {
        if (!(await this.listings.observe(tx, row.id, counts, observedAt))) continue;
        await this.outbox.publish(tx, 'listings.observed', {
          ideaId: row.idea_id,
          marketplace: row.marketplace,
          listingId: counts.listingId,
          views: counts.views,
          favourites: counts.favourites,
          sales: counts.sales,
          observedAt: observedAt.toISOString(),
        });
        this.metrics.counter(observedChanges).inc({ marketplace: row.marketplace });
      }
    };
  }

  private async changes(signal: AbortSignal): Promise<Change[]> {
    const changes: Change[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < mostPages; page += 1) {
      const { items, nextCursor } = await this.storefront.listings(cursor, signal);
      const counted = new Map(items.map((item) => [item.sku, item]));
      for (const row of await this.listings.publishedBySku('storefront', [...counted.keys()])) {
        const counts = counted.get(row.sku);
        if (counts !== undefined && differs(row, counts)) changes.push({ row, counts });
      }
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    return changes;
  }
}

const differs = (row: ListingRow, counts: ListingCounts): boolean =>
  row.views !== counts.views || row.favourites !== counts.favourites || row.sales !== counts.sales;

/** The observer as a recurring worker; its interval is a setting, so the class is made when the module is. */
export function observeWorker(everyMs: number): Type<JobHandler<unknown>> {
  @Worker({ name: 'observe', concurrency: 1, everyMs, payload: z.object({}) })
  class ObserveWorker extends CountsObserver {}
  return ObserveWorker;
}
