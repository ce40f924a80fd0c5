import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { MessagingModule } from '@signalpress/messaging';
import type { MessagingTuning } from '@signalpress/messaging';
import { PersistenceModule } from '@signalpress/persistence';
import { clockFrom, deliveryOptions, eventTransport, ServiceDefaultsModule } from '@signalpress/service-defaults';
import { databaseOptions } from './database.js';
import type { Env } from './env.js';
import { PerformanceModule } from './performance/performance.module.js';
import { WeightsModule } from './weights/weights.module.js';
import { WeightsOptions } from './weights/weights.options.js';

const SERVICE = 'feedback-loop';

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
        PerformanceModule,
        WeightsModule.register(new WeightsOptions(env.WEIGHTS_LEARN_SECONDS * 1_000, env.WEIGHTS_MINIMUM_SAMPLES)),
      ],
    };
  }
}
