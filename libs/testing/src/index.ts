export { startBalancer } from './balancer.js';
export type { Balancer } from './balancer.js';
export { collectLogs } from './collect-logs.js';
export type { LogCollection, LogLine } from './collect-logs.js';
export { collectSpans } from './collect-spans.js';
export type { SpanCollection } from './collect-spans.js';
export { envExampleProblems } from './env-example.js';
export { startOtlpSink } from './otlp/otlp-sink.js';
export type { CollectorBehaviour, CollectorTls, OtlpRequest, OtlpSink, OtlpSinkOptions } from './otlp/otlp-sink.js';
export { startPagerDutyStub } from './pagerduty/pagerduty-stub.js';
export type {
  AcceptedPagerDutyEvent,
  PagerDutyBehaviour,
  PagerDutyStub,
  RefusedPagerDutyEvent,
} from './pagerduty/pagerduty-stub.js';
export type {
  DecodedEvent,
  DecodedLink,
  DecodedSpan,
  SpanAttribute,
  SpanAttributes,
  SpanKindName,
} from './recorded-span.js';
export type { EnvelopeItem, JsonObject } from './sentry/envelope.js';
export { startSentrySink } from './sentry/sentry-sink.js';
export type { SentryEvent, SentrySink } from './sentry/sentry-sink.js';
export { waitFor } from './wait-for.js';
export type { WaitOptions } from './wait-for.js';
