import * as semconv from './semconv.js';

export { ErrorReporter } from './errors/error-reporter.js';
export type { ErrorContext, ErrorKind } from './errors/error-reporter.js';
export { ServiceError, isExpected, normalizeError } from './errors/service-error.js';
export type { ServiceErrorOptions, Severity } from './errors/service-error.js';
export { HealthChecks } from './health/health-checks.js';
export type { HealthCheckDefinition, HealthCheckOutcome } from './health/health-checks.js';
export { Lifecycle } from './lifecycle/lifecycle.js';
export type { LifecycleState, ShutdownHandler, ShutdownPhase } from './lifecycle/lifecycle.js';
export { Logger } from './logging/logger.js';
export type { LogRecordFields } from './logging/logger.js';
export { redactText } from './logging/redaction.js';
export { DURATION_BUCKETS, counterDefinition, gaugeDefinition, histogramDefinition } from './metrics/definitions.js';
export type {
  CounterDefinition,
  DefinitionInput,
  GaugeDefinition,
  HistogramDefinition,
  Labels,
} from './metrics/definitions.js';
export type { ExpositionFormat } from './metrics/exposition.js';
export { Metrics } from './metrics/metrics.js';
export type {
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
  Observation,
  Observed,
} from './metrics/metrics.js';
export { ObservabilityModule } from './observability.module.js';
export { OBSERVABILITY_OPTIONS } from './observability.options.js';
export type { LogLevel, ObservabilityOptions } from './observability.options.js';
export { semconv };
export { configureTracing } from './tracing/configure-tracing.js';
export type { Telemetry, TracingOptions } from './tracing/configure-tracing.js';
export { TracingEnvironmentError } from './tracing/environment.js';
export { nestInstrument } from './tracing/nest-instrument.js';
export type { NestInstrumentOptions } from './tracing/nest-instrument.js';
export { setSpanAttributes, withSpan } from './tracing/span.js';
export type { SpanOptions } from './tracing/span.js';
export { currentTraceContext, currentTraceId, linkTo, traceIdOf } from './tracing/trace-context.js';
export type { TraceContext } from './tracing/trace-context.js';
export { NotTraced, Traced } from './tracing/traced.decorator.js';
