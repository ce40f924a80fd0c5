import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, startOtlpSink, startSentrySink, waitFor } from '@signalpress/testing';
import type { LogCollection, OtlpSink, SentrySink } from '@signalpress/testing';
import { ErrorReporter, Logger, configureTracing, currentTraceContext } from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { only } from './environment/harness.js';
import { startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const incoming = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };

describe.each([
  { sentryOn: true, otlpOn: true },
  { sentryOn: true, otlpOn: false },
  { sentryOn: false, otlpOn: true },
  { sentryOn: false, otlpOn: false },
])('context with Sentry $sentryOn and OTLP $otlpOn', ({ sentryOn, otlpOn }) => {
  let sentry: SentrySink;
  let sink: OtlpSink;
  let upstream: Server;
  let received: string[];
  let restore: () => void;
  let telemetry: Telemetry;
  let logs: LogCollection;
  let sample: SampleApp;

  beforeEach(async () => {
    [sentry, sink] = await Promise.all([startSentrySink(), startOtlpSink()]);
    received = [];
    upstream = createServer((request, response) => {
      received.push(String(request.headers['traceparent']));
      response.end('{}');
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    restore = only({ OTEL_BSP_SCHEDULE_DELAY: '20', ...(otlpOn ? { OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl } : {}) });
    telemetry = configureTracing('sample');
    logs = collectLogs();
    sample = await startSampleApp(
      { serviceName: 'sample', logDestination: logs.stream, ...(sentryOn ? { sentryDsn: sentry.dsn } : {}) },
      (app) => {
        // The trace of what an event or a row would carry is that of the request, too.
        app.getHttpAdapter().get('/work', async (_request: unknown, reply: { send(body: unknown): void }) => {
          const trace = currentTraceContext();
          app.get(Logger).log('working');
          app.get(ErrorReporter).report(new Error('it broke'), { kind: 'http', name: 'work' });
          await (await fetch(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`)).text();
          reply.send({ traceparent: trace?.traceparent });
        });
        return Promise.resolve();
      },
    );
  });

  afterEach(async () => {
    await sample.close();
    await telemetry.shutdown(2_000);
    restore();
    await new Promise((resolve) => upstream.close(resolve));
    await Promise.all([sentry.close(), sink.close()]);
  });

  it.each([
    ['continues the trace of its caller', incoming],
    ['begins a trace', {}],
  ])(
    '%s, in log lines, the reported event (another trace id with the Nest integration of Sentry), the stored context and the outgoing request',
    async (_what, headers) => {
      const answer = (await (await fetch(`${sample.url}/work`, { headers })).json()) as { traceparent: string };
      const [, id] = answer.traceparent.split('-');
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      if ('traceparent' in headers) expect(id).toBe(traceId);

      await waitFor(() => logs.lines().some(({ msg }) => msg === 'request'), { message: 'the request line' });
      const lines = logs
        .lines()
        .filter(({ level, msg }) => level === 'error' || msg === 'working' || msg === 'request');
      expect(lines.map(({ level, trace_id }) => [level, trace_id])).toEqual([
        ['info', id],
        ['error', id],
        ['info', id],
      ]);
      expect(received.map((traceparent) => traceparent.split('-')[1])).toEqual([id]);
      if (sentryOn) expect((await sentry.waitForEvent()).traceId).toBe(id);
      expect(sentry.transactions()).toEqual([]);
      if (!otlpOn) return;
      const spans = await sink.waitForSpans((all) => all.some(({ kind }) => kind === 'server'));
      expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([id]));
      expect(spans.filter(({ kind }) => kind === 'server')).toHaveLength(1);
    },
  );
});
