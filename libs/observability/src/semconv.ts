/**
 * Every attribute, metric and span name that this platform emits, once. Upstream names come first (OpenTelemetry semantic
 * conventions 1.45); only what has no upstream name lives under `signalpress.`. A change here is a change of a contract:
 * dashboards, alerts and saved queries use these strings.
 */
export const attributeNames = {
  httpRequestMethod: 'http.request.method',
  httpRequestMethodOriginal: 'http.request.method_original',
  httpResponseStatusCode: 'http.response.status_code',
  httpRoute: 'http.route',
  urlPath: 'url.path',
  urlQuery: 'url.query',
  urlScheme: 'url.scheme',
  urlFull: 'url.full',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  networkProtocolVersion: 'network.protocol.version',
  userAgentOriginal: 'user_agent.original',
  errorType: 'error.type',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStacktrace: 'exception.stacktrace',
  codeFunctionName: 'code.function.name',
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  dbSystemName: 'db.system.name',
  dbQueryText: 'db.query.text',
  dbQuerySummary: 'db.query.summary',
  dbResponseStatusCode: 'db.response.status_code',
  dbOperationName: 'db.operation.name',
  dbNamespace: 'db.namespace',
  messagingSystem: 'messaging.system',
  messagingDestinationName: 'messaging.destination.name',
  messagingDestinationPartitionId: 'messaging.destination.partition.id',
  messagingOperationName: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messagingMessageId: 'messaging.message.id',
  messagingConsumerGroupName: 'messaging.consumer.group.name',
  messagingMessageConversationId: 'messaging.message.conversation_id',
  messagingBatchMessageCount: 'messaging.batch.message_count',
  messagingKafkaOffset: 'messaging.kafka.offset',
  ideaId: 'signalpress.idea.id',
  signalId: 'signalpress.signal.id',
  jobName: 'signalpress.job.name',
  jobId: 'signalpress.job.id',
  jobAttempt: 'signalpress.job.attempt',
  jobOutcome: 'signalpress.job.outcome',
  foldCount: 'signalpress.fold.count',
  foldDuration: 'signalpress.fold.duration',
  foldFailed: 'signalpress.fold.failed',
  foldKept: 'signalpress.fold.kept',
  spansDropped: 'signalpress.spans.dropped',
} as const;

/** Names of spans and span events that are not derived from a class, a route or a destination. */
export const spanNames = {
  exceptionEvent: 'exception',
  poolWait: 'pg-pool.connect',
  startup: 'start-up',
} as const;

/** Metrics that this library itself registers. A feature's own are declared in its `<feature>.metrics.ts`. */
export const metricNames = {
  httpServerRequestDuration: 'http_server_request_duration_seconds',
  metricOverflow: 'telemetry_metric_overflow_total',
  metricReadFailures: 'telemetry_metric_read_failures_total',
  errorsReported: 'errors_reported_total',
  healthCheckUp: 'health_check_up',
  healthCheckDuration: 'health_check_duration_seconds',
  errorsDropped: 'errors_dropped_total',
  spansStarted: 'telemetry_spans_started_total',
  spansSampled: 'telemetry_spans_sampled_total',
  spansQueued: 'telemetry_spans_queued',
  spansExported: 'telemetry_spans_exported_total',
  spansDropped: 'telemetry_spans_dropped_total',
  exportDuration: 'telemetry_export_duration_seconds',
  exportFailures: 'telemetry_export_failures_total',
} as const;

/** Metric label names, so that the same thing has the same label everywhere. */
export const labelNames = {
  method: 'method',
  route: 'route',
  status: 'status',
  outcome: 'outcome',
  topic: 'topic',
  job: 'job',
  state: 'state',
  metric: 'metric',
  kind: 'kind',
  reason: 'reason',
  check: 'check',
} as const;

/** Fields of a log line. */
export const logFields = {
  service: 'service',
  version: 'version',
  context: 'context',
  traceId: 'trace_id',
  spanId: 'span_id',
  error: 'err',
  method: 'method',
  route: 'route',
  path: 'path',
  status: 'status',
  durationMs: 'duration_ms',
} as const;
