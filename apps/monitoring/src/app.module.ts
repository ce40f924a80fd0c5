import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { MessagingModule } from '@signalpress/messaging';
import type { MessagingTuning } from '@signalpress/messaging';
import { PersistenceModule } from '@signalpress/persistence';
import { clockFrom, deliveryOptions, eventTransport, ServiceDefaultsModule } from '@signalpress/service-defaults';
import { databaseOptions } from './database.js';
import type { Env } from './env.js';
import { IncidentsModule } from './incidents/incidents.module.js';
import { LatencyModule } from './latency/latency.module.js';
import { MonitoringSettings } from './monitoring.settings.js';
import { OutcomesModule } from './outcomes/outcomes.module.js';
import { ReadModelModule } from './read-model/read-model.module.js';
import { SeriesModule } from './series/series.module.js';
import { SlaModule } from './sla/sla.module.js';
import { QueueLengthModule } from './queue-length/queue-length.module.js';
import { ResourceUsageModule } from './resource-usage/resource-usage.module.js';
import { DailySummaryModule } from './daily-summary/daily-summary.module.js';
import { OptimizationModule } from './optimization/optimization.module.js';
import { OpenApiModule } from './openapi/openapi.module.js';
import { StatusModule } from './status/status.module.js';
import { TimelineModule } from './timeline/timeline.module.js';

const SERVICE = 'monitoring';

/** What the whole service takes from the environment. */
@Global()
@Module({})
class SettingsModule {
  static forRoot(env: Env): DynamicModule {
    const settings = new MonitoringSettings({
      slaThresholdHours: env.SLA_THRESHOLD_HOURS,
      slaWindowHours: env.SLA_WINDOW_HOURS,
      slaMinimumSamples: env.SLA_MINIMUM_SAMPLES,
      shopTimezone: env.SHOP_TIMEZONE,
      metricsToken: env.METRICS_TOKEN,
      serviceUrls: {
        'api-gateway': env.API_GATEWAY_URL,
        'signal-ingestion': env.SIGNAL_INGESTION_URL,
        'scoring-engine': env.SCORING_ENGINE_URL,
        orchestrator: env.ORCHESTRATOR_URL,
        'mockup-generation': env.MOCKUP_GENERATION_URL,
        'marketplace-publisher': env.MARKETPLACE_PUBLISHER_URL,
        'feedback-loop': env.FEEDBACK_LOOP_URL,
      },
    });
    return {
      module: SettingsModule,
      providers: [{ provide: MonitoringSettings, useValue: settings }],
      exports: [MonitoringSettings],
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
        ReadModelModule,
        SeriesModule.forRoot(env.SAMPLE_SECONDS),
        SlaModule,
        OutcomesModule,
        LatencyModule,
        TimelineModule,
        QueueLengthModule,
        ResourceUsageModule,
        DailySummaryModule,
        OptimizationModule,
        OpenApiModule,
        StatusModule,
        IncidentsModule.forRoot(env),
      ],
    };
  }
}
