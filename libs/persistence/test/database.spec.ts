import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database, errorCode, isUnavailable, isUniqueViolation, sql } from '../src/index.js';
import type { DatabaseOptions, Generated } from '../src/index.js';
import { createTestDatabase } from '../src/testing/index.js';
import type { TestDatabase } from '../src/testing/index.js';

interface Tables {
  counters: { name: string; value: number; id: Generated<string> };
}

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

async function until(predicate: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await predicate())) {
    if (Date.now() > deadline) throw new Error('waited for too long');
    await sleep(20);
  }
}

describe('Database', () => {
  let server: TestDatabase;
  let db: Database<Tables>;
  const opened: Database<Tables>[] = [];

  const open = (options: Partial<DatabaseOptions> = {}): Database<Tables> => {
    const database = new Database<Tables>({
      databaseUrl: server.url,
      schema: 'one',
      applicationName: 'spec',
      ...options,
    });
    opened.push(database);
    return database;
  };

  beforeAll(async () => {
    server = await createTestDatabase();
    db = open();
    await sql`create schema one`.execute(db.kysely);
    await sql`create schema two`.execute(db.kysely);
    await sql`create table counters (id bigint generated always as identity, name text constraint counters_pkey primary key, value int)`.execute(
      db.kysely,
    );
  });

  beforeEach(async () => {
    await sql`truncate counters`.execute(db.kysely);
    await db.kysely.insertInto('counters').values({ name: 'a', value: 0 }).execute();
  });

  afterAll(async () => {
    for (const database of opened) await database.close();
    await server.close();
  });

  it('sees the tables of its own schema alone', async () => {
    const other = open({ schema: 'two' });
    expect(await thrownBy(other.kysely.selectFrom('counters').selectAll().execute())).toMatchObject({ code: '42P01' });
    const { rows } = await sql<{ path: string }>`select current_setting('search_path') as path`.execute(db.kysely);
    expect(rows).toEqual([{ path: '"one"' }]);
  });

  it('refuses a schema name that would need quoting', () => {
    expect(() => open({ schema: 'a"; drop schema one' })).toThrow('is not a schema name');
  });

  it('reads bigint and numeric as strings, timestamptz as Date, date as it is written', async () => {
    const { rows } = await sql<Record<string, unknown>>`
      select 9007199254740993::bigint as big, 1.10::numeric as exact, date '2026-03-01' as day,
             timestamptz '2026-03-01T00:00:00Z' as instant, count(*) as count, '{"a":1}'::jsonb as json
      from counters`.execute(db.kysely);
    expect(rows).toEqual([
      {
        big: '9007199254740993',
        exact: '1.10',
        day: '2026-03-01',
        instant: new Date('2026-03-01T00:00:00Z'),
        count: '1',
        json: { a: 1 },
      },
    ]);
  });

  it('commits what resolves and rolls back what rejects', async () => {
    await db.transaction((tx) => tx.insertInto('counters').values({ name: 'b', value: 1 }).execute());
    const refused = db.transaction(async (tx) => {
      await tx.insertInto('counters').values({ name: 'c', value: 1 }).execute();
      throw new Error('no');
    });
    await expect(refused).rejects.toThrow('no');
    const names = await db.kysely.selectFrom('counters').select('name').orderBy('name').execute();
    expect(names).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it('runs a transaction again after a serialization failure', async () => {
    let runs = 0;
    await db.transaction(
      async (tx) => {
        runs++;
        const { value } = await tx
          .selectFrom('counters')
          .select('value')
          .where('name', '=', 'a')
          .executeTakeFirstOrThrow();
        // Somebody else changes the row between our look and our write, the first time only.
        if (runs === 1) await db.kysely.updateTable('counters').set({ value: 10 }).where('name', '=', 'a').execute();
        await tx
          .updateTable('counters')
          .set({ value: value + 1 })
          .where('name', '=', 'a')
          .execute();
      },
      { isolationLevel: 'repeatable read' },
    );
    expect(runs).toBe(2);
    expect(await db.kysely.selectFrom('counters').select('value').executeTakeFirst()).toEqual({ value: 11 });
  });

  it('ends one side of a deadlock and runs it again', async () => {
    await db.kysely.insertInto('counters').values({ name: 'b', value: 0 }).execute();
    const add = (names: string[]): Promise<void> =>
      db.transaction(async (tx) => {
        for (const name of names) {
          await tx
            .updateTable('counters')
            .set((row) => ({ value: row('value', '+', 1) }))
            .where('name', '=', name)
            .execute();
          await sleep(100);
        }
      });
    await Promise.all([add(['a', 'b']), add(['b', 'a'])]);
    const rows = await db.kysely.selectFrom('counters').select('value').execute();
    expect(rows).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it('gives up after three more tries', async () => {
    let runs = 0;
    const hopeless = db.transaction(async (tx) => {
      runs++;
      await sql`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`.execute(tx);
    });
    await expect(hopeless).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(4);
  });

  it('knows a unique violation, and by which constraint', async () => {
    const error = await thrownBy(db.kysely.insertInto('counters').values({ name: 'a', value: 1 }).execute());
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, 'counters_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'other_key')).toBe(false);
    expect(isUniqueViolation(new Error('wrapped', { cause: error }), 'counters_pkey')).toBe(true);
    expect(isUnavailable(error)).toBe(false);
  });

  it('knows a database that is away from a statement that is wrong', async () => {
    const gone = new URL(server.url);
    gone.port = '1';
    expect(isUnavailable(await thrownBy(open({ databaseUrl: gone.href }).ping()))).toBe(true);

    const cut = thrownBy(sql`select pg_terminate_backend(pg_backend_pid())`.execute(db.kysely));
    expect(isUnavailable(await cut)).toBe(true);

    const narrow = open({ poolMax: 1, connectTimeoutMs: 50 });
    const late = narrow.transaction(() => thrownBy(narrow.ping()));
    // In words alone when pg says it; who answers a request looks for a code.
    expect(await late).toMatchObject({ code: '08006', message: expect.stringContaining('timeout exceeded') });
    expect(isUnavailable(await late)).toBe(true);

    const closed = open();
    await closed.close();
    expect(isUnavailable(await thrownBy(closed.ping()))).toBe(true);

    expect(isUnavailable(await thrownBy(sql`select nonsense`.execute(db.kysely)))).toBe(false);
    expect(isUnavailable(undefined)).toBe(false);
  });

  it('survives a connection that is lost inside a transaction, and tells the loss', async () => {
    const lost = db.transaction(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(db.kysely);
      await sleep(50);
      await sql`select 1`.execute(tx);
    });
    const error = await thrownBy(lost);
    expect(isUnavailable(error)).toBe(true);
    expect(errorCode(error)).toMatch(/^(08006|57P01)$/);
    await db.ping();
  });

  it('tells the error of the work even when the rollback cannot be sent any more', async () => {
    const lost = db.transaction(async (tx) => {
      await thrownBy(sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx));
      throw new Error('the reason');
    });
    await expect(lost).rejects.toThrow('the reason');
  });

  it('has the server cancel a statement that takes too long', async () => {
    const hasty = open({ statementTimeoutMs: 50 });
    expect(await thrownBy(sql`select pg_sleep(5)`.execute(hasty.kysely))).toMatchObject({ code: '57014' });
  });

  it('tells the state of its pool', async () => {
    const pool = open({ poolMax: 2 });
    expect(pool.poolState).toEqual({ max: 2, open: 0, idle: 0, waiting: 0 });
    await pool.transaction(async (tx) => {
      await sql`select 1`.execute(tx);
      expect(pool.poolState).toEqual({ max: 2, open: 1, idle: 0, waiting: 0 });
    });
    expect(pool.poolState).toEqual({ max: 2, open: 1, idle: 1, waiting: 0 });
  });

  it('listens, and listens again after its connection was ended', async () => {
    const heard: string[] = [];
    const stop = await db.listen('news', (payload) => heard.push(payload));
    const notify = (payload: string): Promise<unknown> => sql`select pg_notify('news', ${payload})`.execute(db.kysely);
    await notify('first');
    await until(() => heard.includes('first'));

    const { rows } = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'spec listen' and datname = current_database()`.execute(db.kysely);
    expect(rows).toHaveLength(1);
    await until(async () => {
      await notify('again');
      return heard.includes('again');
    });

    await stop();
    heard.length = 0;
    await notify('late');
    await sleep(100);
    expect(heard).toEqual([]);
  });

  it('serves several channels and handlers by one connection', async () => {
    const heard: string[] = [];
    const stops = await Promise.all([
      db.listen('left', (payload) => heard.push(`left ${payload}`)),
      db.listen('right', (payload) => heard.push(`right ${payload}`)),
      db.listen('right', (payload) => heard.push(`also right ${payload}`)),
    ]);
    await sql`select pg_notify('left', 'x'), pg_notify('right', 'y')`.execute(db.kysely);
    await until(() => heard.length === 3);
    expect(heard.sort()).toEqual(['also right y', 'left x', 'right y']);
    for (const stop of stops) await stop();
  });
});
