import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TraceFlags, logs, trace } from '@opentelemetry/api';
import { startOtlpSink, waitFor } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { Metrics } from '../src/metrics/metrics.js';
import { configureTracing } from '../src/tracing/configure-tracing.js';
import type { Telemetry } from '../src/tracing/configure-tracing.js';
import { DEFAULT_MAX_QUEUE_SIZE } from '../src/tracing/export/export-environment.js';
import { MAX_EXPORTS_IN_FLIGHT } from '../src/tracing/export/span-queue.js';
import { statisticsOf } from '../src/tracing/export/span-statistics.js';
import type { SpanStatistics } from '../src/tracing/export/span-statistics.js';
import { SpanTelemetry } from '../src/tracing/export/span-telemetry.js';
import { withSpan } from '../src/tracing/span.js';
import { only } from './environment/harness.js';
import type { Variables } from './environment/harness.js';

describe('the span queue', () => {
  let sink: OtlpSink;
  let telemetry: Telemetry;
  let statistics: SpanStatistics;
  let restore: () => void;

  beforeEach(async () => {
    sink = await startOtlpSink();
  });

  afterEach(async () => {
    await telemetry.shutdown(2_000);
    restore();
    await sink.close();
  });

  const start = (variables: Variables = {}) => {
    restore = only({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, ...variables });
    telemetry = configureTracing('queue');
    statistics = statisticsOf()!;
  };
  const end = (count: number) => {
    const tracer = trace.getTracer('spec');
    for (let index = 0; index < count; index++) tracer.startSpan('work', { root: true }).end();
  };
  const received = () => sink.requests().reduce((sum, { spanCount }) => sum + spanCount, 0);
  const lost = () => [...statistics.drops.values()].reduce((sum, count) => sum + count, 0);
  /** Every span that has ended is accounted for. */
  const expectBalance = () => expect(statistics.exported + statistics.queued() + lost()).toBe(statistics.sampled);

  it('drops nothing at saturation with its defaults (@nestjs/observe dropped 94 %)', async () => {
    await sink.close();
    sink = await startOtlpSink({ countOnly: true });
    start();
    // As a busy server ends them: many in each turn, as fast as the event loop turns. Twice what the queue can hold.
    const rounds = Math.ceil((2 * DEFAULT_MAX_QUEUE_SIZE) / 200);
    for (let round = 0; round < rounds; round++) {
      end(200);
      await turn();
    }
    await telemetry.shutdown(30_000);
    expect(statistics).toMatchObject({ started: rounds * 200, sampled: rounds * 200, exported: rounds * 200 });
    expect(statistics.drops.size).toBe(0);
    expect(received()).toBe(rounds * 200);
  }, 60_000);

  it('sends a full batch without the timer, and not in the call that filled it', async () => {
    start({ OTEL_BSP_SCHEDULE_DELAY: '3600000', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
    end(25);
    expect(statistics.queued()).toBe(25);
    await waitFor(() => received() === 20, { message: 'two batches' });
    expect(statistics.queued()).toBe(5);
    expectBalance();
  });

  it('has several exports in flight up to its bound, and counts what has no room in the queue', async () => {
    start({ OTEL_BSP_MAX_QUEUE_SIZE: '20', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
    sink.behave('hang');
    for (let batch = 0; batch < 15; batch++) {
      end(10);
      await turn();
    }
    await waitFor(() => sink.refusedRequests() === MAX_EXPORTS_IN_FLIGHT, { message: 'the bound' });
    await sleep(100);
    expect(sink.refusedRequests()).toBe(MAX_EXPORTS_IN_FLIGHT);
    expect(statistics.queued()).toBe(MAX_EXPORTS_IN_FLIGHT * 10 + 20);
    expect(statistics.drops).toEqual(new Map([['queue-full', 150 - MAX_EXPORTS_IN_FLIGHT * 10 - 20]]));
    expectBalance();
    await telemetry.shutdown(50);
    expect(statistics.drops.get('shutdown')).toBe(MAX_EXPORTS_IN_FLIGHT * 10 + 20);
    expect(statistics.queued()).toBe(0);
    expectBalance();
  });

  it('drains many batches at shutdown, and counts what ends after it', async () => {
    start({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
    sink.behave({ delayMs: 5 });
    const late = trace.getTracer('spec').startSpan('late');
    end(505);
    await telemetry.shutdown(5_000);
    expect(received()).toBe(505);
    expect(lost()).toBe(0);
    late.end();
    expect(statistics.drops).toEqual(new Map([['shutdown', 1]]));
    expectBalance();
  });

  it('flushes what has ended so far, also while more is coming', async () => {
    start({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10', OTEL_BSP_SCHEDULE_DELAY: '3600000' });
    end(33);
    const flushed = flush();
    end(3);
    await flushed;
    expect(received()).toBeGreaterThanOrEqual(33);
    expectBalance();
  });

  it('sends nothing that is not sampled', async () => {
    start({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' });
    const span = trace.getTracer('spec').startSpan('work');
    expect(span.spanContext().traceFlags & TraceFlags.SAMPLED).toBe(0);
    span.end();
    await telemetry.shutdown(1_000);
    expect(statistics).toMatchObject({ started: 1, sampled: 0, exported: 0 });
    expect(received()).toBe(0);
  });

  it.each([
    ['rejected', { status: 400 }, 2_000],
    ['rejected', { status: 503 }, 300],
    ['timeout', 'hang', 300],
    ['unreachable', 'drop', 300],
  ] as const)('counts a failed export: %s after %j', async (failure, behaviour, timeoutMs) => {
    start({ OTEL_EXPORTER_OTLP_TIMEOUT: String(timeoutMs) });
    sink.behave(behaviour);
    end(3);
    await flush();
    expect(statistics.failures).toEqual(new Map([[failure, 1]]));
    expect(statistics.drops).toEqual(new Map([['export-failed', 3]]));
    expectBalance();
    sink.behave('accept');
    end(2);
    await flush();
    expect(statistics.exported).toBe(2);
    expectBalance();
  });

  it('takes up again what a collector that was away for a moment did not take', async () => {
    start();
    sink.behave({ status: 503 });
    end(3);
    const flushed = flush();
    await waitFor(() => sink.refusedRequests() > 0, { message: 'a refusal' });
    sink.behave('accept');
    await flushed;
    expect(statistics).toMatchObject({ exported: 3 });
    expect(lost()).toBe(0);
  });

  it('shows itself as metrics', async () => {
    start({ OTEL_SPAN_EVENT_COUNT_LIMIT: '1' });
    const metrics = new Metrics();
    const shown = new SpanTelemetry(metrics);
    shown.onModuleInit();
    end(4);
    trace.getTracer('spec').startSpan('events').addEvent('a').addEvent('b').end();
    await flush();
    sink.behave({ status: 400 });
    end(1);
    await flush();
    end(2);
    const lines = (await metrics.scrape('prometheus')).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'telemetry_spans_started_total 8',
        'telemetry_spans_sampled_total 8',
        'telemetry_spans_queued 2',
        'telemetry_spans_exported_total 5',
        'telemetry_spans_dropped_total{reason="event-limit"} 1',
        'telemetry_spans_dropped_total{reason="export-failed"} 1',
        'telemetry_export_failures_total{reason="rejected"} 1',
        'telemetry_export_duration_seconds_count 2',
      ]),
    );
    shown.onModuleDestroy();
    await flush();
    expect((await metrics.scrape('prometheus')).split('\n')).toContain('telemetry_export_duration_seconds_count 2');
  });

  it("leaves the place of the host's own logs provider free", () => {
    start();
    expect(logs.setGlobalLoggerProvider({ getLogger: (name) => logs.getLogger(name) })).toBe(true);
    logs.disable();
  });

  async function flush(): Promise<void> {
    const provider: unknown = Reflect.apply(
      Reflect.get(trace.getTracerProvider(), 'getDelegate') as () => unknown,
      trace.getTracerProvider(),
      [],
    );
    await (provider as { forceFlush(): Promise<void> }).forceFlush();
  }
});

describe('options of configureTracing', () => {
  let sink: OtlpSink;
  let restore: () => void;

  beforeEach(async () => {
    sink = await startOtlpSink();
    restore = only({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl });
  });

  afterEach(async () => {
    restore();
    await sink.close();
  });

  it('hands on which requests carry the context', async () => {
    const received: string[] = [];
    const upstream = createHttpServer((request, response) => {
      received.push(`${String(request.url)} ${request.headers['traceparent'] === undefined ? 'without' : 'with'}`);
      response.end();
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo;
    const telemetry = configureTracing('options', { propagateTo: ({ pathname }) => pathname === '/ours' });
    await withSpan('work', {}, async () => {
      for (const path of ['/ours', '/theirs']) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    });
    await telemetry.shutdown(2_000);
    await new Promise((resolve) => upstream.close(resolve));
    expect(received).toEqual(['/ours with', '/theirs without']);
    expect(sink.spans().filter(({ kind }) => kind === 'client')).toHaveLength(2);
  });

  it('hands on the limits, counts what they cost, and leaves nothing behind when they cannot be used', async () => {
    expect(() => configureTracing('options', { limits: { spansPerTrace: 0 } })).toThrow(RangeError);
    const telemetry = configureTracing('options', { version: '1.2.3', limits: { siblings: false, spansPerTrace: 3 } });
    const statistics = statisticsOf();
    expect(telemetry.exporting).toBe(true);
    withSpan('root', {}, () => {
      for (let index = 0; index < 5; index++) withSpan(`child ${index}`, {}, () => undefined);
    });
    await telemetry.shutdown(2_000);
    expect(sink.spans()).toHaveLength(3);
    expect(sink.spans()[0]?.resource.attributes).toMatchObject({ 'service.version': '1.2.3' });
    expect(statistics).toMatchObject({ started: 3, sampled: 3, exported: 3 });
    expect(statistics?.drops).toEqual(new Map([['trace-limit', 3]]));
  });
});

describe('a dead collector', () => {
  let blackHole: Server;
  let restore: () => void;

  beforeEach(async () => {
    // Takes connections and bytes, and never says anything.
    blackHole = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    restore();
    await new Promise((resolve) => blackHole.close(resolve));
  });

  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

  const answersNever = () => (blackHole.address() as AddressInfo).port;
  const refuses = () => 9;

  it.each([
    ['never answers', 'http/protobuf', answersNever],
    ['never answers', 'grpc', answersNever],
    ['refuses', 'http/protobuf', refuses],
    ['refuses', 'grpc', refuses],
  ])(
    'that %s over %s slows nothing, and keeps no process alive after shutdown (which the SDK blocks for 10 s)',
    async (_how, protocol, port) => {
      restore = only({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port()}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_BSP_MAX_QUEUE_SIZE: '2000',
      });
      const before = sockets();
      const telemetry = configureTracing('dead');
      const statistics = statisticsOf()!;
      const tracer = trace.getTracer('spec');
      const secondsFor = async (rounds: number) => {
        const startedAt = performance.now();
        for (let round = 0; round < rounds; round++) {
          for (let index = 0; index < 200; index++) tracer.startSpan('work', { root: true }).end();
          await turn();
        }
        return performance.now() - startedAt;
      };
      const first = await secondsFor(30);
      const whenFull = await secondsFor(30);
      // A full queue costs a span no more than an empty one did, with a generous margin for a busy machine.
      expect(whenFull).toBeLessThan(first * 5 + 100);
      // Over gRPC a refusal is no matter for a retry: it makes room at once.
      expect([...statistics.drops.keys()].some((reason) => reason === 'queue-full' || reason === 'export-failed')).toBe(
        true,
      );
      const startedAt = performance.now();
      await telemetry.shutdown(200);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(statistics.queued()).toBe(0);
      // The exporter itself would wait for ten seconds.
      await waitFor(() => sockets() <= before, { timeoutMs: 2_000, message: 'the connections to end' });
    },
  );
});
