import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, startSentrySink, waitFor } from '@signalpress/testing';
import { ErrorReporter, Lifecycle } from '../src/index.js';
import { startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';

const dropped = (metrics: string, reason: string): number =>
  Number(new RegExp(`errors_dropped_total\\{reason="${reason}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
const allDropped = (metrics: string): number =>
  [...metrics.matchAll(/errors_dropped_total\{reason="[a-z-]+"\} (\d+)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
const scrape = async (sample: SampleApp) => (await fetch(`${sample.url}/metrics`)).text();
const start = (sentryDsn: string | undefined, sentryEventsPerSecond = 1_000) =>
  startSampleApp({
    serviceName: 'sample',
    logDestination: collectLogs().stream,
    sentryEventsPerSecond,
    ...(sentryDsn === undefined ? {} : { sentryDsn }),
  });
const dsnOf = (server: Server | TcpServer) => `http://key@127.0.0.1:${(server.address() as AddressInfo).port}/1`;

async function answering(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Milliseconds that failing requests take, one after the other; the median. */
async function latency(sample: SampleApp): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 60; n++) {
    const startedAt = performance.now();
    await (await fetch(`${sample.url}/ideas/failing/now`)).text();
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[30] ?? NaN;
}

describe('a Sentry that is not well', () => {
  let sample: SampleApp;
  let server: Server | TcpServer | undefined;
  const sockets = new Set<Socket>();
  beforeEach(() => sockets.clear());
  afterEach(async () => {
    await sample.close();
    for (const socket of sockets) socket.destroy();
    server?.close();
  });

  const kinds: Record<string, () => Promise<string>> = {
    'refuses connections': () => Promise.resolve('http://key@127.0.0.1:1/1'),
    'takes connections and never answers': async () => {
      const hole = createTcpServer((socket) => {
        sockets.add(socket.on('error', () => undefined));
        socket.resume();
      }).listen(0, '127.0.0.1');
      server = hole;
      await once(hole, 'listening');
      return dsnOf(hole);
    },
    'answers 429': async () =>
      dsnOf(
        (server = await answering(
          (request, response) =>
            void request.resume().on('end', () => response.writeHead(429, { 'retry-after': '60' }).end()),
        )),
      ),
    'answers 500': async () =>
      dsnOf(
        (server = await answering(
          (request, response) => void request.resume().on('end', () => response.writeHead(500).end()),
        )),
      ),
    'is slow': async () =>
      dsnOf(
        (server = await answering(
          (request, response) =>
            void request.resume().on('end', () => setTimeout(() => response.end('{}'), 1_500).unref()),
        )),
      ),
  };

  it.each(Object.keys(kinds))(
    '%s: adds nothing to a request, holds little, lets the process end, and is counted',
    async (kind) => {
      const healthy = await startSentrySink();
      sample = await start(healthy.dsn);
      const withHealthy = await latency(sample);
      await sample.close();
      await healthy.close();

      sample = await start(await kinds[kind]?.());
      expect(await latency(sample)).toBeLessThan(withHealthy * 3 + 2);
      const reporter = sample.app.get(ErrorReporter);
      for (let n = 0; n < 400; n++) reporter.report(new Error(`failure ${n}`), { kind: 'job' });
      const startedAt = performance.now();
      await sample.app.get(Lifecycle).shutdown('spec');
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      const metrics = await scrape(sample);
      expect(allDropped(metrics)).toBeGreaterThan(300);
      reporter.report(new Error('too late'), { kind: 'job' });
      expect(dropped(await scrape(sample), 'shutdown')).toBeGreaterThan(0);
    },
  );
});

describe('a storm of errors', () => {
  it('of 10,000 sends as many as the rate allows, counts the others, and logs all', async () => {
    const sentry = await startSentrySink();
    const logs = collectLogs();
    const sample = await startSampleApp({ serviceName: 'sample', sentryDsn: sentry.dsn, logDestination: logs.stream });
    const reporter = sample.app.get(ErrorReporter);
    const startedAt = performance.now();
    for (let n = 0; n < 10_000; n++) reporter.report(new Error(`failure ${n}`), { kind: 'job' });
    const seconds = (performance.now() - startedAt) / 1_000;
    await waitFor(() => sentry.events().length >= 10);
    await sample.app.get(Lifecycle).shutdown('spec');
    const metrics = await scrape(sample);
    expect(sentry.events().length).toBeLessThanOrEqual(10 + Math.ceil(seconds * 10));
    expect(dropped(metrics, 'rate')).toBeGreaterThan(9_000);
    expect(allDropped(metrics) + sentry.events().length).toBe(10_000);
    expect(metrics).toContain('errors_reported_total{kind="job"} 10000');
    expect(logs.lines().filter(({ level }) => level === 'error')).toHaveLength(10_000);
    await sample.close();
    await sentry.close();
  });
});
