import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { LogOptions } from '@signalpress/service-defaults';
import { collectLogs, collectSpans, waitFor } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { adminKey, startGateway, startService, withKey } from './gateway.fixture.js';
import type { Service } from './gateway.fixture.js';

let app: INestApplication | undefined;
let upstream: Service | undefined;
let spans: SpanCollection | undefined;
const start = async (variables: Record<string, string>, options: LogOptions = {}) => {
  const gateway = await startGateway(variables, options);
  app = gateway.app;
  return gateway.url;
};
afterEach(async () => {
  await app?.close();
  await upstream?.close();
  await spans?.shutdown();
  spans = undefined;
  app = undefined;
  upstream = undefined;
});

/** Reads the whole answer: one that is left unread keeps its connection, and the gateway waits for it when it closes. */
async function statusOf(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> {
  const response = await fetch(url, { method, headers });
  await response.arrayBuffer();
  return response.status;
}

/** A port that nobody listens on. */
async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('a service that is away', () => {
  it('is 503 with Retry-After when it does not listen, and counted', async () => {
    const url = await start({ MONITORING_URL: await deadUrl() });
    const response = await fetch(`${url}/status`, { headers: withKey });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    const problem = await response.text();
    expect(JSON.parse(problem)).toMatchObject({
      type: 'urn:signalpress:problem:upstream-unreachable',
      detail: 'monitoring is not reachable; try again.',
      instance: '/status',
    });
    expect(problem).not.toContain('127.0.0.1');
    const metrics = await (await fetch(`${url}/metrics`, { headers: withKey })).text();
    expect(metrics).toMatch(/signalpress_gateway_upstream_failures_total\{[^}]*upstream="monitoring"[^}]*\} 1/);
  });

  it('is 504 when it does not answer in time', async () => {
    upstream = await startService('orchestrator');
    upstream.answer = () => undefined;
    const url = await start({ ORCHESTRATOR_URL: upstream.url, UPSTREAM_TIMEOUT_SECONDS: '1' });
    const response = await fetch(`${url}/ideas`, { headers: withKey });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ type: 'urn:signalpress:problem:upstream-timeout' });
  });

  it('is 502 when it breaks off; reading is tried once more, changing is not', async () => {
    upstream = await startService('orchestrator');
    upstream.answer = (_request, response) => void response.socket?.destroy();
    const url = await start({ ORCHESTRATOR_URL: upstream.url });
    expect(await statusOf(`${url}/ideas`, withKey)).toBe(502);
    expect(upstream.seen).toHaveLength(2);
    expect(await statusOf(`${url}/ideas/7/approve`, withKey, 'POST')).toBe(502);
    expect(upstream.seen).toHaveLength(3);
  });
});

describe('an address where something else answers', () => {
  it('is 502, and reported: nobody else will find the wrong address', async () => {
    const chatter = createServer((socket) => void socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => chatter.listen(0, '127.0.0.1', resolve));
    const logs = collectLogs();
    try {
      const feedbackLoop = `http://127.0.0.1:${(chatter.address() as AddressInfo).port}`;
      const url = await start({ FEEDBACK_LOOP_URL: feedbackLoop, LOG_LEVEL: 'error' }, { logDestination: logs.stream });
      const response = await fetch(`${url}/performance`, { headers: withKey });
      expect(response.status).toBe(502);
      expect(await response.json()).toMatchObject({ type: 'urn:signalpress:problem:upstream-malformed' });
      const errors = logs.lines().filter(({ level }) => level === 'error');
      expect(errors).toEqual([expect.objectContaining({ error_kind: 'http', error_source: 'feedback-loop' })]);
    } finally {
      await new Promise((resolve) => chatter.close(resolve));
    }
  });
});

describe('limits', () => {
  it('counts by address and by key, and leaves health alone', async () => {
    upstream = await startService('monitoring');
    const url = await start({
      MONITORING_URL: upstream.url,
      RATE_LIMIT_ADDRESS_PER_MINUTE: '3',
      RATE_LIMIT_KEY_PER_MINUTE: '5',
    });
    const status = (headers: Record<string, string>) => statusOf(`${url}/status`, headers);
    const wrong = { authorization: 'Bearer wrong' };
    expect([await status(wrong), await status({}), await status(wrong), await status(wrong)]).toEqual([
      401, 401, 401, 429,
    ]);
    for (let count = 0; count < 5; count += 1) expect(await status(withKey)).toBe(200);
    const refused = await fetch(`${url}/status`, { headers: withKey });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ type: 'urn:signalpress:problem:too-many-requests', status: 429 });
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    expect(await statusOf(`${url}/nothing`)).toBe(429);
  });

  it('believes X-Forwarded-For from a trusted proxy only', async () => {
    const limits = { RATE_LIMIT_ADDRESS_PER_MINUTE: '1' };
    const ask = (url: string, address: string) => statusOf(url, { 'x-forwarded-for': address });
    let url = await start(limits);
    expect([await ask(url, '10.0.0.1'), await ask(url, '10.0.0.2')]).toEqual([200, 429]);
    await app?.close();
    url = await start({ ...limits, TRUSTED_PROXIES: '127.0.0.1' });
    expect([await ask(url, '10.0.0.1'), await ask(url, '10.0.0.2'), await ask(url, '10.0.0.1')]).toEqual([
      200, 200, 429,
    ]);
  });
});

describe('access', () => {
  it('is nobody without a configured key', async () => {
    upstream = await startService('monitoring');
    const url = await start({ MONITORING_URL: upstream.url, ADMIN_KEY_SHA256: '' });
    for (const headers of [{}, withKey, { authorization: 'Bearer ' }]) {
      expect(await statusOf(`${url}/status`, headers)).toBe(401);
    }
    expect(upstream.seen).toEqual([]);
  });

  it('to the own metrics needs their token when one is set; the admin key is not it', async () => {
    const url = await start({ METRICS_TOKEN: 'a-token-of-its-own' });
    expect(await statusOf(`${url}/metrics`)).toBe(401);
    expect(await statusOf(`${url}/metrics`, withKey)).toBe(401);
    expect(await statusOf(`${url}/metrics`, { authorization: 'Bearer a-token-of-its-own' })).toBe(200);
  });

  it('leaves one audit line for each request that changes something, refused ones too, and no key in it', async () => {
    upstream = await startService('orchestrator');
    const logs = collectLogs();
    spans = collectSpans();
    const url = await start({ ORCHESTRATOR_URL: upstream.url, LOG_LEVEL: 'info' }, { logDestination: logs.stream });
    await statusOf(`${url}/ideas/7/approve?why=secret`, withKey, 'POST');
    await statusOf(`${url}/ideas/7/reject`, {}, 'POST');
    await statusOf(`${url}/ideas`, withKey);
    const lines = await waitFor(() => {
      const audited = logs.lines().filter(({ audit }) => audit);
      return audited.length >= 2 && audited;
    });
    expect(lines).toEqual([
      expect.objectContaining({
        actor: 'admin',
        method: 'POST',
        path: '/ideas/7/approve',
        status: 200,
        address: '127.0.0.1',
      }),
      expect.objectContaining({ actor: 'anonymous', method: 'POST', path: '/ideas/7/reject', status: 401 }),
    ]);
    expect(lines.map(({ trace_id: traceId }) => traceId)).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{32}$/),
    ]);
    expect(logs.text()).not.toContain(adminKey);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
