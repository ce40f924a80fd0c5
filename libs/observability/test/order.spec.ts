import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { startOtlpSink } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { Metrics, configureTracing, counterDefinition, withSpan } from '../src/index.js';
import { only } from './environment/harness.js';
import { startLibraryProcess } from './support/library-process.js';

describe('nothing depends on what comes first', () => {
  let sink: OtlpSink;

  beforeEach(async () => {
    sink = await startOtlpSink();
  });

  afterEach(async () => {
    await sink.close();
  });

  it('an application whose imports are all static, those of Nest first, is traced (patched modules had to be loaded later)', async () => {
    const app = startLibraryProcess({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, OTEL_BSP_SCHEDULE_DELAY: '50' });
    try {
      expect((await fetch(`${await app.listening()}/work`)).status).toBe(200);
      const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === 'GET /work'));
      const server = spans.find(({ name }) => name === 'GET /work');
      const controller = spans.find(({ name }) => name === 'WorkController.work');
      expect(controller?.parentSpanId).toBe(server?.spanId);
    } finally {
      app.child.kill('SIGKILL');
      await app.exited();
    }
  });

  it('tracers and instruments that are asked for before tracing is configured live (instruments of the SDK were dead)', async () => {
    const tracer = trace.getTracer('early');
    const metrics = new Metrics();
    const counter = metrics.counter(counterDefinition({ name: 'early_total', help: 'Asked for early.' }));
    withSpan('too early', {}, () => counter.inc());
    const restore = only({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl });
    const telemetry = configureTracing('early');
    tracer.startSpan('in time').end();
    withSpan('by withSpan', {}, () => counter.inc());
    await telemetry.shutdown(5_000);
    restore();
    expect(sink.spans().map(({ name }) => name)).toEqual(['in time', 'by withSpan']);
    expect(await metrics.scrape()).toContain('early_total 2');
  });
});
