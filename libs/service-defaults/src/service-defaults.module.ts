import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { ObservabilityModule } from '@signalpress/observability';
import type { ObservabilityOptions } from '@signalpress/observability';
import { Clock, clockFrom } from './clock/clock.js';
import type { BaseEnv } from './environment/base-env.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { RequestValidationPipe } from './problems/validation.pipe.js';

export type LogOptions = Pick<ObservabilityOptions, 'logDestination'>;

/** Observability, the clock, validation and problem details: what every service has in common. Global. */
@Module({})
export class ServiceDefaultsModule {
  /** @param options for specs: where log lines go instead of stdout. */
  static forRoot(service: string, env: BaseEnv, options: LogOptions = {}): DynamicModule {
    return {
      module: ServiceDefaultsModule,
      global: true,
      imports: [
        ObservabilityModule.forRoot({
          ...options,
          serviceName: service,
          logLevel: env.LOG_LEVEL,
          environment: env.NODE_ENV,
          shutdownDeadlineMs: env.SHUTDOWN_DEADLINE_SECONDS * 1000,
          ...(env.SERVICE_VERSION === undefined ? {} : { version: env.SERVICE_VERSION }),
          ...(env.METRICS_TOKEN === undefined ? {} : { metricsToken: env.METRICS_TOKEN }),
          ...(env.SENTRY_DSN === undefined ? {} : { sentryDsn: env.SENTRY_DSN }),
        }),
      ],
      providers: [
        { provide: Clock, useFactory: () => clockFrom(env) },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: [Clock],
    };
  }
}
