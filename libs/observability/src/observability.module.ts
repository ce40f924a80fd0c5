import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ErrorReporter } from './errors/error-reporter.js';
import { createErrorSink } from './errors/sentry.js';
import type { ErrorSink } from './errors/sentry.js';
import { HealthChecks } from './health/health-checks.js';
import { HealthController } from './health/health.controller.js';
import { HttpServerTelemetry } from './http/http-server.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { Logger, createLogger } from './logging/logger.js';
import { counterDefinition } from './metrics/definitions.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Metrics } from './metrics/metrics.js';
import { OBSERVABILITY_OPTIONS } from './observability.options.js';
import type { ObservabilityOptions } from './observability.options.js';
import { labelNames, metricNames } from './semconv.js';
import { SdkDiagnostics } from './tracing/sdk-diagnostics.js';
import { NotTraced } from './tracing/traced.decorator.js';

const ERROR_SINK = Symbol('@signalpress/observability:error-sink');

const DEFAULT_SHUTDOWN_DEADLINE_MS = 10_000;

const errorsReported = counterDefinition({
  name: metricNames.errorsReported,
  help: 'Unexpected errors, by where they came from.',
  labels: [labelNames.kind],
});

/** Metrics, health, logs, errors, lifecycle and the spans of HTTP requests, for the whole application. */
@Module({})
@NotTraced()
export class ObservabilityModule {
  static forRoot(options: ObservabilityOptions): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [MetricsController, HealthController],
      providers: [
        { provide: OBSERVABILITY_OPTIONS, useValue: options },
        { provide: Logger, useFactory: () => createLogger(options) },
        Metrics,
        HealthChecks,
        {
          provide: ERROR_SINK,
          useFactory: () => createErrorSink(options),
        },
        {
          provide: Lifecycle,
          inject: [Logger, ERROR_SINK],
          useFactory: (logger: Logger, sink: ErrorSink) => createLifecycle(logger, sink, options),
        },
        {
          provide: ErrorReporter,
          inject: [Logger, ERROR_SINK, Metrics],
          useFactory: (logger: Logger, sink: ErrorSink, metrics: Metrics) =>
            new ErrorReporter(logger, sink, metrics.counter(errorsReported)),
        },
        HttpServerTelemetry,
        SdkDiagnostics,
      ],
      exports: [OBSERVABILITY_OPTIONS, Logger, Metrics, HealthChecks, Lifecycle, ErrorReporter],
    };
  }
}

function createLifecycle(logger: Logger, sink: ErrorSink, options: ObservabilityOptions): Lifecycle {
  const deadlineMs = options.shutdownDeadlineMs ?? DEFAULT_SHUTDOWN_DEADLINE_MS;
  const lifecycle = new Lifecycle(logger.child(Lifecycle.name), deadlineMs);
  lifecycle.on('flush', 'reported errors', () => sink.close(deadlineMs));
  return lifecycle;
}
