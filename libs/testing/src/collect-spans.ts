import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, HrTime } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { DecodedSpan, SpanAttribute, SpanAttributes, SpanKindName } from './recorded-span.js';

export interface SpanCollection {
  /** The ended spans, in the order in which they ended; the same form as a collector's. */
  spans(): DecodedSpan[];
  reset(): void;
  /** Takes the provider and the context manager off again. */
  shutdown(): Promise<void>;
}

const kinds: Record<SpanKind, SpanKindName> = {
  [SpanKind.INTERNAL]: 'internal',
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
  [SpanKind.PRODUCER]: 'producer',
  [SpanKind.CONSUMER]: 'consumer',
};
const statusCodes: Record<SpanStatusCode, DecodedSpan['status']['code']> = {
  [SpanStatusCode.UNSET]: 'unset',
  [SpanStatusCode.OK]: 'ok',
  [SpanStatusCode.ERROR]: 'error',
};

/**
 * Registers a tracer provider that keeps every span in memory, and a context manager, as the process' global ones: one
 * collection at a time, ended by `shutdown()`. `processors` see each span before it is kept.
 */
export function collectSpans(processors: readonly SpanProcessor[] = []): SpanCollection {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [...processors, new SimpleSpanProcessor({ exporter })] });
  const contextManager = new AsyncLocalStorageContextManager().enable();
  trace.disable();
  context.disable();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(contextManager);
  return {
    spans: () => exporter.getFinishedSpans().map(toDecoded),
    reset: () => exporter.reset(),
    shutdown: async () => {
      trace.disable();
      context.disable();
      await provider.shutdown();
    },
  };
}

function toDecoded(span: ReadableSpan): DecodedSpan {
  const { traceId, spanId } = span.spanContext();
  const { version } = span.instrumentationScope;
  const resource = toAttributes(span.resource.attributes);
  const serviceName = resource['service.name'];
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext ? { parentSpanId: span.parentSpanContext.spanId } : {}),
    name: span.name,
    kind: kinds[span.kind],
    attributes: toAttributes(span.attributes),
    links: span.links.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      attributes: toAttributes(link.attributes ?? {}),
    })),
    events: span.events.map((event) => ({ name: event.name, attributes: toAttributes(event.attributes ?? {}) })),
    status: {
      code: statusCodes[span.status.code],
      ...(span.status.message === undefined ? {} : { message: span.status.message }),
    },
    startTimeNs: toNanoseconds(span.startTime),
    durationMs: Number(toNanoseconds(span.duration)) / 1e6,
    scope: { name: span.instrumentationScope.name, ...(version === undefined ? {} : { version }) },
    resource: { serviceName: typeof serviceName === 'string' ? serviceName : undefined, attributes: resource },
  };
}

const toNanoseconds = ([seconds, nanoseconds]: HrTime): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

function toAttributes(attributes: Attributes): SpanAttributes {
  const result: SpanAttributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) result[key] = value as SpanAttribute;
  }
  return result;
}
