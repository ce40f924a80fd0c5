import { quickTuning, startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { OBSERVABILITY_OPTIONS } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { collectLogs } from '@signalpress/testing';
import type { LogCollection } from '@signalpress/testing';
import type { DynamicModule } from '@nestjs/common';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { IngestionTables } from '../src/signals/signals.tables.js';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One instance of the whole service on a free port, with its log lines in memory. */
export interface IngestionService extends ServiceUnderTest<IngestionTables> {
  readonly logs: LogCollection;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Everything that is stored anywhere in the database, as text. */
  everything(): Promise<string>;
}

/** On a database of its own, or on that of another instance. */
export async function startIngestion(
  environment: Record<string, string> = {},
  databaseUrl?: string,
): Promise<IngestionService> {
  const logs = collectLogs();
  const service = await startWithDatabase<IngestionTables>((variables) => {
    // What must not be in the lines is looked for in all that a service in use writes.
    const env = loadEnv(schema, { ...variables, LOG_LEVEL: 'info', ...environment });
    const root = AppModule.register(env, quickTuning);
    logTo(root, logs);
    const app = () => Promise.resolve(root);
    return createService({ service: 'signal-ingestion', app, bodyLimitBytes: 11 * 1024 * 1024 }, env);
  }, databaseUrl);
  return {
    ...service,
    logs,
    ask: async (method, path, body, headers = {}) => {
      const response = await fetch(`${service.url}${path}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    },
    everything: async () => {
      const { kysely, schema: own } = service.db;
      const tables = await sql<{ name: string }>`
        select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema in (${own}, 'events') and table_type = 'BASE TABLE'`.execute(kysely);
      const texts: string[] = [];
      for (const { name } of tables.rows) {
        const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} t`.execute(kysely);
        texts.push(...rows.map(({ row }) => row));
      }
      return texts.join('\n');
    },
  };
}

/** Where the log lines go is not a matter of the environment, so the option is set where the module keeps it. */
function logTo(module: DynamicModule, logs: LogCollection): void {
  for (const provider of module.providers ?? []) {
    if (typeof provider === 'object' && 'useValue' in provider && provider.provide === OBSERVABILITY_OPTIONS) {
      Object.assign(provider.useValue as object, { logDestination: logs.stream });
    }
  }
  for (const imported of module.imports ?? []) if ('module' in imported) logTo(imported, logs);
}
