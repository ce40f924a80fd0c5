import { gzipSync } from 'node:zlib';
import type { INestApplication } from '@nestjs/common';
import { serviceNames, services } from '@signalpress/contracts';
import { serviceEnv } from '@signalpress/service-defaults';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { adminKey, sendRaw, startGateway, startService, withKey } from './gateway.fixture.js';
import type { SeenRequest, Service } from './gateway.fixture.js';

const upstreams = serviceNames.filter((name) => name !== 'api-gateway');
const variableOf = (service: string) => `${service.toUpperCase().replaceAll('-', '_')}_URL`;

describe('the gateway', () => {
  let app: INestApplication;
  let url: string;
  const running = new Map<string, Service>();

  beforeAll(async () => {
    for (const name of upstreams) running.set(name, await startService(name));
    const urls = Object.fromEntries([...running].map(([name, service]) => [variableOf(name), service.url]));
    ({ app, url } = await startGateway(urls));
  });
  afterEach(() => {
    for (const service of running.values()) {
      service.seen = [];
      service.answer = undefined;
    }
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([...running.values()].map((service) => service.close()));
  });

  const seen = (): SeenRequest[] => [...running.values()].flatMap((service) => service.seen);
  const service = (name: string) => running.get(name)!;

  it.each([
    ['GET', '/signals?limit=1', 'signal-ingestion', '/signals?limit=1'],
    ['POST', '/ingestions', 'signal-ingestion', '/ingestions'],
    ['DELETE', '/sources/7', 'signal-ingestion', '/sources/7'],
    ['GET', '/scores/7', 'scoring-engine', '/scores/7'],
    ['GET', '/ideas', 'orchestrator', '/ideas'],
    ['POST', '/ideas/7/approve', 'orchestrator', '/ideas/7/approve'],
    ['GET', '/ideas/7/timeline', 'monitoring', '/ideas/7/timeline'],
    ['GET', '/latency', 'monitoring', '/latency'],
    ['GET', '/sla?windowHours=1', 'monitoring', '/sla?windowHours=1'],
    ['GET', '/queue-length', 'monitoring', '/queue-length'],
    ['GET', '/resource-usage', 'monitoring', '/resource-usage'],
    ['GET', '/daily-summary', 'monitoring', '/daily-summary'],
    ['GET', '/optimization', 'monitoring', '/optimization'],
    ['GET', '/incidents/7', 'monitoring', '/incidents/7'],
    ['POST', '/incidents/7/acknowledge', 'monitoring', '/incidents/7/acknowledge'],
    ['GET', '/outcomes?ingestionId=a%20b&x=', 'monitoring', '/outcomes?ingestionId=a%20b&x='],
    ['GET', '/progress', 'monitoring', '/progress'],
    ['GET', '/status?windowHours=1', 'monitoring', '/status?windowHours=1'],
    ['GET', '/openapi/monitoring.json', 'monitoring', '/openapi.json'],
    ['GET', '/files/abc', 'mockup-generation', '/files/abc'],
    ['GET', '/listings', 'marketplace-publisher', '/listings'],
    ['GET', '/performance/7', 'feedback-loop', '/performance/7'],
    ['GET', '/admin/monitoring/dead-letters?limit=5', 'monitoring', '/dead-letters?limit=5'],
    ['POST', '/admin/scoring-engine/dead-letters/7/replay', 'scoring-engine', '/dead-letters/7/replay'],
  ])('hands %s %s on to %s with the key, and refuses it without', async (method, path, name, at) => {
    const response = await fetch(`${url}${path}`, { method, headers: withKey });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ service: name, method, url: at });

    for (const headers of [{}, { authorization: `Bearer ${adminKey}x` }, { authorization: adminKey }]) {
      const refused = await fetch(`${url}${path}`, { method, headers });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="signalpress"');
      expect(await refused.json()).toMatchObject({ type: 'urn:signalpress:problem:unauthorized', status: 401 });
    }
    expect(seen()).toHaveLength(1);
  });

  it.each(['/storefront', '/storefront/listings/7', '/storefront/images/abc', '/storefront/style.css'])(
    'shows %s to everybody, for reading',
    async (path) => {
      expect((await fetch(`${url}${path}`)).status).toBe(200);
      expect((await fetch(`${url}${path}`, { method: 'HEAD' })).status).toBe(200);
      expect(seen().map(({ service: name }) => name)).toEqual(['marketplace-publisher', 'marketplace-publisher']);
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        expect((await fetch(`${url}${path}`, { method, headers: withKey })).status).toBe(405);
      }
      expect(seen()).toHaveLength(2);
    },
  );

  it.each([
    '/storefront/api/listings',
    '/storefront/api/listings/7',
    '/dead-letters',
    '/dead-letters/7/replay',
    '/admin/api-gateway/dead-letters',
    '/admin/monitoring/metrics',
    '/admin/monitoring/dead-letters-and-more',
    '/nothing',
    '/signals-and-more',
  ])('has nothing at %s, with the key and without', async (path) => {
    for (const headers of [withKey, {}]) {
      for (const method of ['GET', 'POST']) {
        const response = await fetch(`${url}${path}`, { method, headers });
        expect(response.status).toBe(404);
        expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      }
    }
    expect(seen()).toEqual([]);
  });

  it.each([
    '/storefront/../listings',
    '/storefront/listings/../../listings',
    '/storefront/%2e%2e/listings',
    '/storefront/listings/%2e%2e',
    '/storefront/listings/%2e%2e%2f%2e%2e%2flistings',
    '/storefront/listings/..%5c..%5clistings',
    '/storefront/listings/..\\..\\listings',
    '/storefront/images/%252e%252e%252flistings',
    '/storefront//listings',
    '//listings',
    '/storefront/images/a%00b',
    '/admin/monitoring/dead-letters/../metrics',
    '/admin/monitoring/dead-letters/%2e%2e/metrics',
    '/admin/monitoring/dead-letters/..%2fmetrics',
    '/files/..%2fmetrics',
    'http://127.0.0.1:1/listings',
  ])('lets no trick with the path through: %s', async (target) => {
    const answer = await sendRaw(url, target, `authorization: Bearer ${adminKey}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(answer).toContain('application/problem+json');
    expect(seen()).toEqual([]);
  });

  it('keeps the key, cookies, hop-by-hop headers and claimed identities to itself, and says who calls', async () => {
    service('orchestrator').answer = (_request, response) => {
      response
        .writeHead(200, { 'x-powered-by': 'secret', server: 'secret', 'keep-alive': 'timeout=99', etag: '"1"' })
        .end('ok');
    };
    const headers = {
      ...withKey,
      cookie: 'a=b',
      'x-forwarded-for': '10.9.9.9',
      'x-signalpress-actor': 'somebody else',
      'accept-language': 'de',
      'idempotency-key': '7',
    };
    const response = await fetch(`${url}/ideas/7`, { headers });
    expect(response.headers.get('etag')).toBe('"1"');
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('server')).toBeNull();
    expect(response.headers.get('keep-alive')).not.toBe('timeout=99');
    const [request] = seen();
    expect(request?.headers).toMatchObject({
      'accept-language': 'de',
      'idempotency-key': '7',
      'x-forwarded-for': '127.0.0.1',
      'x-signalpress-actor': 'admin',
    });
    expect(request?.headers).not.toHaveProperty('authorization');
    expect(request?.headers).not.toHaveProperty('cookie');
    expect(JSON.stringify(request)).not.toContain(adminKey);
  });

  it('hands bodies on byte for byte, whatever their type', async () => {
    const text = '{ "title" : "Grüße",  "n": 1e2 }';
    await fetch(`${url}/signals`, {
      method: 'POST',
      body: text,
      headers: { ...withKey, 'content-type': 'application/json' },
    });
    const feed = '<rss><item/></rss>';
    await fetch(`${url}/ingestions`, {
      method: 'POST',
      body: feed,
      headers: { ...withKey, 'content-type': 'application/rss+xml; charset=utf-8' },
    });
    const packed = gzipSync(feed);
    await fetch(`${url}/ingestions`, {
      method: 'POST',
      body: packed,
      headers: { ...withKey, 'content-type': 'application/xml', 'content-encoding': 'gzip' },
    });
    const [first, second, third] = seen();
    expect(first).toMatchObject({ body: text, headers: { 'content-type': 'application/json' } });
    expect(second).toMatchObject({ body: feed, headers: { 'content-type': 'application/rss+xml; charset=utf-8' } });
    expect(third?.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(packed.length) });
  });

  it.each([
    ['/signals', 1024 * 1024],
    ['/ingestions', 11 * 1024 * 1024],
    ['/storefront/listings/7/buy', 16 * 1024],
  ])('takes up to the limit at %s and refuses more', async (path, limit) => {
    const send = (bytes: number) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        body: 'x'.repeat(bytes),
        headers: { ...withKey, 'content-type': 'text/csv' },
      });
    expect((await send(limit)).status).toBe(200);
    const refused = await send(limit + 1);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ type: 'urn:signalpress:problem:payload-too-large' });
    expect(seen()).toHaveLength(1);
  });

  it("passes a service's own errors and redirects on as they are", async () => {
    service('monitoring').answer = (_request, response) => {
      response.writeHead(503, { 'retry-after': '1', 'content-type': 'application/problem+json' }).end('{"status":503}');
    };
    const response = await fetch(`${url}/status`, { headers: withKey });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toEqual({ status: 503 });
    expect(seen()).toHaveLength(1);
  });

  it('protects what a browser gets and lets the pages of the storefront show images and their own styles', async () => {
    const { headers } = await fetch(`${url}/storefront`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("img-src 'self' data:");
    expect(policy).toContain("style-src 'self' 'unsafe-inline'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
  });

  it('lists its routes, and has its own health', async () => {
    const index = (await (await fetch(url)).json()) as { routes: { path: string; access: string; service: string }[] };
    expect(index.routes).toContainEqual({
      path: '/ideas/:id/timeline',
      access: 'key',
      service: 'monitoring',
      methods: ['GET', 'HEAD'],
    });
    expect(index.routes.filter(({ access }) => access === 'public').map(({ path }) => path)).toEqual([
      '/storefront',
      '/storefront/style.css',
      '/storefront/images/:hash',
      '/storefront/listings/:id',
      '/storefront/listings/:id/favourite',
      '/storefront/listings/:id/buy',
    ]);
    for (const path of ['/health/live', '/health/ready', '/health/startup']) {
      expect((await fetch(`${url}${path}`)).status).toBe(200);
    }
    expect(seen()).toEqual([]);
  });

  it('agrees with the contracts on the port of each service', () => {
    for (const name of serviceNames) {
      expect(serviceEnv(name).PORT.parse(undefined)).toBe(services[name].localPort);
    }
  });
});
