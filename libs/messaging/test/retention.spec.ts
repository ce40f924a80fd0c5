import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { RetentionWorker } from '../src/retention/retention.worker.js';
import { Observer, countRows, publish, startService, waitForEffects } from './test-service.js';
import type { TestService } from './test-service.js';

describe('RetentionWorker', () => {
  let database: TestDatabase;
  let service: TestService;

  beforeEach(async () => {
    database = await createTestDatabase();
    service = await startService({ databaseUrl: database.url, providers: [Observer] });
    await publish(
      service,
      [1, 2].map((views) => ({ ideaId: randomUUID(), views })),
    );
    await waitForEffects(service.db, 2);
  });
  afterEach(async () => {
    await service.stop();
    await database.close();
  });

  const age = (table: string, column: string, days: number) =>
    sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.ref(column)} - make_interval(days => ${days})`.execute(
      service.db.kysely,
    );

  it('removes from the log what is old and every group is past, and nothing else', async () => {
    await age('events.log', 'appended_at', 8);
    await sql`insert into events.offsets (group_name, partition) select 'slow', partition from events.partitions`.execute(
      service.db.kysely,
    );
    await service.get(RetentionWorker).prune();
    expect(await countRows(service.db, 'events.log')).toBe(2);
    await sql`delete from events.offsets where group_name = 'slow'`.execute(service.db.kysely);
    await service.get(RetentionWorker).prune();
    expect(await countRows(service.db, 'events.log')).toBe(0);
  });

  it('keeps a young log, and forgets old inbox rows, finished jobs and dead letters', async () => {
    await sql`insert into jobs (name, payload, run_at, state, finished_at)
      values ('old', '{}', now(), 'done', now()), ('waiting', '{}', now(), 'pending', null)`.execute(service.db.kysely);
    await sql`insert into dead_letters (kind, name, source_id, content, error_code, error_message, attempts)
      values ('job', 'x', 'x', '{}', 'x', 'x', 1)`.execute(service.db.kysely);
    await age('inbox', 'handled_at', 13);
    await age('jobs', 'finished_at', 6);
    await age('dead_letters', 'failed_at', 29);
    await service.get(RetentionWorker).prune();
    const counts = async (): Promise<number[]> => [
      await countRows(service.db, 'inbox'),
      (await sql`select from jobs where name in ('old', 'waiting')`.execute(service.db.kysely)).rows.length,
      await countRows(service.db, 'dead_letters'),
      await countRows(service.db, 'events.log'),
    ];
    expect(await counts()).toEqual([2, 2, 1, 2]);
    for (const [table, column] of [
      ['inbox', 'handled_at'],
      ['jobs', 'finished_at'],
      ['dead_letters', 'failed_at'],
    ] as const) {
      await age(table, column, 2);
    }
    await service.get(RetentionWorker).prune();
    expect(await counts()).toEqual([0, 1, 0, 2]);
  });

  it('shows its state as metrics', async () => {
    const text = await service.get(Metrics).scrape();
    for (const name of [
      'messaging_messages_total{topic="listings.observed",outcome="handled"} 2',
      'messaging_handler_duration_seconds_count{topic="listings.observed"} 2',
      'messaging_outbox_oldest_age_seconds 0',
      'messaging_consumer_lag{topic="all",partition="0"} 0',
    ]) {
      expect(text).toContain(name);
    }
  });
});
