import * as semconv from './semconv.js';

export { tracePg } from './database/pg-tracing.js';
export type { PgClient, PgPool, PgTracingOptions } from './database/pg-tracing.js';
export { ErrorReporter } from './errors/error-reporter.js';
export type { ErrorContext, ErrorKind } from './errors/error-reporter.js';
export { ServiceError, isExpected, normalizeError } from './errors/service-error.js';
export type { ServiceErrorOptions, Severity } from './errors/service-error.js';
export type { HealthCheckDefinition, HealthCheckOutcome } from './health/check-runner.js';
export { HealthChecks } from './health/health-checks.js';
export { drainHttpOnShutdown, shutDownGracefully, shutDownOnSignals } from './lifecycle/graceful-shutdown.js';
export type { DrainOptions, GracefulShutdownOptions } from './lifecycle/graceful-shutdown.js';
export { Lifecycle } from './lifecycle/lifecycle.js';
export type { LifecycleState, ShutdownHandler, ShutdownPhase } from './lifecycle/lifecycle.js';
export { traceStartup } from './lifecycle/startup.js';
export { Logger, createLogger } from './logging/logger.js';
export type { LogRecordFields } from './logging/logger.js';
export { redactText } from './logging/redaction.js';
export type { RedactionOptions } from './logging/redaction.js';
export { buckets } from './metrics/buckets.js';
export { counterDefinition, gaugeDefinition, histogramDefinition } from './metrics/definitions.js';
export type {
  CounterDefinition,
  DefinitionInput,
  GaugeDefinition,
  HistogramDefinition,
  Labels,
  MetricDefinition,
} from './metrics/definitions.js';
export type { ExpositionFormat } from './metrics/exposition.js';
export { Metrics } from './metrics/metrics.js';
export type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
} from './metrics/instruments.js';
export type { Observation, Observed } from './metrics/observed.js';
export { ObservabilityModule } from './observability.module.js';
export { OBSERVABILITY_OPTIONS } from './observability.options.js';
export type { LogLevel, ObservabilityOptions } from './observability.options.js';
export { semconv };
export { configureTracing } from './tracing/configure-tracing.js';
export type { Telemetry, TracingOptions } from './tracing/configure-tracing.js';
export { SpanStatistics, statisticsOf } from './tracing/export/span-statistics.js';
export type { DropReason, ExportFailure, ExportOutcome } from './tracing/export/span-statistics.js';
export { TracingEnvironmentError } from './tracing/environment.js';
export type { SpanLimits } from './tracing/limits/span-limits.js';
export { nestInstrument } from './tracing/nest-instrument.js';
export type { NestInstrument, NestInstrumentOptions } from './tracing/nest-instrument.js';
export { holdSpan, setSpanAttributes, withSpan } from './tracing/span.js';
export type { HeldSpan, SpanOptions } from './tracing/span.js';
export { currentTraceContext, currentTraceId, linkTo, traceIdOf } from './tracing/trace-context.js';
export type { TraceContext } from './tracing/trace-context.js';
export { NotTraced, Traced } from './tracing/traced.decorator.js';
