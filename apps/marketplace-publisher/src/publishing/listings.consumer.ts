import { Injectable } from '@nestjs/common';
import type { ReceivedEvent } from '@signalpress/messaging';
import { Jobs, OnEvent, PoisonError } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { ListingsRepository } from './listings.repository.js';
import type { PublisherTables } from './listings.tables.js';

@Injectable()
export class ListingsConsumer {
  constructor(
    private readonly listings: ListingsRepository,
    private readonly jobs: Jobs,
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
    const { ideaId, commandId, marketplace, sku } = data;
    await this.jobs.enqueue(tx, { name: 'withdraw', key: sku, payload: { ideaId, commandId, marketplace, sku } });
  }
}
