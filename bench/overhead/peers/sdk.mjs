/**
 * The OpenTelemetry SDK for the variants that need one. Queue and batch are so large that nothing is dropped at saturation: with the
 * defaults (2048 spans, 512 per batch) most would be, and would look cheap.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';

const operational = /^\/(?:metrics|health)/;

/** Requests that are no spans in our variants are none here. */
export const httpOptions = { ignoreIncomingRequestHook: (request) => operational.test(request.url ?? '') };

/** By default each of Nest's own hooks is a span (11 of one request, 8 of them hooks): nobody wants to pay for those. */
export const fastifyOptions = {
  registerOnInitialization: true,
  instrumentHooks: false,
  ignorePaths: ({ url }) => operational.test(url),
};

/** Call it before Nest is loaded. */
export function startSdk(instrumentations) {
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    maxQueueSize: 200_000,
    maxExportBatchSize: 4_096,
    scheduledDelayMillis: 200,
  });
  const sdk = new NodeSDK({
    serviceName: 'overhead',
    spanProcessors: [processor],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations,
  });
  sdk.start();
  // The instrumentation patches whichever view of the module is loaded first: make it the one that Fastify requires.
  createRequire(import.meta.url)('node:http');
  syncBuiltinESMExports();
  return sdk;
}
