import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventCatalog } from '@signalpress/contracts';
import { foreignTrace } from '@signalpress/messaging/testing';
import { collectSpans, waitFor } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { decisionOf, signalOf, startScoringApp } from './scoring-app.js';
import type { ScoringApp } from './scoring-app.js';

let app: ScoringApp;
let spans: SpanCollection;

beforeAll(async () => {
  spans = collectSpans();
  app = await startScoringApp();
}, 60_000);

afterAll(async () => {
  await app.close();
  await spans.shutdown();
}, 30_000);

const stateOf = async (ideaId: string) =>
  (await app.db.kysely.selectFrom('ideas').select('state').where('id', '=', ideaId).executeTakeFirstOrThrow()).state;

async function decide(ideaId: string, rest: Parameters<typeof decisionOf>[1] = {}): Promise<void> {
  const decision = decisionOf(ideaId, rest);
  await app.emit('ideas.decided', decision);
  await waitFor(async () => (await stateOf(ideaId)) === decision.decision, { message: `idea ${decision.decision}` });
}

describe('a signal', () => {
  it('becomes an idea that is scored in the trace of the signal', async () => {
    const trace = foreignTrace();
    const signal = signalOf('Lighthouse keepers crochet windproof hammocks', { topics: ['crochet'], engagement: 12 });
    await app.emit('signals.ingested', signal, trace);

    const event = await app.scoredWith(signal.signalId);
    expect(event.traceparent?.split('-')[1]).toBe(trace.traceId);
    expect(eventCatalog['ideas.scored'].schema.parse(event.data)).toEqual(event.data);
    expect(event.data).toMatchObject({
      revision: 1,
      foundingSignalId: signal.signalId,
      foundingCapturedAt: signal.capturedAt,
      signalIds: [signal.signalId],
      topics: ['crochet'],
      weightsVersion: 1,
      safety: [],
      duplicateOf: null,
    });
    expect(event.data.phrase).toContain('Hammocks');
    const sum = event.data.breakdown.reduce((total, { contribution }) => total + contribution, 0);
    expect(event.data.score).toBeCloseTo(sum, 10);

    const own = await waitFor(() => spans.spans().find(({ name }) => name === 'job score-idea'));
    expect(own.traceId).toBe(trace.traceId);
  });

  it('has no second effect when it arrives twice', async () => {
    const signal = signalOf('Puppeteers repair a village clock with spoons');
    await app.emit('signals.ingested', signal);
    await app.emit('signals.ingested', signal);
    const { data } = await app.scoredWith(signal.signalId);
    expect(data.signalIds).toEqual([signal.signalId]);
  });
});

describe('signals that say the same', () => {
  const titles = [
    'Balcony gardeners grow strawberries in rain gutters',
    'Strawberries in rain gutters: the balcony garden idea of the year',
    'Growing strawberries on a balcony with old rain gutters',
  ];

  it('become one idea in the founding trace, and the others are links', async () => {
    spans.reset();
    const signals = titles.map((title) => ({
      signal: signalOf(title, { topics: ['gardening'] }),
      trace: foreignTrace(),
    }));
    for (const { signal, trace } of signals) await app.emit('signals.ingested', signal, trace);

    const ids = signals.map(({ signal }) => signal.signalId);
    const event = await app.scoredWith(ids[0]!);
    expect([...event.data.signalIds].sort()).toEqual([...ids].sort());
    const founding = signals.find(({ signal }) => signal.signalId === event.data.foundingSignalId)!;
    expect(event.data.signalIds[0]).toBe(event.data.foundingSignalId);
    expect(event.traceparent?.split('-')[1]).toBe(founding.trace.traceId);

    const job = await waitFor(() => spans.spans().find(({ name }) => name === 'job score-idea'));
    expect(job.traceId).toBe(founding.trace.traceId);
    const others = signals.filter((one) => one !== founding).map(({ trace }) => trace.traceId);
    expect(job.links.map(({ traceId }) => traceId).sort()).toEqual(others.sort());
    const named = spans.spans().filter(({ attributes }) => attributes['signalpress.idea.id'] === event.data.ideaId);
    expect(named.map(({ traceId }) => traceId)).toContain(founding.trace.traceId);
  });

  it('raise the revision of an idea that is held', async () => {
    const first = signalOf('Tram drivers swap timetables for haiku', { topics: ['poetry'] });
    await app.emit('signals.ingested', first);
    const { data } = await app.scoredWith(first.signalId);
    await app.emit('ideas.decided', decisionOf(data.ideaId, { decision: 'held', heldFor: 'reviewer' }));

    const second = signalOf('Haiku instead of timetables: tram drivers write verse', { topics: ['poetry'] });
    await app.emit('signals.ingested', second);
    const again = await app.scoredWith(second.signalId);
    expect(again.data).toMatchObject({
      ideaId: data.ideaId,
      revision: 2,
      signalIds: [first.signalId, second.signalId],
    });
    expect(await stateOf(data.ideaId)).toBe('open');
  });

  it('are duplicates of a decided idea, but not of a duplicate', async () => {
    const first = signalOf('Ferry captain teaches gulls to juggle oranges');
    await app.emit('signals.ingested', first);
    const original = (await app.scoredWith(first.signalId)).data.ideaId;
    await decide(original, { decision: 'rejected' });

    const second = signalOf('Gulls juggle oranges after lessons from a ferry captain');
    await app.emit('signals.ingested', second);
    const repeated = (await app.scoredWith(second.signalId)).data;
    expect(repeated).toMatchObject({ revision: 1, signalIds: [second.signalId], duplicateOf: original });
    await decide(repeated.ideaId, { decision: 'rejected', rule: 'duplicate', duplicateOf: original });

    const third = signalOf('A ferry captain taught gulls to juggle with oranges');
    await app.emit('signals.ingested', third);
    expect((await app.scoredWith(third.signalId)).data.duplicateOf).toBe(original);
  });

  it('are new again when the decision is more than 14 days old', async () => {
    const first = signalOf('Librarians ski between mountain villages with poems');
    await app.emit('signals.ingested', first);
    const original = (await app.scoredWith(first.signalId)).data.ideaId;
    const decidedAt = new Date(Date.now() - 15 * 86_400_000).toISOString();
    await decide(original, { decidedAt });

    const second = signalOf('Librarians on ski bring poems to mountain villages');
    await app.emit('signals.ingested', second);
    expect((await app.scoredWith(second.signalId)).data.duplicateOf).toBeNull();
  });
});

describe('many signals at once', () => {
  it('are grouped one at a time: equal ones never open two ideas', async () => {
    const subjects = [
      'kelp waffles under glass domes',
      'velvet accordions for tall sailors',
      'moss clocks that run on dew',
    ];
    const signals = Array.from({ length: 12 }, (_, index) =>
      signalOf(`Harbour festival shows ${subjects[index % 3]!}`),
    );
    await Promise.all(signals.map((signal) => app.emit('signals.ingested', signal)));
    await Promise.all(signals.map(({ signalId }) => app.scoredWith(signalId)));
    const rows = await app.db.kysely
      .selectFrom('signals')
      .select(['idea_id', 'title'])
      .where('title', 'like', 'Harbour festival shows %')
      .execute();
    const ideasByTitle = new Map(rows.map(({ title, idea_id }) => [title, idea_id]));
    expect(rows).toHaveLength(12);
    for (const { title, idea_id } of rows) expect(ideasByTitle.get(title)).toBe(idea_id);
    expect(new Set(ideasByTitle.values()).size).toBe(3);
  });
});

describe('safety', () => {
  it('reports names in the sources with the score', async () => {
    const signal = signalOf('Fans knit a Taylor Swift scarf', { topics: ['knitting'] });
    await app.emit('signals.ingested', signal);
    const { data } = await app.scoredWith(signal.signalId);
    expect(data.safety).toContainEqual(expect.objectContaining({ rule: 'person', term: 'Taylor Swift' }));
  });
});

describe('feedback', () => {
  const sales = async (ideaId: string) =>
    Number(
      (await app.db.kysely.selectFrom('ideas').select('sales').where('id', '=', ideaId).executeTakeFirstOrThrow())
        .sales,
    );

  it('keeps the newest observation and moves the community fit of similar ideas', async () => {
    const sold = signalOf('Alpine cheese wheels race down a meadow', { topics: ['cheese'] });
    await app.emit('signals.ingested', sold);
    const { ideaId } = (await app.scoredWith(sold.signalId)).data;
    const feedback = { ideaId, views: 90, favourites: 9, conversion: 0.1 };
    await app.emit('feedback.received', { ...feedback, sales: 9, observedAt: '2026-05-04T10:00:00.000Z' });
    await app.emit('feedback.received', { ...feedback, sales: 3, observedAt: '2026-05-04T09:00:00.000Z' });
    const later = signalOf('Meadow marmots guard the cheese cellar', { topics: ['cheese'] });
    await app.emit('signals.ingested', later);

    const { data } = await app.scoredWith(later.signalId);
    expect(await sales(ideaId)).toBe(9);
    const fit = data.breakdown.find(({ factor }) => factor === 'communityFit')!;
    expect(fit.value).not.toBe(0.5);
    expect(fit.explanation).toContain('1 ideas that sold');
  });
});

describe('HTTP', () => {
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`${app.url}${path}`, { method });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('shows a score with everything it was made from, and computes it again equally', async () => {
    const signal = signalOf('Cellists tune an orchard of wind chimes', {
      engagement: 7,
      topics: ['music', 'Christmas'],
    });
    await app.emit('signals.ingested', signal);
    const { data } = await app.scoredWith(signal.signalId);

    const shown = await get(`/scores/${data.ideaId}`);
    expect(shown.status).toBe(200);
    expect(shown.body).toMatchObject({
      ideaId: data.ideaId,
      revision: 1,
      state: 'open',
      score: data.score,
      breakdown: data.breakdown,
      phrase: data.phrase,
      copy: data.copy,
      safety: [],
      duplicateOf: null,
      signalIds: [signal.signalId],
      inputs: {
        asOf: data.asOf,
        signals: [expect.objectContaining({ title: signal.title, engagement: 7 })],
        statistics: { occasions: [expect.objectContaining({ name: 'Christmas' })] },
        weights: { version: 1 },
      },
    });

    const again = await get(`/scores/${data.ideaId}/recompute`, 'POST');
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      equal: true,
      stored: { score: data.score },
      recomputed: { score: data.score, breakdown: data.breakdown },
    });
  });

  it('says so when the stored score is not what its inputs give', async () => {
    const [some] = await app.scored();
    const { ideaId, score } = some!.data;
    await app.db.kysely
      .updateTable('scores')
      .set({ score: score / 2 })
      .where('idea_id', '=', ideaId)
      .execute();
    expect((await get(`/scores/${ideaId}/recompute`, 'POST')).body).toMatchObject({ equal: false });
  });

  it('lists scores in pages, each idea once, the last opened first', async () => {
    const seen: unknown[] = [];
    let path = '/scores?limit=4';
    for (;;) {
      const { status, body } = await get(path);
      expect(status).toBe(200);
      const items = body['items'] as { ideaId: string; inputs?: unknown }[];
      expect(items.length).toBeLessThanOrEqual(4);
      seen.push(...items.map(({ ideaId }) => ideaId));
      expect(items[0]).not.toHaveProperty('inputs');
      if (typeof body['nextCursor'] !== 'string') break;
      path = `/scores?limit=4&cursor=${body['nextCursor']}`;
    }
    const ideas = await app.db.kysely.selectFrom('ideas').select('id').orderBy('position', 'desc').execute();
    expect(seen).toEqual(ideas.map(({ id }) => id));
  });

  it.each([
    ['/scores/5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b99', 404],
    ['/scores/not-an-id', 400],
    ['/scores?limit=0', 400],
    ['/scores?limit=101', 400],
    ['/scores?cursor=0;drop', 400],
  ])('answers %s with problem details and %d', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, type: expect.stringMatching(/^urn:signalpress:problem:/) });
  });

  it('exposes its metrics', async () => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    expect(text).toMatch(/scoring_ideas_scored_total\{.*revision="first".*\} \d+/);
    expect(text).toMatch(/scoring_signals_grouped_total\{.*result="joined".*\} \d+/);
    expect(text).toContain('scoring_idea_score_bucket');
    expect(text).toContain('scoring_idea_signals_bucket');
  });
});
