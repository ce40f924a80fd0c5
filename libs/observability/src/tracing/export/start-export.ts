import { createRequire } from 'node:module';
import { logs, trace } from '@opentelemetry/api';
import type * as ResourcesModule from '@opentelemetry/resources';
import type * as SdkModule from '@opentelemetry/sdk-node';
import type * as SdkTraceModule from '@opentelemetry/sdk-trace';
import { attributeNames } from '../../semconv.js';
import type { ExportEnvironment, TracingEnvironment } from '../environment.js';
import type { SpanLimits } from '../limits/span-limits.js';
import { limitSpans } from '../limits/span-limits-processor.js';
import { exportConnections } from './export-connections.js';
import { createPropagator } from './propagators.js';
import { CountingSampler, createSampler } from './sampler.js';
import { createSpanExporter } from './span-exporter.js';
import { SpanQueue } from './span-queue.js';
import { SpanStatistics, keepStatistics } from './span-statistics.js';

/** What `Telemetry.shutdown` works on. */
export interface Backend {
  /** Sends everything and closes; never in a hurry. */
  shutdown(): Promise<void>;
  /** Gives up what `shutdown` has not finished. */
  abandon(): void;
}

/** What the application says about its spans. */
export interface ExportOptions {
  readonly serviceName: string;
  readonly version?: string;
  readonly limits?: SpanLimits;
}

/**
 * Starts the SDK with this library's own queue. Everything is loaded by `require`: processes that export nothing never load the SDK,
 * and the call stays synchronous.
 */
export function startExport(
  environment: TracingEnvironment,
  exporting: ExportEnvironment,
  { serviceName, version, limits }: ExportOptions,
): Backend {
  const load = createRequire(import.meta.url);
  const { NodeSDK } = load('@opentelemetry/sdk-node') as typeof SdkModule;
  const sdkTrace = load('@opentelemetry/sdk-trace') as typeof SdkTraceModule;
  const resources = load('@opentelemetry/resources') as typeof ResourcesModule;
  const { defaultResource, envDetector, hostDetector, resourceFromAttributes, serviceInstanceIdDetector } = resources;
  const statistics = new SpanStatistics();
  const connections = exportConnections(exporting.tls);
  const exporter = createSpanExporter(load, exporting, connections);
  const queue = new SpanQueue(exporter, exporting.queue, statistics, connections.context);
  const sdk = new NodeSDK({
    serviceName,
    resource: defaultResource().merge(
      resourceFromAttributes(version === undefined ? {} : { [attributeNames.serviceVersion]: version }),
    ),
    // The process detector would put command lines and the owner's name on every span.
    ...(environment.choosesDetectors
      ? {}
      : { resourceDetectors: [serviceInstanceIdDetector, hostDetector, envDetector] }),
    sampler: new CountingSampler(
      createSampler(sdkTrace, exporting.sampler),
      sdkTrace.SamplingDecision.RECORD_AND_SAMPLED,
      statistics,
    ),
    spanLimits: { ...exporting.spanLimits },
    // First the one that ends spans at shutdown: the queue has to send them.
    spanProcessors: [limitSpans(limits, statistics), queue],
    textMapPropagator: createPropagator(environment.propagators),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  trace.disable();
  const loggerProvider = logs.getLoggerProvider();
  sdk.start();
  // The SDK registers one for logs, too, even where it has nothing to do: the place is the host's.
  if (logs.getLoggerProvider() !== loggerProvider) logs.disable();
  keepStatistics(trace.getTracerProvider(), statistics);
  return {
    shutdown: () => sdk.shutdown().finally(connections.close),
    abandon: () => {
      queue.abandon();
      connections.abandon();
      connections.close();
    },
  };
}
