import { createServer, get, Agent, request as namedRequest } from 'node:http';
import * as http from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, propagation } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { collectSpans, waitFor } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import axios from 'axios';
import { H2CClient } from 'undici';
import { traceHttpClient } from '../src/http/http-client.js';
import type { HttpClientTracing } from '../src/http/client-exchange.js';
import { withSpan } from '../src/index.js';

let spans: SpanCollection;
let stop: () => void;
let upstream: Server;
let url: string;
let received: { url: string; headers: IncomingHttpHeaders; raw: string[] }[];

function follow(options: HttpClientTracing = {}): void {
  stop();
  stop = traceHttpClient(options);
}

beforeEach(async () => {
  spans = collectSpans();
  stop = traceHttpClient();
  received = [];
  upstream = createServer((incoming, outgoing) => {
    received.push({ url: incoming.url ?? '', headers: incoming.headers, raw: incoming.rawHeaders });
    const path = incoming.url ?? '';
    if (path.startsWith('/hang')) return;
    if (path.startsWith('/redirect')) outgoing.writeHead(302, { location: '/target' }).end();
    else if (path.startsWith('/bad')) outgoing.writeHead(503).end();
    else if (path.startsWith('/cut')) {
      outgoing.writeHead(200, { 'content-length': 100 });
      outgoing.write('part');
      setTimeout(() => incoming.socket.destroy(), 20);
    } else if (path.startsWith('/endless')) {
      outgoing.writeHead(200);
      outgoing.write('x'.repeat(200_000));
    } else outgoing.end('ok');
  });
  upstream.on('upgrade', (_incoming, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: spec\r\nConnection: Upgrade\r\n\r\n');
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});

afterEach(async () => {
  stop();
  upstream.closeAllConnections();
  upstream.close();
  await spans.shutdown();
});

const clients = () => spans.spans().filter(({ kind }) => kind === 'client');

/** One client span, however its request ended. */
async function clientSpan() {
  await waitFor(() => clients().length > 0, { timeoutMs: 5_000, message: 'a client span' });
  return clients()[0]!;
}

function read(request: ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response: IncomingMessage) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', reject);
      response.on('end', () => resolve(text));
    });
  });
}

describe('requests of node:http', () => {
  it.each([
    ['import * as http', () => read(http.get(`${url}/a?key=secret`))],
    ['import { get }', () => read(get(`${url}/a?key=secret`))],
    ['import { request }', () => read(namedRequest(`${url}/a?key=secret`).end())],
    ['axios', async () => (await axios.get<string>(`${url}/a?key=secret`)).data],
  ])('are seen whichever way they were imported (`import * as http` stayed unpatched): %s', async (_name, ask) => {
    expect(await withSpan<Promise<unknown>>('caller', {}, () => ask())).toBe('ok');
    const span = await clientSpan();
    const caller = spans.spans().find(({ name }) => name === 'caller');
    expect(span).toMatchObject({ name: 'GET', parentSpanId: caller?.spanId, status: { code: 'unset' } });
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(url).port),
      'url.full': `${url}/a?[redacted]`,
    });
    expect(received[0]?.headers['traceparent']).toBe(`00-${span.traceId}-${span.spanId}-01`);
    expect(clients()).toHaveLength(1);
  });

  it('replace the trace context that was handed on, and carry baggage', async () => {
    const baggage = propagation.createBaggage({ shop: { value: 'north' } });
    const active = propagation.setBaggage(context.active(), baggage);
    await context.with(active, () =>
      withSpan('caller', {}, () =>
        read(get(url, { headers: { Traceparent: '00-11111111111111111111111111111111-2222222222222222-01' } })),
      ),
    );
    const { traceId, spanId } = await clientSpan();
    const names = received[0]!.raw.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names.filter((name) => name === 'traceparent')).toHaveLength(1);
    expect(received[0]?.headers['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
    expect(received[0]?.headers['baggage']).toBe('shop=north');
  });

  it('go out as they are when their headers are a list, which Node writes before anybody can add one', async () => {
    await withSpan('caller', {}, () => read(get(url, { headers: ['accept', 'text/plain', 'host', 'shop.example'] })));
    expect((await clientSpan()).attributes['http.response.status_code']).toBe(200);
    expect(received[0]?.headers['traceparent']).toBeUndefined();
  });

  it('fail by status, and with the reason when there is no answer', async () => {
    await withSpan('caller', {}, () => read(get(`${url}/bad`)));
    expect(await clientSpan()).toMatchObject({ status: { code: 'error' }, attributes: { 'error.type': '503' } });
    spans.reset();
    await withSpan('caller', {}, () => read(get('http://127.0.0.1:1/')).catch(() => undefined));
    const refused = await clientSpan();
    expect(refused).toMatchObject({ status: { code: 'error' }, attributes: { 'error.type': 'ECONNREFUSED' } });
    expect(refused.events[0]?.attributes['exception.message']).toContain('ECONNREFUSED');
    expect(refused.attributes['http.response.status_code']).toBeUndefined();
  });

  it('that are destroyed before there is a socket, or time out, end', async () => {
    await withSpan('caller', {}, async () => {
      const early = get(`${url}/hang`);
      early.destroy();
      await read(early).catch(() => undefined);
    });
    expect((await clientSpan()).status.code).toBe('error');
    spans.reset();
    await withSpan('caller', {}, async () => {
      const late = get(`${url}/hang`, { timeout: 20 });
      late.on('timeout', () => late.destroy(new Error('too late')));
      await read(late).catch(() => undefined);
    });
    expect(await clientSpan()).toMatchObject({ status: { code: 'error', message: 'too late' } });
  });

  it('that are cut off have failed; a body that the caller does not want has not', async () => {
    await withSpan('caller', {}, () => read(get(`${url}/cut`)).catch(() => undefined));
    expect(await clientSpan()).toMatchObject({
      status: { code: 'error' },
      attributes: { 'http.response.status_code': 200, 'error.type': 'ECONNRESET' },
    });
    spans.reset();
    await withSpan('caller', {}, async () => {
      const request = get(`${url}/endless`);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.destroy();
      await once(request, 'close');
    });
    expect(await clientSpan()).toMatchObject({ status: { code: 'unset' } });
  });

  it('with an answer that nobody listens for, or an upgrade, end', async () => {
    await withSpan('caller', {}, () => once(get(url), 'close'));
    expect((await clientSpan()).attributes['http.response.status_code']).toBe(200);
    spans.reset();
    await withSpan('caller', {}, async () => {
      const request = get(url, { headers: { connection: 'upgrade', upgrade: 'spec' } });
      const [, socket] = (await once(request, 'upgrade')) as [IncomingMessage, { destroy(): void }];
      socket.destroy();
    });
    expect((await clientSpan()).attributes['http.response.status_code']).toBe(101);
  });

  it('that wait for a connection of a busy agent belong to whoever made them', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const names = ['a', 'b', 'c'];
    await Promise.all(names.map((name) => withSpan(name, {}, () => read(get(`${url}/${name}`, { agent })))));
    agent.destroy();
    await waitFor(() => clients().length === 3, { timeoutMs: 5_000, message: 'three client spans' });
    for (const client of clients()) {
      const parent = spans.spans().find(({ spanId }) => spanId === client.parentSpanId);
      expect(client.attributes['url.full']).toBe(`${url}/${String(parent?.name)}`);
    }
  });
});

describe('responses whose body is never read', () => {
  it.each([
    ['fetch', () => fetch(`${url}/endless`)],
    ['node:http', async () => (await once(get(`${url}/endless`), 'response'))[0] as IncomingMessage],
  ])('lose no span: it ends at the last byte (%s)', async (_name, ask) => {
    follow({ unreadAfterMs: 200 });
    const response = await withSpan<Promise<unknown>>('caller', {}, () => ask());
    const span = await clientSpan();
    expect(span).toMatchObject({ status: { code: 'unset' }, attributes: { 'http.response.status_code': 200 } });
    expect(response).toBeDefined();
  });

  it('end with tracing, at the latest', async () => {
    await withSpan('caller', {}, async () => {
      void get(`${url}/hang`).on('error', () => undefined);
      await waitFor(() => received.length === 1, { timeoutMs: 5_000, message: 'the request' });
    });
    expect(clients()).toEqual([]);
    stop();
    expect(clients()).toHaveLength(1);
  });
});

it('requests of undici over HTTP/2 are followed as well', async () => {
  const carried: unknown[] = [];
  const h2 = createHttp2Server((incoming, outgoing) => {
    carried.push(incoming.headers['traceparent']);
    outgoing.end('ok');
  });
  h2.listen(0, '127.0.0.1');
  await once(h2, 'listening');
  const client = new H2CClient(`http://127.0.0.1:${(h2.address() as AddressInfo).port}`);
  try {
    const text = await withSpan('caller', {}, async () =>
      (await client.request({ path: '/two', method: 'GET' })).body.text(),
    );
    expect(text).toBe('ok');
    const { traceId, spanId, attributes } = await clientSpan();
    expect(attributes['http.response.status_code']).toBe(200);
    expect(carried).toEqual([`00-${traceId}-${spanId}-01`]);
  } finally {
    await client.close();
    h2.close();
  }
});

describe('requests of fetch', () => {
  it('are one span for each hop of a redirect', async () => {
    await withSpan('caller', {}, async () => (await fetch(`${url}/redirect`)).text());
    await waitFor(() => clients().length === 2, { timeoutMs: 5_000, message: 'two client spans' });
    expect(clients().map(({ attributes }) => attributes['http.response.status_code'])).toEqual([302, 200]);
    expect(received.map(({ headers }) => headers['traceparent'])).toEqual(
      clients().map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
    );
  });

  it('have not failed when the caller wants no more of the body, and have when it gives up before the head', async () => {
    await withSpan('caller', {}, async () => (await fetch(`${url}/endless`)).body?.cancel());
    expect((await clientSpan()).status.code).toBe('unset');
    spans.reset();
    await withSpan('caller', {}, () =>
      fetch(`${url}/hang`, { signal: AbortSignal.timeout(30) }).catch(() => undefined),
    );
    expect((await clientSpan()).status.code).toBe('error');
  });
});

describe('trace context', () => {
  it('only goes to hosts that propagateTo names: the others have a span and no header', async () => {
    follow({ propagateTo: ({ pathname }) => pathname === '/ours' });
    const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
    await withSpan('caller', {}, async () => {
      for (const path of ['ours', 'theirs']) {
        await (await fetch(`${url}/${path}`)).text();
        await read(get(`${url}/${path}`, { headers: { traceparent } }));
      }
    });
    expect(clients()).toHaveLength(4);
    expect(received.map(({ url: path, headers }) => [path, headers['traceparent'] !== undefined])).toEqual([
      ['/ours', true],
      ['/ours', true],
      ['/theirs', false],
      ['/theirs', false],
    ]);
  });

  it('stays at home when propagateTo fails', async () => {
    follow({
      propagateTo: () => {
        throw new Error('no idea');
      },
    });
    await withSpan('caller', {}, () => read(get(url)));
    expect(received[0]?.headers['traceparent']).toBeUndefined();
    expect((await clientSpan()).status.code).toBe('unset');
  });

  it('is not added by requests of telemetry itself, nor outside of a trace', async () => {
    await withSpan('caller', {}, () =>
      context.with(suppressTracing(context.active()), async () => {
        await read(get(url));
        await (await fetch(url)).text();
      }),
    );
    await read(get(url));
    expect(clients()).toEqual([]);
    expect(received.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined, undefined]);
  });
});
