import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { HealthChecks, Lifecycle, Metrics, ObservabilityModule } from '@signalpress/observability';
import { collectLogs } from '@signalpress/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Database, isUnavailable, PersistenceModule } from '../src/index.js';
import { createTestDatabase } from '../src/testing/index.js';
import type { TestDatabase } from '../src/testing/index.js';

interface Tables {
  greetings: { text: string };
}

@Injectable()
class Greeter {
  constructor(readonly db: Database<Tables>) {}

  async onModuleInit(): Promise<void> {
    await this.db.kysely.insertInto('greetings').values({ text: 'hello' }).execute();
  }
}

@Module({ providers: [Greeter] })
class GreeterModule {}

describe('PersistenceModule', () => {
  let server: TestDatabase;
  let directory: string;

  const compile = (databaseUrl: string, startTimeoutMs?: number): Promise<TestingModule> =>
    Test.createTestingModule({
      imports: [
        ObservabilityModule.forRoot({ serviceName: 'spec', logDestination: collectLogs().stream }),
        PersistenceModule.forRoot({
          databaseUrl,
          schema: 'greeter',
          applicationName: 'spec',
          poolMax: 3,
          migrations: [{ name: 'greeter', directory: pathToFileURL(`${directory}/`) }],
          ...(startTimeoutMs === undefined ? {} : { startTimeoutMs }),
        }),
        GreeterModule,
      ],
    }).compile();

  beforeAll(async () => {
    server = await createTestDatabase();
    directory = mkdtempSync(join(tmpdir(), 'greeter-'));
    writeFileSync(join(directory, '0001_init.sql'), 'create table greetings (text text);');
  });

  afterAll(async () => {
    rmSync(directory, { recursive: true });
    await server.close();
  });

  it('provides a migrated database, is healthy and measured while it runs, and closes in its phase', async () => {
    const app = await (await compile(server.url)).init();
    const { db } = app.get(Greeter);
    expect(await db.kysely.selectFrom('greetings').selectAll().execute()).toEqual([{ text: 'hello' }]);

    const health = app.get(HealthChecks);
    expect(await health.current()).toEqual([
      expect.objectContaining({ name: 'database', critical: true, status: 'up' }),
    ]);

    const metrics = await app.get(Metrics).scrape();
    expect(metrics).toContain('db_client_connections{state="idle"} 1');
    expect(metrics).toContain('db_client_connections{state="used"} 0');
    expect(metrics).toContain('db_client_connections_max 3');
    expect(metrics).toContain('db_client_connections_pending_requests 0');

    await app.get(Lifecycle).shutdown('spec');
    expect(isUnavailable(await db.ping().catch((error: unknown) => error))).toBe(true);
    await app.close();
  });

  it('closes its connections with an application that has no lifecycle run', async () => {
    const app = await (await compile(server.url)).init();
    await app.close();
    expect(
      isUnavailable(
        await app
          .get(Database)
          .ping()
          .catch((error: unknown) => error),
      ),
    ).toBe(true);
  });

  it('waits for a database that is away, and not for ever', async () => {
    const away = new URL(server.url);
    away.port = '1';
    const startedAt = Date.now();
    const error: unknown = await compile(away.href, 300).catch((thrown: unknown) => thrown);
    expect(isUnavailable(error)).toBe(true);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(300);
  });
});
