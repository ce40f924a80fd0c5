import { marketplace } from '@signalpress/contracts';
import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { Jobs, Outbox, PoisonError, Worker } from '@signalpress/messaging';
import { Metrics } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { ListingRow } from './listings.repository.js';
import { ListingsRepository } from './listings.repository.js';
import type { PublisherTables } from './listings.tables.js';
import { publications, publishSeconds } from './publishing.metrics.js';
import { PublishingService } from './publishing.service.js';
import type { Refusal } from './rules.js';

const payload = z.object({ ideaId: z.uuid(), marketplace });
type PublishPayload = z.output<typeof payload>;

const longestMessage = 1_000;

/** Puts listings on their marketplace, each exactly once. */
@Worker({ name: 'publish', concurrency: 2, payload })
export class PublishWorker implements JobHandler<PublishPayload> {
  constructor(
    private readonly listings: ListingsRepository,
    private readonly publishing: PublishingService,
    private readonly outbox: Outbox,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** @throws UnavailableError while the marketplace or the file service is away */
  async run(job: Job<PublishPayload>): Promise<Effect> {
    const row = await this.rowOf(job.payload);
    if (row.state !== 'requested') return async () => Promise.resolve();
    const start = performance.now();
    const result = await this.publishing.publish(row, job.signal);
    if ('refusal' in result) return this.failed(row, result.refusal);
    this.metrics
      .histogram(publishSeconds)
      .observe((performance.now() - start) / 1_000, { marketplace: row.marketplace });

    const { listing, outcome } = result;
    return async (tx: Transaction<PublisherTables>) => {
      if (!(await this.listings.markPublished(tx, row.id, listing))) {
        // Withdrawn while we were publishing: what we have just put up has to come down again.
        await this.jobs.enqueue(tx, { name: 'withdraw', key: row.sku, payload: targetOf(row) });
        return;
      }
      await this.outbox.publish(tx, 'listings.published', {
        ...targetOf(row),
        foundingCapturedAt: row.founding_captured_at.toISOString(),
        heldSeconds: row.held_seconds,
        listingId: listing.listingId,
        url: listing.url,
        price: listing.price,
        publishedAt: listing.publishedAt.toISOString(),
      });
      this.metrics.counter(publications).inc({ marketplace: row.marketplace, outcome });
    };
  }

  async giveUp(job: Job<PublishPayload>, error: Error): Promise<Effect> {
    const row = await this.rowOf(job.payload);
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'publish-failed';
    return this.failed(row, { code, message: error.message || error.name });
  }

  private failed(row: ListingRow, { code, message }: Refusal): Effect<PublisherTables> {
    const failure = { code, message: message.slice(0, longestMessage) };
    const failedAt = this.clock.now().toISOString();
    return async (tx) => {
      if (!(await this.listings.markFailed(tx, row.id, failure))) return;
      await this.outbox.publish(tx, 'listings.failed', { ...targetOf(row), ...failure, failedAt });
      this.metrics.counter(publications).inc({ marketplace: row.marketplace, outcome: 'failed' });
    };
  }

  private async rowOf({ ideaId, marketplace }: PublishPayload): Promise<ListingRow> {
    const row = await this.listings.findByIdea(ideaId, marketplace);
    if (row === undefined)
      throw new PoisonError(`no listing of idea ${ideaId} on ${marketplace}`, { code: 'listing-unknown' });
    return row;
  }
}

const targetOf = (row: ListingRow) => ({
  ideaId: row.idea_id,
  commandId: row.command_id,
  marketplace: row.marketplace,
  sku: row.sku,
});
