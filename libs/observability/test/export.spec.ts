import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, startOtlpSink, waitFor } from '@signalpress/testing';
import type { DecodedSpan, LogCollection, OtlpSink } from '@signalpress/testing';
import { configureTracing, withSpan } from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { statisticsOf } from '../src/tracing/export/span-statistics.js';
import { planted, startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';
import { setEnvironment } from './support/environment.js';

const protocols = ['http/protobuf', 'grpc'] as const;

describe.each(protocols)('traces over %s', (protocol) => {
  let sink: OtlpSink;
  let restore: () => void;
  let telemetry: Telemetry;
  let logs: LogCollection;
  let sample: SampleApp;

  beforeEach(async () => {
    sink = await startOtlpSink();
    restore = setEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? sink.grpcUrl : sink.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop-1',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=spec',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
    telemetry = configureTracing('sample', { version: '1.2.3' });
    logs = collectLogs();
    sample = await startSampleApp({ serviceName: 'sample', logDestination: logs.stream });
    Reflect.set(globalThis, 'sampleUpstream', sample.url);
  });

  afterEach(async () => {
    await sample.close();
    await telemetry.shutdown(2_000);
    restore();
    await sink.close();
  });

  const spansOf = (traceId: string) => sink.spans().filter((span) => span.traceId === traceId);
  const tree = (spans: DecodedSpan[], parentSpanId?: string): unknown[] =>
    spans
      .filter((span) =>
        parentSpanId === undefined
          ? !spans.some(({ spanId }) => spanId === span.parentSpanId)
          : span.parentSpanId === parentSpanId,
      )
      .sort((left, right) => (left.startTimeNs < right.startTimeNs ? -1 : 1))
      .map((span) => {
        const children = tree(spans, span.spanId);
        return children.length === 0 ? span.name : { [span.name]: children };
      });
  const server = (spans: DecodedSpan[]) => spans.find(({ kind }) => kind === 'server');

  it("nests guard, interceptor, controller, pipe and provider under one server span of the caller's trace", async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const response = await fetch(`${sample.url}/ideas/abc?token=${planted.token}`, {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'user-agent': 'spec' },
    });
    expect(await response.json()).toEqual({ score: 0.3, traceId });
    await sink.waitForSpans((spans) => spans.some(({ kind, traceId: id }) => kind === 'server' && id === traceId));

    expect(tree(spansOf(traceId))).toEqual([
      {
        'GET /ideas/:id': [
          'DoorGuard.canActivate',
          {
            'WrapInterceptor.intercept': [
              'TrimPipe.transform',
              {
                'IdeasController.find': [
                  'QuietService.shout',
                  'HandMade.make',
                  { 'ScoringService.score': ['ScoringService.weigh'] },
                ],
              },
            ],
          },
        ],
      },
    ]);
    const span = server(spansOf(traceId));
    expect(span?.parentSpanId).toBe('b7ad6b7169203331');
    expect(span?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/ideas/:id',
      'network.protocol.version': '1.1',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(sample.url).port),
      'url.path': '/ideas/abc',
      'url.scheme': 'http',
      'user_agent.original': 'spec',
    });
    expect(span?.resource.serviceName).toBe('sample');
    expect(span?.resource.attributes).toMatchObject({
      'service.version': '1.2.3',
      'deployment.environment.name': 'spec',
    });
    expect(sink.requests().every((request) => request.protocol === protocol)).toBe(true);
    expect(sink.requests()[0]?.headers['x-tenant']).toBe('shop-1');
  });

  it('keeps the context of a request whose body arrives late, and waits for promises and thenables', async () => {
    const { request } = await import('node:http');
    const answer = await new Promise<string>((resolve, reject) => {
      const outgoing = request(`${sample.url}/ideas`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': 14 },
      });
      outgoing.on('response', (incoming) => {
        incoming.setEncoding('utf8');
        let text = '';
        incoming.on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => resolve(text));
      });
      outgoing.on('error', reject);
      outgoing.write('{"name"');
      setTimeout(() => outgoing.end(':"ada"}'), 60);
    });
    const { traceId } = JSON.parse(answer) as { traceId: string };
    await sink.waitForSpans((spans) => spans.some(({ name }) => name === 'POST /ideas'));
    const spans = spansOf(traceId);
    expect(tree(spans)).toEqual([
      {
        'POST /ideas': [
          'DoorGuard.canActivate',
          {
            'WrapInterceptor.intercept': [
              { 'IdeasController.create': ['ScoringService.promised', 'ScoringService.thenable'] },
            ],
          },
        ],
      },
    ]);
    expect(spans.find(({ name }) => name === 'ScoringService.promised')?.durationMs).toBeGreaterThan(10);
  });

  it('records an error once, where it was thrown, without secrets in any signal', async () => {
    const response = await fetch(`${sample.url}/ideas/failing/now`);
    expect(response.status).toBe(500);
    await sink.waitForSpans((spans) => spans.some(({ name }) => name === 'GET /ideas/failing/now'));
    const spans = sink.spans();
    const withException = spans.filter(({ events }) => events.some(({ name }) => name === 'exception'));
    expect(withException.map(({ name }) => name)).toEqual(['ScoringService.fail']);
    expect(withException[0]?.events[0]?.attributes['exception.message']).toBe(
      'cannot mail [redacted] with [redacted] at https://user:[redacted]@mail.example.org',
    );
    for (const name of ['ScoringService.fail', 'IdeasController.failing', 'GET /ideas/failing/now']) {
      expect(spans.find((span) => span.name === name)?.status.code).toBe('error');
    }
    expect(server(spans)?.attributes['error.type']).toBe('500');
    await fetch(`${sample.url}/ideas/abc`);
    const everything = JSON.stringify(sink.spans(), (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const secret of Object.values(planted)) {
      expect(everything).not.toContain(secret);
      expect(logs.text()).not.toContain(secret);
    }
  });

  it('does not turn a span red for an expected answer', async () => {
    expect((await fetch(`${sample.url}/ideas/missing`)).status).toBe(404);
    await sink.waitForSpans((spans) => spans.some(({ kind }) => kind === 'server'));
    expect(sink.spans().filter(({ status }) => status.code === 'error')).toEqual([]);
    expect(server(sink.spans())?.attributes['http.response.status_code']).toBe(404);
    expect(JSON.stringify(sink.spans().map(({ events }) => events))).not.toContain(planted.email);
  });

  it('hands the trace on by fetch, with one client span between the two server spans', async () => {
    const response = await fetch(`${sample.url}/ideas/proxy/to`);
    const { traceId } = (await response.json()) as { traceId: string };
    await sink.waitForSpans((spans) => spans.some(({ name }) => name === 'GET /ideas/proxy/to'));
    const spans = spansOf(traceId);
    const client = spans.find(({ kind }) => kind === 'client');
    const inner = spans.find(({ name }) => name === 'GET /ideas/:id');
    expect(client?.name).toBe('GET');
    expect(inner?.parentSpanId).toBe(client?.spanId);
    expect(spans.find(({ spanId }) => spanId === client?.parentSpanId)?.name).toBe('IdeasController.proxy');
    expect(client?.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.full': `${sample.url}/ideas/abc?[redacted]`,
    });
  });

  it('never traces the probes and the scrape, and names an unmatched request by its method alone', async () => {
    for (const path of ['/metrics', '/health', '/health/live', '/health/ready', '/health/startup', '/nowhere/42']) {
      await fetch(`${sample.url}${path}`);
    }
    await sink.waitForSpans((spans) => spans.length > 0);
    expect(sink.spans().map(({ name }) => name)).toEqual(['ReportingFilter.catch', 'GET']);
    expect(server(sink.spans())?.attributes['http.route']).toBeUndefined();
  });

  it('writes trace and span of the request into each of its log lines and into the exemplar', async () => {
    const response = await fetch(`${sample.url}/ideas/abc`);
    const { traceId } = (await response.json()) as { traceId: string };
    await waitFor(() => logs.lines().some(({ msg }) => msg === 'request'), {
      timeoutMs: 2_000,
      message: 'request line',
    });
    const lines = logs.lines().filter(({ trace_id: id }) => id === traceId);
    expect(lines.map(({ msg }) => msg)).toEqual(['scoring an idea', 'request']);
    const metrics = await fetch(`${sample.url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    expect(await metrics.text()).toContain(`# {trace_id="${traceId}",span_id="${String(lines[1]?.['span_id'])}"}`);
  });

  it('says that spans cannot be sent, and each complaint once', async () => {
    sink.behave({ status: 400 });
    const failed = () => [...(statisticsOf()?.failures.values() ?? [])].reduce((sum, count) => sum + count, 0);
    for (let index = 1; index <= 3; index++) {
      withSpan('lost', {}, () => undefined);
      await waitFor(() => failed() >= index, { message: `failed export ${index}` });
    }
    const complaints = logs.lines().filter(({ context }) => context === 'OpenTelemetry');
    expect(complaints.length).toBeGreaterThan(0);
    expect(new Set(complaints.map(({ level }) => level))).toEqual(new Set(['warn']));
    expect(new Set(complaints.map(({ msg }) => msg)).size).toBe(complaints.length);
  });

  it('exports nothing twice and loses nothing at shutdown', async () => {
    for (let index = 0; index < 50; index++) withSpan(`work ${index}`, {}, () => undefined);
    await telemetry.shutdown(2_000);
    expect(sink.spans().filter(({ name }) => name.startsWith('work ')).length).toBe(50);
  });

  it.each(['hang', 'drop', { status: 503 }] as const)(
    'shuts down within its deadline when the collector is dead: %j',
    async (behaviour) => {
      sink.behave(behaviour);
      withSpan('lost', {}, () => undefined);
      const startedAt = performance.now();
      await telemetry.shutdown(400);
      // The exporter itself would go on for ten seconds.
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    },
  );
});
