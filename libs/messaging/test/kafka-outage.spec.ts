import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { describeOnKafka } from './kafka-describe.js';
import { kafkaOptions } from './kafka-support.js';
import { Observer, countRows, publish, readiness, startService, waitForEffects } from './test-service.js';
import type { TestService } from './test-service.js';

describeOnKafka('a broker that goes away', 1, (kafka) => {
  let database: TestDatabase;
  let writer: TestService;
  let reader: TestService;

  beforeEach(async () => {
    database = await createTestDatabase();
    const transport = kafkaOptions(kafka());
    writer = await startService({ databaseUrl: database.url, service: 'writer', transport });
    reader = await startService({ databaseUrl: database.url, service: 'reader', transport, providers: [Observer] });
    writer.lifecycle.markReady();
  });
  afterEach(async () => {
    await Promise.allSettled([writer.stop(), reader.stop()]);
    await database.close();
  });

  it('makes readiness degraded and the outbox grow, and nothing else; back again, everything arrives in order', async () => {
    const ideaId = randomUUID();
    const expected = Array.from({ length: 40 }, (_, views) => views);
    await publish(writer, [{ ideaId, views: 0 }]);
    await waitForEffects(reader.db, 1, 30_000);
    await waitFor(async () => (await readiness(writer)).body.includes('"status":"ok"'), { timeoutMs: 20_000 });

    await kafka().stopBroker(0, 'SIGKILL');
    for (const views of expected.slice(1, 30)) await publish(writer, [{ ideaId, views }]);
    const degraded = await waitFor(
      async () => {
        const answer = await readiness(writer);
        return answer.body.includes('degraded') && answer;
      },
      { timeoutMs: 30_000, message: 'readiness to say degraded' },
    );
    expect(degraded.code).toBe(200);
    expect(degraded.body).toContain('"kafka"');
    // A second of many passes: each fails at once and leaves no transaction behind it.
    await waitFor(async () => (await countRows(writer.db, 'outbox')) === 29, { timeoutMs: 15_000 });
    for (const views of expected.slice(30)) await publish(writer, [{ ideaId, views }]);
    const { rows } = await sql<{ longest: number | null }>`
      select max(extract(epoch from clock_timestamp() - xact_start))::float8 as longest from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction'`.execute(writer.db.kysely);
    expect(rows[0]?.longest ?? 0).toBeLessThan(2);
    const complaints = [...writer.logs.lines(), ...reader.logs.lines()].filter(({ level }) => level === 'warn');
    expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.length).toBeLessThan(15);

    await kafka().startBroker(0);
    const arrived = await waitForEffects(reader.db, 40, 60_000);
    expect(arrived.map(({ views }) => views)).toEqual(expected);
    expect(await countRows(writer.db, 'outbox')).toBe(0);
    expect(await countRows(reader.db, 'dead_letters')).toBe(0);
    await waitFor(async () => (await readiness(writer)).body.includes('"status":"ok"'), { timeoutMs: 30_000 });
  }, 180_000);
});
