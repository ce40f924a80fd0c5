import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventInput, EventType } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import fc from 'fast-check';
import { SeriesRollups } from '../src/series/series.upkeep.js';
import { ago, like, startMonitoring, walk } from './monitoring-app.js';
import type { MonitoringApp } from './monitoring-app.js';

let app: MonitoringApp;
const series = [
  'publish_latency',
  'stage_durations',
  'idea_scores',
  'factor_scores',
  'decisions',
  'weight_history',
  'idea_performance',
  'listing_syncs',
] as const;

beforeAll(async () => {
  // The worker would roll up between a change and what a spec expects of it.
  app = await startMonitoring({ SAMPLE_SECONDS: '3600' });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.settled();
  const others = [
    'ideas',
    'signals',
    'signal_ideas',
    'listings',
    'idea_events',
    'rollup_changes',
    'publish_latency_hourly_rows',
  ];
  for (const table of [...series, ...others]) {
    await sql`delete from ${sql.table(table)}`.execute(app.db.kysely);
  }
});

type Told = { [T in EventType]: { type: T; data: EventInput<T> } }[EventType];
const told = <T extends EventType>(type: T, data: EventInput<T>): Told => ({ type, data }) as Told;
const tell = async (events: readonly Told[]): Promise<void> => {
  for (const { type, data } of events) await app.emit(type, data);
  await app.settled();
};

const rowsOf = async (table: string): Promise<unknown[]> => {
  const { rows } = await sql<{ row: unknown }>`
    select to_jsonb(r) as row from ${sql.table(table)} r order by to_jsonb(r)::text`.execute(app.db.kysely);
  return rows.map(({ row }) => row);
};
const everything = async (): Promise<Record<string, unknown[]>> =>
  Object.fromEntries(await Promise.all(series.map(async (table) => [table, await rowsOf(table)] as const)));

describe('the series', () => {
  it('are equal for every order of the events, with any of them repeated', async () => {
    const idea = walk();
    const { ideaId } = idea;
    const listing = { ideaId, listingId: 'one' };
    const events: Told[] = [
      told('signals.ingested', idea.signal),
      told('ideas.scored', idea.scored),
      told('ideas.scored', { ...idea.scored, revision: 2, score: 0.9, asOf: ago(80) }),
      told('ideas.decided', idea.held),
      told('ideas.decided', idea.approved),
      told('mockups.requested', idea.mockups),
      told('mockups.generated', idea.generated),
      told('listings.published', idea.published),
      told('listings.published', { ...idea.published, publishedAt: ago(2), listingId: 'later' }),
      told('weights.updated', like('weights.updated', {})),
      told('feedback.received', like('feedback.received', { ideaId, views: 3, observedAt: ago(5) })),
      told('feedback.received', like('feedback.received', { ideaId, views: 4, observedAt: ago(1) })),
      told('listings.drifted', like('listings.drifted', { ...listing, observedAt: ago(4) })),
      told('listings.drifted', like('listings.drifted', { ...listing, drifts: [], observedAt: ago(3) })),
    ];
    await tell(events);
    const expected = await everything();
    for (const table of series) expect(expected[table]).not.toHaveLength(0);
    expect(expected['publish_latency']).toMatchObject([
      { idea_id: ideaId, source: idea.signal.source, latency_seconds: expect.closeTo(50, 0), within_sla: true },
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.array(fc.constantFrom(...events), { maxLength: 6 }),
        async (shuffled, again) => {
          for (const table of [...series, 'ideas', 'signals', 'signal_ideas', 'listings', 'idea_events']) {
            await sql`delete from ${sql.table(table)}`.execute(app.db.kysely);
          }
          await tell([...shuffled, ...again]);
          expect(await everything()).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

describe('the rollups', () => {
  const rollUp = (): Promise<void> => app.db.transaction((tx) => new SeriesRollups().refresh(tx));
  const hourly = async (): Promise<{ bucket: Date; ideas: number; max_seconds: number }[]> => {
    const { rows } = await sql<{ bucket: Date; ideas: number; max_seconds: number }>`
      select * from publish_latency_hourly order by bucket`.execute(app.db.kysely);
    return rows;
  };

  it('count each bucket once, and a late event changes its own bucket', async () => {
    const at = (hour: number, minute: number): string => `2026-05-04T${hour}:${minute}0:00.000Z`;
    const listed = (publishedAt: string, heldSeconds = 0): Told =>
      told('listings.published', {
        ...walk().published,
        publishedAt,
        foundingCapturedAt: '2026-05-04T09:00:00.000Z',
        heldSeconds,
      });
    await tell([listed(at(10, 1)), listed(at(11, 1))]);
    await rollUp();
    await rollUp();
    expect((await hourly()).map(({ ideas }) => ideas)).toEqual([1, 1]);
    await tell([listed(at(10, 3))]);
    await rollUp();
    const [ten, eleven] = await hourly();
    expect(ten).toMatchObject({ ideas: 2, max_seconds: 5_400, bucket: new Date('2026-05-04T10:00:00Z') });
    expect(eleven).toMatchObject({ ideas: 1 });
  });

  it('follow a listing that turns out not to be the first', async () => {
    const idea = walk();
    const first = { ...idea.published, publishedAt: '2026-05-04T08:10:00.000Z' };
    const later = { ...idea.published, publishedAt: '2026-05-04T12:10:00.000Z', listingId: 'later' };
    await tell([told('listings.published', later)]);
    await rollUp();
    await tell([told('listings.published', first)]);
    await rollUp();
    const buckets = (await hourly()).filter(({ ideas }) => ideas > 0).map(({ bucket }) => bucket.toISOString());
    expect(buckets).toContain('2026-05-04T08:00:00.000Z');
    expect(buckets).not.toContain('2026-05-04T12:00:00.000Z');
  });
});

describe('listing_drifts_current', () => {
  const current = (): Promise<unknown[]> => rowsOf('listing_drifts_current');

  it('shows what differs since when, until it is repaired', async () => {
    const { ideaId } = walk();
    const sync = (observedAt: string, drifts: EventInput<'listings.drifted'>['drifts']): Told =>
      told('listings.drifted', like('listings.drifted', { ideaId, listingId: 'x', observedAt, drifts }));
    const removed = { kind: 'removed' as const, expected: null, actual: null };
    const price = { kind: 'price' as const, expected: '1', actual: '2' };
    await tell([sync('2026-05-04T10:00:00.000Z', [price]), sync('2026-05-04T11:00:00.000Z', [removed, price])]);
    expect(await current()).toMatchObject([{ idea_id: ideaId, kinds: ['price', 'removed'] }]);
    expect(JSON.stringify(await current())).toContain('2026-05-04T10:00:00');
    expect(await app.metrics()).toMatch(/signalpress_listing_drifts\{kind="price"\} 1/);
    await tell([sync('2026-05-04T12:00:00.000Z', [])]);
    expect(await current()).toEqual([]);
    await tell([sync('2026-05-04T10:30:00.000Z', [removed])]);
    expect(await current()).toEqual([]);
  });
});
