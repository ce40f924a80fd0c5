import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Database, migrate, MigrationError, sql } from '../src/index.js';
import type { DatabaseOptions, Migrations } from '../src/index.js';
import { createTestDatabase } from '../src/testing/index.js';
import type { TestDatabase } from '../src/testing/index.js';

describe('migrate', () => {
  let server: TestDatabase;
  let options: DatabaseOptions;
  let db: Database;
  const directories: string[] = [];

  const source = (name: string, files: Record<string, string>, schema?: string): Migrations => {
    const path = mkdtempSync(join(tmpdir(), 'migrations-'));
    directories.push(path);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
    return { name, directory: pathToFileURL(`${path}/`), ...(schema === undefined ? {} : { schema }) };
  };
  const change = ({ directory }: Migrations, file: string, text: string): void =>
    writeFileSync(new URL(file, directory), text);
  const tables = async (): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`
      select schemaname || '.' || tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`.execute(db.kysely);
    return rows.map(({ name }) => name);
  };

  beforeAll(async () => {
    server = await createTestDatabase();
  });

  afterAll(() => server.close());

  beforeEach(() => {
    options = { databaseUrl: server.url, schema: 'service', applicationName: 'spec' };
    db = new Database(options);
  });

  afterEach(async () => {
    await sql`drop schema if exists service cascade`.execute(db.kysely);
    await sql`drop schema if exists events cascade`.execute(db.kysely);
    await db.close();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  it('applies the sources in order, each file in the order of its name, once', async () => {
    const first = source('first', {
      '0002_more.sql': 'alter table a add column y int; insert into a values (1, 2);',
      '0001_init.sql': 'create table a (x int);',
      'notes.txt': 'not for the database',
    });
    const second = source('second', { '0001_init.sql': 'create table b as select * from a;' });
    const names = ['first/0001_init.sql', 'first/0002_more.sql', 'second/0001_init.sql'];
    expect(await migrate(options, [first, second])).toEqual(names);
    expect(await migrate(options, [first, second])).toEqual([]);
    expect((await sql`select * from b`.execute(db.kysely)).rows).toEqual([{ x: 1, y: 2 }]);
    const { rows } =
      await sql`select source || '/' || name as name, length(checksum) as length from applied_migrations order by 1`.execute(
        db.kysely,
      );
    expect(rows).toEqual(names.map((name) => ({ name, length: 64 })));
  });

  it('gives a source a schema of its own', async () => {
    const shared = source('log', { '0001_init.sql': 'create table log (x int);' }, 'events');
    const own = source('own', { '0001_init.sql': 'create table a (x int); insert into events.log values (1);' });
    await migrate(options, [shared, own]);
    expect(await tables()).toEqual([
      'events.applied_migrations',
      'events.log',
      'service.a',
      'service.applied_migrations',
    ]);
  });

  it('refuses a file that was changed after it was applied', async () => {
    const changed = source('own', { '0001_init.sql': 'create table a (x int);' });
    await migrate(options, [changed]);
    change(changed, '0001_init.sql', 'create table a (x bigint);');
    const refused = migrate(options, [changed]);
    await expect(refused).rejects.toBeInstanceOf(MigrationError);
    await expect(refused).rejects.toThrow('own/0001_init.sql was changed after it was applied');
    change(changed, '0001_init.sql', 'create table a (x int);');
    expect(await migrate(options, [changed])).toEqual([]);
  });

  it('takes the same text with other line ends for the same', async () => {
    const own = source('own', { '0001_init.sql': 'create table a (\n  x int);\n' });
    await migrate(options, [own]);
    change(own, '0001_init.sql', 'create table a (\r\n  x int);\r\n');
    expect(await migrate(options, [own])).toEqual([]);
  });

  it('keeps nothing of a file that fails, and all before it', async () => {
    const own = source('own', {
      '0001_init.sql': 'create table a (x int);',
      '0002_bad.sql': 'create table b (x int); select nonsense;',
      '0003_next.sql': 'create table c (x int);',
    });
    await expect(migrate(options, [own])).rejects.toThrow('own/0002_bad.sql failed: column "nonsense" does not exist');
    expect(await tables()).toEqual(['service.a', 'service.applied_migrations']);
    change(own, '0002_bad.sql', 'create table b (x int);');
    expect(await migrate(options, [own])).toEqual(['own/0002_bad.sql', 'own/0003_next.sql']);
  });

  it('lets the previous release run on the schema of the next', async () => {
    await migrate(options, [
      source('own', { '0001_init.sql': 'create table a (x int);', '0002_next.sql': 'create table b (x int);' }),
    ]);
    expect(await migrate(options, [source('own', { '0001_init.sql': 'create table a (x int);' })])).toEqual([]);
  });

  it('is safe when instances and services that share a schema start at once', async () => {
    const files = {
      '0001_init.sql': 'create table log (x int); select pg_sleep(0.2);',
      '0002_more.sql': 'insert into log values (1);',
    };
    const services = ['alpha', 'beta', 'gamma', 'delta'];
    const runs = services.flatMap((schema) => {
      const sources = [source('log', files, 'events'), source('own', { '0001_init.sql': 'create table a (x int);' })];
      return [migrate({ ...options, schema }, sources), migrate({ ...options, schema }, sources)];
    });
    const applied = (await Promise.all(runs)).flat().sort();
    expect(applied).toEqual(['log/0001_init.sql', 'log/0002_more.sql', ...services.map(() => 'own/0001_init.sql')]);
    expect((await sql`select x from events.log`.execute(db.kysely)).rows).toEqual([{ x: 1 }]);
    for (const schema of services) await sql`drop schema ${sql.id(schema)} cascade`.execute(db.kysely);
  });

  it('names the directory that is not there', async () => {
    const missing = { name: 'own', directory: new URL('./missing/', import.meta.url) };
    await expect(migrate(options, [missing])).rejects.toThrow(/The migrations of own cannot be read from .*missing/);
  });
});
