import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { errorCode } from '../database/database.errors.js';
import { clientConfig } from '../database/database.pool.js';
import type { DatabaseOptions } from '../database/database.pool.js';
import { MigrationError } from './migrations.errors.js';

/** One source of migrations: a directory of plain SQL files. */
export interface Migrations {
  /** Label of the source, unique in its schema, e.g. 'scoring-engine'. */
  readonly name: string;
  /** Holds `0001_init.sql` and so on; files are applied in the order of their names. */
  readonly directory: URL;
  /** Default: the service's schema. It is created if absent, is the search_path of the files, and keeps their record. */
  readonly schema?: string;
}

interface MigrationFile {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

/** How long to wait for another instance that is migrating. */
const LOCK_WAIT_MS = 120_000;
const LOCK_NOT_AVAILABLE = '55P03';
const UNDEFINED_TABLE = '42P01';
const LOCK_NAMESPACE = 'signalpress.migrations';

/**
 * Applies what is missing of each source, in order. Each file runs in a transaction of its own, together with its row in
 * `applied_migrations` of the source's schema. An advisory lock per schema lets many instances (and many services that
 * share a schema) start at once: one migrates, the others wait and find nothing to do.
 *
 * A schema on which every file is recorded already, as on any start but a release's first, costs one query and no lock.
 *
 * Rows of files that are not here are left alone, so that the previous release runs on the next one's schema.
 *
 * @returns the names of the files that were applied, as `source/file`
 * @throws MigrationError if an applied file has changed since, or a file fails
 */
export async function migrate(options: DatabaseOptions, sources: readonly Migrations[]): Promise<string[]> {
  const read = await Promise.all(sources.map(async (source) => ({ source, files: await readSource(source) })));
  const outdated = await withClient(options, options.schema, async (client) => {
    const found: typeof read = [];
    for (const { source, files } of read) {
      const known = await recorded(client, source.schema ?? options.schema, source.name);
      const pending = files.some((file) => isPending(file, known, source.name));
      // A source without files still makes its schema.
      if (pending || files.length === 0) found.push({ source, files });
    }
    return found;
  });
  const applied: string[] = [];
  for (const { source, files } of outdated) {
    const schema = source.schema ?? options.schema;
    const names = await withClient(options, schema, (client) => applySource(client, schema, source.name, files));
    for (const name of names) applied.push(`${source.name}/${name}`);
  }
  return applied;
}

async function withClient<T>(
  options: DatabaseOptions,
  schema: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...clientConfig(options, schema),
    application_name: `${options.applicationName} migrations`,
    // Only waiting for locks is bounded: a migration may take its time.
    lock_timeout: LOCK_WAIT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Checksums by file name of what was applied to a schema; none where nothing ever was. */
async function recorded(client: pg.Client, schema: string, source: string): Promise<Map<string, string>> {
  const table = `${pg.escapeIdentifier(schema)}.applied_migrations`;
  try {
    const { rows } = await client.query<{ name: string; checksum: string }>(
      `select name, checksum from ${table} where source = $1`,
      [source],
    );
    return new Map(rows.map((row) => [row.name, row.checksum]));
  } catch (error) {
    if (errorCode(error) === UNDEFINED_TABLE) return new Map();
    throw error;
  }
}

async function readSource(source: Migrations): Promise<MigrationFile[]> {
  const directory = fileURLToPath(source.directory);
  const entries = await readdir(directory).catch((cause: unknown) => {
    throw new MigrationError(`The migrations of ${source.name} cannot be read from ${directory}`, { cause });
  });
  const names = entries.filter((entry) => entry.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = (await readFile(`${directory}/${name}`, 'utf8')).replaceAll('\r\n', '\n');
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

async function applySource(
  client: pg.Client,
  schema: string,
  source: string,
  files: MigrationFile[],
): Promise<string[]> {
  await lockSchema(client, schema);
  await createSchema(client, schema);
  await client.query(`
    create table if not exists applied_migrations (
      source text not null,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now(),
      primary key (source, name)
    )`);
  const known = await recorded(client, schema, source);
  const pending = files.filter((file) => isPending(file, known, source));
  for (const file of pending) await applyFile(client, source, file);
  return pending.map(({ name }) => name);
}

/** Held until the connection ends, however it ends. */
async function lockSchema(client: pg.Client, schema: string): Promise<void> {
  try {
    await client.query('select pg_advisory_lock(hashtext($1), hashtext($2))', [LOCK_NAMESPACE, schema]);
  } catch (cause) {
    if (errorCode(cause) !== LOCK_NOT_AVAILABLE) throw cause;
    throw new MigrationError(
      `Another instance has been migrating the schema ${schema} for ${LOCK_WAIT_MS / 1_000} s: look for it in pg_stat_activity`,
      { cause },
    );
  }
}

/** Looks first: a role that may not create schemas is fine with one that an administrator made. */
async function createSchema(client: pg.Client, schema: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`create schema ${pg.escapeIdentifier(schema)}`);
}

function isPending(file: MigrationFile, known: ReadonlyMap<string, string>, source: string): boolean {
  const checksum = known.get(file.name);
  if (checksum !== undefined && checksum !== file.checksum) {
    throw new MigrationError(
      `The migration ${source}/${file.name} was changed after it was applied: restore the file and put the change into a new one`,
    );
  }
  return checksum === undefined;
}

async function applyFile(client: pg.Client, source: string, file: MigrationFile): Promise<void> {
  try {
    await client.query('begin');
    await client.query(file.text);
    await client.query('insert into applied_migrations (source, name, checksum) values ($1, $2, $3)', [
      source,
      file.name,
      file.checksum,
    ]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(`The migration ${source}/${file.name} failed: ${reason}`, { cause });
  }
}
