import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import httpProxy from '@fastify/http-proxy';
import { collectLogs, startOtlpSink } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { request } from 'undici';
import { configureTracing, withSpan } from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { setEnvironment } from './support/environment.js';
import { startSampleApp } from './support/sample-app.js';

let sink: OtlpSink;
let restore: () => void;
let telemetry: Telemetry;
let upstream: Server;
let upstreamUrl: string;
let received: IncomingHttpHeaders[];

beforeEach(async () => {
  sink = await startOtlpSink();
  restore = setEnvironment({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: undefined,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  telemetry = configureTracing('client');
  received = [];
  upstream = createServer((incoming, outgoing) => {
    received.push(incoming.headers);
    outgoing.writeHead(incoming.url?.startsWith('/bad') ? 503 : 200).end('ok');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await telemetry.shutdown(2_000);
  upstream.closeAllConnections();
  upstream.close();
  restore();
  await sink.close();
});

describe('requests of fetch and undici', () => {
  it('are spans under the active one, and carry its context', async () => {
    await withSpan('caller', {}, async () => {
      await (await fetch(`${upstreamUrl}/a?key=1`)).text();
      await (await request(`${upstreamUrl}/b`, { method: 'POST', body: 'x' })).body.text();
      await (await fetch(`${upstreamUrl}/bad`)).text();
    });
    await telemetry.shutdown(2_000);
    const caller = sink.spans().find(({ name }) => name === 'caller');
    const clients = sink.spans().filter(({ kind }) => kind === 'client');
    expect(clients.map(({ name }) => name)).toEqual(['GET', 'POST', 'GET']);
    expect(clients.map(({ parentSpanId }) => parentSpanId)).toEqual(Array(3).fill(caller?.spanId));
    expect(clients.map(({ status }) => status.code)).toEqual(['unset', 'unset', 'error']);
    expect(clients[2]?.attributes['error.type']).toBe('503');
    expect(received.map(({ traceparent }) => traceparent)).toEqual(
      clients.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
    );
  });

  it('record why there was no answer', async () => {
    upstream.closeAllConnections();
    await new Promise((resolve) => upstream.close(resolve));
    await withSpan('caller', {}, () => fetch(upstreamUrl).catch(() => undefined));
    await telemetry.shutdown(2_000);
    const client = sink.spans().find(({ kind }) => kind === 'client');
    expect(client?.status.code).toBe('error');
    expect(client?.events[0]?.attributes['exception.message']).toContain('ECONNREFUSED');
  });

  it('stay as they are outside of any trace, and once tracing is off', async () => {
    await (await fetch(upstreamUrl)).text();
    await telemetry.shutdown(2_000);
    await withSpan('after', {}, async () => (await fetch(upstreamUrl)).text());
    expect(received.map(({ traceparent }) => traceparent)).toEqual([undefined, undefined]);
  });
});

it("a proxy hands its own span on and not its caller's", async () => {
  const sample = await startSampleApp({ serviceName: 'proxy', logDestination: collectLogs().stream }, async (app) => {
    await app.register(httpProxy, { upstream: upstreamUrl, prefix: '/upstream' });
  });
  try {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await fetch(`${sample.url}/upstream/x`, {
      method: 'POST',
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    const spans = await sink.waitForSpans((all) => all.some(({ kind }) => kind === 'server'));
    const client = spans.find(({ kind }) => kind === 'client');
    const server = spans.find(({ kind }) => kind === 'server');
    expect(received.map(({ traceparent }) => traceparent)).toEqual([`00-${traceId}-${String(client?.spanId)}-01`]);
    expect(client?.parentSpanId).toBe(server?.spanId);
    expect(server?.parentSpanId).toBe('b7ad6b7169203331');
    expect(server?.name).toBe('POST /upstream/*');
  } finally {
    await sample.close();
  }
});
