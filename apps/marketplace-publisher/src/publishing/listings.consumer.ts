import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import type { ReceivedEvent } from '@signalpress/messaging';
import { Jobs, OnEvent, Outbox, PoisonError } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { DriftsRepository } from './drifts.repository.js';
import { ListingsRepository } from './listings.repository.js';
import type { PublisherTables } from './listings.tables.js';

@Injectable()
export class ListingsConsumer {
  constructor(
    private readonly listings: ListingsRepository,
    private readonly drifts: DriftsRepository,
    private readonly jobs: Jobs,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @throws PoisonError when there is no preview of the product that is to be listed */
  @OnEvent('listings.requested', { onPoison: 'dead-letter' })
  async onRequested({ data }: ReceivedEvent<'listings.requested'>, tx: Transaction<PublisherTables>): Promise<void> {
    const preview = data.previews.find(({ product }) => product === data.product);
    if (preview === undefined) throw new PoisonError(`no preview of a ${data.product}`, { code: 'preview-absent' });
    if (!(await this.listings.request(tx, data, preview.file))) return;
    const payload = { ideaId: data.ideaId, marketplace: data.marketplace };
    await this.jobs.enqueue(tx, { name: 'publish', key: data.commandId, payload });
  }

  /** Also for what we never heard of: the marketplace may have it, and the orchestrator waits for an answer. */
  @OnEvent('listings.withdraw-requested', { onPoison: 'dead-letter' })
  async onWithdrawRequested(
    { data }: ReceivedEvent<'listings.withdraw-requested'>,
    tx: Transaction<PublisherTables>,
  ): Promise<void> {
    await this.listings.markWithdrawing(tx, data.ideaId, data.marketplace);
    await this.clearDrifts(tx, data);
    const { ideaId, commandId, marketplace, sku } = data;
    await this.jobs.enqueue(tx, { name: 'withdraw', key: sku, payload: { ideaId, commandId, marketplace, sku } });
  }

  /** What we take down ourselves differs from nothing. */
  private async clearDrifts(
    tx: Transaction<PublisherTables>,
    { ideaId, marketplace }: EventData<'listings.withdraw-requested'>,
  ): Promise<void> {
    const cleared = await this.drifts.clear(tx, ideaId, marketplace);
    if (cleared?.listing_id == null) return;
    await this.outbox.publish(tx, 'listings.drifted', {
      ideaId,
      marketplace,
      listingId: cleared.listing_id,
      sku: cleared.sku,
      drifts: [],
      observedAt: this.clock.now().toISOString(),
    });
  }
}
