import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { MessagingModule } from '@signalpress/messaging';
import { PersistenceModule } from '@signalpress/persistence';
import { clockFrom, deliveryOptions, eventTransport, ServiceDefaultsModule } from '@signalpress/service-defaults';
import { databaseOptions } from './database.js';
import type { Env } from './env.js';
import { PublishingModule } from './publishing/publishing.module.js';
import { StorefrontModule } from './storefront/storefront.module.js';

/** The service as one module. Publishing and storefront meet only here and over HTTP. */
@Module({})
export class AppModule {
  static register(env: Env): DynamicModule {
    const clock = clockFrom(env);
    return {
      module: AppModule,
      imports: [
        ServiceDefaultsModule.forRoot('marketplace-publisher', env),
        PersistenceModule.forRoot(databaseOptions(env)),
        MessagingModule.forRoot({
          service: 'marketplace-publisher',
          now: () => clock.now(),
          transport: eventTransport(env),
          ...deliveryOptions(env),
        }),
        PublishingModule.register({
          filesUrl: env.MOCKUP_GENERATION_URL,
          storefrontUrl: env.STOREFRONT_URL,
          storefrontPublicUrl: env.STOREFRONT_PUBLIC_URL,
          storefrontApiKey: env.STOREFRONT_API_KEY,
          margin: env.PRICE_MARGIN,
          observeEveryMs: env.OBSERVE_SECONDS * 1_000,
          syncEveryMs: env.SYNC_SECONDS * 1_000,
        }),
        StorefrontModule.register({ apiKey: env.STOREFRONT_API_KEY, faults: env.STOREFRONT_FAULTS }),
      ],
    };
  }
}
