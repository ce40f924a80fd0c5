import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { OBSERVABILITY_OPTIONS } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import { createService, databaseEnv, serviceEnv } from '@signalpress/service-defaults';
import { collectLogs } from '@signalpress/testing';
import type { LogCollection } from '@signalpress/testing';
import type { DynamicModule } from '@nestjs/common';
import { z } from 'zod';
import { AppModule } from '../src/app.module.js';
import type { IngestionTables } from '../src/signals/signals.tables.js';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One instance of the whole service on a free port, with its log lines in memory. */
export class RunningService {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly logs: LogCollection,
  ) {}

  static async start(databaseUrl: string, options: { allowPrivateSources: boolean }): Promise<RunningService> {
    const logs = collectLogs();
    const env = {
      ...z
        .object({ ...serviceEnv('signal-ingestion'), ...databaseEnv })
        .parse({ DATABASE_URL: databaseUrl, PORT: '0' }),
      ALLOW_PRIVATE_SOURCES: options.allowPrivateSources,
    };
    const root = AppModule.register(env, { pollMs: 50 });
    logTo(root, logs);
    const app = await createService(
      { service: 'signal-ingestion', app: () => Promise.resolve(root), bodyLimitBytes: 11 * 1024 * 1024 },
      env,
    );
    await app.listen(0, '127.0.0.1');
    return new RunningService(app, await app.getUrl(), logs);
  }

  get db(): Database<IngestionTables> {
    return this.app.get<Database<IngestionTables>>(Database);
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  /** The data of every event that was written, oldest first, with its trace; the relay moves them on. */
  async events(): Promise<{ data: Record<string, unknown>; traceparent: string }[]> {
    const { rows } = await sql<{ envelope: { data: Record<string, unknown>; traceparent: string } }>`
      select envelope from (
        select envelope, recorded_at from outbox union all select envelope, recorded_at from events.log
      ) written order by recorded_at`.execute(this.db.kysely);
    return rows.map(({ envelope }) => envelope);
  }

  /** Everything that is stored anywhere in the database, as text. */
  async everything(): Promise<string> {
    const tables = await sql<{ name: string }>`
      select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in (${this.db.schema}, 'events') and table_type = 'BASE TABLE'`.execute(this.db.kysely);
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} t`.execute(
        this.db.kysely,
      );
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  }

  async close(): Promise<void> {
    await this.app.close();
  }
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
