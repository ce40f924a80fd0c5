import type { INestApplication } from '@nestjs/common';
import { configureTracing } from '@signalpress/observability';
import type { Telemetry } from '@signalpress/observability';
import { startOtlpSink } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startGateway, startService, withKey } from './gateway.fixture.js';
import type { Service } from './gateway.fixture.js';

const variables = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_BSP_SCHEDULE_DELAY: '50' };
const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;

/** Tracing as in a running service: `fetch` and the proxy's client are seen, and spans go to a collector. */
describe('the trace of a request', () => {
  let sink: OtlpSink;
  let telemetry: Telemetry;
  let upstream: Service;
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    sink = await startOtlpSink();
    jest.replaceProperty(process, 'env', { ...variables, OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl });
    telemetry = configureTracing('api-gateway');
    upstream = await startService('upstream');
    ({ app, url } = await startGateway({ ORCHESTRATOR_URL: upstream.url, MARKETPLACE_PUBLISHER_URL: upstream.url }));
  });
  afterEach(() => {
    upstream.seen = [];
    sink.reset();
  });
  afterAll(async () => {
    await app.close();
    await telemetry.shutdown(2_000);
    await upstream.close();
    await sink.close();
    jest.restoreAllMocks();
  });

  /** The gateway's two spans of one request. */
  const spansOf = async () => {
    const find = (kind: string) => sink.spans().find((span) => span.kind === kind);
    await sink.waitForSpans(() => find('server') !== undefined && find('client') !== undefined);
    return { server: find('server'), client: find('client') };
  };

  it.each([
    ['GET', '/ideas/7', undefined],
    // A body arrives in the socket's own context and not in that of the request.
    ['POST', '/ideas/7/approve', '{"why":"good"}'],
    ['POST', '/storefront/listings/7/buy', ''],
  ])('is that of its caller, with the gateway between caller and service: %s %s', async (method, path, body) => {
    const init = { method, headers: { ...withKey, traceparent }, ...(body === undefined ? {} : { body }) };
    expect((await fetch(`${url}${path}`, init)).status).toBe(200);
    const { server, client } = await spansOf();
    expect(server).toMatchObject({ traceId: caller.traceId, parentSpanId: caller.spanId });
    expect(client).toMatchObject({ traceId: caller.traceId, parentSpanId: server?.spanId });
    expect(upstream.seen.map(({ headers }) => headers['traceparent'])).toEqual([
      `00-${caller.traceId}-${client?.spanId}-01`,
    ]);
  });

  it('begins at the gateway for a caller who has none', async () => {
    await fetch(`${url}/storefront`);
    const { server, client } = await spansOf();
    expect(server).not.toHaveProperty('parentSpanId');
    expect(client).toMatchObject({ traceId: server?.traceId, parentSpanId: server?.spanId });
    expect(upstream.seen[0]?.headers['traceparent']).toBe(`00-${server?.traceId}-${client?.spanId}-01`);
  });
});
