import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { withSpan } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { collectSpans, waitFor } from '@signalpress/testing';
import type { DecodedSpan } from '@signalpress/testing';
import { PoisonError } from '../src/index.js';
import { Observer, Script, countRows, effects, publish, startService, waitForEffects } from './test-service.js';
import type { TestService } from './test-service.js';

/** What waits when a consumer comes is handled together; nothing of that may be seen from outside. */
describe('Events that are handled in one transaction', () => {
  let database: TestDatabase;
  let writer: TestService;
  let reader: TestService | undefined;
  let script: Script;
  const ideaId = randomUUID();

  beforeEach(async () => {
    database = await createTestDatabase();
    writer = await startService({ databaseUrl: database.url, service: 'writer' });
    script = new Script();
  });
  afterEach(async () => {
    await reader?.stop();
    reader = undefined;
    await writer.stop();
    await database.close();
  });

  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  const logged = (count: number): Promise<boolean> =>
    waitFor(async () => (await countRows(writer.db, 'events.log')) >= count, { message: `${count} events in the log` });
  /** All of one key, so of one partition, and in the log before anybody reads it. */
  const publishAll = async (count: number): Promise<string[]> => {
    const ids = await publish(
      writer,
      numbers(count).map((views) => ({ ideaId, views })),
    );
    await logged(count);
    return ids;
  };
  const read = async (): Promise<TestService> => {
    reader = await startService({ databaseUrl: database.url, providers: [Observer], script });
    return reader;
  };
  const transactions = async ({ db }: TestService): Promise<number> => {
    const { rows } = await sql<{ count: string }>`select count(distinct xmin::text) as count from effects`.execute(
      db.kysely,
    );
    return Number(rows[0]?.count);
  };
  /** The log has it as it is, which no outbox would let out. */
  const slipIn = (envelope: (id: string) => unknown): Promise<unknown> => {
    const id = randomUUID();
    return sql`insert into outbox (event_id, type, key, envelope)
      values (${id}, 'listings.observed', ${ideaId}, ${JSON.stringify(envelope(id))}::json)`.execute(writer.db.kysely);
  };

  it('have their effects in order, and an inbox row each', async () => {
    const ids = await publishAll(20);
    const service = await read();
    const rows = await waitForEffects(service.db, 20);
    expect(rows.map((row) => row.event_id)).toEqual(ids);
    expect(await countRows(service.db, 'inbox')).toBe(20);
    expect(await transactions(service)).toBeLessThan(20);
  });

  it('one that fails takes none with it: it alone is buried, the others keep their order', async () => {
    await publishAll(10);
    script.after = ({ data }) => (data.views === 4 ? Promise.reject(new PoisonError('four')) : Promise.resolve());
    const service = await read();
    await waitForEffects(service.db, 9);
    expect((await effects(service.db)).map(({ views }) => views)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(await countRows(service.db, 'dead_letters')).toBe(1);
    expect(await countRows(service.db, 'inbox')).toBe(9);
  });

  it('one that nobody can read holds nobody up', async () => {
    await publishAll(3);
    await slipIn((id) => ({ id, type: 'listings.observed', data: 'nonsense' }));
    await logged(4);
    await publish(writer, [{ ideaId, views: 3 }]);
    await logged(5);
    const service = await read();
    const rows = await waitForEffects(service.db, 4);
    expect(rows.map(({ views }) => views)).toEqual([0, 1, 2, 3]);
    await waitFor(async () => (await countRows(service.db, 'dead_letters')) === 1);
  });

  it('one that came twice, under an id in upper case, has one effect', async () => {
    const data = { ideaId, marketplace: 'storefront', listingId: 'listing', views: 7, favourites: 0, sales: 0 };
    const id = randomUUID().toUpperCase();
    const envelope = {
      specversion: '1.0',
      id,
      type: 'listings.observed',
      source: '/signalpress/writer',
      subject: ideaId,
      time: '2026-05-04T10:30:00.000Z',
      datacontenttype: 'application/json',
      dataschema: 'signalpress:listings.observed:1.0',
      data: { ...data, observedAt: '2026-05-04T10:30:00.000Z' },
    };
    await slipIn(() => envelope);
    await slipIn(() => envelope);
    await publish(writer, [{ ideaId, views: 8 }]);
    await logged(3);
    const service = await read();
    await waitFor(async () => (await effects(service.db)).some(({ views }) => views === 8), {
      message: 'the last one',
    });
    expect((await effects(service.db)).map(({ views }) => views)).toEqual([7, 8]);
  });

  it('a transaction that takes long ends early, and those behind it have theirs in the next', async () => {
    await publishAll(6);
    script.before = () => sleep(30);
    const service = await read();
    const rows = await waitForEffects(service.db, 6);
    expect(rows.map(({ views }) => views)).toEqual(numbers(6));
    expect(await countRows(service.db, 'inbox')).toBe(6);
    expect(await transactions(service)).toBeGreaterThan(1);
  });

  it('each has a consumer span of its own, below its producer; one that was rolled back says so', async () => {
    const collection = collectSpans();
    try {
      for (const views of numbers(4)) await withSpan('request', {}, () => publish(writer, [{ ideaId, views }]));
      await logged(4);
      let failures = 0;
      script.after = ({ data }) =>
        data.views === 2 && failures++ === 0 ? Promise.reject(new Error('once')) : Promise.resolve();
      const service = await read();
      await waitForEffects(service.db, 4);
      const undone = ({ events, status }: DecodedSpan): boolean =>
        status.code === 'error' || events.some(({ name }) => name === 'rolled back');
      const consumed = await waitFor(() => {
        const spans = collection.spans().filter(({ name }) => name === 'process listings.observed');
        return spans.filter((span) => !undone(span)).length >= 4 && spans;
      });
      const producers = collection.spans().filter(({ name }) => name === 'publish listings.observed');
      // Those that were begun together are undone together with the one that failed: three, or fewer where the machine was so
      // slow that a transaction had ended before.
      const parents = (spans: readonly DecodedSpan[]) => spans.map(({ parentSpanId }) => parentSpanId).sort();
      const begun = consumed.filter((span) => undone(span));
      const together = producers.slice(3 - begun.length, 3).map(({ spanId }) => spanId);
      expect(parents(begun)).toEqual(together.sort());
      expect(parents(begun.filter(({ status }) => status.code === 'error'))).toEqual([producers[2]?.spanId]);
      const final = consumed.filter((span) => !undone(span));
      expect(final.map(({ parentSpanId }) => parentSpanId)).toEqual(producers.map(({ spanId }) => spanId));
      expect(new Set(final.map(({ traceId }) => traceId)).size).toBe(4);
    } finally {
      await collection.shutdown();
    }
  });
});
