import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startBalancer, startOtlpSink, waitFor } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { startLibraryProcess } from './support/library-process.js';
import type { LibraryProcess } from './support/library-process.js';

let sink: OtlpSink;
let running: LibraryProcess[];
beforeEach(async () => {
  running = [];
  sink = await startOtlpSink();
});
afterEach(async () => {
  for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL');
  await sink.close();
});
const start = (env: Record<string, string> = {}) => {
  const app = startLibraryProcess({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, ...env });
  running.push(app);
  return app;
};

interface Sent {
  readonly traceId: string;
  readonly path: string;
  ok: boolean;
  problem?: string;
}

/** Steady load until it is stopped: mostly quick requests, some slow ones, some with a body. */
function load(url: string, workers: number): { stop(): Promise<Sent[]>; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  let over = false;
  const one = async (n: number): Promise<void> => {
    const path = n % 20 === 7 ? '/slow' : n % 5 === 3 ? '/echo' : '/work';
    const traceId = randomBytes(16).toString('hex');
    const entry: Sent = { traceId, path, ok: false };
    sent.push(entry);
    const body = path === '/echo' ? { method: 'POST', body: JSON.stringify({ text: 'x'.repeat(20_000) }) } : {};
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'content-type': 'application/json' };
    try {
      const response = await fetch(url + path, { ...body, headers });
      const text = await response.text();
      entry.ok = response.ok;
      if (!response.ok) entry.problem = `${response.status} ${text}`;
    } catch (error) {
      entry.problem = String(error instanceof Error ? (error.cause ?? error) : error);
    }
  };
  const loops = Array.from({ length: workers }, async (_, worker) => {
    for (let n = worker; !over; n++) {
      await one(n);
      await sleep(10);
    }
  });
  return {
    sent,
    stop: async () => {
      over = true;
      await Promise.all(loops);
      return sent;
    },
  };
}

/** Spans of the library that each route has besides those of the framework's own making. */
const expectedSpans: Record<string, string[]> = {
  '/work': ['GET /work', 'WorkController.work', 'step one', 'step two'],
  '/slow': ['GET /slow', 'WorkController.slow'],
  '/echo': ['POST /echo', 'WorkController.echo'],
};

function missing(answered: readonly Sent[]): string[] {
  const names = new Map<string, string[]>();
  for (const span of sink.spans()) names.set(span.traceId, [...(names.get(span.traceId) ?? []), span.name]);
  return answered.flatMap(({ traceId, path }) =>
    (expectedSpans[path] ?? []).filter((name) => !names.get(traceId)?.includes(name)).map((name) => `${path}: ${name}`),
  );
}

describe('SIGTERM under load', () => {
  it('every request that was answered has all of its spans at the collector when the process has ended', async () => {
    const app = start();
    const url = await app.listening();
    const clients = load(url, 8);
    await waitFor(() => clients.sent.length > 200, { timeoutMs: 15_000 });
    app.child.kill('SIGTERM');
    expect(await app.exited()).toBe(0);
    const sent = await clients.stop();
    const answered = sent.filter(({ ok }) => ok);
    expect(answered.length).toBeGreaterThan(150);
    expect(missing(answered)).toEqual([]);
    // None twice either.
    const ids = sink.spans().map(({ spanId }) => spanId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('two instances behind a balancer that watches readiness', () => {
  it.each(['fastify', 'express'])(
    'a rolling restart of both under load fails no request and loses no span (%s)',
    async (ADAPTER) => {
      const balancer = await startBalancer();
      const launch = async () => {
        const app = start({ ADAPTER, READINESS_DELAY_MS: '600' });
        const url = await app.listening();
        balancer.add(url);
        return { app, url };
      };
      const first = await Promise.all([launch(), launch()]);
      const later: (typeof first)[number][] = [];
      await waitFor(() => balancer.readyCount() === 2, { timeoutMs: 30_000 });
      const clients = load(balancer.url, 6);
      await sleep(300);
      for (const old of first) {
        const fresh = await launch();
        await waitFor(() => balancer.readyCount() === 3, { timeoutMs: 30_000 });
        old.app.child.kill('SIGTERM');
        expect(await old.app.exited()).toBe(0);
        balancer.remove(old.url);
        later.push(fresh);
      }
      await sleep(300);
      const sent = await clients.stop();
      for (const { app } of later) {
        app.child.kill('SIGTERM');
        expect(await app.exited()).toBe(0);
      }
      balancer.close();
      expect(sent.filter(({ ok }) => !ok).map(({ path, problem }) => `${path}: ${problem ?? ''}`)).toEqual([]);
      expect(sent.length).toBeGreaterThan(100);
      expect(missing(sent)).toEqual([]);
    },
    120_000,
  );
});

describe('a shutdown that does not go well', () => {
  it('a handler that throws: the later phases run, exit code 0', async () => {
    const app = start({ FIXTURE: 'failing' });
    await app.listening();
    app.child.kill('SIGTERM');
    expect(await app.exited()).toBe(0);
    expect(app.output()).toContain('cannot stop');
    expect(app.output()).toContain('flush phase ran');
  });

  it('a handler that hangs: the later phases run within the deadline, spans are sent, exit code 1', async () => {
    const app = start({ FIXTURE: 'stuck' });
    const url = await app.listening();
    await fetch(`${url}/work`);
    const startedAt = performance.now();
    app.child.kill('SIGTERM');
    expect(await app.exited()).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(7_000);
    expect(app.output()).toContain('flush phase ran');
    expect(sink.spans().map(({ name }) => name)).toContain('step one');
    // The last that it says about its spans is what the collector has.
    const [, exported] = /"spans_exported":(\d+).*"telemetry is flushed"/.exec(app.output()) ?? [];
    expect(Number(exported)).toBe(sink.spans().length);
  });

  it('a second signal ends it at once with 1, and the lines up to then are written', async () => {
    const app = start({ FIXTURE: 'stuck' });
    await app.listening();
    app.child.kill('SIGTERM');
    await waitFor(() => app.output().includes('shutdown begins'));
    app.child.kill('SIGINT');
    expect(await app.exited()).toBe(1);
    expect(app.output()).toContain('ending at once');
    expect(app.output()).not.toContain('flush phase ran');
  });
});
