import { SpanKind, context, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { attributeNames, spanNames } from '../semconv.js';
import { openSpan } from '../tracing/span.js';
import { failQuery, isThenable, runQuery, textOf } from './pg-query.js';
import { Statements } from './sql-statement.js';

/** What is used of a `pg.Client`, and of the clients of a pool. */
export interface PgClient {
  query(...args: never[]): unknown;
}

/** What is used of a `pg.Pool`. */
export interface PgPool {
  connect(...args: never[]): unknown;
  on(event: 'acquire', listener: (client: PgClient) => void): unknown;
  readonly idleCount: number;
}

export interface PgTracingOptions {
  /** The schema that unqualified names are of: the second part of `db.namespace`. */
  readonly schema?: string;
  /** Attributes of every span beside those of the conventions. */
  readonly attributes?: Attributes;
}

type Method = (...args: unknown[]) => unknown;

/** What has been handed to {@link tracePg}: once is enough. */
const traced = new WeakSet();

/**
 * A CLIENT span for every statement of this pool or client, and one for every wait for a connection, where the active span is
 * recorded: polling loops and health checks make none. pg publishes on no diagnostics channel, so the instance that the application
 * made is followed, and nothing of the module: whoever is given the pool (kysely, TypeORM, Drizzle, ...) needs no more.
 *
 * @returns what it was given
 */
export function tracePg<T extends PgPool | PgClient>(target: T, options: PgTracingOptions = {}): T {
  if (traced.has(target)) return target;
  traced.add(target);
  if (isPool(target)) tracePool(target, options);
  else traceClient(target, new Statements(targetAttributes(target, options)));
  return target;
}

function isPool(target: PgPool | PgClient): target is PgPool {
  return 'idleCount' in target;
}

function tracePool(pool: PgPool, options: PgTracingOptions): void {
  let statements: Statements | undefined;
  pool.on('acquire', (client) => {
    if (traced.has(client)) return;
    traced.add(client);
    // All of them go to one server: what is known of their statements is shared.
    statements ??= new Statements(targetAttributes(client, options));
    traceClient(client, statements);
  });
  replace(pool, 'connect', (connect) => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const active = context.active();
      const wait = pool.idleCount === 0 && isRecorded(active) ? openWait(active, options) : undefined;
      const [callback] = args;
      if (typeof callback === 'function')
        return Reflect.apply(connect, this, [calledBack(callback as Method, active, wait)]);
      const client = Reflect.apply(connect, this, args);
      return wait && isThenable(client) ? waitedFor(client, wait) : client;
    };
  });
}

function openWait(active: Context, options: PgTracingOptions): Span {
  const attributes: Attributes = { [attributeNames.dbSystemName]: 'postgresql', ...options.attributes };
  return openSpan(spanNames.poolWait, { kind: SpanKind.CLIENT, attributes }, active);
}

/** `pool.query()` comes by here as well: without its context, its statement would belong to whoever gave the connection back. */
function calledBack(callback: Method, active: Context, wait: Span | undefined): Method {
  return (...args) => {
    if (wait) endWait(wait, args[0]);
    return context.with(active, callback, undefined, ...args);
  };
}

function waitedFor(client: PromiseLike<unknown>, wait: Span): unknown {
  return client.then(
    (value) => {
      wait.end();
      return value;
    },
    (error: unknown) => {
      failQuery(wait, error);
      throw error;
    },
  );
}

function endWait(wait: Span, error: unknown): void {
  if (error) failQuery(wait, error);
  else wait.end();
}

function traceClient(client: PgClient, statements: Statements): void {
  replace(client, 'query', (query) => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const active = context.active();
      const [first] = args;
      // What pg refuses is left to pg.
      if (!isRecorded(active) || first === undefined || first === null) return Reflect.apply(query, this, args);
      const { name, attributes } = statements.of(textOf(first));
      return runQuery(openSpan(name, { kind: SpanKind.CLIENT, attributes }, active), query, this, args);
    };
  });
}

function isRecorded(active: Context): boolean {
  return trace.getSpan(active)?.isRecording() === true;
}

/** On the instance and not on its class; as hidden from enumeration as the method of the class is. */
function replace(target: object, name: string, wrap: (original: Method) => Method): void {
  const original = Reflect.get(target, name) as Method;
  Object.defineProperty(target, name, { value: wrap(original), writable: true, configurable: true, enumerable: false });
}

function targetAttributes(client: PgClient, { schema, attributes }: PgTracingOptions): Attributes {
  const { host, port, database } = client as PgClient & Readonly<Record<'host' | 'port' | 'database', unknown>>;
  const namespace = [database, schema].filter((part) => typeof part === 'string');
  return {
    [attributeNames.dbSystemName]: 'postgresql',
    ...(namespace.length > 0 ? { [attributeNames.dbNamespace]: namespace.join('|') } : {}),
    ...(typeof host === 'string' ? { [attributeNames.serverAddress]: host } : {}),
    ...(typeof port === 'number' ? { [attributeNames.serverPort]: port } : {}),
    ...attributes,
  };
}
