import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, waitFor } from '@signalpress/testing';
import type { LogCollection } from '@signalpress/testing';
import { HealthChecks, Lifecycle, ObservabilityModule } from '../src/index.js';
import { Test } from '@nestjs/testing';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';

let sample: SampleApp;
let logs: LogCollection;

beforeEach(async () => {
  logs = collectLogs();
  sample = await startSampleApp({
    serviceName: 'sample',
    version: '1.2.3',
    metricsToken: 'scrape-me',
    logDestination: logs.stream,
  });
});

afterEach(() => sample.close());

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${sample.url}${path}`, { headers });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
};
const scrape = () => get('/metrics', { authorization: 'Bearer scrape-me' });

describe('health', () => {
  it('is live, ready and started when all is well', async () => {
    sample.app.get(HealthChecks).register({ name: 'database', critical: true, check: () => Promise.resolve() });
    for (const path of ['/health', '/health/live', '/health/ready', '/health/startup']) {
      expect((await get(path)).status).toBe(200);
    }
    expect((await get('/health')).json()).toMatchObject({
      status: 'ok',
      service: 'sample',
      version: '1.2.3',
      state: 'ready',
      details: { lifecycle: { status: 'up' }, database: { status: 'up' } },
    });
  });

  it('is unready while a critical dependency is down, live nevertheless, and says why without secrets', async () => {
    sample.app.get(HealthChecks).register({
      name: 'database',
      critical: true,
      check: () => Promise.reject(new Error('postgres://shop:s3cr3t@db refused')),
    });
    const ready = await get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.json()).toMatchObject({
      status: 'error',
      details: { database: { status: 'down', message: 'postgres://shop:[redacted]@db refused' } },
    });
    expect((await get('/health')).status).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/startup')).status).toBe(200);
  });

  it('is degraded and ready while another dependency is down', async () => {
    sample.app
      .get(HealthChecks)
      .register({ name: 'cache', critical: false, check: () => Promise.reject(new Error('gone')) });
    const ready = await get('/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.json()).toMatchObject({ status: 'degraded', details: { cache: { status: 'degraded' } } });
  });

  it('cuts a check that hangs, and does not start it again while it runs', async () => {
    let started = 0;
    sample.app.get(HealthChecks).register({
      name: 'slow',
      critical: true,
      timeoutMs: 50,
      check: () => {
        started += 1;
        return new Promise<never>(() => undefined);
      },
    });
    for (let poll = 0; poll < 3; poll++) {
      const ready = await get('/health/ready');
      expect(ready.status).toBe(503);
      expect(ready.text).toContain('no answer within 50 ms');
    }
    expect(started).toBe(1);
  });

  it('is unready from the first moment of the shutdown', async () => {
    const lifecycle = sample.app.get(Lifecycle);
    let during: number | undefined;
    lifecycle.on('drain', 'look', async () => {
      during = (await get('/health/ready')).status;
    });
    await lifecycle.shutdown('spec');
    expect(during).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
  });
});

describe('metrics', () => {
  it('answers only to the token', async () => {
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/metrics', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await scrape()).status).toBe(200);
  });

  it('negotiates the format', async () => {
    expect((await scrape()).type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const open = await get('/metrics', {
      authorization: 'Bearer scrape-me',
      accept: 'application/openmetrics-text; version=1.0.0',
    });
    expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.text.endsWith('# EOF\n')).toBe(true);
  });

  it('counts requests by method, route template and status, and leaves the probes out', async () => {
    for (const path of ['/ideas/abc', '/ideas/def', '/ideas/missing', '/no/such/route', '/health/live'])
      await get(path);
    const { text } = await scrape();
    expect(text.split('\n').filter((line) => line.startsWith('http_server_request_duration_seconds_count'))).toEqual([
      'http_server_request_duration_seconds_count{method="GET",route="/ideas/:id",status="200"} 2',
      'http_server_request_duration_seconds_count{method="GET",route="/ideas/:id",status="404"} 1',
      'http_server_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1',
    ]);
  });
});

describe('logs', () => {
  it('has one line per request (nestjs-pino on Fastify writes none with its defaults), none for probes, and no query', async () => {
    await get('/ideas/abc?email=ada.lovelace@example.org');
    await get('/health/live');
    await scrape();
    const lines = logs.lines().filter(({ msg }) => msg === 'request');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        service: 'sample',
        version: '1.2.3',
        method: 'GET',
        route: '/ideas/:id',
        path: '/ideas/abc',
        status: 200,
      }),
    ]);
    expect(logs.text()).not.toContain('example.org');
  });

  it('says when the client went away before there was an answer', async () => {
    const away = new AbortController();
    const pending = fetch(`${sample.url}/ideas/slow`, { signal: away.signal }).catch(() => undefined);
    setTimeout(() => away.abort(), 60);
    await pending;
    await waitFor(() => logs.lines().some(({ msg }) => msg === 'request'), {
      timeoutMs: 2_000,
      message: 'request line',
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(logs.lines().filter(({ msg }) => msg === 'request')).toEqual([
      expect.objectContaining({ status: 'aborted', route: '/ideas/:id' }),
    ]);
  });

  it("takes Nest's own lines", () => {
    expect(
      logs
        .lines()
        .some(({ context, msg }) => context === 'NestApplication' && msg === 'Nest application successfully started'),
    ).toBe(true);
  });
});

it('observes an application of a testing module too, where the adapter comes late', async () => {
  const ownLogs = collectLogs();
  const module = await Test.createTestingModule({
    imports: [ObservabilityModule.forRoot({ serviceName: 'late', logDestination: ownLogs.stream })],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await app.listen(0, '127.0.0.1');
  try {
    await fetch(`${await app.getUrl()}/nowhere`);
    expect(ownLogs.lines().filter(({ msg }) => msg === 'request')).toHaveLength(1);
  } finally {
    await app.close();
  }
});
