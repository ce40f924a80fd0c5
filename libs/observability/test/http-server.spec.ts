import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, collectSpans, waitFor } from '@signalpress/testing';
import type { LogCollection, SpanCollection } from '@signalpress/testing';
import { release, startShop } from './support/shop-app.js';
import type { AdapterName, Shop, ShopOptions } from './support/shop-app.js';

let spans: SpanCollection;
let logs: LogCollection;
let shop: Shop;

async function start(adapter: AdapterName, options: Partial<ShopOptions> = {}): Promise<void> {
  shop = await startShop(adapter, { serviceName: 'shop', logDestination: logs.stream, ...options });
}

beforeEach(() => {
  spans = collectSpans();
  logs = collectLogs();
});

afterEach(async () => {
  release();
  await shop.app.close();
  await spans.shutdown();
});

const servers = () => spans.spans().filter(({ kind }) => kind === 'server');
const lines = () => logs.lines().filter(({ msg }) => msg === 'request');

async function serverSpan() {
  await waitFor(() => servers().length > 0, { timeoutMs: 5_000, message: 'a server span' });
  return servers()[0]!;
}

async function ask(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(`${shop.url}${path}`, init);
  return JSON.parse((await response.text()) || '{}') as Record<string, unknown>;
}

/** Sends the body in two parts, so that it is parsed in a turn of the socket's own. */
async function post(path: string, type: string, first: string, second: string): Promise<Record<string, unknown>> {
  const outgoing = httpRequest(`${shop.url}${path}`, { method: 'POST', headers: { 'content-type': type } });
  outgoing.write(first);
  setTimeout(() => outgoing.end(second), 30);
  const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return JSON.parse(text) as Record<string, unknown>;
}

describe.each<AdapterName>(['fastify', 'express'])('requests on %s', (adapter) => {
  it('are named by method and route (server spans were named just GET), with duration and line', async () => {
    await start(adapter);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await ask('/items/7?key=secret', {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'user-agent': 'spec' },
    });
    expect(answer).toEqual({ traceId });
    const span = await serverSpan();
    expect(span).toMatchObject({ name: 'GET /items/:id', traceId, parentSpanId: 'b7ad6b7169203331' });
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/items/:id',
      'network.protocol.version': '1.1',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(shop.url).port),
      'url.path': '/items/7',
      'url.scheme': 'http',
      'user_agent.original': 'spec',
    });
    expect(lines()).toEqual([
      expect.objectContaining({
        method: 'GET',
        route: '/items/:id',
        path: '/items/7',
        status: 200,
        trace_id: traceId,
        span_id: span.spanId,
      }),
    ]);
    const metrics = await (await fetch(`${shop.url}/metrics`)).text();
    expect(metrics).toContain(
      'http_server_request_duration_seconds_count{method="GET",route="/items/:id",status="200"} 1',
    );
  });

  it('keep their context when the body comes later, behind asynchronous guards and in bodies that are streamed', async () => {
    await start(adapter);
    const parsed = await post('/items', 'application/json', '{"a"', ':1}');
    const form = await post('/items', 'application/x-www-form-urlencoded', 'a', '=1');
    const streamed = await post('/upload', 'multipart/form-data; boundary=x', '--x', '--');
    expect([parsed['body'], form['body'], streamed['bytes']]).toEqual([{ a: 1 }, { a: '1' }, 5]);
    await waitFor(() => servers().length === 3, { timeoutMs: 5_000, message: 'three server spans' });
    expect(servers().map(({ traceId }) => traceId)).toEqual([parsed, form, streamed].map(({ traceId }) => traceId));
  });

  it('stay apart when many come at once', async () => {
    await start(adapter);
    const traceIds = Array.from({ length: 100 }, (_, index) => (index + 1).toString(16).padStart(32, 'a'));
    const answers = await Promise.all(
      traceIds.map((traceId) =>
        ask('/items', {
          method: 'POST',
          headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'content-type': 'application/json' },
          body: '{}',
        }),
      ),
    );
    expect(answers.map(({ traceId }) => traceId)).toEqual(traceIds);
  });

  it('have the template of the route with prefix, version and wildcard', async () => {
    await start(adapter, { prefix: 'api' });
    for (const path of ['/api/items/1', '/api/v2/versions/1', '/api/files/a/b', '/api/nowhere/1', '/api/items/gone'])
      await fetch(`${shop.url}${path}`);
    await waitFor(() => servers().length === 5, { timeoutMs: 5_000, message: 'five server spans' });
    const wildcard = adapter === 'fastify' ? '/api/files/*' : '/api/files/{*path}';
    expect(servers().map(({ name, attributes }) => [name, attributes['http.route']])).toEqual([
      ['GET /api/items/:id', '/api/items/:id'],
      ['GET /api/v2/versions/:id', '/api/v2/versions/:id'],
      [`GET ${wildcard}`, wildcard],
      ['GET', undefined],
      ['GET /api/items/:id', '/api/items/:id'],
    ]);
    expect(lines().map(({ route, status }) => [route, status])).toEqual([
      ['/api/items/:id', 200],
      ['/api/v2/versions/:id', 200],
      [wildcard, 200],
      ['unmatched', 404],
      ['/api/items/:id', 404],
    ]);
  });

  it('that fail are errors, and answers such as 404 are none', async () => {
    await start(adapter);
    await fetch(`${shop.url}/items/broken`);
    await fetch(`${shop.url}/items/gone`);
    await fetch(`${shop.url}/items`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
    await waitFor(() => servers().length === 3, { timeoutMs: 5_000, message: 'three server spans' });
    expect(servers().map(({ attributes, status }) => [attributes['http.response.status_code'], status.code])).toEqual([
      [500, 'error'],
      [404, 'unset'],
      [400, 'unset'],
    ]);
    expect(servers()[0]?.attributes['error.type']).toBe('500');
  });

  it('whose caller went away end once, as aborted', async () => {
    await start(adapter);
    const socket = connect(Number(new URL(shop.url).port), '127.0.0.1');
    socket.write('GET /hang HTTP/1.1\r\nHost: shop\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await serverSpan()).attributes).toMatchObject({ 'error.type': 'aborted', 'server.address': 'shop' });
    release();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(lines().map(({ route, status }) => [route, status])).toEqual([['/hang', 'aborted']]);
    expect(servers()).toHaveLength(1);
  });

  it('of methods that nobody knows are one label and no name', async () => {
    await start(adapter);
    const outgoing = httpRequest(`${shop.url}/items/1`, { method: 'PROPFIND' }).end();
    const [response] = (await once(outgoing, 'response')) as [{ resume(): void }];
    response.resume();
    expect(await serverSpan()).toMatchObject({
      name: 'HTTP',
      attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' },
    });
  });

  it('that are ignored start no trace, not even below, and leave no line, duration or exemplar of zeros', async () => {
    await start(adapter, { ignoreRoutes: ['/quiet', /^\/files\/.*\.css$/g] });
    for (let round = 0; round < 2; round++) {
      expect(await ask('/quiet/work?x=1')).toEqual({ active: false });
      await ask('/files/a.css');
      await fetch(`${shop.url}/health/live`);
    }
    const metrics = await fetch(`${shop.url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    const text = await metrics.text();
    expect(text).not.toContain('http_server_request_duration_seconds_count{');
    expect(text).not.toContain('trace_id=');
    await ask('/quietly');
    await ask('/files/a.js');
    await waitFor(() => servers().length === 2, { timeoutMs: 5_000, message: 'two server spans' });
    expect(spans.spans()).toHaveLength(2);
    expect(lines().map(({ path }) => path)).toEqual(['/quietly', '/files/a.js']);
  });

  it('write no line and count no duration where that is switched off', async () => {
    await start(adapter, { requestLog: false, httpMetrics: false });
    await ask('/items/1');
    expect((await serverSpan()).name).toBe('GET /items/:id');
    expect(lines()).toEqual([]);
    expect(await (await fetch(`${shop.url}/metrics`)).text()).not.toContain('http_server_request_duration');
  });

  it('are seen in a testing module, whose adapter comes after its providers', async () => {
    await start(adapter, { testing: true });
    const { traceId } = await ask('/items/1');
    expect(await serverSpan()).toMatchObject({ name: 'GET /items/:id', traceId });
  });
});

it('requests that are injected into fastify end as well', async () => {
  await start('fastify');
  const server = shop.app.getHttpAdapter().getInstance() as { inject(path: string): Promise<{ statusCode: number }> };
  expect((await server.inject('/items/1')).statusCode).toBe(200);
  expect((await serverSpan()).attributes['http.response.status_code']).toBe(200);
  expect(lines()).toHaveLength(1);
});
