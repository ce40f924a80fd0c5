import type { Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Marketplace } from '@signalpress/contracts';
import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { Outbox, Worker } from '@signalpress/messaging';
import { Logger, Metrics } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import { listingsSynced } from './drifts.metrics.js';
import { DriftsRepository } from './drifts.repository.js';
import type { PublisherTables } from './listings.tables.js';
import { SyncService } from './sync.service.js';

const marketplace: Marketplace = 'storefront';

/** Tells which listings are no longer as they were published, and which are again. */
@Injectable()
export class ListingsSync implements JobHandler<unknown> {
  constructor(
    private readonly sync: SyncService,
    private readonly drifts: DriftsRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly logger: Logger,
  ) {}

  /** @throws UnavailableError while the marketplace is away; RefusedError */
  async run({ signal }: Job<unknown>): Promise<Effect> {
    const { compared, drifted, complete, changes } = await this.sync.compare(marketplace, signal);
    if (!complete) this.logger.warn('the marketplace has more listings than are read', { compared });
    const observedAt = this.clock.now();
    this.metrics.counter(listingsSynced).inc({ marketplace, outcome: 'as-published' }, compared - drifted);
    this.metrics.counter(listingsSynced).inc({ marketplace, outcome: 'drifted' }, drifted);
    return async (tx: Transaction<PublisherTables>) => {
      for (const change of changes) {
        if (!(await this.drifts.save(tx, change, observedAt))) continue;
        await this.outbox.publish(tx, 'listings.drifted', {
          ideaId: change.listing.idea_id,
          marketplace,
          listingId: change.listing.listing_id ?? '',
          sku: change.listing.sku,
          drifts: [...change.drifts],
          observedAt: observedAt.toISOString(),
        });
      }
    };
  }
}

/** The sync as a recurring worker; its interval is a setting, so the class is made when the module is. */
export function syncWorker(everyMs: number): Type<JobHandler<unknown>> {
  @Worker({ name: 'sync', concurrency: 1, everyMs, payload: z.object({}) })
  class SyncWorker extends ListingsSync {}
  return SyncWorker;
}
