import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { messagingMigrations } from '@signalpress/messaging';
import { Database, migrate, sql } from '@signalpress/persistence';
import type { DatabaseOptions } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { parse, parsePlPgSQL } from 'libpg-query';

const directory = new URL('../migrations/', import.meta.url);
const text = readFileSync(new URL('0002_series.sql', directory), 'utf8');
const sources = [...messagingMigrations(), { name: 'monitoring', directory }];

let test: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Database;
let options: DatabaseOptions;

const open = async (): Promise<void> => {
  test = await createTestDatabase();
  options = { databaseUrl: test.url, schema: 'monitoring', applicationName: 'spec' };
  db = new Database(options);
};
const close = async (): Promise<void> => {
  await db.close();
  await test.close();
};
const run = async <T = unknown>(query: string): Promise<T[]> => (await sql.raw<T>(query).execute(db.kysely)).rows;
/** As an administrator would; it counts for connections that are made afterwards. */
const tell = async (engine: string): Promise<void> => {
  await run(
    `do $$ begin execute format('alter database %I set signalpress.time_series = ''${engine}''', current_database()); end $$`,
  );
  await db.close();
  db = new Database(options);
};
const engine = async (): Promise<string | undefined> =>
  (await run<{ engine: string }>('select monitoring.time_series_engine() as engine'))[0]?.engine;

describe('the migration', () => {
  beforeEach(open);
  afterEach(close);

  it('is plain PostgreSQL here, and asks in one place', async () => {
    await migrate(options, sources);
    expect(await engine()).toBe('postgresql');
    expect(text.match(/pg_available_extensions/g)).toHaveLength(1);
    expect(await run('select distinct engine from monitoring.time_series')).toEqual([{ engine: 'postgresql' }]);
    // As a dashboard asks: with a search_path of its own.
    await db.transaction(async (tx) => {
      await sql`set local search_path = public`.execute(tx);
      const { rows } = await sql`select * from monitoring.sla_current`.execute(tx);
      expect(rows).toMatchObject([{ threshold_seconds: 7_200, ideas: 0, mean_seconds: null }]);
      for (const view of ['listing_drifts_current', 'ideas_working', 'resource_usage_5m', 'queue_lengths_5m']) {
        await sql`select * from ${sql.table(`monitoring.${view}`)}`.execute(tx);
      }
    });
  });

  it('chooses TimescaleDB where the server offers it', async () => {
    await migrate(options, sources);
    await run(
      `create schema offering; create view offering.pg_available_extensions as select 'timescaledb'::name as name`,
    );
    await run(
      'create schema none; create view none.pg_available_extensions as select name from pg_catalog.pg_available_extensions where false',
    );
    const chosen = (path: string): Promise<string | undefined> =>
      db.transaction(async (tx) => {
        await sql.raw(`set local search_path = ${path}, monitoring, pg_catalog`).execute(tx);
        return (await sql<{ e: string }>`select time_series_engine() as e`.execute(tx)).rows[0]?.e;
      });
    expect(await chosen('offering')).toBe('timescaledb');
    expect(await chosen('none')).toBe('postgresql');
  });

  it('fails as a whole where TimescaleDB is wanted and is not there', async () => {
    await tell('timescaledb');
    await expect(migrate(options, sources)).rejects.toThrow(/extension "timescaledb" is not available/);
    expect(await run(`select from pg_tables where schemaname = 'monitoring' and tablename = 'time_series'`)).toEqual(
      [],
    );
    await tell('postgresql');
    expect(await migrate(options, sources)).toContain('monitoring/0002_series.sql');
  });

  it('calls what TimescaleDB has: hypertable, retention, and a continuous aggregate that only it understands', async () => {
    await migrate(options, sources);
    await tell('timescaledb');
    await run('create table public.calls (call text)');
    await run(`create function public.create_hypertable(relation regclass, time_column name, chunk_time_interval interval)
      returns void language sql as $$ insert into public.calls values (format('hypertable %s %s', relation, chunk_time_interval)) $$`);
    await run(`create function public.add_retention_policy(relation regclass, drop_after interval)
      returns void language sql as $$ insert into public.calls values (format('keep %s %s', relation, drop_after)) $$`);
    await run(`create function public.time_bucket(width interval, at timestamptz) returns timestamptz language sql immutable
      as $$ select date_bin(width, at, '2000-01-01') $$`);
    await run(
      `call make_series('visits', 'time timestamptz not null, page text not null, primary key (time, page)', '13 months')`,
    );
    expect(await run('select call from public.calls')).toEqual([
      { call: 'hypertable visits 30 days' },
      { call: 'keep visits 1 year 1 mon' },
    ]);
    await expect(
      run(`call make_rollup('visits_hourly', 'visits', '1 hour', 1, 'page, count(*)::integer as visits', '13 months')`),
    ).rejects.toThrow(/unrecognized parameter namespace "timescaledb"/);
  });
});

describe('its SQL', () => {
  it('parses, and so does each statement of the TimescaleDB branch', async () => {
    const { stmts } = await parse(text);
    expect(stmts?.length).toBeGreaterThan(20);
    const fragments = [...text.matchAll(/\$timescaledb\$(.*?)\$timescaledb\$/gs)].map(([, fragment = '']) => fragment);
    expect(fragments).toHaveLength(6);
    const columns = [...text.matchAll(/CALL make_rollup\('\w+', '\w+', '[\w ]+', \d,\s*'([^']*)'/g)].map(
      ([, list = '']) => list,
    );
    expect(columns).toHaveLength(4);
    for (const fragment of fragments) {
      for (const list of columns) {
        const filled = fragment
          .replace('%s FROM', () => `${list} FROM`)
          .replaceAll('%I', 'some_name')
          .replaceAll('%L', "'some text'")
          .replaceAll('%s', '1, 2');
        await expect(parse(filled)).resolves.toMatchObject({ stmts: [{}] });
      }
    }
    for (const [body] of text.matchAll(
      /CREATE (?:PROCEDURE|FUNCTION) (?:(?!CREATE (?:PROCEDURE|FUNCTION)).)*?LANGUAGE plpgsql.*?\$(\w*)\$.*?END \$\1\$;/gs,
    )) {
      await expect(parsePlPgSQL(body)).resolves.toBeDefined();
    }
  });
});
