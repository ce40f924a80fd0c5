import { marketplace } from '@signalpress/contracts';
import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { Outbox, Worker } from '@signalpress/messaging';
import { Metrics } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import { ListingsRepository } from './listings.repository.js';
import type { PublisherTables } from './listings.tables.js';
import { publications } from './publishing.metrics.js';
import { StorefrontClient } from './storefront.client.js';

const payload = z.object({ ideaId: z.uuid(), commandId: z.string(), marketplace, sku: z.string() });
type WithdrawPayload = z.output<typeof payload>;

/** Takes listings down by SKU; taking down what is not there is a success. */
@Worker({ name: 'withdraw', concurrency: 1, payload })
export class WithdrawWorker implements JobHandler<WithdrawPayload> {
  constructor(
    private readonly listings: ListingsRepository,
    private readonly storefront: StorefrontClient,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** @throws UnavailableError while the marketplace is away; RefusedError */
  async run({ payload: target, signal }: Job<WithdrawPayload>): Promise<Effect> {
    await this.storefront.remove(target.sku, signal);
    const withdrawnAt = this.clock.now();
    return async (tx: Transaction<PublisherTables>) => {
      await this.listings.markWithdrawn(tx, target.ideaId, target.marketplace, withdrawnAt);
      await this.outbox.publish(tx, 'listings.withdrawn', { ...target, withdrawnAt: withdrawnAt.toISOString() });
      this.metrics.counter(publications).inc({ marketplace: target.marketplace, outcome: 'withdrawn' });
    };
  }
}
