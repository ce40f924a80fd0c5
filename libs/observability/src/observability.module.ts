import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ErrorReporter } from './errors/error-reporter.js';
import { createErrorSink } from './errors/sentry.js';
import type { ErrorSink, ErrorSinkDrop } from './errors/sentry.js';
import { HealthChecks } from './health/health-checks.js';
import { HealthController } from './health/health.controller.js';
import { HttpServerTelemetry } from './http/http-server.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { Logger, createLogger } from './logging/logger.js';
import { Redaction, redactSpansWith } from './logging/redaction.js';
import { counterDefinition } from './metrics/definitions.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Metrics } from './metrics/metrics.js';
import { OBSERVABILITY_OPTIONS } from './observability.options.js';
import type { ObservabilityOptions } from './observability.options.js';
import { ScheduledErrors } from './schedule/scheduled-errors.js';
import { labelNames, metricNames } from './semconv.js';
import { SpanTelemetry } from './tracing/export/span-telemetry.js';
import { SdkDiagnostics } from './tracing/sdk-diagnostics.js';
import { NotTraced } from './tracing/traced.decorator.js';

const ERROR_SINK = Symbol('@signalpress/observability:error-sink');

const DEFAULT_SHUTDOWN_DEADLINE_MS = 10_000;

const errorsReported = counterDefinition({
  name: metricNames.errorsReported,
  help: 'Unexpected errors, by where they came from.',
  labels: [labelNames.kind],
});

const errorsDropped = counterDefinition({
  name: metricNames.errorsDropped,
  help: 'Unexpected errors that did not reach Sentry, by why. They are in the log.',
  labels: [labelNames.reason],
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
        { provide: Logger, useFactory: () => createRedactingLogger(options) },
        Metrics,
        HealthChecks,
        {
          provide: ERROR_SINK,
          inject: [Metrics],
          useFactory: (metrics: Metrics) => createCountedSink(options, metrics),
        },
        {
          provide: Lifecycle,
          inject: [Logger, ERROR_SINK],
          useFactory: (logger: Logger, sink: ErrorSink) => createLifecycle(logger, sink, options),
        },
        {
          provide: ErrorReporter,
          inject: [Logger, ERROR_SINK, Metrics],
          useFactory: (logger: Logger, sink: ErrorSink, metrics: Metrics) => createErrorReporter(logger, sink, metrics),
        },
        HttpServerTelemetry,
        SdkDiagnostics,
        ScheduledErrors,
        SpanTelemetry,
      ],
      exports: [OBSERVABILITY_OPTIONS, Logger, Metrics, HealthChecks, Lifecycle, ErrorReporter],
    };
  }
}

/** Spans and whatever else is process-wide keep the application's rules from here on. */
function createRedactingLogger(options: ObservabilityOptions): Logger {
  redactSpansWith(new Redaction(options));
  return createLogger(options);
}

function createCountedSink(options: ObservabilityOptions, metrics: Metrics): Promise<ErrorSink> {
  const dropped = metrics.counter(errorsDropped);
  return createErrorSink(options, (reason: ErrorSinkDrop, count) => dropped.inc({ reason }, count));
}

/** What Nest's default exception filter would only log is reported. */
function createErrorReporter(logger: Logger, sink: ErrorSink, metrics: Metrics): ErrorReporter {
  const reporter = new ErrorReporter(logger, sink, metrics.counter(errorsReported));
  logger.handUnhandledTo((thrown, context) => reporter.report(thrown, context));
  return reporter;
}

function createLifecycle(logger: Logger, sink: ErrorSink, options: ObservabilityOptions): Lifecycle {
  const deadlineMs = options.shutdownDeadlineMs ?? DEFAULT_SHUTDOWN_DEADLINE_MS;
  const lifecycle = new Lifecycle(logger.child(Lifecycle.name), deadlineMs);
  lifecycle.on('flush', 'reported errors', () => sink.close(deadlineMs));
  return lifecycle;
}
