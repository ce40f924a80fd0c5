import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { handledBook, outOfOrder, writtenColumns } from './order.ts';
import type { OutOfOrder } from './order.ts';
import { schemas } from './subscriptions.ts';

describe('the order in which events are handled', () => {
  let database: { readonly url: string; close(): Promise<void> };
  let writer: pg.Client;
  let other: pg.Client;
  const first = randomUUID();
  const second = randomUUID();

  beforeEach(async () => {
    // As the launcher does it: a fresh checkout has to build it first.
    const { createTestDatabase } = await import('@signalpress/persistence/testing');
    database = await createTestDatabase();
    writer = new pg.Client({ connectionString: database.url });
    other = new pg.Client({ connectionString: database.url });
    await Promise.all([writer.connect(), other.connect()]);
    const tables = Object.values(schemas).map(
      (schema) => `create schema ${schema}; create table ${schema}.dead_letters (source_id text);`,
    );
    await writer.query(`create schema drill; ${tables.join('')} ${handledBook}
      create table drill.emitted (event_id uuid, service text, type text, key text, ${writtenColumns});`);
  });
  afterEach(async () => {
    await Promise.all([writer.end(), other.end()]);
    await database.close();
  });

  const emit = (client: pg.Client, id: string, key = 'idea-1') =>
    client.query(
      `insert into drill.emitted (event_id, service, type, key) values ($1, 'scoring-engine', 'ideas.scored', $2)`,
      [id, key],
    );
  const handle = async (...ids: string[]) => {
    for (const id of ids) {
      await other.query(`insert into drill.handled (service, event_id) values ('orchestrator', $1)`, [id]);
    }
  };
  const found = async () => (await other.query<OutOfOrder>(outOfOrder)).rows;

  it('is right when it is that of the commits', async () => {
    await emit(writer, first);
    await emit(writer, second);
    await handle(first, second);
    expect(await found()).toEqual([]);
  });

  it('is wrong the other way round, also within a transaction', async () => {
    await writer.query('begin');
    await emit(writer, first);
    await emit(writer, second);
    await writer.query('commit');
    await handle(second, first);
    const pair = { group: 'orchestrator', type: 'ideas.scored', key: 'idea-1', earlier: first, later: second };
    expect(await found()).toEqual([pair]);
    const third = randomUUID();
    await emit(writer, third);
    await other.query('delete from drill.handled');
    await handle(first, third, second);
    expect(await found()).toEqual([{ ...pair, earlier: second, later: third }]);
  });

  it('is anything for writers that did not see each other, for other keys, and for what was buried', async () => {
    await writer.query('begin');
    await emit(writer, first);
    await emit(other, second);
    await writer.query('commit');
    await handle(second, first);
    expect(await found()).toEqual([]);
    const [third, fourth] = [randomUUID(), randomUUID()];
    await emit(writer, third, 'idea-2');
    await handle(third);
    await emit(writer, fourth, 'idea-2');
    await other.query('insert into orchestrator.dead_letters values ($1)', [third]);
    await handle(fourth, third);
    expect(await found()).toEqual([]);
  });
});
