import pg from 'pg';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { coded } from './database.errors.js';
import type { PreparedStatements } from './database.statements.js';

/** How a service reaches its database; every wait has a bound. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly databaseUrl: string;
  /** The schema the service owns; the connection's search_path, so that tables are written unqualified. */
  readonly schema: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Most connections at once; default 6. */
  readonly poolMax?: number;
  /** The server cancels a statement that runs longer (milliseconds); default 15000. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for a free or new connection (milliseconds); default 5000. */
  readonly connectTimeoutMs?: number;
}

const DEFAULT_POOL_MAX = 6;
const DEFAULT_STATEMENT_TIMEOUT_MS = 15_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
/** The server answers a cancelled statement itself; the client gives up only when not even that arrives. */
const ANSWER_GRACE_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
/** Connections are renewed now and then, so that a moved server (failover, new address) is found. */
const MAX_LIFETIME_SECONDS = 1_800;

const DATE_OID = 1082;
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

type Parser = (value: string) => unknown;
const defaultParser: (oid: number, format: 'text' | 'binary') => Parser = pg.types.getTypeParser;

/**
 * How values arrive: pg's own rules (bigint, numeric and count(*) as strings, so that no digit is lost; timestamptz as
 * Date; json parsed) with one exception: `date` stays 'YYYY-MM-DD', because pg would make it midnight in the process's
 * time zone, which is another day elsewhere.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format: 'text' | 'binary' = 'text'): Parser =>
    oid === DATE_OID && format === 'text' ? (value) => value : defaultParser(oid, format),
};

/** Refuses a schema name that would need quoting; names are written by programmers, so this is a mistake, not input. */
export function assertSchemaName(schema: string): void {
  if (!SCHEMA_NAME.test(schema))
    throw new Error(`'${schema}' is not a schema name: use lower case letters, digits and _`);
}

/** Settings for one connection that is not of the pool (LISTEN, migrations). */
export function clientConfig(options: DatabaseOptions, schema = options.schema): pg.ClientConfig {
  assertSchemaName(schema);
  return {
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    options: `-c search_path="${schema}"`,
    connectionTimeoutMillis: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types,
  };
}

/** A bounded pool. A connection that is lost, idle or in use, is dropped and replaced; the query in flight rejects. */
export function openPool(options: DatabaseOptions): pg.Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS;
  const pool = new pg.Pool({
    ...clientConfig(options),
    max: options.poolMax ?? DEFAULT_POOL_MAX,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
  });
  // Without a listener a connection lost between two queries of one transaction would end the process. The next query on
  // it rejects, which is where the loss is told.
  const ignore = (): void => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

type Parameters = ReadonlyArray<unknown>;
const BEGIN = /^(?:begin|start transaction)\b/;

/**
 * The pool as kysely sees it: a rollback that fails does not hide why the work did, a lost connection has a code, and what is often
 * asked for in transactions is prepared.
 */
export function kyselyPool(pool: pg.Pool, statements: PreparedStatements): PostgresPool {
  // kysely keeps what it knows of a connection by identity, so each client gets one wrapper for life.
  const wrappers = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const wrap = (client: pg.PoolClient): PostgresPoolClient => {
    let broken = false;
    let inTransaction = false;
    const run = async (text: string, parameters: Parameters): Promise<unknown> => {
      if (BEGIN.test(text)) inTransaction = true;
      else if (text === 'commit' || text === 'rollback') inTransaction = false;
      const name = inTransaction && parameters.length > 0 ? statements.nameOf(text) : undefined;
      const values = [...parameters];
      try {
        return await (name === undefined ? client.query(text, values) : client.query({ name, text, values }));
      } catch (error) {
        if (name !== undefined) statements.failed(error);
        if (text !== 'rollback') throw coded(error);
        // The connection is lost and the server rolls back by itself; thrown, this would hide why the work failed.
        broken = true;
        return { command: 'ROLLBACK', rowCount: 0, rows: [] };
      }
    };
    const query = (sql: unknown, parameters: Parameters = []): unknown => {
      if (typeof sql !== 'string') throw new Error('Cursors are not supported: read in pages');
      return run(sql, parameters);
    };
    return {
      query: query as PostgresPoolClient['query'],
      release: (destroy?: boolean): void => client.release(broken || destroy === true),
    };
  };
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch((error: unknown) => {
        throw coded(error);
      });
      const known = wrappers.get(client) ?? wrap(client);
      wrappers.set(client, known);
      return known;
    },
  };
}
