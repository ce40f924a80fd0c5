import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { MessagingModule } from '@signalpress/messaging';
import type { MessagingTuning } from '@signalpress/messaging';
import { PersistenceModule } from '@signalpress/persistence';
import { clockFrom, deliveryOptions, eventTransport, ServiceDefaultsModule } from '@signalpress/service-defaults';
import { databaseOptions } from './database.js';
import type { Env } from './env.js';
import { IdeasModule } from './ideas/ideas.module.js';
import { WorkflowSettings } from './workflow/workflow.settings.js';

const SERVICE = 'orchestrator';

/** What the whole service takes from the environment. */
@Global()
@Module({})
class SettingsModule {
  static forRoot(env: Env): DynamicModule {
    const settings = new WorkflowSettings({
      policy: { approvalThreshold: env.APPROVAL_THRESHOLD, dailyListingBudget: env.DAILY_LISTING_BUDGET },
      timeZone: env.SHOP_TIMEZONE,
      renderTimeoutMs: env.RENDER_TIMEOUT_SECONDS * 1_000,
      listingTimeoutMs: env.LISTING_TIMEOUT_SECONDS * 1_000,
    });
    return {
      module: SettingsModule,
      providers: [{ provide: WorkflowSettings, useValue: settings }],
      exports: [WorkflowSettings],
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
        ServiceDefaultsModule.forRoot(SERVICE, env),
        PersistenceModule.forRoot(databaseOptions(env)),
        MessagingModule.forRoot({
          service: SERVICE,
          now: () => clock.now(),
          tuning,
          transport: eventTransport(env),
          ...deliveryOptions(env),
        }),
        SettingsModule.forRoot(env),
        IdeasModule,
      ],
    };
  }
}
