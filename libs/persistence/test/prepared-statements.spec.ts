import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, sql } from '../src/index.js';
import type { Transaction } from '../src/index.js';
import { createTestDatabase } from '../src/testing/index.js';
import type { TestDatabase } from '../src/testing/index.js';

interface Tables {
  counters: { name: string; value: number };
}

describe('prepared statements', () => {
  let server: TestDatabase;
  let db: Database<Tables>;

  beforeEach(async () => {
    server = await createTestDatabase();
    // One connection: what it has prepared is asked of itself.
    db = new Database<Tables>({ databaseUrl: server.url, schema: 'one', applicationName: 'spec', poolMax: 1 });
    await sql`create schema one`.execute(db.kysely);
    await sql`create table counters (name text, value int)`.execute(db.kysely);
  });
  afterEach(async () => {
    await db.close();
    await server.close();
  });

  const prepared = async (): Promise<string[]> => {
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db.kysely);
    return rows.map(({ statement }) => statement);
  };
  const count = async (): Promise<number> => {
    const { rows } = await sql<{ count: string }>`select count(*) from counters`.execute(db.kysely);
    return Number(rows[0]?.count);
  };
  const insert = (tx: Transaction<Tables>, value: number): Promise<unknown> =>
    sql`insert into counters (name, value) values (${'a'}, ${value}) on conflict do nothing`.execute(tx);
  const often = async (
    work: (tx: Transaction<Tables>, time: number) => Promise<unknown>,
    times = 10,
  ): Promise<void> => {
    for (let time = 0; time < times; time += 1) await db.transaction((tx) => work(tx, time));
  };

  it('are the inserts of one row that come often, in transactions', async () => {
    await often(insert);
    expect(await prepared()).toEqual(['insert into counters (name, value) values ($1, $2) on conflict do nothing']);
    const { rows } = await sql<{ value: number }>`select value from counters order by value`.execute(db.kysely);
    expect(rows.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are those that kysely builds, too', async () => {
    await often((tx, value) => tx.insertInto('counters').values({ name: 'a', value }).execute());
    expect(await prepared()).toHaveLength(1);
    expect(await count()).toBe(10);
  });

  it('are nothing that has a result or a plan to choose, and nothing outside of transactions', async () => {
    await often(async (tx, value) => {
      await sql`insert into counters (name, value) values (${'a'}, ${value}) returning *`.execute(tx);
      await sql`insert into counters (name, value) select ${'a'}, ${value}::int`.execute(tx);
      await sql`insert into counters (name, value) values (${'a'}, (select max(value) + ${1} from counters))`.execute(
        tx,
      );
      await sql`update counters set value = ${value} where name = ${'b'}`.execute(tx);
      await sql`delete from counters where name = ${'b'}`.execute(tx);
      await sql`select * from counters where name = ${'a'}`.execute(tx);
    });
    for (let time = 0; time < 10; time += 1)
      await db.kysely.insertInto('counters').values({ name: 'a', value: 1 }).execute();
    expect(await prepared()).toEqual([]);
  });

  it('hold when a migration adds a column', async () => {
    await often(insert);
    await sql`alter table counters add column note text not null default 'none'`.execute(db.kysely);
    await often(insert);
    expect(await count()).toBe(20);
  });

  it('are a bounded number, however many there could be', async () => {
    const texts = Array.from({ length: 120 }, (_, index) => sql.lit(`name ${index}`));
    await often(async (tx) => {
      for (const name of texts) await sql`insert into counters (name, value) values (${name}, ${1})`.execute(tx);
    }, 6);
    expect(await prepared()).toHaveLength(100);
    expect(await count()).toBe(720);
  });

  it('are given up where the server turns out not to know them; the transaction is run again', async () => {
    await often(insert);
    let attempts = 0;
    await db.transaction(
      async (tx) => {
        attempts += 1;
        // As it is with a pooler that gives this transaction another connection than the one before.
        if (attempts === 1) await sql`deallocate all`.execute(tx);
        await insert(tx, 10);
      },
      { conflictRetries: 0 },
    );
    await often(insert);
    expect(attempts).toBe(2);
    expect(await count()).toBe(21);
    expect(await prepared()).toEqual([]);
  });
});
