import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventCatalog, eventTypes, outcomes, progress } from '@signalpress/contracts';
import type { Outcomes } from '@signalpress/contracts';
import { foreignTrace } from '@signalpress/messaging/testing';
import { configureTracing } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import type { Timeline } from '../src/timeline/timeline.js';
import { ago, like, startMonitoring, walk } from './monitoring-app.js';
import type { MonitoringApp } from './monitoring-app.js';

let app: MonitoringApp;

beforeAll(async () => {
  configureTracing('monitoring');
  app = await startMonitoring();
});
afterAll(() => app.close());

const outcomesOf = async (ingestionId: string): Promise<Outcomes> => {
  return outcomes.parse((await app.get(`/outcomes?ingestionId=${ingestionId}`)).body);
};

const timelineOf = async (ideaId: string): Promise<Timeline> =>
  (await app.get(`/ideas/${ideaId}/timeline`)).body as Timeline;

describe('every event', () => {
  it.each(eventTypes)('%s is consumed and kept', async (type) => {
    const eventId = await app.emit(type, like(type, {}));
    await app.settled();
    // What is about no idea and no signal has no timeline.
    const inTimeline = ['ideaId', 'signalId'].includes(eventCatalog[type].key);
    const kept = app.db.kysely.selectFrom('idea_events').selectAll().where('event_id', '=', eventId);
    expect(await kept.execute()).toMatchObject(inTimeline ? [{ type, service: 'monitoring' }] : []);
    const { rows } = await sql`select from dead_letters`.execute(app.db.kysely);
    expect(rows).toHaveLength(0);
  });
});

describe('an idea that is listed', () => {
  it('has its outcome, its latency without the time held, and its timeline', async () => {
    const ingestionId = randomUUID();
    const idea = walk(ingestionId);
    const trace = foreignTrace();
    const later = foreignTrace();
    await app.emit('signals.ingested', idea.signal, trace);
    await app.settled();
    expect(await outcomesOf(ingestionId)).toMatchObject({ pending: 1, items: [{ outcome: 'pending', ideaId: null }] });

    await app.emit('ideas.scored', idea.scored, trace);
    await app.emit('ideas.decided', idea.held, trace);
    await app.settled();
    expect(await outcomesOf(ingestionId)).toMatchObject({
      pending: 0,
      items: [{ outcome: 'held', detail: 'reviewer' }],
    });

    await app.emit('ideas.decided', idea.approved, later);
    await app.emit('mockups.requested', idea.mockups, later);
    await app.emit('mockups.generated', idea.generated, later);
    await app.emit('listings.requested', idea.requested, later);
    const published = await app.emit('listings.published', idea.published, later);
    await app.redeliver(published);
    await app.emit('listings.published', { ...idea.published, publishedAt: ago(1), listingId: randomUUID() });
    await app.settled();

    const { items } = await outcomesOf(ingestionId);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ signalId: idea.signalId, ideaId: idea.ideaId, outcome: 'listed', detail: null });
    expect(items[0]?.publishLatencyMs).toBeGreaterThan(49_000);
    expect(items[0]?.publishLatencyMs).toBeLessThan(51_000);
    expect(items[0]?.urls).toContain(idea.published.url);

    const body = await timelineOf(idea.ideaId);
    expect(body.steps.map(({ type, held }) => [type, held]).slice(0, 7)).toEqual([
      ['signals.ingested', false],
      ['ideas.scored', false],
      ['ideas.decided', true],
      ['ideas.decided', false],
      ['mockups.requested', false],
      ['mockups.generated', false],
      ['listings.requested', false],
    ]);
    expect(body.traceIds.slice(0, 2)).toEqual([trace.traceId, later.traceId]);
    expect(body).toMatchObject({ heldSeconds: 40, publishLatencyMs: items[0]?.publishLatencyMs, outcome: 'listed' });
  });

  it('is the same when every event comes in the opposite order', async () => {
    const ingestionId = randomUUID();
    const { published, requested, generated, mockups, approved, held, scored, signal, ideaId } = walk(ingestionId);
    await app.emit('listings.published', published);
    await app.settled();
    await app.emit('listings.requested', requested);
    await app.emit('mockups.generated', generated);
    await app.emit('mockups.requested', mockups);
    await app.emit('ideas.decided', approved);
    await app.emit('ideas.decided', held);
    await app.emit('ideas.scored', scored);
    await app.settled();
    await app.emit('signals.ingested', signal);
    await app.settled();
    expect(await outcomesOf(ingestionId)).toMatchObject({ pending: 0, items: [{ ideaId, outcome: 'listed' }] });
    const body = await timelineOf(ideaId);
    expect(body.steps.map(({ type }) => type)[0]).toBe('signals.ingested');
    expect(body.steps).toHaveLength(8);
  });

  it('leaves its page when it is withdrawn', async () => {
    const ingestionId = randomUUID();
    const { signal, scored, approved, published, ideaId } = walk(ingestionId);
    await app.emit('signals.ingested', signal);
    await app.emit('ideas.scored', scored);
    await app.emit('ideas.decided', approved);
    await app.emit('listings.published', published);
    await app.emit('listings.withdrawn', like('listings.withdrawn', { ideaId, withdrawnAt: ago(0) }));
    await app.settled();
    const { items } = await outcomesOf(ingestionId);
    expect(items[0]).toMatchObject({ outcome: 'listed', detail: 'withdrawn', urls: [] });
  });
});

describe('signals of one ingestion', () => {
  it('have exactly one outcome each, and a repeated one names what it repeats', async () => {
    const ingestionId = randomUUID();
    const [duplicate, rejected, failed, deferred, waiting] = Array.from({ length: 5 }, () => walk(ingestionId));
    for (const { signal, scored } of [duplicate!, rejected!, failed!, deferred!]) {
      await app.emit('signals.ingested', signal);
      await app.emit('ideas.scored', scored);
    }
    await app.emit('signals.ingested', waiting!.signal);
    const decide = (ideaId: string, data: object) =>
      app.emit('ideas.decided', like('ideas.decided', { ideaId, ...data }));
    const original = randomUUID();
    await decide(duplicate!.ideaId, { decision: 'rejected', rule: 'duplicate', duplicateOf: original });
    await decide(rejected!.ideaId, { decision: 'rejected', rule: 'score-threshold' });
    const deferredUntil = '2026-05-05T00:00:00.000Z';
    await decide(deferred!.ideaId, { decision: 'deferred', rule: 'daily-budget', deferredUntil });
    await decide(failed!.ideaId, { decision: 'approved' });
    await app.emit('mockups.failed', like('mockups.failed', { ideaId: failed!.ideaId }));
    await app.settled();
    const { items, pending } = await outcomesOf(ingestionId);
    expect(pending).toBe(1);
    const bySignal = new Map(items.map((item) => [item.signalId, [item.outcome, item.detail]]));
    expect(bySignal).toEqual(
      new Map([
        [duplicate!.signalId, ['duplicate', original]],
        [rejected!.signalId, ['rejected', 'score-threshold']],
        [failed!.signalId, ['failed', 'glyph-missing']],
        [deferred!.signalId, ['deferred', deferredUntil]],
        [waiting!.signalId, ['pending', null]],
      ]),
    );
  });

  it('answers an ingestion that nothing is known of with nothing', async () => {
    expect(await outcomesOf(randomUUID())).toEqual({ items: [], pending: 0 });
  });
});

describe('what is asked wrongly', () => {
  it.each([
    '/outcomes',
    '/outcomes?ingestionId=1',
    '/latency?windowHours=0',
    '/latency?windowHours=x',
    '/ideas/1/timeline',
  ])('%s: 400', async (path) => {
    expect((await app.get(path)).status).toBe(400);
  });

  it('404 for the timeline of an idea that nobody knows', async () => {
    expect(await app.get(`/ideas/${randomUUID()}/timeline`)).toMatchObject({ status: 404 });
  });
});

describe('GET /progress', () => {
  it('counts what was seen', async () => {
    const before = progress.parse((await app.get('/progress')).body);
    const idea = walk();
    await app.emit('signals.ingested', idea.signal);
    await app.emit('ideas.scored', idea.scored);
    await app.emit('ideas.decided', idea.approved);
    await app.emit('mockups.generated', idea.generated);
    await app.emit('listings.published', idea.published);
    await app.settled();
    const after = progress.parse((await app.get('/progress')).body);
    for (const name of ['signals', 'ideas', 'approved', 'mockups', 'listings'] as const) {
      expect(after[name] - before[name]).toBe(1);
    }
    expect(after.publishLatencyMs?.p95).toBeGreaterThan(0);
  });
});
