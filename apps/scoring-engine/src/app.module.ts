import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { MessagingModule } from '@signalpress/messaging';
import type { MessagingTuning } from '@signalpress/messaging';
import { PersistenceModule } from '@signalpress/persistence';
import { clockFrom, deliveryOptions, eventTransport, ServiceDefaultsModule } from '@signalpress/service-defaults';
import { DecisionsModule } from './decisions/decisions.module.js';
import { databaseOptions } from './database.js';
import type { Env } from './env.js';
import { FeedbackModule } from './feedback/feedback.module.js';
import { GroupingModule } from './grouping/grouping.module.js';
import { GroupingOptions } from './grouping/grouping.options.js';
import { RetentionModule } from './retention/retention.module.js';
import { ScoringModule } from './scoring/scoring.module.js';

const service = 'scoring-engine';

@Module({})
export class AppModule {
  /** @param tuning messaging times, for specs that cannot wait as long as production does */
  static register(env: Env, tuning: Partial<MessagingTuning> = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ServiceDefaultsModule.forRoot(service, env),
        PersistenceModule.forRoot(databaseOptions(env)),
        MessagingModule.forRoot({
          service,
          now: nowOf(env),
          tuning,
          transport: eventTransport(env),
          ...deliveryOptions(env),
        }),
        GroupingModule.register(new GroupingOptions(env.GATHER_QUIET_MS)),
        ScoringModule.register({
          region: env.SHOP_REGION,
          timeZone: env.SHOP_TIMEZONE,
          wordLists: new URL('../word-lists/', import.meta.url),
        }),
        DecisionsModule,
        FeedbackModule,
        RetentionModule,
      ],
    };
  }
}

function nowOf(env: Env): () => Date {
  const clock = clockFrom(env);
  return () => clock.now();
}
