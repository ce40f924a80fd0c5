import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LatencyReport } from '../src/latency/latency.schema.js';
import { SeriesRollups } from '../src/series/series.upkeep.js';
import type { StatusReport } from '../src/status/status.schema.js';
import { ago, like, startMonitoring, walk } from './monitoring-app.js';
import type { MonitoringApp } from './monitoring-app.js';

let app: MonitoringApp;
let healthy: Server;
let unhealthy: Server;
let silent: Server;
let asked = 0;

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  healthy = createServer((request, response) => {
    // The sampler asks for their metrics.
    if (request.url === '/health') asked += 1;
    response.end('{}');
  });
  unhealthy = createServer((_request, response) => response.writeHead(503).end());
  silent = createServer(() => undefined);
  const up = await listen(healthy);
  app = await startMonitoring({
    API_GATEWAY_URL: up,
    SIGNAL_INGESTION_URL: up,
    SCORING_ENGINE_URL: await listen(unhealthy),
    ORCHESTRATOR_URL: await listen(silent),
    MOCKUP_GENERATION_URL: up,
    MARKETPLACE_PUBLISHER_URL: 'http://127.0.0.1:9',
    FEEDBACK_LOOP_URL: up,
  });
});
afterAll(async () => {
  await app.close();
  for (const server of [healthy, unhealthy, silent]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const statusOf = async (query = ''): Promise<StatusReport> => (await app.get(`/status${query}`)).body as StatusReport;
const latencyOf = async (query: string): Promise<LatencyReport> =>
  (await app.get(`/latency${query}`)).body as LatencyReport;

describe('GET /status', () => {
  it('tells how each service is, within its timeout, and asks once for all who ask at once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => statusOf()));
    const body = answers[0]!;
    expect(body.status).toBe('degraded');
    expect(Object.fromEntries(body.services.map(({ service, status }) => [service, status]))).toEqual({
      'api-gateway': 'up',
      'signal-ingestion': 'up',
      'scoring-engine': 'unhealthy',
      orchestrator: 'unreachable',
      'mockup-generation': 'up',
      'marketplace-publisher': 'unreachable',
      'feedback-loop': 'up',
      monitoring: 'up',
    });
    expect(body.services.find(({ service }) => service === 'orchestrator')?.reason).toBe('no answer within 2000 ms');
    expect(asked).toBe(4);
  });

  it('tells how each was in the window', async () => {
    const sample = (minutes: number, up: boolean) => ({
      time: new Date(Date.now() - minutes * 60_000),
      service: 'orchestrator',
      cpu_cores: null,
      resident_memory_bytes: null,
      heap_used_bytes: null,
      event_loop_lag_seconds: null,
      up,
    });
    const samples = [sample(2_000, true), sample(2_010, false), sample(2_020, false), sample(4_000, true)];
    await app.db.kysely.insertInto('resource_usage').values(samples).execute();
    await app.db.kysely.deleteFrom('resource_usage').where('service', '=', 'feedback-loop').execute();
    await app.db.transaction((tx) => new SeriesRollups().refresh(tx));
    const shareOf = async (service: string, query: string): Promise<number | null | undefined> =>
      (await statusOf(query)).services.find((one) => one.service === service)?.upShare;
    // Whatever the sampler has found since the start: it does not answer.
    const [short, long] = [await shareOf('orchestrator', ''), await shareOf('orchestrator', '?windowHours=100')];
    expect(short ?? 0).toBe(0);
    expect(long).toBeGreaterThan(0.3);
    expect(long).toBeLessThanOrEqual(0.5);
    expect(await shareOf('monitoring', '?windowHours=0.001')).toBeDefined();
  });
});

describe('GET /latency', () => {
  it('says nothing was listed when nothing was', async () => {
    const body = await latencyOf('');
    expect(body).toMatchObject({
      windowHours: 24,
      count: 0,
      meanMs: null,
      withinThreshold: null,
      slowest: [],
      stages: [],
    });
  });

  it('gives the figures of the window, the slowest ideas, and stages that add up', async () => {
    const fast = walk();
    const slow = walk();
    for (const idea of [fast, slow]) {
      await app.emit('signals.ingested', idea.signal);
      await app.emit('ideas.scored', idea.scored);
      await app.emit('ideas.decided', idea.approved);
      await app.emit('mockups.generated', idea.generated);
    }
    await app.emit('listings.published', fast.published);
    await app.emit('listings.published', { ...slow.published, foundingCapturedAt: ago(3 * 3_600), heldSeconds: 0 });
    const old = { foundingCapturedAt: ago(200_000), publishedAt: ago(100_000) };
    await app.emit('listings.published', like('listings.published', old));
    const pending = walk();
    await app.emit('ideas.scored', pending.scored);
    await app.settled();

    const body = await latencyOf('?windowHours=24');
    expect(body.count).toBe(2);
    expect(body.maxHours).toBeCloseTo(3, 1);
    expect(body.meanHours).toBeCloseTo((body.p50Ms ?? 0) / 3_600_000, 6);
    expect(body.withinThreshold).toBe(true);
    expect(body.slowest.map(({ ideaId }) => ideaId)).toEqual([slow.ideaId, fast.ideaId]);
    expect(body.stages.map(({ stage, count }) => [stage, count])).toEqual([
      // A stage counts when it ends, whether or not the idea is listed by then.
      ['ingest-to-score', 3],
      ['score-to-decide', 2],
      ['decide-to-mockup', 2],
      ['mockup-to-list', 2],
      ['held', 1],
    ]);
    expect(body.stages[0]?.p50Ms).toBeCloseTo(10_000, -3);
    expect((await latencyOf('?windowHours=48')).count).toBe(3);
    // Page by page, each idea once.
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: LatencyReport = await latencyOf(`?windowHours=48&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(page.count).toBe(3);
      paged.push(...page.slowest.map(({ ideaId }) => ideaId));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual((await latencyOf('?windowHours=48')).slowest.map(({ ideaId }) => ideaId));
    expect(paged).toHaveLength(3);
  });

  it('feeds the gauges and the histogram', async () => {
    const text = await app.metrics();
    expect(text).toMatch(/signalpress_publish_latency_seconds_count 3/);
    expect(text).toMatch(/signalpress_sla_threshold_seconds 7200/);
    expect(text).toMatch(/signalpress_publish_latency_mean_seconds \d+/);
    expect(text).toMatch(/signalpress_ideas_by_outcome\{outcome="listed"\} 3/);
    const age = Number(/^signalpress_oldest_unpublished_age_seconds (\S+)/m.exec(text)?.[1]);
    expect(age).toBeGreaterThan(99);
    expect(age).toBeLessThan(200);
  });
});
