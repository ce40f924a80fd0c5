import { createRequire } from 'node:module';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type * as GrpcExporterModule from '@opentelemetry/exporter-trace-otlp-grpc';
import type * as ProtoExporterModule from '@opentelemetry/exporter-trace-otlp-proto';
import type * as ResourcesModule from '@opentelemetry/resources';
import type * as SdkModule from '@opentelemetry/sdk-node';
import { traceHttpClient } from '../http/http-client.js';
import { attributeNames } from '../semconv.js';
import { readTracingEnvironment } from './environment.js';
import type { OtlpProtocol, TracingEnvironment } from './environment.js';
import { PassThroughTracerProvider } from './pass-through-tracer.js';
import { w3cPropagator } from './trace-context.js';

export interface TracingOptions {
  readonly version?: string;
}

export interface Telemetry {
  /** Whether spans leave the process. */
  readonly exporting: boolean;
  /**
   * Sends what is still queued and takes tracing off again. Resolves when that is done, at the latest after `deadlineMs`, also
   * when the collector does not answer; what could not be sent by then is lost.
   */
  shutdown(deadlineMs: number): Promise<void>;
}

const keptAsItIs: Telemetry = Object.freeze({ exporting: false, shutdown: () => Promise.resolve() });

interface Backend {
  shutdown(): Promise<void>;
}

/**
 * Sets up tracing for the process from the `OTEL_*` variables. Call it once, before the application is created. Without an OTLP
 * endpoint no SDK is loaded and nothing is recorded, but context still flows. Where a tracer provider is registered already,
 * everything stays as it is.
 *
 * @throws TracingEnvironmentError when a variable cannot be used; the message names it.
 */
export function configureTracing(serviceName: string, options: TracingOptions = {}): Telemetry {
  const environment = readTracingEnvironment();
  // Whoever registered a provider before (a host with an SDK of its own, a test) keeps it.
  if (!trace.setGlobalTracerProvider(new PassThroughTracerProvider())) return keptAsItIs;
  const backend = environment.exporter
    ? startExport(environment, environment.exporter.protocol, serviceName, options)
    : startPassThrough();
  const stopHttpClient = traceHttpClient();
  let stopping: Promise<void> | undefined;
  return Object.freeze({
    exporting: environment.exporter !== undefined,
    shutdown: (deadlineMs: number) => {
      stopping ??= stop(backend, stopHttpClient, deadlineMs);
      return stopping;
    },
  });
}

function startPassThrough(): Backend {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(w3cPropagator());
  return { shutdown: () => Promise.resolve() };
}

/** Loaded by `require`: processes that export nothing never load the SDK, and the call stays synchronous. */
function startExport(
  environment: TracingEnvironment,
  protocol: OtlpProtocol,
  serviceName: string,
  options: TracingOptions,
): Backend {
  const load = createRequire(import.meta.url);
  const { NodeSDK } = load('@opentelemetry/sdk-node') as typeof SdkModule;
  const resources = load('@opentelemetry/resources') as typeof ResourcesModule;
  const { defaultResource, envDetector, hostDetector, resourceFromAttributes, serviceInstanceIdDetector } = resources;
  const sdk = new NodeSDK({
    serviceName: environment.serviceName ?? serviceName,
    resource: defaultResource().merge(
      resourceFromAttributes(options.version === undefined ? {} : { [attributeNames.serviceVersion]: options.version }),
    ),
    // The process detector would put command lines and the owner's name on every span.
    ...(environment.choosesDetectors
      ? {}
      : { resourceDetectors: [serviceInstanceIdDetector, hostDetector, envDetector] }),
    // Given as an exporter and not as a processor: only then are the OTEL_BSP_* limits obeyed.
    traceExporter: createExporter(load, protocol),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  trace.disable();
  sdk.start();
  return sdk;
}

function createExporter(load: NodeJS.Require, protocol: OtlpProtocol) {
  if (protocol === 'grpc') {
    const grpc = load('@opentelemetry/exporter-trace-otlp-grpc') as typeof GrpcExporterModule;
    return new grpc.OTLPTraceExporter();
  }
  const proto = load('@opentelemetry/exporter-trace-otlp-proto') as typeof ProtoExporterModule;
  return new proto.OTLPTraceExporter();
}

async function stop(backend: Backend, stopHttpClient: () => void, deadlineMs: number): Promise<void> {
  stopHttpClient();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  try {
    // A collector that refuses spans is not a reason to fail a shutdown.
    await Promise.race([backend.shutdown().catch(() => undefined), deadline]);
  } finally {
    clearTimeout(timer);
    trace.disable();
    propagation.disable();
    context.disable();
  }
}
