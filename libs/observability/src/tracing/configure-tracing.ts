import { context, propagation, trace } from '@opentelemetry/api';
import type { TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { traceHttpClient } from '../http/http-client.js';
import { readTracingEnvironment } from './environment.js';
import type { TracingEnvironment } from './environment.js';
import { startExport } from './export/start-export.js';
import type { Backend } from './export/start-export.js';
import { createPropagator } from './export/propagators.js';
import type { PropagatorName } from './export/export-environment.js';
import type { SpanLimits } from './limits/span-limits.js';
import { PassThroughTracerProvider } from './pass-through-tracer.js';
import { registeredProvider } from './span.js';

export interface TracingOptions {
  /** `service.version` of every span. */
  readonly version?: string;
  /** Which requests of `fetch`, undici and `node:http` carry the trace context. Default: all of them. */
  readonly propagateTo?: (url: URL) => boolean;
  /** How many spans a trace may have in this process, and from how many equal siblings on they fold into one. */
  readonly limits?: SpanLimits;
}

export interface Telemetry {
  /** Whether spans leave the process. */
  readonly exporting: boolean;
  /**
   * Sends what is still queued and takes tracing off again. Resolves when that is done, at the latest after `deadlineMs`, also
   * when the collector does not answer; what could not be sent by then counts as dropped for `shutdown`.
   */
  shutdown(deadlineMs: number): Promise<void>;
}

const keptAsItIs: Telemetry = Object.freeze({ exporting: false, shutdown: () => Promise.resolve() });

/**
 * Sets up tracing for the process from the `OTEL_*` variables. Call it once, before the application is created. Without an OTLP
 * endpoint no SDK is loaded and nothing is recorded, but context still flows. Where a tracer provider is registered already,
 * everything stays as it is.
 *
 * @throws TracingEnvironmentError when a variable cannot be used; the message names it.
 * @throws RangeError when a limit is no whole number of at least 1.
 */
export function configureTracing(serviceName: string, options: TracingOptions = {}): Telemetry {
  const environment = readTracingEnvironment();
  const early = trace.getTracerProvider();
  // Whoever registered a provider before (a host with an SDK of its own, a test) keeps it.
  if (!trace.setGlobalTracerProvider(new PassThroughTracerProvider(environment.disabled))) return keptAsItIs;
  const { propagateTo } = options;
  const backend = startBackend(environment, serviceName, options);
  bringToLife(early);
  const stopHttpClient = traceHttpClient(propagateTo ? { propagateTo } : {});
  let stopping: Promise<void> | undefined;
  return Object.freeze({
    exporting: environment.exporter !== undefined,
    shutdown: (deadlineMs: number) => {
      stopping ??= stop(backend, stopHttpClient, deadlineMs);
      return stopping;
    },
  });
}

function startBackend(
  environment: TracingEnvironment,
  serviceName: string,
  { limits, version }: TracingOptions,
): Backend {
  if (!environment.exporter) return startPassThrough(environment.propagators);
  try {
    return startExport(environment, environment.exporter, {
      serviceName: environment.serviceName ?? serviceName,
      ...(version === undefined ? {} : { version }),
      ...(limits === undefined ? {} : { limits }),
    });
  } catch (error) {
    trace.disable();
    throw error;
  }
}

/**
 * Tracers that were asked for before this call (in the first lines of a module, most often) hang on what stood for a provider then.
 * The SDK registers itself with another copy of the API, and would leave them dead.
 */
function bringToLife(early: TracerProvider): void {
  if (canDelegate(early)) early.setDelegate(registeredProvider());
}

function canDelegate(provider: TracerProvider): provider is TracerProvider & { setDelegate(to: TracerProvider): void } {
  return 'setDelegate' in provider && typeof provider.setDelegate === 'function';
}

function startPassThrough(propagators: readonly PropagatorName[]): Backend {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(createPropagator(propagators));
  return { shutdown: () => Promise.resolve(), abandon: () => undefined };
}

async function stop(backend: Backend, stopHttpClient: () => void, deadlineMs: number): Promise<void> {
  stopHttpClient();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      backend.abandon();
      resolve();
    }, deadlineMs);
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
