import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData, EventInput } from '@signalpress/contracts';
import { startFeedbackLoop } from './feedback-app.js';
import type { FeedbackApp } from './feedback-app.js';

let app: FeedbackApp;

beforeAll(async () => {
  app = await startFeedbackLoop();
});
afterAll(() => app.close());

const at = (hour: number): string => new Date(Date.UTC(2026, 4, 4, hour)).toISOString();
const observation = (
  ideaId: string,
  hour: number,
  counts: Partial<EventData<'listings.observed'>>,
): EventInput<'listings.observed'> => ({
  ...eventCatalog['listings.observed'].example,
  ideaId,
  listingId: `${ideaId}-1`,
  observedAt: at(hour),
  ...counts,
});
const listing = (ideaId: string): EventInput<'listings.published'> => ({
  ...eventCatalog['listings.published'].example,
  ideaId,
  listingId: `${ideaId}-1`,
  publishedAt: at(1),
});
const score = (ideaId: string): EventInput<'ideas.scored'> => ({ ...eventCatalog['ideas.scored'].example, ideaId });
const details = async (ideaId: string) => (await app.get(`/performance/${ideaId}`)).body;

describe('counts of a listing', () => {
  it('become the performance of its idea, with the factors that it was scored by', async () => {
    const ideaId = randomUUID();
    await app.emit('ideas.scored', score(ideaId));
    await app.emit('listings.published', listing(ideaId));
    await app.settled();
    expect(await details(ideaId)).toMatchObject({ views: 0, conversion: null, observedAt: null });

    await app.emit('listings.observed', observation(ideaId, 10, { views: 40, favourites: 4, sales: 2 }));
    await app.settled();
    expect(await details(ideaId)).toMatchObject({
      phrase: 'Strawberries Above the Street',
      score: 0.71,
      views: 40,
      favourites: 4,
      sales: 2,
      conversion: 0.05,
      observedAt: at(10),
      factors: [{ factor: 'freshness', value: 0.9, weight: 0.5 }, { factor: 'novelty' }],
      listings: [{ listingId: `${ideaId}-1`, views: 40, publishedAt: at(1), withdrawnAt: null }],
    });
    expect(await app.feedback(ideaId)).toEqual([
      { ideaId, views: 40, favourites: 4, sales: 2, conversion: 0.05, observedAt: at(10) },
    ]);
  });

  it('are cumulative: the newest wins, an older one changes nothing, an equal one tells nothing', async () => {
    const ideaId = randomUUID();
    await app.emit('listings.observed', observation(ideaId, 12, { views: 50, favourites: 5, sales: 3 }));
    await app.emit('listings.observed', observation(ideaId, 11, { views: 45, favourites: 5, sales: 3 }));
    await app.emit('listings.observed', observation(ideaId, 13, { views: 50, favourites: 5, sales: 3 }));
    await app.settled();
    expect(await details(ideaId)).toMatchObject({ views: 50, sales: 3, listings: [{ observedAt: at(13) }] });
    expect(await app.feedback(ideaId)).toHaveLength(1);
  });

  it('have no second effect when the event is delivered again', async () => {
    const ideaId = randomUUID();
    const first = await app.emit('listings.observed', observation(ideaId, 10, { views: 1, favourites: 0, sales: 0 }));
    await app.emit('listings.observed', observation(ideaId, 11, { views: 2, favourites: 0, sales: 0 }));
    await app.redeliver(first);
    expect(await details(ideaId)).toMatchObject({ views: 2 });
    expect((await app.feedback(ideaId)).map(({ views }) => views)).toEqual([1, 2]);
  });

  it('are added up over the listings of an idea', async () => {
    const ideaId = randomUUID();
    const other = { listingId: `${ideaId}-2`, views: 5, favourites: 1, sales: 1 };
    await app.emit('listings.observed', observation(ideaId, 10, { views: 10, favourites: 1, sales: 0 }));
    await app.emit('listings.observed', observation(ideaId, 9, other));
    await app.settled();
    expect(await details(ideaId)).toMatchObject({ views: 15, favourites: 2, sales: 1, observedAt: at(10) });
    expect((await app.feedback(ideaId)).at(-1)).toMatchObject({ views: 15, sales: 1 });
  });

  it('stay when the listing is withdrawn, also when the withdrawal is heard of first', async () => {
    const ideaId = randomUUID();
    const { commandId, marketplace, sku } = eventCatalog['listings.withdrawn'].example;
    await app.emit('listings.withdrawn', { ideaId, commandId, marketplace, sku, withdrawnAt: at(20) });
    await app.emit('listings.published', listing(ideaId));
    await app.emit('listings.observed', observation(ideaId, 10, { views: 7, favourites: 0, sales: 0 }));
    await app.settled();
    expect(await details(ideaId)).toMatchObject({ views: 7, listings: [{ withdrawnAt: at(20) }] });
  });
});

describe('a new score', () => {
  it('replaces the factors, an older revision does not', async () => {
    const ideaId = randomUUID();
    const [first] = eventCatalog['ideas.scored'].example.breakdown;
    await app.emit('ideas.scored', { ...score(ideaId), revision: 2, score: 0.45, breakdown: [first!] });
    await app.emit('ideas.scored', score(ideaId));
    await app.emit('listings.published', listing(ideaId));
    await app.settled();
    const body = await details(ideaId);
    expect(body).toMatchObject({ score: 0.45 });
    expect(body['factors']).toHaveLength(1);
  });
});

describe('GET /performance', () => {
  it('pages through all ideas, each once', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await app.get(`/performance?limit=2${cursor}`);
      const page = body as { items: { ideaId: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ ideaId }) => ideaId));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    const everything = await app.get('/performance?limit=200');
    expect(seen).toEqual((everything.body['items'] as { ideaId: string }[]).map(({ ideaId }) => ideaId));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(4);
  });

  it.each(['?limit=0', '?limit=201', '?cursor=x', '/1'])('%s: 400', async (path) => {
    expect((await app.get(`/performance${path}`)).status).toBe(400);
  });

  it('404 for an idea without a listing', async () => {
    const { status, body } = await app.get(`/performance/${randomUUID()}`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ type: 'urn:signalpress:problem:performance-not-found' });
  });
});
