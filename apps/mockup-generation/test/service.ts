import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventData, EventInput, EventType } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import { Database, sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { createService } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import type { Env } from '../src/env.js';

export interface RunningService {
  readonly url: string;
  readonly filesDirectory: string;
  publish<T extends EventType>(type: T, data: EventInput<T>): Promise<void>;
  events<T extends EventType>(type: T): Promise<EventData<T>[]>;
  waitForEvents<T extends EventType>(type: T, count: number): Promise<EventData<T>[]>;
  query<R>(query: ReturnType<typeof sql<R>>): Promise<readonly R[]>;
  close(): Promise<void>;
}

/** The service with a database and a folder of its own. */
export async function startService(): Promise<RunningService> {
  const [database, filesDirectory] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'mockups-'))]);
  const env: Env = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: 0,
    LOG_LEVEL: 'fatal',
    SHUTDOWN_DEADLINE_SECONDS: 10,
    SHUTDOWN_READINESS_DELAY_SECONDS: 0,
    SHOP_TIMEZONE: 'UTC',
    SHOP_REGION: 'US',
    DATABASE_URL: database.url,
    DATABASE_POOL_MAX: 6,
    FILES_DIRECTORY: filesDirectory,
  };
  const app = await createService(
    { service: 'mockup-generation', app: (given: Env) => Promise.resolve(AppModule.register(given)) },
    env,
  );
  await app.listen(0, '127.0.0.1');
  const db = app.get<Database>(Database);
  const outbox = app.get(Outbox);
  const events = async <T extends EventType>(type: T): Promise<EventData<T>[]> => {
    const { rows } = await sql<{ envelope: { data: EventData<T> } }>`
      select envelope from events.log where type = ${type} order by appended_at, position`.execute(db.kysely);
    return rows.map((row) => row.envelope.data);
  };
  return {
    url: await app.getUrl(),
    filesDirectory,
    publish: async (type, data) => {
      await db.transaction((tx) => outbox.publish(tx, type, data));
    },
    events,
    waitForEvents: async (type, count) => {
      await waitFor(async () => (await events(type)).length >= count, {
        timeoutMs: 20_000,
        message: `${count} ${type}`,
      });
      return events(type);
    },
    query: async (query) => (await query.execute(db.kysely)).rows,
    close: async () => {
      await app.close();
      await database.close();
      await rm(filesDirectory, { recursive: true, force: true });
    },
  };
}
