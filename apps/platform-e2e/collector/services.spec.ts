import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@signalpress/contracts';
import { startOtlpSink, waitFor } from '@signalpress/testing';
import type { DecodedSpan, OtlpSink } from '@signalpress/testing';
import { collectorIsRequired, makeFolder, parseReport, Start } from '../test/platform.js';
import type { Report } from '../test/platform.js';
import { collectorBinary } from '@signalpress/testing/collector';
import { Collector, samplesOf, sumOf } from './collector-process.js';

const binary = collectorBinary(collectorIsRequired);
const withCollector = binary === undefined ? describe.skip : describe;

const walk = ['signal-ingestion', 'scoring-engine', 'orchestrator', 'mockup-generation', 'marketplace-publisher'];

withCollector('the eight services behind a real collector', () => {
  let sink: OtlpSink;
  let collector: Collector;
  let report: Report;
  let accepted: number;
  const dataDirectory = makeFolder();

  let traces: Map<string, DecodedSpan[]>;
  const traceOf = (id: string | undefined): DecodedSpan[] => traces.get(id ?? '') ?? [];

  beforeAll(async () => {
    sink = await startOtlpSink();
    collector = await Collector.start(binary!, {
      traceBackend: sink.grpcUrl.replace('http://', ''),
      environment: { TRACE_KEEP_PERCENT: '100', TRACE_DECISION_WAIT: '5s' },
      overrides: ['connectors::span_metrics::metrics_flush_interval: 1s'],
    });
    const run = await new Start(['--data-dir', dataDirectory, '--port-offset', '12000', '--until-idle', '--json'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    }).finished();
    report = parseReport(run);
    accepted = sumOf(await collector.ownMetrics(), 'otelcol_receiver_accepted_spans') ?? 0;
    await waitFor(() => sink.spans().length === accepted, {
      timeoutMs: 60_000,
      intervalMs: 200,
      message: () => `${accepted} spans; ${sink.spans().length} came`,
    });
    traces = new Map();
    for (const span of sink.spans()) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  }, 280_000);

  afterAll(async () => {
    await collector.stop();
    await sink.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  it('hands on whole traces, from the feed to the listing', () => {
    const listed = report.items.filter(({ outcome }) => outcome === 'listed');
    const ideas = new Set(listed.map(({ ideaId }) => ideaId));
    expect(ideas.size).toBeGreaterThan(0);
    for (const ideaId of ideas) {
      // The trace of the signal that founded the idea leads to the listing; those that joined it end there, with a link.
      const missing = listed
        .filter((item) => item.ideaId === ideaId)
        .map(({ signalId }) => {
          const about = sink.spans().find(({ attributes }) => attributes['signalpress.signal.id'] === signalId);
          const services = new Set(traceOf(about?.traceId).map(({ resource }) => resource.serviceName));
          return walk.filter((name) => !services.has(name));
        });
      expect({ ideaId, missing, whole: missing.some((names) => names.length === 0) }).toMatchObject({ whole: true });
    }
    for (const id of new Set(sink.spans().map(({ traceId }) => traceId))) {
      expect({ id, orphans: orphansOf(traceOf(id)) }).toEqual({ id, orphans: [] });
    }
  });

  it('counts the spans of all eight, each of them once', async () => {
    const calls = 'traces_span_metrics_calls_total';
    const text = await waitFor(
      async () => {
        const now = await collector.spanMetrics();
        return sumOf(now, calls) === accepted ? now : undefined;
      },
      { timeoutMs: 30_000, intervalMs: 500, message: 'the metrics of all spans' },
    );
    const services = new Set(samplesOf(text, calls).map(({ labels }) => labels['service_name']));
    expect([...services].sort()).toEqual([...serviceNames].sort());
    // No name holds an id: else each run would bring series of its own.
    expect(samplesOf(text, calls).length).toBeLessThan(2_000);
    expect(text).not.toContain('otel_metric_overflow');
    const series = text.split('\n').filter((line) => line.startsWith('traces_span_metrics')).length;
    const mebibytes = collector.residentMebibytes();
    process.stderr.write(
      `${accepted} spans, ${samplesOf(text, calls).length} names, ${series} series, ${mebibytes.toFixed(0)} MiB\n`,
    );
    expect(mebibytes).toBeLessThan(400);
  });

  it('masks nothing of what the services record', () => {
    const masked = sink
      .spans()
      .flatMap(({ name, attributes }) => [name, ...Object.entries(attributes).map((entry) => JSON.stringify(entry))])
      .filter((text) => text.includes('****'));
    expect([...new Set(masked)]).toEqual([]);
  });
});

/** Spans whose parent is missing from the trace. */
function orphansOf(trace: readonly DecodedSpan[]): string[] {
  const ids = new Set(trace.map(({ spanId }) => spanId));
  return trace
    .filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))
    .map(({ resource, name }) => `${resource.serviceName ?? '?'}: ${name}`);
}
