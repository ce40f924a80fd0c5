import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { InvalidEventError } from '../src/index.js';
import { countRows, ideas, observation, publish, startService } from './test-service.js';
import type { TestService } from './test-service.js';

describe('Outbox', () => {
  let database: TestDatabase;
  let service: TestService;

  beforeEach(async () => {
    database = await createTestDatabase();
    service = await startService({
      databaseUrl: database.url,
      service: 'writer',
      now: () => new Date('2026-05-04T10:30:01.000Z'),
    });
  });
  afterEach(async () => {
    await service.stop();
    await database.close();
  });

  const log = async (): Promise<{ partition: number; position: string; envelope: Record<string, unknown> }[]> => {
    const { rows } = await sql<{ partition: number; position: string; envelope: Record<string, unknown> }>`
      select partition, position, envelope from events.log order by partition, position`.execute(service.db.kysely);
    return rows;
  };

  it('seals a CloudEvents envelope, and the relay brings it to the log', async () => {
    const ideaId = randomUUID();
    const [id] = await publish(service, [{ ideaId, views: 1 }]);
    const [record] = await waitFor(async () => {
      const rows = await log();
      return rows.length > 0 && rows;
    });
    expect(record?.envelope).toEqual({
      specversion: '1.0',
      id,
      type: 'listings.observed',
      source: '/signalpress/writer',
      subject: ideaId,
      time: '2026-05-04T10:30:01.000Z',
      datacontenttype: 'application/json',
      dataschema: 'signalpress:listings.observed:1.0',
      data: observation({ ideaId, views: 1 }),
    });
    await waitFor(async () => (await countRows(service.db, 'outbox')) === 0);
  });

  it('fills in defaults, and keeps what JSON can hold and PostgreSQL text cannot', async () => {
    await service.db.transaction((tx) =>
      service.outbox.publish(tx, 'signals.ingested', {
        signalId: randomUUID(),
        source: 'api',
        ingestionId: randomUUID(),
        title: 'a\u0000b \ud800',
        publishedAt: null,
        capturedAt: '2026-05-04T09:30:00.000Z',
        engagement: null,
      }),
    );
    const rows = await waitFor(async () => {
      const all = await log();
      return all.length > 0 && all;
    });
    expect(rows[0]?.envelope['data']).toMatchObject({ title: 'a\u0000b \ud800', summary: '', topics: [], url: null });
  });

  it('refuses data that the catalogue does not know, naming the fields, and the transaction goes with it', async () => {
    const broken = { ...observation({ ideaId: 'no uuid', views: -1 }) };
    const attempt = service.db.transaction(async (tx) => {
      await tx.insertInto('effects').values({ idea_id: 'x', views: 1, member: 'writer', event_id: null }).execute();
      await service.outbox.publish(tx, 'listings.observed', broken);
    });
    await expect(attempt).rejects.toThrow(InvalidEventError);
    await expect(attempt).rejects.toThrow(/ideaId: .*views: /);
    expect(await countRows(service.db, 'effects')).toBe(0);
  });

  it('publishes nothing when the transaction is rolled back', async () => {
    const rolledBack = service.db.transaction(async (tx) => {
      await service.outbox.publish(tx, 'listings.observed', observation({ ideaId: randomUUID(), views: 1 }));
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    const [id] = await publish(service, [{ ideaId: randomUUID(), views: 2 }]);
    const rows = await waitFor(async () => {
      const all = await log();
      return all.length > 0 && all;
    });
    expect(rows.map(({ envelope }) => envelope['id'])).toEqual([id]);
  });

  it('two instances relay side by side: nothing twice, nothing lost, order per key kept, positions without gaps', async () => {
    const second = await startService({ databaseUrl: database.url, service: 'writer', member: 'second' });
    try {
      const keys = ideas(5);
      const batches = Array.from({ length: 40 }, (_, views) => keys.map((ideaId) => ({ ideaId, views })));
      for (const [index, batch] of batches.entries()) await publish(index % 2 === 0 ? service : second, batch);
      const rows = await waitFor(
        async () => {
          const all = await log();
          return all.length >= 200 && all;
        },
        { timeoutMs: 10_000 },
      );
      expect(rows).toHaveLength(200);
      const views = (key: string): unknown[] =>
        rows
          .filter(({ envelope }) => envelope['subject'] === key)
          .map(({ envelope }) => (envelope['data'] as { views: number }).views);
      for (const key of keys) expect(views(key)).toEqual(Array.from({ length: 40 }, (_, index) => index));
      for (const partition of new Set(rows.map((row) => row.partition))) {
        const positions = rows.filter((row) => row.partition === partition).map(({ position }) => Number(position));
        expect(positions).toEqual(positions.map((_, index) => index + 1));
      }
    } finally {
      await second.stop();
    }
  });

  it.each([
    ['by its number of events', 100, 10],
    ['by its bytes', 50, 200_000],
  ])('goes on at once after a batch that was cut %s', async (_, events, bytes) => {
    // Polling would bring the second batch in ten minutes.
    const tuning = { pollMs: 600_000, relayBatchSize: 30 };
    const writer = await startService({ databaseUrl: database.url, service: 'many', tuning });
    try {
      await writer.db.transaction(async (tx) => {
        await sql`
          insert into outbox (event_id, type, key, envelope)
          select gen_random_uuid(), 'listings.observed', 'key', json_build_object('text', text.random)
          from generate_series(1, ${events}::int), (
            select string_agg(md5(part || random()::text), '') as random from generate_series(0, ${bytes}::int / 32) as part
          ) as text`.execute(tx);
        await writer.outbox.publish(tx, 'listings.observed', observation({ ideaId: randomUUID(), views: 1 }));
      });
      await waitFor(async () => (await countRows(writer.db, 'outbox')) === 0, { timeoutMs: 30_000 });
      const { rows } = await sql<{ count: string }>`select count(*) from events.log`.execute(writer.db.kysely);
      expect(rows[0]?.count).toBe(String(events + 1));
    } finally {
      await writer.stop();
    }
  });
});
