import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { SeriesPartitions, SeriesRollups } from '../src/series/series.upkeep.js';
import { like, startMonitoring, walk } from './monitoring-app.js';
import type { MonitoringApp } from './monitoring-app.js';

let app: MonitoringApp;

beforeAll(async () => {
  app = await startMonitoring({ SAMPLE_SECONDS: '3600', CLOCK_AS_OF: '2026-05-04T12:00:00Z' });
});
afterAll(() => app.close());

const upkeepAt = (instant: string): Promise<void> =>
  app.db.transaction((tx) => new SeriesPartitions(new Clock(new Date(instant))).keepUp(tx));
const partitionsOf = async (series: string): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = to_regclass(${series}) order by 1`.execute(
    app.db.kysely,
  );
  return rows.map(({ name }) => name);
};
const count = async (table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::integer as n from ${sql.table(table)}`.execute(
    app.db.kysely,
  );
  return rows[0]?.n ?? 0;
};

describe('partitions', () => {
  it('are made by the service itself', async () => {
    await waitFor(async () => (await partitionsOf('weight_history')).length === 4, {
      timeoutMs: 45_000,
      message: 'the upkeep',
    });
    await app.emit('weights.updated', like('weights.updated', { updatedAt: '2026-05-04T10:00:00.000Z' }));
    await app.settled();
    expect(await count('weight_history')).toBe(5);
    expect(await count('weight_history_default')).toBe(0);
  });

  it('are made ahead by the month, take late events out of the default one, and go when they are old', async () => {
    await upkeepAt('2026-05-04T12:00:00Z');
    expect(await partitionsOf('decisions')).toEqual([
      'decisions_202605',
      'decisions_202606',
      'decisions_202607',
      'decisions_default',
    ]);
    const published = (publishedAt: string) =>
      app.emit('listings.published', {
        ...walk().published,
        publishedAt,
        foundingCapturedAt: '2026-01-01T00:00:00.000Z',
      });
    await published('2026-05-04T10:00:00.000Z');
    await published('2026-03-31T23:59:59.999Z');
    await app.settled();
    expect(await count('publish_latency_default')).toBe(1);
    await app.db.transaction((tx) => new SeriesRollups().refresh(tx));
    await upkeepAt('2026-05-04T13:00:00Z');
    expect(await partitionsOf('publish_latency')).toContain('publish_latency_202603');
    expect(await count('publish_latency_default')).toBe(0);
    expect(await count('publish_latency_202603')).toBe(1);
    expect(await count('publish_latency')).toBe(2);
    await app.db.transaction((tx) => new SeriesRollups().refresh(tx));
    expect(await count('publish_latency_hourly')).toBe(2);

    // 13 months later the old month goes and the newer one stays.
    await upkeepAt('2027-05-15T00:00:00Z');
    expect(await partitionsOf('publish_latency')).not.toContain('publish_latency_202603');
    expect(await count('publish_latency')).toBe(1);
    expect(await count('publish_latency_hourly')).toBe(1);
    await upkeepAt('2027-07-15T00:00:00Z');
    expect(await count('publish_latency')).toBe(0);
    expect(await count('publish_latency_hourly')).toBe(0);
  });

  it('of samples go sooner, and their rollups stay', async () => {
    const at = new Date('2026-05-04T12:00:00Z');
    const sample = { service: 'orchestrator', cpu_cores: 0.5, resident_memory_bytes: 1, heap_used_bytes: 1 };
    await app.db.kysely
      .insertInto('resource_usage')
      .values({ time: at, ...sample, event_loop_lag_seconds: 0.1, up: true })
      .execute();
    await app.db.transaction((tx) => new SeriesRollups().refresh(tx));
    await upkeepAt('2026-07-02T00:00:00Z');
    await app.db.transaction((tx) => new SeriesRollups().refresh(tx));
    const { rows } = await sql`select from resource_usage where time = ${at}`.execute(app.db.kysely);
    expect(rows).toHaveLength(0);
    const rolled = await sql<{ up_share: number }>`
      select up_share from resource_usage_5m where bucket = ${at} and service = 'orchestrator'`.execute(app.db.kysely);
    expect(rolled.rows).toEqual([{ up_share: 1 }]);
  });
});
