import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeriesRollups } from '../src/series/series.upkeep.js';
import { routes } from '../src/openapi/routes.js';
import type { DescribedRoute } from '../src/openapi/routes.js';
import type { SlaReport } from '../src/sla/sla.schema.js';
import { ago, like, startMonitoring, walk } from './monitoring-app.js';
import type { MonitoringApp } from './monitoring-app.js';

let app: MonitoringApp;
const idea = walk();
const nine = 'http://127.0.0.1:9';

beforeAll(async () => {
  app = await startMonitoring({
    SAMPLE_SECONDS: '3600',
    SHOP_TIMEZONE: 'Europe/Vienna',
    SLA_THRESHOLD_HOURS: '0.01',
    SLA_MINIMUM_SAMPLES: '2',
    API_GATEWAY_URL: nine,
    SIGNAL_INGESTION_URL: nine,
    SCORING_ENGINE_URL: nine,
    ORCHESTRATOR_URL: nine,
    MOCKUP_GENERATION_URL: nine,
    MARKETPLACE_PUBLISHER_URL: nine,
    FEEDBACK_LOOP_URL: nine,
  });
  await app.emit('signals.ingested', idea.signal);
  await app.emit('ideas.scored', idea.scored);
  await app.emit('ideas.decided', idea.approved);
  await app.emit('mockups.generated', idea.generated);
  await app.emit('listings.published', idea.published);
  await app.emit(
    'feedback.received',
    like('feedback.received', { ideaId: idea.ideaId, views: 10, sales: 1, observedAt: ago(1) }),
  );
  await app.emit('weights.updated', like('weights.updated', { updatedAt: ago(1) }));
  await app.settled();
  const at = (seconds: number): Date => new Date(Date.now() - seconds * 1_000);
  await app.db.kysely
    .insertInto('queue_lengths')
    .values(
      [10, 400, 800].map((age) => ({
        time: at(age),
        topic: 'ideas.scored',
        consumer_group: 'orchestrator',
        length: age,
        oldest_age_seconds: 3,
      })),
    )
    .execute();
  await app.db.transaction((tx) => new SeriesRollups().refresh(tx));
});
afterAll(() => app.close());

const urlOf = ({ path }: DescribedRoute): string => path.replace('{ideaId}', idea.ideaId).replace('{id}', randomUUID());
const queryOf = ({ path }: DescribedRoute): string => (path === '/outcomes' ? `?ingestionId=${randomUUID()}` : '');

describe('the description', () => {
  it('is served, and names the routes with their parameters', async () => {
    const { status, body } = await app.get('/openapi.json');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/sla': { get: { parameters: [{ name: 'windowHours', in: 'query', required: false }, {}, {}] } },
        '/outcomes': { get: { parameters: [{ name: 'ingestionId', required: true }] } },
        '/incidents/{id}/acknowledge': { post: { requestBody: { required: true } } },
      },
    });
  });

  it.each(routes.filter(({ method, path }) => method === 'get' && path !== '/incidents/{id}'))(
    'GET $path answers as it is described',
    async (route) => {
      const { status, body } = await app.get(`${urlOf(route)}${queryOf(route)}`);
      expect(status).toBe(200);
      expect(route.answer.safeParse(body).error).toBeUndefined();
    },
  );

  it.each(routes.filter(({ query }) => query !== undefined))(
    '$path refuses what does not fit its query',
    async (route) => {
      for (const name of Object.keys(route.query?.shape ?? {})) {
        const wrong = encodeURIComponent('\u0000"');
        const { status, body } = await app.get(`${urlOf(route)}?${name}=${wrong}`);
        expect({ name, status }).toEqual({ name, status: 400 });
        expect(JSON.stringify(body)).toContain(name);
      }
    },
  );
});

describe('GET /sla', () => {
  const sla = async (): Promise<SlaReport> => (await app.get('/sla')).body as SlaReport;

  it('says too few, then outside, and which ideas are stuck', async () => {
    expect(await sla()).toMatchObject({ verdict: 'too-few', ideas: 1, withinShare: 0, minimumSamples: 2 });
    await app.emit('listings.published', { ...walk().published, foundingCapturedAt: ago(900), heldSeconds: 0 });
    const [held, stuck, rejected, resumed] = [walk(), walk(), walk(), walk()];
    for (const { scored } of [held, stuck, rejected, resumed]) {
      await app.emit('ideas.scored', { ...scored, foundingCapturedAt: ago(1_000) });
    }
    await app.emit('ideas.decided', held.held);
    await app.emit('ideas.decided', { ...rejected.approved, decision: 'rejected' });
    await app.emit('ideas.decided', resumed.held);
    await app.emit('ideas.decided', { ...resumed.approved, decidedAt: ago(5) });
    await app.settled();
    const report = await sla();
    expect(report).toMatchObject({ verdict: 'outside', ideas: 2, thresholdSeconds: 36, windowHours: 24 });
    expect(report.meanSeconds).toBeGreaterThan(400);
    // One that was held works again since its approval.
    expect(report.stuck).toMatchObject({ count: 1, ideas: [{ ideaId: stuck.ideaId, step: 'deciding' }] });
    const more = [walk(), walk(), walk()];
    // Two of them at one instant.
    for (const [index, { scored }] of more.entries()) {
      await app.emit('ideas.scored', {
        ...scored,
        foundingCapturedAt: index === 0 ? ago(2_000) : '2026-01-01T00:00:00.000Z',
      });
    }
    await app.settled();
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: SlaReport = (await app.get(`/sla?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`))
        .body as SlaReport;
      expect(page.stuck.count).toBe(4);
      paged.push(...page.stuck.ideas.map(({ ideaId }) => ideaId));
      cursor = page.stuck.nextCursor;
    }
    expect(paged).toEqual((await sla()).stuck.ideas.map(({ ideaId }) => ideaId));
    expect(new Set(paged)).toEqual(new Set([stuck, ...more].map(({ ideaId }) => ideaId)));
    expect(report.oldestUnpublishedAgeSeconds).toBeGreaterThan(999);
    const metrics = await app.metrics();
    expect(metrics).toMatch(/signalpress_publishes_total\{sla="outside"\} 2/);
    expect(metrics).toMatch(/signalpress_publishes_total\{sla="inside"\} 0/);
  });
});

describe('pages', () => {
  it('of queue lengths join without a gap', async () => {
    interface Page {
      items: { bucket: string; maxLength: number }[];
      nextCursor: string | null;
    }
    const all = ((await app.get('/queue-length?topic=ideas.scored')).body as Page).items;
    expect(all.length).toBeGreaterThan(1);
    const joined: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = (await app.get(`/queue-length?topic=ideas.scored&limit=1${query}`)).body as Page;
      joined.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(joined).toEqual(all);
  });

  it('of days are newest first and hold what happened', async () => {
    interface Summary {
      items: { day: string; signals: number; published: { ideas: number }; topIdeas: { ideaId: string }[] }[];
      nextCursor: string;
    }
    const body = (await app.get('/daily-summary?limit=2')).body as Summary;
    expect(body.items).toHaveLength(2);
    expect(body.items[0]!.day > body.items[1]!.day).toBe(true);
    const days = body.items.filter(({ signals }) => signals > 0);
    expect(days.length).toBeGreaterThan(0);
    expect(body.items.flatMap(({ topIdeas }) => topIdeas)[0]).toMatchObject({
      ideaId: idea.ideaId,
      views: 10,
      sales: 1,
    });
    const next = (await app.get(`/daily-summary?limit=2&cursor=${body.nextCursor}`)).body as Summary;
    expect(next.items[0]!.day < body.items[1]!.day).toBe(true);
  });
});
