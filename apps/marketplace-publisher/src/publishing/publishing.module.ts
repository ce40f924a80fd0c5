import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { DriftsGauges } from './drifts.gauges.js';
import { DriftsRepository } from './drifts.repository.js';
import { ListingsConsumer } from './listings.consumer.js';
import { ListingsController } from './listings.controller.js';
import { ListingsRepository } from './listings.repository.js';
import { observeWorker } from './observe.worker.js';
import { PublishWorker } from './publish.worker.js';
import type { PublishingSettings } from './publishing.options.js';
import { PublishingOptions } from './publishing.options.js';
import { PublishingService } from './publishing.service.js';
import { StorefrontClient } from './storefront.client.js';
import { SyncService } from './sync.service.js';
import { syncWorker } from './sync.worker.js';
import { WithdrawWorker } from './withdraw.worker.js';

/** Publishes, observes, compares and withdraws listings. */
@Module({})
export class PublishingModule {
  static register(options: PublishingSettings): DynamicModule {
    return {
      module: PublishingModule,
      controllers: [ListingsController],
      providers: [
        { provide: PublishingOptions, useValue: new PublishingOptions(options) },
        ListingsRepository,
        DriftsRepository,
        DriftsGauges,
        StorefrontClient,
        PublishingService,
        ListingsConsumer,
        PublishWorker,
        WithdrawWorker,
        observeWorker(options.observeEveryMs),
        SyncService,
        syncWorker(options.syncEveryMs),
      ],
    };
  }
}
