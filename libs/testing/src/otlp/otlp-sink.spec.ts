import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOtlpSink } from './otlp-sink.js';
import type { OtlpSink } from './otlp-sink.js';

const linked = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

/** As an object, because each exporter has its own copy of the enumeration. */
const gzip: object = { compression: 'gzip' };

/** Sends one span with everything that the protocol has for one, and a child of it. */
async function send(exporter: SpanExporter): Promise<void> {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'scoring-engine', 'service.version': '1.2.3' }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('spec', '0.1.0');
  const span = tracer.startSpan('render', {
    kind: SpanKind.PRODUCER,
    links: [{ context: linked, attributes: { why: 'retry' } }],
    attributes: { text: 'Grüße', whole: -42, ratio: 0.25, yes: true, list: ['a', 'b'], numbers: [1, 2.5] },
  });
  span.addEvent('exception', { 'exception.message': 'no paper' });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no paper' });
  span.end();
  await provider.forceFlush();
  await provider.shutdown();
}

describe('startOtlpSink', () => {
  let sink: OtlpSink;
  beforeEach(async () => {
    sink = await startOtlpSink();
  });
  afterEach(() => sink.close());

  const exporters: [string, () => SpanExporter][] = [
    ['http/protobuf', () => new HttpExporter({ url: `${sink.httpUrl}/v1/traces`, timeoutMillis: 500 })],
    ['http/protobuf with gzip', () => new HttpExporter({ url: `${sink.httpUrl}/v1/traces`, ...gzip })],
    ['grpc', () => new GrpcExporter({ url: sink.grpcUrl })],
    ['grpc with gzip', () => new GrpcExporter({ url: sink.grpcUrl, ...gzip })],
  ];

  it.each(exporters)('decodes what the real exporter sends over %s', async (protocol, exporter) => {
    await send(exporter());

    const [span] = await sink.waitForSpans((spans) => spans.length === 1);
    expect(span).toMatchObject({
      name: 'render',
      kind: 'producer',
      attributes: { text: 'Grüße', whole: -42, ratio: 0.25, yes: true, list: ['a', 'b'], numbers: [1, 2.5] },
      links: [{ traceId: linked.traceId, spanId: linked.spanId, attributes: { why: 'retry' } }],
      events: [{ name: 'exception', attributes: { 'exception.message': 'no paper' } }],
      status: { code: 'error', message: 'no paper' },
      scope: { name: 'spec', version: '0.1.0' },
      resource: { serviceName: 'scoring-engine', attributes: { 'service.version': '1.2.3' } },
    });
    expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(span?.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(span?.parentSpanId).toBeUndefined();
    expect(span?.durationMs).toBeGreaterThanOrEqual(0);
    expect(Math.abs(Number((span?.startTimeNs ?? 0n) / 1_000_000n) - Date.now())).toBeLessThan(60_000);
    if (protocol === 'http/protobuf with gzip') expect(sink.requests()[0]?.headers['content-encoding']).toBe('gzip');
    expect(sink.requests()).toMatchObject([
      { protocol: protocol.startsWith('grpc') ? 'grpc' : 'http/protobuf', spanCount: 1 },
    ]);
  });

  it('names the parent of a span', async () => {
    const provider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: new GrpcExporter({ url: sink.grpcUrl }) })],
    });
    const { context, trace } = await import('@opentelemetry/api');
    const tracer = provider.getTracer('spec');
    const parent = tracer.startSpan('parent');
    tracer.startSpan('child', {}, trace.setSpan(context.active(), parent)).end();
    parent.end();
    await provider.forceFlush();

    const spans = await sink.waitForSpans((all) => all.length === 2);
    const child = spans.find(({ name }) => name === 'child');
    expect(child?.parentSpanId).toBe(parent.spanContext().spanId);
    expect(child?.traceId).toBe(parent.spanContext().traceId);
    await provider.shutdown();
  });

  it('plays a collector that refuses, and one that comes back', async () => {
    sink.behave({ status: 503 });
    await send(new HttpExporter({ url: `${sink.httpUrl}/v1/traces`, timeoutMillis: 300 })).catch(() => undefined);
    await send(new GrpcExporter({ url: sink.grpcUrl, timeoutMillis: 300 })).catch(() => undefined);
    expect(sink.refusedRequests()).toBeGreaterThanOrEqual(2);
    expect(sink.spans()).toEqual([]);

    sink.behave('accept');
    await send(new HttpExporter({ url: `${sink.httpUrl}/v1/traces` }));
    await sink.waitForSpans((spans) => spans.length === 1);
  });

  it.each(['hang', 'drop'] as const)(
    'plays a collector that answers with "%s" and can still be closed',
    async (behaviour) => {
      sink.behave(behaviour);
      await send(new HttpExporter({ url: `${sink.httpUrl}/v1/traces`, timeoutMillis: 200 })).catch(() => undefined);
      await send(new GrpcExporter({ url: sink.grpcUrl, timeoutMillis: 200 })).catch(() => undefined);
      expect(sink.spans()).toEqual([]);
      expect(sink.refusedRequests()).toBeGreaterThanOrEqual(2);
    },
  );

  it.each(['http', 'grpc'])('counts spans without decoding them over %s', async (protocol) => {
    const counting = await startOtlpSink({ countOnly: true });
    await send(
      protocol === 'grpc'
        ? new GrpcExporter({ url: counting.grpcUrl })
        : new HttpExporter({ url: `${counting.httpUrl}/v1/traces` }),
    );
    expect(counting.requests()).toMatchObject([{ spanCount: 1 }]);
    expect(counting.spans()).toEqual([]);
    await counting.close();
  });

  it('plays a slow collector', async () => {
    sink.behave({ delayMs: 150 });
    const startedAt = performance.now();
    await send(new HttpExporter({ url: `${sink.httpUrl}/v1/traces` }));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(140);
    expect(sink.spans()).toHaveLength(1);
  });

  it('answers 400 to bytes that are not OTLP, and says which spans came when a wait fails', async () => {
    const response = await fetch(`${sink.httpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array([0x0a, 0x7f, 0x01]),
    });
    expect(response.status).toBe(400);
    await expect(sink.waitForSpans((spans) => spans.length > 0, { timeoutMs: 50 })).rejects.toThrow(
      'Waited 50 ms in vain for spans; received: none',
    );
  });
});
