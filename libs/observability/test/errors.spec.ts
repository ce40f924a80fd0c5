import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, startOtlpSink, startSentrySink, waitFor } from '@signalpress/testing';
import type { LogCollection, OtlpSink, SentrySink } from '@signalpress/testing';
import { ErrorReporter, Lifecycle, ServiceError, configureTracing } from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { setEnvironment } from './support/environment.js';
import { planted, startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';

describe.each(['with OTLP', 'without OTLP'])('reported errors, %s', (mode) => {
  let sentry: SentrySink;
  let sink: OtlpSink;
  let restore: () => void;
  let telemetry: Telemetry;
  let logs: LogCollection;
  let sample: SampleApp;

  beforeEach(async () => {
    [sentry, sink] = await Promise.all([startSentrySink(), startOtlpSink()]);
    restore = setEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: mode === 'with OTLP' ? sink.httpUrl : undefined,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
    telemetry = configureTracing('sample');
    logs = collectLogs();
    sample = await startSampleApp({
      serviceName: 'sample',
      version: '1.2.3',
      environment: 'spec',
      sentryDsn: sentry.dsn,
      logDestination: logs.stream,
    });
  });

  afterEach(async () => {
    await sample.close();
    await telemetry.shutdown(2_000);
    restore();
    await Promise.all([sentry.close(), sink.close()]);
  });

  const incoming = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

  it('sends an unexpected error once, with the trace of the request, tags, release and no secret', async () => {
    expect((await fetch(`${sample.url}/ideas/failing/now`, { headers: incoming })).status).toBe(500);
    const event = await sentry.waitForEvent();
    expect(event.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(event.release).toBe('sample@1.2.3');
    expect(event.environment).toBe('spec');
    expect(event.tags).toMatchObject({ service: 'sample', kind: 'http', source: 'sample' });
    expect(event.exceptions.at(-1)?.value).toContain('cannot mail [redacted]');

    if (mode === 'with OTLP') {
      const spans = await sink.waitForSpans((received) => received.some(({ kind }) => kind === 'server'));
      expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([event.traceId]));
      expect(spans.map(({ spanId }) => spanId)).toContain(event.spanId);
      expect(spans.filter(({ kind }) => kind === 'server')).toHaveLength(1);
      // Sentry's own request to its server is no part of the trace.
      expect(spans.filter(({ kind }) => kind === 'client')).toEqual([]);
    }
    await sample.app.get(Lifecycle).shutdown('spec');
    expect(sentry.events()).toHaveLength(1);
    expect(sentry.transactions()).toEqual([]);
    const sent = JSON.stringify([sentry.events(), sentry.others()]);
    for (const secret of Object.values(planted)) expect(sent).not.toContain(secret);
    const line = logs.lines().find(({ level }) => level === 'error');
    expect(line?.['trace_id']).toBe(event.traceId);
    for (const secret of Object.values(planted)) expect(logs.text()).not.toContain(secret);
  });

  it('stays silent about expected answers, and adds no header of its own to requests', async () => {
    expect((await fetch(`${sample.url}/ideas/missing`)).status).toBe(404);
    expect((await fetch(`${sample.url}/ideas/numbers/none`)).status).toBe(400);
    const reporter = sample.app.get(ErrorReporter);
    reporter.report(new ServiceError('no such idea', { code: 'idea-missing', severity: 'expected' }));
    await sample.app.get(Lifecycle).shutdown('spec');
    expect(sentry.events()).toEqual([]);
    expect(logs.lines().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('reports whatever was thrown, the same error once, outside of any request', async () => {
    const reporter = sample.app.get(ErrorReporter);
    const error = new ServiceError(`job for ${planted.email}`, {
      code: 'render-failed',
      cause: new Error(planted.token),
    });
    reporter.report(error, { kind: 'job', name: 'render' });
    reporter.report(error, { kind: 'job', name: 'render' });
    reporter.report('a bare string', { kind: 'cron', name: 'nightly' });
    await waitFor(() => sentry.events().length === 2, { timeoutMs: 5_000, message: 'two events' });
    // Each travels by itself: which arrives first is not ours to say.
    expect(sentry.events().map(({ tags }) => tags['kind'])).toEqual(expect.arrayContaining(['job', 'cron']));
    expect(JSON.stringify(sentry.events())).not.toContain(planted.token);
    const lines = logs.lines().filter(({ level }) => level === 'error');
    expect(lines.map(({ err }) => err)).toEqual([
      expect.objectContaining({ type: 'ServiceError', code: 'render-failed', message: 'job for [redacted]' }),
      expect.objectContaining({ message: 'a bare string' }),
    ]);
    const metrics = await (await fetch(`${sample.url}/metrics`)).text();
    expect(metrics).toContain('errors_reported_total{kind="job"} 1');
  });
});
