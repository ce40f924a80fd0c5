import type { INestApplication } from '@nestjs/common';
import type { LogOptions } from '@signalpress/service-defaults';
import { collectLogs, waitFor } from '@signalpress/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sendRaw, startGateway, startService, withKey } from './gateway.fixture.js';
import type { Service } from './gateway.fixture.js';

let app: INestApplication | undefined;
let shop: Service;
const start = async (variables: Record<string, string> = {}, options: LogOptions = {}) => {
  const gateway = await startGateway({ MARKETPLACE_PUBLISHER_URL: shop.url, ...variables }, options);
  app = gateway.app;
  return gateway.url;
};
beforeEach(async () => {
  shop = await startService('marketplace-publisher');
});
afterEach(async () => {
  await app?.close();
  await shop.close();
  app = undefined;
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const press = (url: string, headers: Record<string, string> = form) =>
  fetch(url, { method: 'POST', headers, redirect: 'manual' });

describe('the buttons of the storefront', () => {
  it.each(['favourite', 'buy'])('lets everybody press %s and leads the browser back to the gateway', async (action) => {
    const url = await start();
    const page = `${url}/storefront/listings/7/${action}`;
    for (const location of [
      `../7?done=${action}`,
      `/storefront/listings/7?done=${action}`,
      `${shop.url}/storefront/listings/7?done=${action}`,
      `${shop.url.replace('http:', '')}/storefront/listings/7?done=${action}`,
    ]) {
      shop.answer = (_request, response) => void response.writeHead(303, { location }).end();
      const response = await press(page);
      expect(response.status).toBe(303);
      const leads = new URL(response.headers.get('location') ?? '', page);
      expect(leads.href).toBe(`${url}/storefront/listings/7?done=${action}`);
    }
    expect(shop.seen).toHaveLength(4);
    expect(shop.seen[0]).toMatchObject({
      method: 'POST',
      url: `/storefront/listings/7/${action}`,
      headers: { ...form, 'x-signalpress-actor': 'anonymous' },
      body: '',
    });
  });

  it('hands the form on as it was sent', async () => {
    const url = await start();
    await fetch(`${url}/storefront/listings/7/buy`, { method: 'POST', body: 'a=b%20c&d=', headers: form });
    expect(shop.seen[0]).toMatchObject({ body: 'a=b%20c&d=', headers: form });
  });

  it('leaves a redirect to another server as it is, and makes none to one out of a path', async () => {
    const url = await start();
    const elsewhere = 'https://shop.example/listings/7';
    for (const [location, expected] of [
      [elsewhere, elsewhere],
      [`${shop.url}//shop.example/listings/7`, '/shop.example/listings/7'],
    ] as const) {
      shop.answer = (_request, response) => void response.writeHead(303, { location }).end();
      expect((await press(`${url}/storefront/listings/7/buy`)).headers.get('location')).toBe(expected);
    }
  });

  it('leads back below the prefix where one was replaced', async () => {
    const url = await start();
    const prefix = '/admin/marketplace-publisher/dead-letters';
    for (const [location, expected] of [
      ['/dead-letters/8?a=b', `${prefix}/8?a=b`],
      [`${shop.url}/dead-letters`, prefix],
      ['/dead-letters-and-more', '/dead-letters-and-more'],
    ] as const) {
      shop.answer = (_request, response) => void response.writeHead(303, { location }).end();
      const response = await press(`${url}${prefix}/7/replay`, withKey);
      expect(response.headers.get('location')).toBe(expected);
    }
  });

  it('is limited by address and leaves an audit line for each press', async () => {
    const logs = collectLogs();
    const limits = { RATE_LIMIT_ADDRESS_PER_MINUTE: '2', LOG_LEVEL: 'info' };
    const url = await start(limits, { logDestination: logs.stream });
    const page = `${url}/storefront/listings/7/buy`;
    expect([(await press(page)).status, (await press(page)).status, (await press(page)).status]).toEqual([
      200, 200, 429,
    ]);
    expect(shop.seen).toHaveLength(2);
    const lines = await waitFor(() => {
      const audited = logs.lines().filter(({ audit }) => audit);
      return audited.length >= 3 && audited;
    });
    const line = { actor: 'anonymous', address: '127.0.0.1', method: 'POST', path: '/storefront/listings/7/buy' };
    expect(lines).toEqual([200, 200, 429].map((status) => expect.objectContaining({ ...line, status })));
  });
});

describe('a method that a path does not take', () => {
  it.each([
    ['GET', '/storefront/listings/7/buy', 'POST'],
    ['DELETE', '/storefront/listings/7/favourite?a=b', 'POST'],
    ['PUT', '/storefront', 'GET, HEAD'],
    ['OPTIONS', '/storefront/style.css', 'GET, HEAD'],
    ['POST', '/status', 'GET, HEAD'],
    ['DELETE', '/files/abc/def', 'GET, HEAD'],
    ['OPTIONS', '/ideas/7', 'GET, HEAD, POST, PUT, PATCH, DELETE'],
    ['PROPFIND', '/admin/monitoring/dead-letters/7', 'GET, HEAD, POST, PUT, PATCH, DELETE'],
  ])('is 405 with those that it takes: %s %s', async (method, path, allowed) => {
    const response = await fetch(`${await start()}${path}`, { method, headers: withKey });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await response.json()).toMatchObject({ type: 'urn:signalpress:problem:method-not-allowed', status: 405 });
    expect(shop.seen).toEqual([]);
  });

  it('says nothing about a guarded path without the key, and is 404 where there is no path', async () => {
    const url = await start();
    expect((await fetch(`${url}/status`, { method: 'POST' })).status).toBe(401);
    expect((await fetch(`${url}/storefront/xstyle.css`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url}/storefront/stylexcss`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url}/storefront/api/listings`, { method: 'POST', headers: withKey })).status).toBe(404);
  });
});

describe("the gateway's own metrics and health", () => {
  it('needs the admin key for the metrics without a token for them, however the path is written', async () => {
    const url = await start();
    for (const method of ['GET', 'HEAD']) {
      expect((await fetch(`${url}/metrics`, { method, headers: withKey })).status).toBe(200);
      for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
        const refused = await fetch(`${url}/metrics?a=b`, { method, headers });
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="signalpress"');
        expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      }
    }
    for (const target of [
      '/%6detrics',
      '/metrics/',
      '/METRICS',
      '/metrics;a',
      '/./metrics',
      '//metrics',
      '/metrics#a',
    ]) {
      expect(await sendRaw(url, target)).toMatch(/^HTTP\/1\.1 40[014] /);
    }
  });

  it('counts what is tried at the metrics', async () => {
    const url = await start({ RATE_LIMIT_ADDRESS_PER_MINUTE: '2' });
    const attempt = async () => (await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer wrong' } })).status;
    expect([await attempt(), await attempt(), await attempt()]).toEqual([401, 401, 429]);
  });

  it('shows its state of health to everybody, and nothing of what is behind it', async () => {
    const url = await start({ METRICS_TOKEN: 'a-token-of-its-own' });
    const response = await fetch(`${url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ok',
      service: 'api-gateway',
      state: 'ready',
      uptimeSeconds: expect.any(Number),
      details: { lifecycle: { status: 'up', state: 'ready' } },
    });
  });
});
