import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOtlpSink, waitFor } from '@signalpress/testing';
import type { CollectorBehaviour, OtlpSink } from '@signalpress/testing';
import { collectorBinary } from '@signalpress/testing/collector';
import { collectorIsRequired } from '../test/platform.js';
import { Collector, sumOf } from './collector-process.js';
import { SPANS_PER_TRACE, TraceMaker } from './made-traces.js';

const binary = collectorBinary(collectorIsRequired);
const withCollector = binary === undefined ? describe.skip : describe;

withCollector('a trace viewer that is away', () => {
  let sink: OtlpSink;
  let maker: TraceMaker | undefined;
  let collector: Collector | undefined;

  beforeEach(async () => {
    sink = await startOtlpSink();
  });

  afterEach(async () => {
    await maker?.close();
    await collector?.stop();
    await sink.close();
  });

  const start = async (overrides: readonly string[] = []): Promise<Collector> => {
    const started = await Collector.start(binary!, {
      traceBackend: sink.grpcUrl.replace('http://', ''),
      environment: { TRACE_DECISION_WAIT: '1s' },
      overrides: ['exporters::otlp_grpc::timeout: 1s', ...overrides],
    });
    collector = started;
    maker = new TraceMaker(started.httpUrl, 7);
    return started;
  };

  it.each<[string, CollectorBehaviour]>([
    ['refuses', { status: 503 }],
    ['does not answer', 'hang'],
  ])(
    'has everything when it is back: it %s',
    async (_, behaviour) => {
      const running = await start();
      sink.behave(behaviour);
      const made = Array.from({ length: 50 }, () => maker!.make('error'));
      await maker!.flush();
      await waitFor(() => sink.refusedRequests() >= 2, { timeoutMs: 60_000, message: 'a second attempt' });
      expect(sink.spans()).toEqual([]);
      expect(sumOf(await running.ownMetrics(), 'otelcol_exporter_sent_spans') ?? 0).toBe(0);
      sink.behave('accept');
      const spans = await sink.waitForSpans((all) => all.length >= made.length * SPANS_PER_TRACE, {
        timeoutMs: 60_000,
      });
      expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(made.map(({ id }) => id)));
      expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(made.length * SPANS_PER_TRACE);
    },
    150_000,
  );

  it('holds no more than its queue, counts what it drops, and still takes and counts spans', async () => {
    const running = await start([
      'exporters::otlp_grpc::sending_queue::queue_size: 100',
      'exporters::otlp_grpc::sending_queue::num_consumers: 1',
      'processors::batch: { send_batch_size: 40, send_batch_max_size: 40, timeout: 200ms }',
      'connectors::span_metrics::metrics_flush_interval: 1s',
    ]);
    sink.behave({ status: 503 });
    const made = Array.from({ length: 100 }, () => maker!.make('error'));
    await maker!.flush();
    const dropped = await waitFor(
      async () => sumOf(await running.ownMetrics(), 'otelcol_exporter_enqueue_failed_spans'),
      { timeoutMs: 60_000, intervalMs: 200, message: 'dropped spans' },
    );
    const all = made.length * SPANS_PER_TRACE;
    expect(dropped).toBeGreaterThanOrEqual(all / 2);
    expect(sumOf(await running.ownMetrics(), 'otelcol_exporter_queue_size')).toBeLessThanOrEqual(100);
    await waitFor(async () => sumOf(await running.spanMetrics(), 'traces_span_metrics_calls_total') === all, {
      timeoutMs: 30_000,
      intervalMs: 500,
      message: 'the metrics of all spans',
    });
    sink.behave('accept');
    const settled = async (): Promise<number> =>
      (sumOf(await running.ownMetrics(), 'otelcol_exporter_enqueue_failed_spans') ?? 0) + sink.spans().length;
    await waitFor(async () => (await settled()) === all, { timeoutMs: 60_000, intervalMs: 200, message: 'every span' });
  }, 150_000);
});
