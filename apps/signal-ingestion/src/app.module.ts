import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { MessagingModule } from '@signalpress/messaging';
import type { MessagingTuning } from '@signalpress/messaging';
import { PersistenceModule } from '@signalpress/persistence';
import { clockFrom, deliveryOptions, eventTransport, ServiceDefaultsModule } from '@signalpress/service-defaults';
import { databaseOptions } from './database.js';
import type { Env } from './env.js';
import { IngestionSettings } from './ingestion.settings.js';
import { IngestionsModule } from './ingestions/ingestions.module.js';
import { SignalsModule } from './signals/signals.module.js';
import { SourcesModule } from './sources/sources.module.js';

const service = 'signal-ingestion';

/** What the features take from the environment. */
@Global()
@Module({})
class SettingsModule {
  static forRoot(env: Env): DynamicModule {
    const settings = new IngestionSettings({ allowPrivateSources: env.ALLOW_PRIVATE_SOURCES });
    return {
      module: SettingsModule,
      providers: [{ provide: IngestionSettings, useValue: settings }],
      exports: [IngestionSettings],
    };
  }
}

/** The composition root. */
@Module({})
export class AppModule {
  /** @param tuning only specs change how messaging polls and backs off */
  static register(env: Env, tuning: Partial<MessagingTuning> = {}): DynamicModule {
    const clock = clockFrom(env);
    return {
      module: AppModule,
      imports: [
        ServiceDefaultsModule.forRoot(service, env),
        PersistenceModule.forRoot(databaseOptions(env)),
        MessagingModule.forRoot({
          service,
          now: () => clock.now(),
          tuning,
          transport: eventTransport(env),
          ...deliveryOptions(env),
        }),
        SettingsModule.forRoot(env),
        IngestionsModule,
        SignalsModule,
        SourcesModule,
      ],
    };
  }
}
