import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ingestion } from '@signalpress/contracts';
import { ingestion, problemDetails } from '@signalpress/contracts';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { pruneIngestions } from '../src/signals/signals.repository.js';
import { startIngestion } from './ingestion-app.js';
import type { IngestionService } from './ingestion-app.js';

type Item = { title: string; guid?: string; link?: string; description?: string; author?: string; comments?: number };
const rss = (items: readonly Item[]) =>
  `<rss version="2.0" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>https://a.example/</link>${items
    .map(
      ({ title, guid, link, description = '', author, comments }) =>
        `<item><title><![CDATA[${title}]]></title><description><![CDATA[${description}]]></description>${guid === undefined ? '' : `<guid isPermaLink="false">${guid}</guid>`}${
          link === undefined ? '' : `<link><![CDATA[${link}]]></link>`
        }${author === undefined ? '' : `<dc:creator>${author}</dc:creator>`}${comments === undefined ? '' : `<slash:comments>${comments}</slash:comments>`}</item>`,
    )
    .join('')}</channel></rss>`;

describe('signal-ingestion', () => {
  let service: IngestionService;
  let spans: SpanCollection;

  beforeAll(async () => {
    spans = collectSpans();
    service = await startIngestion();
  });
  afterEach(async () => {
    for (const table of ['ingestions', 'erasures'] as const) await service.db.kysely.deleteFrom(table).execute();
    spans.reset();
  });
  afterAll(async () => {
    await service.close();
    await spans.shutdown();
  });

  const ingest = async (document: string, source = 'feed:test', instance = service): Promise<Ingestion> => {
    const { status, body } = await instance.ask('POST', '/ingestions', { source, document });
    expect(status).toBe(201);
    return ingestion.parse(body);
  };
  /** What was told about the signals of one ingestion. */
  const eventsOf = async (one: { ingestionId?: unknown }) =>
    (await service.events('signals.ingested')).filter(({ data }) => data.ingestionId === one.ingestionId);
  const results = ({ items }: Ingestion) => items.map(({ result, rule }) => rule ?? result);
  const problem = async (method: string, path: string, body?: unknown) => {
    const answer = await service.ask(method, path, body);
    return { ...problemDetails.parse(answer.body), status: answer.status };
  };

  it('stores what is new with its event, says what became of each item, and remembers it', async () => {
    const answer = await ingest(
      rss([
        { title: 'Tea gardens on tiny balconies', guid: 'g1', link: 'https://a.example/1?utm_source=x', comments: 12 },
        { title: 'Too short', guid: 'g2' },
        { title: 'Another tea garden on the roof', guid: 'g3', link: 'https://a.example/1#part' },
        { title: 'TEA GARDENS on tiny – balconies!', guid: 'g4' },
      ]),
    );
    expect(results(answer)).toEqual(['accepted', 'title-too-short', 'duplicate', 'duplicate']);
    expect(answer.totals).toEqual({ items: 4, accepted: 1, duplicate: 2, rejected: 1 });
    const signalId = answer.items[0]!.signalId;
    expect(answer.items.map((item) => item.signalId)).toEqual([signalId, null, signalId, signalId]);
    expect((await service.ask('GET', `/ingestions/${answer.ingestionId}`)).body).toEqual(answer);
    expect((await service.ask('GET', `/signals/${signalId}`)).body).toMatchObject({
      signalId,
      source: 'feed:test',
      externalId: 'g1',
      url: 'https://a.example/1',
      engagement: 12,
      publishedAt: null,
    });
    const events = await eventsOf(answer);
    expect(events.map(({ data }) => data)).toEqual([
      expect.objectContaining({ signalId, title: 'Tea gardens on tiny balconies', capturedAt: answer.receivedAt }),
    ]);
  });

  it('knows an item of the same source again by its id, and gives a title back after 30 days', async () => {
    const item = { title: 'Owls counted in the orchard', guid: 'g1' };
    await ingest(rss([item]));
    expect(results(await ingest(rss([{ ...item, title: 'A very different headline now' }])))).toEqual(['duplicate']);
    expect(results(await ingest(rss([item]), 'feed:other'))).toEqual(['duplicate']);
    await service.db.kysely
      .updateTable('signals')
      .set({ captured_at: new Date(Date.now() - 31 * 86_400_000) })
      .execute();
    expect(results(await ingest(rss([item]), 'feed:other'))).toEqual(['accepted']);
  });

  it('stores each item once when two instances take the same feed at once', async () => {
    const second = await startIngestion({}, service.databaseUrl);
    try {
      const items = Array.from({ length: 40 }, (_, n) => ({ title: `Signal about hobby number ${n}`, guid: `g${n}` }));
      const [forward, backward] = [rss(items), rss([...items].reverse())];
      const answers = await Promise.all([
        ingest(forward, 'feed:race', service),
        ingest(backward, 'feed:race', second),
        ingest(forward, 'feed:race', second),
      ]);
      expect(answers.reduce((sum, { totals }) => sum + totals.accepted, 0)).toBe(40);
      expect(answers.reduce((sum, { totals }) => sum + totals.duplicate, 0)).toBe(80);
      const stored = await service.db.kysely.selectFrom('signals').select('id').execute();
      const ids = new Set(answers.map(({ ingestionId }) => ingestionId));
      const events = (await service.events('signals.ingested')).filter(({ data }) => ids.has(data.ingestionId));
      expect(new Set(events.map(({ data }) => data.signalId))).toEqual(new Set(stored.map(({ id }) => id)));
      expect(events).toHaveLength(40);
    } finally {
      await second.close();
    }
  });

  it('begins a trace per signal of a document, linked to the request', async () => {
    const answer = await ingest(
      rss([{ title: 'Clocks tick in the cafe' }, { title: 'Spoons carved after the storm' }]),
    );
    const server = spans.spans().find(({ kind, name }) => kind === 'server' && name.includes('/ingestions'))!;
    const roots = spans.spans().filter(({ name }) => name === 'ingest signal');
    expect(roots).toHaveLength(2);
    for (const root of roots) {
      expect(root.parentSpanId).toBeUndefined();
      expect(root.links).toEqual([expect.objectContaining({ traceId: server.traceId })]);
    }
    const events = await eventsOf(answer);
    const traces = answer.items.map(
      ({ signalId }) => events.find(({ data }) => data.signalId === signalId)?.traceparent?.split('-')[1],
    );
    expect(traces).toEqual(roots.map(({ traceId }) => traceId));
    expect(events).toHaveLength(2);
  });

  it('continues the trace of a request that brings exactly one signal', async () => {
    const traceId = 'a'.repeat(32);
    const { status, body } = await service.ask(
      'POST',
      '/signals',
      { title: 'Ferns pressed into porcelain mugs' },
      { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` },
    );
    expect(status).toBe(201);
    const [event] = await eventsOf(body);
    expect(event?.traceparent?.split('-')[1]).toBe(traceId);
    expect(event?.data).toMatchObject({ source: 'api', engagement: null, topics: [] });
  });

  it('keeps personal data and secrets out of every row and every log line', async () => {
    const planted = [
      'anna.muster@garden.example',
      '+43 660 7654321',
      '4111 1111 1111 1111',
      'AKIAIOSFODNN7EXAMPLE',
      'hunter2',
      'fern_friend',
      'Muster',
    ];
    const answer = await ingest(
      rss([
        {
          title: `Ask ${planted[0]} about growing tea`,
          guid: 'mail-anna.muster@garden.example',
          description: `Call ${planted[1]}, pay with ${planted[2]}`,
          author: 'Anna Muster',
        },
        {
          title: 'Key of the garden gate',
          description: `It is ${planted[3]}, says @fern_friend`,
          link: 'https://anna:hunter2@a.example/x?password=hunter2',
        },
        { title: 'anna.muster@garden.example +43 660 7654321', link: 'https://social.example/@fern_friend/1' },
      ]),
    );
    expect(results(answer)).toEqual(['accepted', 'accepted', 'title-personal-data']);
    await service.ask('DELETE', '/signals?author=nobody%20Muster');
    const logged = service.logs.text();
    const everything = await service.everything();
    expect(everything).toContain('Key of the garden gate');
    expect(logged).toContain(answer.ingestionId);
    for (const text of planted) {
      expect(everything).not.toContain(text);
      expect(logged).not.toContain(text);
      expect(JSON.stringify(answer)).not.toContain(text);
    }
  });

  it('erases by address and by author, for good', async () => {
    const items = [
      { title: 'Bees paint their own houses', guid: 'g1', link: 'https://a.example/bees' },
      { title: 'Hives painted like tiny houses', guid: 'g2', author: 'Anna Muster' },
      { title: 'Slow cyclists win the race', guid: 'g3', author: 'Somebody Else' },
    ];
    const first = await ingest(rss(items));
    expect(
      (await service.ask('DELETE', `/signals?url=${encodeURIComponent('http://a.example/bees?utm_source=y#z')}`)).body,
    ).toEqual({ erased: 1 });
    expect((await service.ask('DELETE', '/signals?author=anna%20%20MUSTER')).body).toEqual({ erased: 1 });
    expect((await service.ask('GET', `/signals/${first.items[0]!.signalId}`)).status).toBe(404);
    const kept = ingestion.parse((await service.ask('GET', `/ingestions/${first.ingestionId}`)).body);
    expect(kept.items.map(({ title }) => title)).toEqual([null, null, 'Slow cyclists win the race']);
    expect(results(await ingest(rss(items)))).toEqual(['erased', 'erased', 'duplicate']);
  });

  it('lists signals page by page, the newest first', async () => {
    for (const n of [1, 2, 3]) await ingest(rss([1, 2].map((m) => ({ title: `Page number ${n} of ${m}` }))));
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await service.ask('GET', `/signals?limit=4${cursor}`);
      seen.push(...(body['items'] as { signalId: string }[]).map(({ signalId }) => signalId));
      cursor = typeof body['nextCursor'] === 'string' ? `&cursor=${body['nextCursor']}` : '';
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(6);
    expect(seen).toHaveLength(6);
  });

  it('prunes what is older than was asked, with all that belongs to it', async () => {
    const { ingestionId } = await ingest(rss([{ title: 'Soon to be forgotten again' }]));
    await service.db.transaction((tx) => pruneIngestions(tx, new Date(Date.now() - 60_000)));
    expect((await service.ask('GET', `/ingestions/${ingestionId}`)).status).toBe(200);
    await service.db.transaction((tx) => pruneIngestions(tx, new Date(Date.now() + 60_000)));
    expect((await service.ask('GET', `/ingestions/${ingestionId}`)).status).toBe(404);
    expect(await service.db.kysely.selectFrom('ingestion_items').selectAll().execute()).toEqual([]);
  });

  it.each([
    [{ source: 'feed:x', document: '<html><body>no</body></html>' }, 422, 'not-a-feed'],
    [{ source: 'feed:x', document: '<rss version="2.0"><channel><item><ti' }, 422, 'damaged-feed'],
    [{ source: 'feed:x', document: 'x'.repeat(5 * 1024 * 1024 + 1) }, 413, 'payload-too-large'],
    [{ source: 'x', document: 'y' }, 400, 'invalid-request'],
    [{ document: 'y' }, 400, 'invalid-request'],
    [{ url: 7 }, 400, 'invalid-request'],
    [[], 400, 'invalid-request'],
    ['{"a"', 400, 'malformed-json'],
    [{ url: 'http://127.0.0.1/feed' }, 422, 'source-not-allowed'],
    [{ url: 'http://localhost/feed' }, 422, 'source-not-allowed'],
    [{ url: 'file:///etc/passwd' }, 422, 'source-not-allowed'],
  ])('answers %.60j with %d %s', async (body, status, code) => {
    const answer = await problem('POST', '/ingestions', body);
    expect(answer).toMatchObject({ status, type: `urn:signalpress:problem:${code}` });
  });

  it('names the fields of a signal that are wrong', async () => {
    const answer = await problem('POST', '/signals', {
      signals: [{ title: 'Fine title of three' }, { publishedAt: 'yesterday', engagement: -1, colour: 'red' }],
    });
    expect(answer.status).toBe(400);
    expect(answer.errors?.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['signals.1.title', 'signals.1.publishedAt', 'signals.1.engagement']),
    );
    expect(
      (await problem('POST', '/signals', { signals: Array.from({ length: 101 }, () => ({ title: 'a b c' })) })).status,
    ).toBe(400);
    for (const query of ['', '?url=a&author=b', '?url=nothing', '?limit=0', '?cursor=zzz']) {
      expect(
        (await problem(query.startsWith('?l') || query.startsWith('?c') ? 'GET' : 'DELETE', `/signals${query}`)).status,
      ).toBe(400);
    }
  });
});
